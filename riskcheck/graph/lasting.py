"""The index on disk as long as it is of use; from then on the same in memory, so that no answer depends on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from riskcheck.graph.stored import BrokenIndexError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from riskcheck.dependencies import FileFacts
    from riskcheck.graph.index import FileId, Index, MemoryIndex

T = TypeVar("T")


class LastingIndex:
    """An `Index` that does not fail.

    stored: a `StoredIndex`. afresh: makes another one with all that this run needs.
    """

    def __init__(self, stored: Index, afresh: Callable[[], MemoryIndex]) -> None:
        self._index = stored
        self._afresh: Callable[[], MemoryIndex] | None = afresh

    def is_complete(self, label: str) -> bool:
        return self._asked(lambda index: index.is_complete(label))

    def set_complete(self, label: str) -> None:
        self._asked(lambda index: index.set_complete(label))

    def prune(self, files: Iterable[FileId]) -> None:
        held = list(files)
        self._asked(lambda index: index.prune(held))

    def missing(self, files: Iterable[FileId]) -> list[FileId]:
        wanted = list(files)
        return self._asked(lambda index: index.missing(wanted))

    def add(self, found: Iterable[tuple[FileId, FileFacts]]) -> None:
        held = list(found)
        self._asked(lambda index: index.add(held))

    def naming(self, name: str) -> list[FileId]:
        return self._asked(lambda index: index.naming(name))

    def facts(self, file: FileId) -> FileFacts:
        return self._asked(lambda index: index.facts(file))

    def _asked(self, question: Callable[[Index], T]) -> T:
        if self._afresh is not None:
            try:
                return question(self._index)
            except BrokenIndexError:
                self._index, self._afresh = self._afresh(), None
        return question(self._index)
