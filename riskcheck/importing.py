"""Imports of our own modules by their one known place.

A run imports up to two hundred of them. Python looks for each one as if it could be anywhere and of any kind, which
takes it a third as long as all that the module defines. Here its compiled file is opened by its name. Whatever is
not as expected is left to Python's own way: no compiled file yet or one of another time, size or place of the
source, one that is checked by its content, compiled files kept elsewhere, a package inside an archive.
"""

from __future__ import annotations

import marshal
import os
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import MAGIC_NUMBER
from types import CodeType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

_HEADER: Final = 16
"""Bytes before the code: the version of the compiler, flags, time and size of the source; 0 flags: held to both."""

_FIRST: Final = MAGIC_NUMBER + bytes(4)


class _Loader(SourceFileLoader):
    """Loads a module whose code is already read."""

    def __init__(self, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self._code: CodeType | None = code

    def get_code(self, fullname: str) -> CodeType | None:
        code, self._code = self._code, None
        return super().get_code(fullname) if code is None else code


class _Finder:
    """Finds the modules below `package`, whose folder is `folder`."""

    def __init__(self, package: str, folder: str) -> None:
        self._below = f"{package}."
        self._folder = folder
        self._ending = f".{sys.implementation.cache_tag}.pyc"
        self._moved = False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module with its code, None where Python is to look for it."""
        if self._moved or not fullname.startswith(self._below):
            return None
        place = f"{self._folder}/{fullname[len(self._below) :].replace('.', '/')}"
        folder, _, name = place.rpartition("/")
        source, compiled = f"{place}.py", f"{folder}/__pycache__/{name}{self._ending}"
        code, inside = _code(compiled, source), None
        if code is None:
            source, compiled = f"{place}/__init__.py", f"{place}/__pycache__/__init__{self._ending}"
            code, inside = _code(compiled, source), place
        if code is not None and code.co_filename != source:
            # All of it was moved since: Python puts the new names into each piece of code.
            self._moved, code = True, None
        return None if code is None else _specification(fullname, source, compiled, code, inside)


def _code(compiled: str, source: str) -> CodeType | None:
    """What `compiled` holds where it was made of `source` as that is now."""
    try:
        with open(compiled, "rb", 0) as file:
            data = file.read()
        status = os.stat(source)
    except OSError:
        return None
    written = int(status.st_mtime) & 0xFFFFFFFF
    stamp = written.to_bytes(4, "little") + (status.st_size & 0xFFFFFFFF).to_bytes(4, "little")
    if data[:_HEADER] != _FIRST + stamp:
        return None
    try:
        code = marshal.loads(memoryview(data)[_HEADER:])  # noqa: S302  # the file that Python would load
    except (EOFError, ValueError, TypeError):
        return None
    return code if isinstance(code, CodeType) else None


def _specification(
    name: str, source: str, compiled: str, code: CodeType, folder: str | None = None
) -> ModuleSpec:
    made = ModuleSpec(name, _Loader(name, source, code), origin=source, is_package=folder is not None)
    made.has_location = True
    made.cached = compiled
    if made.submodule_search_locations is not None and folder is not None:
        made.submodule_search_locations.append(folder)
    return made


def find_own_modules_directly() -> None:
    """Has `riskcheck` and all below it found by their place from now on."""
    if sys.pycache_prefix is not None or sys.flags.optimize:
        return
    package, _, _ = __name__.rpartition(".")
    sys.meta_path.insert(0, _Finder(package, os.path.dirname(__file__)))
