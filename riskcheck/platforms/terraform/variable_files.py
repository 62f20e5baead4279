"""Which root is given which files with values: of variables, and of its backend."""

from __future__ import annotations

import re
from functools import cached_property
from posixpath import dirname
from typing import TYPE_CHECKING, Final

from riskcheck.cells import tell
from riskcheck.platforms.terraform.discovery import VARIABLES, concerns
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.platforms.terraform.discovery import Layout

AUTOMATIC: Final = ("terraform.tfvars", "terraform.tfvars.json")
"""Variable files that are loaded without being named, as are those in ``.auto.tfvars``."""

_SET: Final = "set:"
_ASSIGNED: Final = regex(rb'^(?:[ \t]{0,8}")?([A-Za-z_][\w-]*)"?[ \t]*[=:]', re.MULTILINE)
_BACKENDS: Final = ("backend", "backends", "backend-config", "backend-configs")


def set_by(content: bytes) -> tuple[str, ...]:
    """The variables that a variable file sets. A pure function of the bytes."""
    return tuple(dict.fromkeys(name.decode() for name in _ASSIGNED.findall(content)))


class VariableFiles:
    """Those of one layout."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._configured: dict[str, set[str]] = {}

    @cached_property
    def all(self) -> list[str]:
        """Paths, in order."""
        entries = self._layout.tree.entries()
        return sorted(path for path in entries if path.endswith(VARIABLES) and concerns(path))

    def configured_by(self, path: str) -> set[str]:
        """The roots that a variable file may be given to: those of its own directory or the nearest above it, else
        those next to it."""
        if path not in self._configured:
            self._configured[path] = self._configured_by(path)
        return self._configured[path]

    def _configured_by(self, path: str) -> set[str]:
        directory = dirname(path)
        while True:
            if directory in self._layout.directories and not self._layout.declares_only(directory):
                return self._layout.roots_above(directory)
            if not directory:
                return self._beside(path)
            directory = dirname(directory)

    def _beside(self, path: str) -> set[str]:
        """The roots next to the directory of a variable file, as ``core`` is to ``config/prod.tfvars``, else those
        next to the directory above, one further down too, as ``components/web`` is to
        ``environments/prod/prod.tfvars``: those that declare most of what it sets."""
        set_ = self._set_by(path)
        above = dirname(dirname(path))
        if not set_ or not dirname(path):
            return set()
        found = {one for one in self._layout.directories if dirname(one) == above and self._takes(one, set_)}
        if found or dirname(path) == above or not above:
            return found
        further = dirname(above)
        return {
            one
            for one in self._layout.directories
            if further in (dirname(one), dirname(dirname(one))) and one != above and self._takes(one, set_)
        }

    def _takes(self, directory: str, values: set[str]) -> bool:
        """Whether it is a root that declares most of `values`."""
        declared = self._layout.declared(directory)
        return (
            2 * len(values & declared) > len(values)
            and self._layout.is_root(directory)
            and not self._layout.declares_only(directory)
        )

    def _set_by(self, path: str) -> set[str]:
        entry = self._layout.tree.entries().get(path)
        blob = f"{_SET}{entry.blob}" if entry is not None and entry.blob else None
        return set(self._layout.learnt(path, blob, set_by)) if entry is not None else set()

    def variants(self, root: str) -> Iterator[tuple[str, str]]:
        """(environment's name, variable file) of each file that stands for one environment of `root`."""
        automatic = self.automatic(root)
        for path in self.all:
            name = path.rpartition("/")[2]
            if path in automatic or root not in self.configured_by(path):
                continue
            stem = name.partition(".")[0]
            word = dirname(path).rpartition("/")[2] if stem in ("terraform", "variables", "vars") else stem
            if tell(word).stage is not None:
                yield word, path

    def automatic(self, root: str) -> list[str]:
        """Variable files that are always loaded, in Terraform's order."""
        held = [path for path in self.all if dirname(path) == root]
        named = [path for path in held if path.rpartition("/")[2] in AUTOMATIC]
        auto = [path for path in held if path.endswith((".auto.tfvars", ".auto.tfvars.json"))]
        told = {path: tell(path.rpartition("/")[2].partition(".")[0]).stage for path in auto}
        if len({stage for stage in told.values() if stage is not None}) > 1:
            # Of several environments only one can be there when it is applied.
            auto = [path for path in auto if told[path] is None]
        return [*named, *sorted(auto)]

    @cached_property
    def _backend_files(self) -> list[str]:
        return sorted(path for path in self._layout.tree.entries() if path.endswith((".tfbackend", ".hcl")))

    def backends(self, root: str) -> Iterator[tuple[str, str]]:
        """(environment's name, file) of each file with settings of the backend that stands for one environment."""
        for path in self._backend_files:
            directory, _, name = path.rpartition("/")
            folder = directory.rpartition("/")[2] in _BACKENDS
            if directory != root and not (folder and dirname(directory) == root):
                continue
            word = name.partition(".")[0]
            if (folder or name.endswith(".tfbackend")) and tell(word).stage is not None:
                yield word, path
