"""Modules of the standard library that others import and few runs use."""

from __future__ import annotations

import sys
from importlib.util import find_spec, module_from_spec
from types import ModuleType


class _PutOff(ModuleType):
    """A module that is executed when something of it is asked for that an empty one has not.

    `importlib.util.LazyLoader` is not enough: before Python 3.12 an import statement that finds the module looks at
    its ``__spec__``, which is taken for a use of it.
    """

    def __getattr__(self, name: str) -> object:
        object.__setattr__(self, "__class__", ModuleType)
        specification = self.__spec__
        assert specification is not None and specification.loader is not None
        specification.loader.exec_module(self)
        return getattr(self, name)


def put_off(name: str) -> None:
    """Lets ``import <name>`` succeed at once; the module is executed on first use."""
    specification = None if name in sys.modules else find_spec(name)
    if specification is not None:
        module: ModuleType = module_from_spec(specification)
        module.__class__ = _PutOff
        sys.modules[name] = module
