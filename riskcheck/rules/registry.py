"""Finds the check functions that rule files name, and the packs that other distributions ship.

Code runs from two places only: this distribution, and installed packs that the deciding policy names. The
current directory is never among them, since it may be a checkout of the very change that is judged.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final, TypeAlias

from riskcheck.models import Match

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint
    from pathlib import Path

CHECKS: Final = "riskcheck.rules.checks"
RULE_PACKS: Final = "riskcheck.rules"
"""Entry point group: a package or module whose folder holds rule files."""
CHECK_MODULES: Final = "riskcheck.checks"
"""Entry point group: a module of check functions, under the name of its pack."""

Check: TypeAlias = Callable[..., Iterable[Match]]
"""Called with a subject (a change, for most) and a `CheckContext`."""


class UnknownCheckError(Exception):
    """A rule names a check that does not exist. The message names it."""


@cache
def find_check(name: str) -> Check:
    """The function behind ``<module>.<function>`` of our own or ``<module>:<function>`` of an installed pack.

    Only functions that the module defines itself count, never what it imported. Raises `UnknownCheckError`.
    """
    module_name, _, function_name = name.rpartition(":" if ":" in name else ".")
    if ":" not in name:
        module_name = f"{CHECKS}.{module_name}"
    try:
        with _OwnPathOnly():
            module = import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is not None and (module_name + ".").startswith(error.name + "."):
            raise UnknownCheckError(f"there is no check {name}: no module {module_name}") from None
        raise
    function = getattr(module, function_name, None)
    if function_name.startswith("_") or getattr(function, "__module__", None) != module.__name__:
        raise UnknownCheckError(f"there is no check {name}: {module_name} defines no {function_name}")
    if not callable(function):
        raise UnknownCheckError(f"there is no check {name}: it is no function")
    found: Check = function
    return found


def installed_pack(name: str) -> tuple[Path, str | None] | None:
    """Folder of an installed rule pack and the module with its checks; None where none is installed."""
    from pathlib import Path

    folder = checks = None
    for point in _entry_points():
        if point.name == name and point.group == RULE_PACKS:
            with _OwnPathOnly():
                package = import_module(point.module)
            file = getattr(package, "__file__", None)
            paths = [str(Path(file).parent)] if file else list(getattr(package, "__path__", []))
            folder = Path(paths[0]) if paths else None
        elif point.name == name and point.group == CHECK_MODULES:
            checks = point.module
    return None if folder is None else (folder, checks)


def installed_packs() -> tuple[str, ...]:
    """Names of all rule packs that are installed."""
    return tuple(sorted({point.name for point in _entry_points() if point.group == RULE_PACKS}))


def _entry_points() -> Iterator[EntryPoint]:
    from importlib.metadata import distributions

    seen: set[str] = set()
    for distribution in distributions(path=_safe_path()):
        name = distribution.metadata["Name"]
        if name not in seen:
            seen.add(name)
            yield from distribution.entry_points


def _safe_path() -> list[str]:
    """`sys.path` without relative entries and the current directory, which ``python -m`` puts there."""
    return list(_absolute(os.getcwd(), tuple(sys.path)))


@cache
def _absolute(here: str, paths: tuple[str, ...]) -> tuple[str, ...]:
    """Remembered: a run imports a dozen checks, and following links takes longer than most of those imports."""
    here = os.path.realpath(here)
    return tuple(entry for entry in paths if os.path.isabs(entry) and os.path.realpath(entry) != here)


class _OwnPathOnly:
    """While it is entered, nothing is imported from the current directory."""

    def __enter__(self) -> None:
        self._before = sys.path[:]
        sys.path[:] = _safe_path()

    def __exit__(self, *_: object) -> None:
        sys.path[:] = self._before
