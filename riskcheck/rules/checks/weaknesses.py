"""Ways in which one resource promises less than before, each reported at the change that brings it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from riskcheck.models import Match
from riskcheck.nodes import Node, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.models import Change
    from riskcheck.rules.context import CheckContext

MOST_NAMES: Final = 3


class Weakness(NamedTuple):
    """what: in words. before, after: where it stood and stands, None where it does not."""

    what: str
    before: Node | None
    after: Node | None

    @property
    def node(self) -> Node | None:
        return self.after if self.after is not None else self.before


def matches(change: Change, context: CheckContext, found: Sequence[Weakness]) -> Iterator[Match]:
    """One match with those of `found` (all of the change's resource) that `change` is the first to bring."""
    changes = context.changes_of(change.resource)
    own = [one for one in found if _first(one, changes) is change]
    if own:
        what = "; ".join(dict.fromkeys(one.what for one in own))
        yield Match(values={"what": what}, node=own[0].node)


def _first(weakness: Weakness, changes: Sequence[Change]) -> Change | None:
    """The first change of what `weakness` is about; the first of all where none is."""
    for change in changes:
        if _meet(weakness.before, change.node_before) or _meet(weakness.after, change.node_after):
            return change
    return changes[0] if changes else None


def _meet(one: Node | None, other: Node | None) -> bool:
    """Whether one of two nodes is part of the other."""
    if one is None or other is None:
        return False
    return any(node is other for _, node in walk(one)) or any(node is one for _, node in walk(other))


def listed(names: Sequence[str]) -> str:
    """``a, b, c and 2 more``."""
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
