"""What the files of an estate say, found by what they name.

Facts of a file depend on its path and bytes alone, so they are kept under both, whatever tree they were seen in:
base, head and the tip of the main branch share nearly all. Whoever looks something up checks whether the tree at
hand holds that very file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from riskcheck.dependencies import FileFacts, service_id
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class FileId(NamedTuple):
    """One content at one path. blob: its id in the tree."""

    path: str
    blob: str


class Index(Protocol):
    """Facts by file, and files by the names that they use or describe."""

    def is_complete(self, label: str) -> bool:
        """Whether everything of the tree called `label` was put in."""

    def set_complete(self, label: str) -> None:
        """Notes that."""

    def prune(self, files: Iterable[FileId]) -> None:
        """Drops what is not among `files` where there is too much of it; then no tree counts as complete."""

    def missing(self, files: Iterable[FileId]) -> list[FileId]:
        """Those of `files` whose facts are not here."""

    def add(self, found: Iterable[tuple[FileId, FileFacts]]) -> None:
        """Puts facts in."""

    def naming(self, name: str) -> list[FileId]:
        """Files, of any tree, whose facts use or describe `name`: a target or a `describes` key; by path."""

    def facts(self, file: FileId) -> FileFacts:
        """What was put in for `file`; nothing where that is lost."""


BROKEN = "broken:"
"""The name that files use which could not be read whole."""


def describes(name: str) -> str:
    """The name that entries about service `name` use, be it its own or another name of it."""
    return f"describes:{name}"


def names_in(facts: FileFacts) -> Iterator[str]:
    """All names under which a file is found."""
    for entry in facts.entries:
        yield describes(entry.service.name)
        for alias in entry.aliases:
            yield describes(alias)
        for needed in entry.dependencies:
            yield service_id(entry.service.name if needed.inverse else needed.target)
    for stated in facts.stated:
        if stated.service:
            yield describes(stated.service)
        for use in stated.uses:
            yield from keys_of(use.target)
    if facts.limitations:
        yield BROKEN


def keys_of(target: str) -> tuple[str, ...]:
    """The names under which a use is found: a table also under its schema, whose owner may be all that is known; a
    column (``uc:catalog.schema.table#column``) also without the catalog, which scripts often leave out."""
    if target.startswith("uc:") and "#" in target:
        return tuple(dict.fromkeys((target, f"uc:*.{target.partition('.')[2]}")))
    if "@" in target:
        return (target,)
    if target.startswith("uc:") and target.count(".") == 2:
        return (target, target.rpartition(".")[0])
    return (target,)


class MemoryIndex:
    """An `Index` that ends with the run."""

    def __init__(self) -> None:
        self._facts: dict[FileId, FileFacts] = {}
        self._naming: dict[str, set[FileId]] = {}
        self._complete: set[str] = set()

    def is_complete(self, label: str) -> bool:
        return label in self._complete

    def set_complete(self, label: str) -> None:
        self._complete.add(label)

    def prune(self, files: Iterable[FileId]) -> None:
        """Nothing to do: it ends with the run."""

    def missing(self, files: Iterable[FileId]) -> list[FileId]:
        return [file for file in files if file not in self._facts]

    def add(self, found: Iterable[tuple[FileId, FileFacts]]) -> None:
        for file, facts in found:
            self._facts[file] = facts
            for name in set(names_in(facts)):
                self._naming.setdefault(name, set()).add(file)

    def naming(self, name: str) -> list[FileId]:
        return sorted(self._naming.get(name, ()))

    def facts(self, file: FileId) -> FileFacts:
        return self._facts.get(file, FileFacts())
