"""Imports ruamel's C extension at a third of its usual cost.

``import _ruamel_yaml`` imports the package ``ruamel.yaml``, whose ``__init__`` pulls in constructors,
representers, emitters and the pure parser: 8 ms next to a Python start of 10, and none of it is used here. What
the extension itself takes from the package are event, token and node classes, and exception classes to raise.

So while the extension is imported, ``ruamel.yaml`` is the real package whose ``__init__`` has not run yet: it
runs, in place, when anything first asks the package for a name that it does not have. The modules that would
be loaded for an exception class alone are stood in for, and the extension gets the real classes once the package
has run. Where any of this does not work out, the extension is imported as usual.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing import Any

_PACKAGE: Final = "ruamel.yaml"
_EXTENSION: Final = "_ruamel_yaml"
_ERRORS: Final = {
    "reader": "ReaderError",
    "scanner": "ScannerError",
    "parser": "ParserError",
    "composer": "ComposerError",
    "constructor": "ConstructorError",
    "emitter": "EmitterError",
    "serializer": "SerializerError",
    "representer": "RepresenterError",
}


class _Deferred(ModuleType):
    """A package whose ``__init__`` runs on the first look at a name that is not there."""

    def __getattr__(self, name: str) -> Any:
        self.__class__ = ModuleType  # type: ignore[assignment]  # a module may change to a plain one
        spec = self.__spec__
        assert spec is not None and spec.loader is not None
        spec.loader.exec_module(self)
        extension = sys.modules.get(_EXTENSION)
        for module, error in _ERRORS.items():
            real = sys.modules.get(f"{_PACKAGE}.{module}")
            if extension is not None and real is not None:
                setattr(extension, error, getattr(real, error))
        return getattr(self, name)


def _load() -> ModuleType:
    from importlib import import_module

    if _EXTENSION not in sys.modules and _PACKAGE not in sys.modules:
        stand_ins: list[str] = []
        try:
            _stand_in(stand_ins)
            return import_module(_EXTENSION)
        except (ImportError, AttributeError, TypeError):
            sys.modules.pop(_PACKAGE, None)
        finally:
            for name in stand_ins:
                sys.modules.pop(name, None)
    return import_module(_EXTENSION)


def _stand_in(stand_ins: list[str]) -> None:
    """Puts the deferred package and the stood-in modules, whose names it adds, into ``sys.modules``."""
    from importlib import import_module
    from importlib.machinery import PathFinder

    namespace = import_module("ruamel")
    spec = PathFinder.find_spec(_PACKAGE, namespace.__path__)
    if spec is None or spec.loader is None or spec.submodule_search_locations is None:
        raise ImportError(_PACKAGE)
    package = _Deferred(_PACKAGE)
    package.__spec__ = spec
    package.__loader__ = spec.loader
    package.__file__ = spec.origin
    package.__package__ = _PACKAGE
    package.__path__ = spec.submodule_search_locations
    sys.modules[_PACKAGE] = package
    namespace.yaml = package  # type: ignore[attr-defined]  # what importing a submodule does
    errors = import_module(f"{_PACKAGE}.error")

    class ReaderError(errors.YAMLError):  # type: ignore[name-defined, misc]  # known at run time only
        def __init__(self, name: str, position: int, character: int, encoding: str, reason: str) -> None:
            super().__init__(reason)
            self.position = position
            self.reason = reason

    for module, error in _ERRORS.items():
        name = f"{_PACKAGE}.{module}"
        stand_in = ModuleType(name)
        kind = ReaderError if error == "ReaderError" else type(error, (errors.MarkedYAMLError,), {})
        setattr(stand_in, error, kind)
        sys.modules[name] = stand_in
        stand_ins.append(name)


_extension: Any = _load()
CParser = _extension.CParser
YAMLError: type[Exception] = _extension.YAMLError
AliasEvent = _extension.AliasEvent
DocumentStartEvent = _extension.DocumentStartEvent
MappingStartEvent = _extension.MappingStartEvent
MappingEndEvent = _extension.MappingEndEvent
ScalarEvent = _extension.ScalarEvent
SequenceStartEvent = _extension.SequenceStartEvent
SequenceEndEvent = _extension.SequenceEndEvent
