"""What the paths of a tree alone tell, found once per set of paths: most commits only edit files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from riskcheck.trees import Tree

T = TypeVar("T")

_MOST: Final = 4
"""Sets of paths that are remembered: both sides of a comparison, and neighbours in history."""


class ByPaths(Generic[T]):
    """The paths of a tree to what `find`, a pure function, makes of them. Do not mutate it: it is shared."""

    def __init__(self, find: Callable[[Iterable[str]], T]) -> None:
        self._find = find
        self._known: dict[frozenset[str], T] = {}

    def of(self, tree: Tree) -> T:
        """What the paths of `tree` tell."""
        entries = tree.entries()
        paths = frozenset(entries)
        known = self._known.get(paths)
        if known is None:
            known = self._known[paths] = self._find(entries)
            if len(self._known) > _MOST:
                del self._known[next(iter(self._known))]
        return known
