"""The keyed walk over two resolved trees: what differs, where, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.changes.lists import ORDERED_FIELDS, match_items
from riskcheck.documents.scalars import scalar_value
from riskcheck.nodes import Deferred, KeyPath, Mapping, Node, Reading, Scalar, escape_key
from riskcheck.nodes import Sequence as SequenceNode
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.keypaths import NaturalKeys

MOST_DEPTH = 200
"""Nesting up to which trees are walked; documents are capped well below it."""


class Difference(NamedTuple):
    """One path at which the trees differ. `before` or `after` is None where the path is absent."""

    path: KeyPath
    before: Node | None
    after: Node | None


class Comparer:
    """Compares trees that share nodes: equal pairs are remembered by identity, so that a job which four
    targets share is walked once."""

    def __init__(self, reading: Reading, natural_keys: NaturalKeys) -> None:
        self._reading = reading
        self._natural_keys = natural_keys
        self._equal: set[tuple[int, int]] = set()

    def differences(self, before: Node, after: Node, path: KeyPath = ()) -> Iterator[Difference]:
        """All paths at which `before` and `after` differ, in the order of `after`."""
        if before is after or (id(before), id(after)) in self._equal:
            return
        found = False
        for difference in self._walk(before, after, path):
            found = True
            yield difference
        if not found:
            self._equal.add((id(before), id(after)))

    def _walk(self, before: Node, after: Node, path: KeyPath) -> Iterator[Difference]:
        if isinstance(before, Scalar) and isinstance(after, Scalar):
            if not self.equal_scalars(before, after) and not _same_amount(before, after, path):
                yield Difference(path, before, after)
        elif isinstance(before, Mapping) and isinstance(after, Mapping):
            if isinstance(before, Deferred) and isinstance(after, Deferred) and before.digest == after.digest:
                return
            yield from self._mappings(before, after, path)
        elif isinstance(before, SequenceNode) and isinstance(after, SequenceNode):
            yield from self._sequences(before, after, path)
        elif len(path) < MOST_DEPTH:
            yield Difference(path, before, after)

    def _mappings(self, before: Mapping, after: Mapping, path: KeyPath) -> Iterator[Difference]:
        old, new = before.index, after.index
        for key, node in new.items():
            below = (*path, escape_key(key))
            known = old.get(key)
            if known is None:
                yield Difference(below, None, node)
            else:
                yield from self.differences(known, node, below)
        for key, node in old.items():
            if key not in new:
                yield Difference((*path, escape_key(key)), node, None)

    def _sequences(self, before: SequenceNode, after: SequenceNode, path: KeyPath) -> Iterator[Difference]:
        field = next((step for step in reversed(path) if not step.startswith("[")), "")
        pairs = match_items(
            before.items, after.items, self._natural_keys(field), self._reading, field in ORDERED_FIELDS
        )
        for segment, old, new in pairs:
            below = (*path, segment)
            if old is not None and new is not None:
                yield from self.differences(old, new, below)
            else:
                yield Difference(below, old, new)

    def equal_scalars(self, before: Scalar, after: Scalar) -> bool:
        """Same value under the platform's reading. Quoting style is no difference where the value is the same."""
        if before.raw == after.raw and before.tag == after.tag and before.style == after.style:
            return before.native == after.native or before.style != "native"
        if self._reading == "databricks" and before.raw == after.raw:
            # The bundle loader converts to the type of the field: "8" and 8 deploy the same.
            return True
        one, other = scalar_value(before, self._reading), scalar_value(after, self._reading)
        return one == other and isinstance(one, bool) == isinstance(other, bool)


AMOUNTS = frozenset({"requests", "limits", "hard", "capacity", "max", "min", "default", "defaultRequest"})
"""Fields of Kubernetes below which names stand for quantities."""


def _same_amount(before: Scalar, after: Scalar, path: KeyPath) -> bool:
    """Whether both are the same quantity, written differently: 1Gi and 1024Mi, 0.5 and 500m."""
    if len(path) < 2 or path[-2] not in AMOUNTS:
        return False
    from riskcheck.quantities import quantity_nanos

    one, other = quantity_nanos(before.raw), quantity_nanos(after.raw)
    return one is not None and one == other
