"""Which directories of a tree are Terraform configurations, which call which, and with which variable files."""

from __future__ import annotations

import re
from functools import cached_property
from posixpath import dirname, normpath
from typing import TYPE_CHECKING, Final

from riskcheck.cells import tell

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from riskcheck.documents.store import DocumentStore
    from riskcheck.trees import Tree

CONFIGURATION: Final = (".tf", ".tf.json")
VARIABLES: Final = (".tfvars", ".tfvars.json")
TERRAGRUNT: Final = "terragrunt.hcl"
AUTOMATIC: Final = ("terraform.tfvars", "terraform.tfvars.json")
"""Variable files that are loaded without being named, as are those in ``.auto.tfvars``."""

_LOCAL_SOURCE: Final = re.compile(r'\bsource"?\s*[=:]\s*"(\.{1,2}/[^"$]*)"')
_STATE: Final = re.compile(r'^\s*(?:backend\s+"|cloud\s*\{)', re.MULTILINE)
_OVERRIDES: Final = ("override.tf", "override.tf.json", "_override.tf", "_override.tf.json")
_IGNORED: Final = ("/.terraform/", "/.terragrunt-cache/", "/testdata/", "/fixtures/")


def concerns(path: str) -> bool:
    """Whether Terraform reads a file of this name."""
    named = path.endswith((*CONFIGURATION, *VARIABLES)) or path.rpartition("/")[2] == TERRAGRUNT
    return named and not any(part in f"/{path}" for part in _IGNORED)


class Layout:
    """The configurations of one tree."""

    def __init__(self, tree: Tree, documents: DocumentStore) -> None:
        self.tree = tree
        self._documents = documents

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
        paths = [path for held in self.directories.values() for path in held]
        self._documents.prefetch(paths)
        found: dict[str, set[str]] = {}
        for directory, held in self.directories.items():
            for path in held:
                text = self._documents.get(path).text
                if "source" in text:
                    for match in _LOCAL_SOURCE.finditer(text):
                        found.setdefault(directory, set()).add(joined(directory, match[1]))
        return found

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
        return any(_STATE.search(self._documents.get(path).text) for path in self.directories[directory])

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
        elif path.endswith(CONFIGURATION):
            found |= layout.roots_above(dirname(path))
    return found


def joined(directory: str, source: str) -> str:
    """The directory that a local ``source`` means; one outside of the repository begins with ``..``."""
    path = normpath(f"{directory}/{source}" if directory else source)
    return "" if path == "." else path
