"""Which directories of a tree are Terraform configurations, which call which, and with which variable files."""

from __future__ import annotations

import re
from functools import cached_property
from posixpath import dirname, normpath
from typing import TYPE_CHECKING, Final

from riskcheck.cells import tell
from riskcheck.trees import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from riskcheck.trees import Tree

CONFIGURATION: Final = (".tf", ".tf.json")
VARIABLES: Final = (".tfvars", ".tfvars.json")
TERRAGRUNT: Final = "terragrunt.hcl"
LOCK: Final = ".terraform.lock.hcl"
AUTOMATIC: Final = ("terraform.tfvars", "terraform.tfvars.json")
"""Variable files that are loaded without being named, as are those in ``.auto.tfvars``."""

_LOCAL_SOURCE: Final = re.compile(rb'\bsource"?\s*[=:]\s*"(\.{1,2}/[^"$]*)"')
_STATE: Final = re.compile(rb'^[ \t]*(?:backend\s+"|cloud\s*\{)', re.MULTILINE)
_KEEPS_STATE: Final = "*"
_MOST_REMEMBERED: Final = 50_000
_OVERRIDES: Final = ("override.tf", "override.tf.json", "_override.tf", "_override.tf.json")
_IGNORED: Final = ("/.terraform/", "/.terragrunt-cache/", "/testdata/", "/fixtures/")


def concerns(path: str) -> bool:
    """Whether Terraform reads a file of this name."""
    named = path.endswith((*CONFIGURATION, *VARIABLES)) or path.rpartition("/")[2] in (TERRAGRUNT, LOCK)
    return named and not any(part in f"/{path}" for part in _IGNORED)


def told_by(content: bytes) -> tuple[str, ...]:
    """The local module sources in the text of a file, as they are written; ``*`` where it says where the state is
    kept. A pure function of the bytes."""
    found = [match.decode(errors="replace") for match in _LOCAL_SOURCE.findall(content)]
    return (*dict.fromkeys(found), *((_KEEPS_STATE,) if _STATE.search(content) else ()))


remembered: Final[dict[str, tuple[str, ...]]] = {}
"""Blob id to what `told_by` finds in it: base and head, one run and the next share nearly all files."""


class Layout:
    """The configurations of one tree."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree

    @cached_property
    def directories(self) -> dict[str, list[str]]:
        """Directory to its configuration files, overrides last, as Terraform reads them."""
        found: dict[str, list[str]] = {}
        for path in self.tree.entries():
            if path.endswith(CONFIGURATION) and concerns(path):
                found.setdefault(dirname(path), []).append(path)
        for paths in found.values():
            paths.sort(key=lambda path: (path.endswith(_OVERRIDES), path))
        return found

    @cached_property
    def variable_files(self) -> list[str]:
        return sorted(path for path in self.tree.entries() if path.endswith(VARIABLES) and concerns(path))

    @cached_property
    def _calls(self) -> dict[str, set[str]]:
        """Directory to the directories that its modules come from, told from the text alone."""
        found: dict[str, set[str]] = {}
        for directory, told in self._told.items():
            for source in told - {_KEEPS_STATE}:
                found.setdefault(directory, set()).add(joined(directory, source))
        return found

    @cached_property
    def _told(self) -> dict[str, set[str]]:
        """Directory to what `told_by` finds in its files; only contents that were never seen are read."""
        entries = self.tree.entries()
        places = [(directory, path) for directory, held in self.directories.items() for path in held]
        self.tree.prefetch(path for _, path in places if entries[path].blob not in remembered)
        found: dict[str, set[str]] = {}
        for directory, path in places:
            found.setdefault(directory, set()).update(self._told_by(path, entries[path].blob))
        return found

    def _told_by(self, path: str, blob: str | None) -> tuple[str, ...]:
        known = remembered.get(blob) if blob else None
        if known is None:
            try:
                known = told_by(self.tree.read(path))
            except UnreadableError:
                return ()
            if blob and len(remembered) < _MOST_REMEMBERED:
                remembered[blob] = known
        return known

    @cached_property
    def _callers(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for caller, called in self._calls.items():
            for directory in called:
                found.setdefault(directory, set()).add(caller)
        return found

    def is_root(self, directory: str) -> bool:
        """Whether it is applied itself: nobody calls it, or it says where its state is kept."""
        if directory not in self.directories:
            return False
        if directory not in self._callers:
            return True
        return _KEEPS_STATE in self._told.get(directory, ())

    def roots_above(self, directory: str) -> set[str]:
        """The roots that read `directory`: itself, or those that call it, through others too."""
        seen: set[str] = set()
        waiting = [directory]
        while waiting:
            each = waiting.pop()
            if each not in seen:
                seen.add(each)
                waiting += self._callers.get(each, ())
        return {each for each in seen if self.is_root(each)}

    def configured_by(self, path: str) -> set[str]:
        """The roots that a variable file may be given to: those of its own directory or the nearest above it."""
        directory = dirname(path)
        while True:
            if directory in self.directories:
                return self.roots_above(directory)
            if not directory:
                return set()
            directory = dirname(directory)

    def variants(self, root: str) -> Iterator[tuple[str, str]]:
        """(environment's name, variable file) of each file that stands for one environment of `root`."""
        for path in self.variable_files:
            name = path.rpartition("/")[2]
            if name in AUTOMATIC and dirname(path) == root:
                continue
            if name.partition(".")[2].startswith("auto.") or root not in self.configured_by(path):
                continue
            stem = name.partition(".")[0]
            word = dirname(path).rpartition("/")[2] if stem in ("terraform", "variables", "vars") else stem
            if tell(word).stage is not None:
                yield word, path

    def automatic(self, root: str) -> list[str]:
        """Variable files that are always loaded, in Terraform's order."""
        held = [path for path in self.variable_files if dirname(path) == root]
        named = [path for path in held if path.rpartition("/")[2] in AUTOMATIC]
        auto = [path for path in held if path.endswith((".auto.tfvars", ".auto.tfvars.json"))]
        return [*named, *sorted(auto)]


def units_of(layout: Layout, paths: Collection[str]) -> set[str]:
    """The roots that read any of `paths`."""
    found: set[str] = set()
    for path in paths:
        if path.endswith(VARIABLES):
            found |= layout.configured_by(path)
        elif path.endswith((*CONFIGURATION, LOCK)):
            found |= layout.roots_above(dirname(path))
    return found


def joined(directory: str, source: str) -> str:
    """The directory that a local ``source`` means; one outside of the repository begins with ``..``."""
    path = normpath(f"{directory}/{source}" if directory else source)
    return "" if path == "." else path
