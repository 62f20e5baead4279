"""Which directories Terragrunt applies, which files each reads, and which modules it calls: by text alone."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from posixpath import dirname, normpath
from typing import TYPE_CHECKING, Final

from riskcheck.platforms.terraform.terragrunt.told import COMPUTED, LOCAL, PARENT, READ
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

CONFIGURATION: Final = "terragrunt.hcl"
_MOST_FILES: Final = 50
"""Files of Terragrunt that one unit is made of."""

_PART: Final = regex(r"\$\{[^{}]*\}")
_VARIABLE: Final = regex(r'\$\{\s*get_env\(\s*"([^"]*)"[^{}]*\)\s*\}')


class Unit(NamedTuple):
    """One directory that is applied on its own.

    files: what its configuration is written in, its own file first. patterns: what else it may read, with ``*`` for
    what only evaluation tells. sources: local directories of its module. computed: the source may be another.
    """

    directory: str
    files: tuple[str, ...]
    patterns: tuple[str, ...]
    sources: tuple[str, ...]
    computed: bool


class Units:
    """Those of one tree. paths: of all its files. told: the facts of one file of Terragrunt, by path."""

    def __init__(
        self, paths: Collection[str], files: Iterable[str], told: Callable[[str], tuple[str, ...]]
    ) -> None:
        self._paths = paths
        self._told = told
        self._files = tuple(files)
        self._known: dict[str, Unit | None] = {}
        self._matching: dict[str, tuple[tuple[str, str], ...]] = {}

    @cached_property
    def all(self) -> dict[str, Unit]:
        """By directory; without those that are only included by others."""
        found = ((directory, self.of(directory)) for directory in self._directories)
        return {directory: unit for directory, unit in found if unit is not None}

    @cached_property
    def _directories(self) -> dict[str, None]:
        return dict.fromkeys(dirname(path) for path in self._files)

    def of(self, directory: str) -> Unit | None:
        """The unit in a directory; None where there is none."""
        if directory not in self._known:
            applied = directory in self._directories and directory not in self.included
            self._known[directory] = self._unit(directory) if applied else None
        return self._known[directory]

    @cached_property
    def included(self) -> set[str]:
        """Directories whose ``terragrunt.hcl`` others below include."""
        found: set[str] = set()
        for path in self._files:
            told = self._told(path)
            names = {fact[len(READ) :] for fact in told if fact.startswith(READ)}
            if PARENT in told or CONFIGURATION in names:
                above = self._above(dirname(path), CONFIGURATION)
                if above is not None:
                    found.add(dirname(above))
        return found

    def reading(self, path: str) -> set[str]:
        """The units whose configuration is read from `path`."""
        return {name for name, unit in self.all.items() if path in unit.files or self._reads(unit, path)}

    def variable(self, directory: str, name: str) -> str | None:
        """What an environment variable must be for the unit in `directory` to find a file that it reads: the one of
        several files that is named after a step of its own path. None where nothing shows that."""
        unit = self.of(directory)
        for pattern in unit.patterns if unit is not None else ():
            for found in _VARIABLE.findall(pattern):
                value = self._chosen(directory, pattern) if found == name else None
                if value is not None:
                    return value
        return None

    def _unit(self, directory: str) -> Unit:
        own = below(directory, CONFIGURATION)
        files: dict[str, None] = {own: None}
        patterns: dict[str, None] = {}
        sources: dict[str, None] = {}
        computed = False
        waiting = [own]
        while waiting and len(files) <= _MOST_FILES:
            file = waiting.pop(0)
            for fact in self._told(file):
                if fact == COMPUTED:
                    computed = True
                elif fact.startswith(LOCAL):
                    sources.update(dict.fromkeys(self._places(directory, file, fact[len(LOCAL) :])))
                else:
                    name = CONFIGURATION if fact == PARENT else fact[len(READ) :]
                    for path in self._found(directory, file, name):
                        if not path.endswith(".hcl"):
                            patterns[path] = None
                        elif path not in files and "$" not in path:
                            files[path] = None
                            waiting.append(path)
        return Unit(directory, tuple(files), tuple(patterns), tuple(sources), computed)

    def _found(self, directory: str, file: str, name: str) -> Iterator[str]:
        """Where a mentioned file may be: next to the unit, next to the file that mentions it, or above."""
        name = _PART.sub("", name, count=1).lstrip("/") if name.startswith("${") and "}/" in name else name
        for base in dict.fromkeys((directory, dirname(file))):
            path = joined(base, name)
            if "$" in path or path in self._paths:
                yield path
        if not name.startswith("../"):
            above = self._above(directory, name)
            if above is not None:
                yield above

    def _above(self, directory: str, name: str) -> str | None:
        while directory:
            directory = dirname(directory)
            path = joined(directory, name)
            if path in self._paths or ("$" in path and self._candidates(path)):
                return path
        return None

    def _places(self, directory: str, file: str, source: str) -> Iterator[str]:
        for base in dict.fromkeys((directory, dirname(file))):
            place = joined(base, source.partition("?")[0])
            if not place.startswith(".."):
                yield place

    def _reads(self, unit: Unit, path: str) -> bool:
        for pattern in unit.patterns:
            if pattern == path:
                return True
            if "$" in pattern:
                value = next((value for found, value in self._candidates(pattern) if found == path), None)
                if value is not None and self._chosen(unit.directory, pattern) in (None, value):
                    return True
        return False

    def _chosen(self, directory: str, pattern: str) -> str | None:
        steps = directory.split("/")
        values = {value for _, value in self._candidates(pattern) if value in steps}
        return values.pop() if len(values) == 1 else None

    def _candidates(self, pattern: str) -> tuple[tuple[str, str], ...]:
        """The files that a path with one unknown part may mean, each with that part."""
        if pattern not in self._matching:
            self._matching[pattern] = tuple(self._matches(pattern))
        return self._matching[pattern]

    def _matches(self, pattern: str) -> Iterator[tuple[str, str]]:
        before, _, rest = pattern.partition("${")
        after = rest.partition("}")[2]
        if "${" in after:
            return
        for number in range(bisect_left(self._sorted, before), len(self._sorted)):
            path = self._sorted[number]
            if not path.startswith(before):
                break
            value = path[len(before) : len(path) - len(after)]
            if path.endswith(after) and value and "/" not in value:
                yield path, value

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._paths)


def below(directory: str, name: str) -> str:
    """The path of `name` in a directory, ``""`` being the top."""
    return f"{directory}/{name}" if directory else name


def joined(directory: str, path: str) -> str:
    """What a relative path means in a directory; one outside of the repository begins with ``..``. Slashes inside
    of ``${…}`` are no steps."""
    held = _PART.findall(path)
    marked = _PART.sub("\0", path)
    found = normpath(below(directory, marked))
    for part in held:
        found = found.replace("\0", part, 1)
    return "" if found == "." else found
