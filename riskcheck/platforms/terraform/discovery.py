"""Which directories of a tree are Terraform configurations, which call which, and with which variable files."""

from __future__ import annotations

import re
from functools import cached_property
from posixpath import dirname, normpath
from typing import TYPE_CHECKING, Final

from riskcheck.regexes import regex
from riskcheck.trees import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from riskcheck.platforms.terraform.terragrunt.units import Units
    from riskcheck.platforms.terraform.variable_files import VariableFiles
    from riskcheck.trees import Tree

CONFIGURATION: Final = (".tf", ".tf.json", ".tofu", ".tofu.json")
VARIABLES: Final = (".tfvars", ".tfvars.json")
TERRAGRUNT: Final = "terragrunt.hcl"
LOCK: Final = ".terraform.lock.hcl"

_LOCAL_SOURCE: Final = regex(rb'\bsource"?\s*[=:]\s*"(\.{1,2}/[^"$]*)"')
_STATE: Final = regex(rb'^[ \t]*(?:backend\s+"|cloud\s*\{)', re.MULTILINE)
_KEEPS_STATE: Final = "*"
_BLOCKS: Final = rb"(?:resource|module|data|locals|output|terraform|provider)"
_MAKES: Final = regex(rb"^[ \t]*" + _BLOCKS + rb'[ \t]*["{]|"' + _BLOCKS + rb'"[ \t]*:', re.MULTILINE)
_DOES: Final = "+"
_DECLARED: Final = "="
_VARIABLE: Final = regex(rb'^[ \t]*"?variable"?[ \t:{]+"([A-Za-z_][\w-]*)"', re.MULTILINE)
_MOST_REMEMBERED: Final = 50_000
_OVERRIDES: Final = tuple(f"override{ending}" for ending in CONFIGURATION)
_OPENTOFU: Final = (".tofu", ".tofu.json")
_HCL: Final = "hcl:"
_FOREIGN: Final = (".pkr.hcl", ".pkrvars.hcl", ".nomad.hcl", ".tfbackend.hcl")
_SHELVES: Final = frozenset({"module", "modules", "_module", "_modules"})
_IGNORED: Final = ("/.terraform/", "/.terragrunt-cache/", "/testdata/", "/fixtures/")


def concerns(path: str) -> bool:
    """Whether Terraform reads a file of this name."""
    named = path.endswith((*CONFIGURATION, *VARIABLES)) or path.rpartition("/")[2] in (TERRAGRUNT, LOCK)
    return named and not any(part in f"/{path}" for part in _IGNORED)


def may_concern(path: str) -> bool:
    """Whether Terraform reads a file of this name, or Terragrunt may."""
    hidden = path.rpartition("/")[2].startswith(".")
    return concerns(path) or (path.endswith(".hcl") and not hidden and not path.endswith(_FOREIGN))


