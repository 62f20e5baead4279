"""The resources that belong to an anchor in one of the ways that a set names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.network.addresses import Addresses
from riskcheck.network.coupled.covering import covers, ranges_at
from riskcheck.network.coupled.fields import SELF, holds, nodes_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.models import Resource
    from riskcheck.network.coupled.estate import Estate
    from riskcheck.network.coupled.model import Condition, CoupledSet, Member, Way

ANCHOR: Final = "anchor"
_NEW: Final = "new"


class Belonging:
    """What belongs to anchors of a set in one environment.

    known: keys of the resources that base has. changed: whether the change edits a resource; None: edits are no
    matter, any such resource will do.
    """

    def __init__(
        self,
        one: CoupledSet,
        estate: Estate,
        known: frozenset[tuple[str, str, str]],
        changed: Callable[[Resource], bool] | None,
    ) -> None:
        self.estate = estate
        self._set = one
        self._known = known
        self._changed = changed
        self.names = dict(one.anchor.names)
        self.found: dict[str, list[Resource]] = {}
        """Member to the resources that were found for it."""

    def by_way(self, way: Way, anchor: Resource) -> list[Resource]:
        """The resources that belong to `anchor` in this way; the anchor itself where it is a field of it."""
        if way.anchor:
            return [anchor] if nodes_at(anchor.body, way.anchor) else []
        pool = [one for one in self.estate.of(way.kinds) if all(holds(one.body, each) for each in way.where)]
        if way.changed and self._changed is not None:
            pool = [one for one in pool if self._changed(one)]
        if way.covers:
            return self._covering(pool, way, anchor)
        if way.path:
            return [one for one in pool if self._leads(one, way, anchor)]
        return [one for one in pool if one is not anchor]

    def _leads(self, resource: Resource, way: Way, anchor: Resource) -> bool:
        estate = self.estate
        if way.to in ("", ANCHOR):
            return resource is not anchor and estate.points_at(resource, way.path, [anchor])
        if way.to in self.names:
            path = self.names[way.to]
            if resource is anchor:
                return False
            if way.path == SELF:
                return estate.points_at(anchor, path, [resource])
            meant = estate.pointed(anchor, path)
            return meant.may_share(estate.pointed(resource, way.path)) or estate.points_at(
                resource, way.path, estate.targets(anchor, path)
            )
        known = self.found.get(way.to, [])
        if way.path == SELF:
            return any(estate.points_at(one, path, [resource]) for one in known for path in fields_of(one))
        return estate.points_at(resource, way.path, known)

    def _covering(self, pool: list[Resource], way: Way, anchor: Resource) -> list[Resource]:
        wanted = self.to_cover(way, anchor)
        return [one for one in pool if covers(one.body, way.path, wanted)]

    def to_cover(self, way: Way, anchor: Resource) -> Addresses:
        """The ranges that a way asks for, as far as they are written."""
        wanted = Addresses()
        path = self.names.get(way.covers, way.covers)
        for one in [anchor] if path == SELF else self.estate.targets(anchor, path):
            wanted = wanted.plus(ranges_at(one.body))
        return wanted

    def can_tell(self, member: Member, anchor: Resource) -> bool:
        """Whether ranges are written on both sides, where a member is asked for by range."""
        ways = [way for way in member.ways if way.covers]
        return not ways or any(
            not self.to_cover(way, anchor).is_empty
            and any(not ranges_at(one.body, way.path).is_empty for one in self.estate.of(way.kinds))
            for way in ways
        )

    def is_used(self, anchor: Resource) -> bool:
        """Whether `anchor` counts: something points at it as the set asks for."""
        ways = self._set.anchor.used_by
        return not ways or any(self.by_way(way, anchor) for way in ways)

    def siblings(self, anchor: Resource) -> list[Resource]:
        """Resources of the anchor's kind that base has too and that share with it what makes them comparable."""
        path = self.names.get(self._set.anchor.siblings, "")
        meant = self.estate.pointed(anchor, path) if path else None
        return [
            one
            for one in self.estate.of([anchor.kind])
            if one.key != anchor.key
            and one.key in self._known
            and (one.unit == anchor.unit if meant is None else meant.shares(self.estate.pointed(one, path)))
            and self.is_used(one)
        ]

    def holds(self, condition: Condition, anchor: Resource) -> bool:
        """Whether `condition` holds of the anchor, of what it points at, or of what was found for a member."""
        if not condition.of:
            return holds(anchor.body, condition)
        found = self.found.get(condition.of)
        if found is None:
            found = self.estate.targets(anchor, self.names.get(condition.of, condition.of))
        if condition.path == SELF:
            return _NEW in condition.values and any(one.key not in self._known for one in found)
        return any(holds(one.body, condition) for one in found)

    def hangs_elsewhere(self, member: str, anchor: Resource) -> bool:
        """Whether the anchor names what `member` looks up, it is not declared here, and it serves none of the
        anchor's siblings already."""
        paths = [
            self.names[way.to]
            for one in self._set.members
            if one.id == member
            for way in one.ways
            if way.to in self.names
        ]
        return any(
            self.estate.is_elsewhere(anchor, path)
            and not any(
                self.estate.pointed(anchor, path).shares(self.estate.pointed(one, path))
                for one in self.siblings(anchor)
            )
            for path in paths
        )

    def is_custom(self, member: Member, anchor: Resource) -> bool:
        """Whether the siblings of `anchor` do without `member` too."""
        siblings = self.siblings(anchor)
        return bool(siblings) and not any(self.by_way(way, one) for way in member.ways for one in siblings)


def fields_of(resource: Resource) -> Iterator[str]:
    """The attributes of a resource."""
    yield from (key.raw for key, _ in resource.body.entries)
