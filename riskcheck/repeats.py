"""Keys that a change edits though an edit of them was taken back a short while ago.

What was taken back is told by the commits along the first parents of base that say so. Silent where the change
takes the same back once more: it then restores what that revert restored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.edits import KeyDifference, differences_of
from riskcheck.models import Location, location_of
from riskcheck.runfacts import Repeat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.trees import Comparison, PathChange, TakenBack, Tree


def repeats(comparison: Comparison, reverts: Iterable[TakenBack]) -> tuple[Repeat, ...]:
    """What `comparison` edits again of what `reverts` took back, newest first; by path, the latest revert of each
    key."""
    edited = {name: one for one in comparison.changes for name in (one.old_path, one.path)}
    found: dict[tuple[str, str], Repeat] = {}
    restored: set[tuple[str, str]] = set()
    ours = _Differences(comparison.base, comparison.head)
    for revert in reverts:
        theirs = _Differences(revert.base, revert.head)
        for change in revert.changes:
            mine = edited.get(change.path)
            for one, then in _both(ours.of(mine), theirs.of(change)) if mine is not None else ():
                assert mine is not None
                place = location_of(one.place) if one.place is not None else _top(mine)
                key = (mine.path, one.key)
                if one.after == then.after:
                    restored.add(key)
                same = one.after == then.before
                found.setdefault(key, Repeat(mine.path, one.shown, revert.commit, revert.time, same, place))
    # What one of the reverts restored is restored once more, whatever was reverted in between.
    return tuple(found[key] for key in sorted(found) if key not in restored)


def _both(
    ours: Iterable[KeyDifference], theirs: Iterable[KeyDifference]
) -> Iterator[tuple[KeyDifference, KeyDifference]]:
    """The keys that both edit."""
    then = {one.key: one for one in theirs}
    for one in ours:
        if one.key in then:
            yield one, then[one.key]


class _Differences:
    def __init__(self, base: Tree, head: Tree) -> None:
        self._base = base
        self._head = head
        self._known: dict[str, tuple[KeyDifference, ...]] = {}

    def of(self, change: PathChange) -> tuple[KeyDifference, ...]:
        known = self._known.get(change.path)
        if known is None:
            known = self._known[change.path] = tuple(differences_of(self._base, self._head, change))
        return known


def _top(change: PathChange) -> Location:
    if change.head is None:
        return Location(change.old_path, "base", 1, 1, 1, 1)
    return Location(change.path, "head", 1, 1, 1, 1)