def told_by(content: bytes) -> tuple[str, ...]:
    """The local module sources in the text of a file, as they are written; ``*`` where it says where the state is
    kept; ``+`` where it has any block but those of variables; ``=name`` of each variable that it declares. A pure
    function of the bytes."""
    found = [match.decode(errors="replace") for match in _LOCAL_SOURCE.findall(content)]
    found += [f"{_DECLARED}{name.decode()}" for name in _VARIABLE.findall(content)]
    found += [_KEEPS_STATE] if _STATE.search(content) else []
    found += [_DOES] if _MAKES.search(content) else []
    return tuple(dict.fromkeys(found))


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
        for directory, paths in found.items():
            if any(path.endswith(_OPENTOFU) for path in paths):
                paths = found[directory] = [path for path in paths if not _is_replaced(path, paths)]
            paths.sort(key=lambda path: (path.endswith(_OVERRIDES), path))
        return found

    @cached_property
    def units(self) -> Units | None:
        """What Terragrunt applies; None where there is nothing of it."""
        entries = self.tree.entries()
        found = [path for path in entries if path.endswith(TERRAGRUNT) and _is_terragrunt(path)]
        if not found:
            return None
        from riskcheck.platforms.terraform.terragrunt.told import told_by as told_by_terragrunt
        from riskcheck.platforms.terraform.terragrunt.units import Units

        self.tree.prefetch(path for path in found if f"{_HCL}{entries[path].blob}" not in remembered)

        def told(path: str) -> tuple[str, ...]:
            entry = entries.get(path)
            blob = f"{_HCL}{entry.blob}" if entry is not None and entry.blob else None
            return self.learnt(path, blob, told_by_terragrunt)

        return Units(entries, found, told)

    @cached_property
    def _calls(self) -> dict[str, set[str]]:
        """Directory to the directories that its modules come from, told from the text alone."""
        found: dict[str, set[str]] = {}
        for directory, told in self._told.items():
            for source in told:
                if not source.startswith("."):
                    continue
                found.setdefault(directory, set()).add(joined(directory, source))
        return found

    def has(self, directory: str) -> bool:
        """Whether anything is configured in `directory`."""
        return directory in self.directories or self.unit(directory)

    def unit(self, directory: str) -> bool:
        """Whether Terragrunt applies what is configured in `directory`."""
        return self.units is not None and self.units.of(directory) is not None

    @cached_property
    def _told(self) -> dict[str, set[str]]:
        """Directory to what `told_by` finds in its files; only contents that were never seen are read."""
        entries = self.tree.entries()
        places = [(directory, path) for directory, held in self.directories.items() for path in held]
        self.tree.prefetch(path for _, path in places if entries[path].blob not in remembered)
        found: dict[str, set[str]] = {}
        for directory, path in places:
            found.setdefault(directory, set()).update(self.learnt(path, entries[path].blob, told_by))
        return found

    def learnt(
        self, path: str, blob: str | None, tell_: Callable[[bytes], tuple[str, ...]]
    ) -> tuple[str, ...]:
        """What `tell_` finds in a file, looked up by the id of its content where that is known. A link has
        only that of where it leads to by name."""
        entry = self.tree.entries().get(path)
        if entry is not None and entry.kind == "symlink":
            blob = None
        known = remembered.get(blob) if blob else None
        if known is None:
            try:
                known = tell_(self.tree.read(path))
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
        for directory, sources in self._applied.items():
            for source in sources:
                if source != directory:
                    found.setdefault(source, set()).add(directory)
        return found

    @cached_property
    def _shelves(self) -> set[str]:
        """Directories that hold the modules of units of Terragrunt."""
        return {
            dirname(module) for unit, modules in self._applied.items() for module in modules if module != unit
        } - {""}

    @cached_property
    def _applied(self) -> dict[str, tuple[str, ...]]:
        """Directory of a unit of Terragrunt to those that its module may come from. Only a source that the text
        does not tell is evaluated for it."""
        found: dict[str, tuple[str, ...]] = {}
        for directory, unit in self.units.all.items() if self.units is not None else ():
            found[directory] = tuple(one for one in unit.sources if one in self.directories)
            if not found[directory] and unit.computed:
                from riskcheck.platforms.terraform.terragrunt.sources import module_of

                module = module_of(self, directory)
                found[directory] = () if module is None else (module,)
        return found

    def is_root(self, directory: str) -> bool:
        """Whether it is applied itself: Terragrunt does, nobody calls it, or it says where its state is kept. What
        Terragrunt takes as a module is applied there, and what is only a module nowhere by itself."""
        if self.units is not None:
            if self.units.of(directory) is not None:
                return True
            if directory in self.units.included:
                return False
        if directory not in self.directories:
            return False
        callers = self._callers.get(directory)
        if not callers:
            # A module beside those that Terragrunt applies, which it does not take any more.
            kept = _KEEPS_STATE in self._told.get(directory, ())
            return kept or (dirname(directory) not in self._shelves and not self.is_only_module(directory))
        return _KEEPS_STATE in self._told.get(directory, ()) and not any(map(self.unit, callers))

    def is_only_module(self, directory: str) -> bool:
        """Whether it stands among modules and has nothing that only a root has: a place for its state, values, a
        lock, Terragrunt. Others may call it."""
        if directory not in self.directories or self.unit(directory):
            return False
        if _SHELVES.isdisjoint(directory.split("/")[:-1]):
            return False
        if _KEEPS_STATE in self._told.get(directory, ()):
            return False
        return self.tree.entry(f"{directory}/{LOCK}") is None and not self.variables.automatic(directory)

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

    def declares_only(self, directory: str) -> bool:
        """Whether there are only declarations of variables, for others to link to."""
        return bool(self.declared(directory)) and _DOES not in self._told[directory]

    def declared(self, directory: str) -> set[str]:
        """The variables that a directory declares."""
        told = self._told.get(directory, ())
        return {fact.removeprefix(_DECLARED) for fact in told if fact.startswith(_DECLARED)}

    @cached_property
    def variables(self) -> VariableFiles:
        """Which root is given which variable files."""
        from riskcheck.platforms.terraform.variable_files import VariableFiles

        return VariableFiles(self)


def units_of(layout: Layout, paths: Collection[str]) -> set[str]:
    """The roots that read any of `paths`."""
    found: set[str] = set()
    for path in paths:
        if path.endswith(VARIABLES):
            found |= layout.variables.configured_by(path)
        elif path.endswith((*CONFIGURATION, LOCK)):
            directory = dirname(path)
            above = layout.roots_above(directory)
            # What nobody applies is a unit of its own, about which that is said.
            found |= above or ({directory} if layout.is_only_module(directory) else set())
        if layout.units is not None:
            found |= layout.units.reading(path)
    return found


def _is_terragrunt(path: str) -> bool:
    return path.rpartition("/")[2] == TERRAGRUNT and concerns(path)


def _is_replaced(path: str, beside: Collection[str]) -> bool:
    """Whether OpenTofu reads a file of the same name instead."""
    if path.endswith(".tf"):
        return f"{path[:-3]}.tofu" in beside
    return path.endswith(".tf.json") and f"{path[:-8]}.tofu.json" in beside


def joined(directory: str, source: str) -> str:
    """The directory that a local ``source`` means; one outside of the repository begins with ``..``."""
    path = normpath(f"{directory}/{source}" if directory else source)
    return "" if path == "." else path
