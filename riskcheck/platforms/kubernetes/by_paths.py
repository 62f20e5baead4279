"""What the paths of a tree alone tell, found once per set of paths: most commits only edit files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from riskcheck.trees import Tree

T = TypeVar("T")

_MOST: Final = 4
"""Sets of paths that are remembered: both sides of a comparison, and neighbours in history."""


class ByPaths(Generic[T]):
    """The paths of a tree to what `find`, a pure function, makes of them. Do not mutate it: it is shared."""

    def __init__(self, find: Callable[[Iterable[str]], T]) -> None:
        self._find = find
        self._known: dict[frozenset[str], T] = {}
        self._recent: list[tuple[Mapping[str, object], T]] = []

    def of(self, tree: Tree) -> T:
        """What the paths of `tree` tell."""
        entries = tree.entries()
        # To make a set of all paths costs more than most that ask, folder by folder, do with the answer.
        for listed, told in self._recent:
            if listed is entries:
                return told
        paths = frozenset(entries)
        known = self._known.get(paths)
        if known is None:
            known = self._known[paths] = self._find(entries)
            if len(self._known) > _MOST:
                del self._known[next(iter(self._known))]
        self._recent.insert(0, (entries, known))
        del self._recent[_MOST:]
        return known
