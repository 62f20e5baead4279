"""Which members of a set did not follow their anchor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from riskcheck.network.addresses import Addresses
from riskcheck.network.coupled.covering import covers, ranges_at
from riskcheck.network.coupled.estate import SELF, Estate, Pointed, holds, nodes_at, same, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.models import Resource
    from riskcheck.network.coupled.model import Condition, CoupledSet, Each, Lists, Member, Trigger, Way
    from riskcheck.nodes import Node

Weight: TypeAlias = Literal["certain", "required", "expected", "unused", "elsewhere"]

_ANCHOR: Final = "anchor"
_MOST_NAMED: Final = 3
_LEAST_SIBLINGS: Final = 2


class Missing(NamedTuple):
    """A member that did not follow. detail: what is lacking where. nodes: what is there and does not agree."""

    member: Member
    detail: str
    nodes: tuple[Node, ...] = ()


class Incomplete(NamedTuple):
    """What became of one anchor. elsewhere: labels of members that another state may hold."""

    set: CoupledSet
    anchor: Resource
    trigger: Trigger
    weight: Weight
    missing: tuple[Missing, ...]
    elsewhere: tuple[str, ...]


class Sides(NamedTuple):
    """What a set is held against, all of it in the environment of the anchor.

    changed: whether a resource of head is added or edited by the change. declared: whether any environment of the
    repository holds a resource of a kind.
    """

    base: Estate
    head: Estate
    changed: Callable[[Resource], bool]
    declared: Callable[[str], bool]


def trigger_of(one: CoupledSet, before: Resource | None, after: Resource | None) -> Trigger | None:
    """What happened to an anchor of `one`; None where nothing that sets it in motion did."""
    found = after or before
    if found is None or not all(holds(found.body, condition) for condition in one.anchor.where):
        return None
    trigger: Trigger
    if before is None:
        trigger = "created"
    elif after is None:
        trigger = "removed"
    elif any(_written(before, path) != _written(after, path) for path in one.anchor.fields) or not all(
        holds(before.body, condition) for condition in one.anchor.where
    ):
        trigger = "replaced"
    else:
        return None
    return trigger if trigger in one.anchor.triggers else None


def _written(resource: Resource, path: str) -> list[str]:
    from riskcheck.nodes import Scalar, walk

    found = [one for node in nodes_at(resource.body, path) for _, one in walk(node)]
    return [text_of(one) for one in found if isinstance(one, Scalar)]


def incomplete(one: CoupledSet, anchor: Resource, trigger: Trigger, sides: Sides) -> Incomplete | None:
    """What of `one` did not follow `anchor`, a resource of head, of base where it was removed; None where nothing
    is lacking."""
    evaluation = _Evaluation(one, anchor, trigger, sides)
    missing, elsewhere = evaluation.members()
    weight = evaluation.weight(missing, elsewhere)
    if weight is None:
        return None
    return Incomplete(one, anchor, trigger, weight, tuple(missing), tuple(elsewhere))


class _Evaluation:
    def __init__(self, one: CoupledSet, anchor: Resource, trigger: Trigger, sides: Sides) -> None:
        self._set = one
        self._anchor = anchor
        self._head = sides.base if trigger == "removed" else sides.head
        self._trigger: Trigger = trigger
        self._sides = sides
        self._names = dict(one.anchor.names)
        self._found: dict[str, list[Resource]] = {}
        self._elsewhere: dict[str, None] = {}

    def members(self) -> tuple[list[Missing], list[str]]:
        missing: list[Missing] = []
        if not self._is_used(self._anchor):
            return missing, []
        for member in self._set.members:
            if self._trigger not in member.on or any(self._holds(one, self._anchor) for one in member.unless):
                continue
            lacking = self._lacking(member)
            if lacking is None or member.requirement == "lookup" or not self._is_demanded(member):
                continue
            if member.managed_here and not any(map(self._sides.declared, member.managed_here)):
                self._elsewhere[member.label] = None
            else:
                missing.append(lacking)
        return missing, list(self._elsewhere)

    def weight(self, missing: list[Missing], elsewhere: list[str]) -> Weight | None:
        levels = {one.member.requirement for one in missing}
        if "required" in levels:
            if any(self._holds(one, self._anchor) for one in self._set.breaks):
                return "certain"
            unused = any(self._holds(one, self._anchor) for one in self._set.harmless)
            return "unused" if unused else "required"
        if "expected" in levels:
            return "expected"
        return "elsewhere" if elsewhere else None

    def _holds(self, condition: Condition, anchor: Resource) -> bool:
        if not condition.of:
            return holds(anchor.body, condition)
        if condition.of in self._found:
            return any(holds(one.body, condition) for one in self._found[condition.of])
        targets = self._head.targets(anchor, self._names.get(condition.of, condition.of))
        if condition.path == SELF:
            return any(value == "new" for value in condition.values) and any(
                one.key not in self._base_keys for one in targets
            )
        return any(holds(one.body, condition) for one in targets)

    @property
    def _base_keys(self) -> set[tuple[str, str, str]]:
        return {one.key for one in self._sides.base.resources}

    def _left_behind(self, member: Member) -> Missing | None:
        """What belonged to a removed anchor and stays as it was."""
        there = {one.key: one for one in self._sides.head.resources}
        left = [
            there[one.key]
            for way in member.ways
            for one in self._by_way(way, self._anchor) or ()
            if one.key in there and not self._sides.changed(there[one.key])
        ]
        if not left:
            return None
        return Missing(
            member, f"still there: {_named(left)}", tuple(one.origin for one in left[:_MOST_NAMED])
        )

    def _lacking(self, member: Member) -> Missing | None:
        if self._trigger == "removed":
            return self._left_behind(member)
        if member.each is not None:
            return self._lacking_each(member, member.each)
        if member.lists is not None:
            return self._lacking_in_lists(member, member.lists)
        for way in member.ways:
            found = self._by_way(way, self._anchor)
            if found is not None:
                self._found.setdefault(member.id, []).extend(found)
                return None
        near = [one for way in member.ways if way.covers or way.changed for one in self._head.of(way.kinds)]
        return Missing(member, "", tuple(one.origin for one in near[:_MOST_NAMED]))

    def _by_way(self, way: Way, anchor: Resource) -> list[Resource] | None:
        """The resources that are this way of a member; None where there is none."""
        head = self._head
        if way.anchor:
            nodes = nodes_at(anchor.body, way.anchor)
            return [anchor] if nodes else None
        pool = [one for one in head.of(way.kinds) if all(holds(one.body, each) for each in way.where)]
        if way.changed:
            pool = [one for one in pool if self._sides.changed(one)]
        if way.covers:
            pool = [one for one in pool if self._covers(one, way)]
        elif way.path:
            pool = [one for one in pool if self._leads(one, way, anchor)]
        return pool or None

    def _leads(self, resource: Resource, way: Way, anchor: Resource) -> bool:
        head = self._head
        if way.to == _ANCHOR or not way.to:
            return resource is not anchor and head.points_at(resource, way.path, [anchor])
        if way.to in self._names:
            path = self._names[way.to]
            if path == SELF:
                return head.points_at(resource, way.path, [anchor])
            meant = head.pointed(anchor, path)
            if way.path == SELF:
                return f"@{resource.address}" in meant or head.points_at(anchor, path, [resource])
            return same(meant, head.pointed(resource, way.path)) or head.points_at(
                resource, way.path, head.targets(anchor, path)
            )
        known = self._found.get(way.to, [])
        if way.path == SELF:
            return any(head.points_at(one, path, [resource]) for one in known for path in _paths(one))
        return head.points_at(resource, way.path, known)

    def _covers(self, resource: Resource, way: Way) -> bool:
        path = self._names.get(way.covers, way.covers)
        head = self._head
        of = [self._anchor] if path == SELF else head.targets(self._anchor, path)
        wanted = Addresses()
        for each in of:
            wanted = wanted.plus(ranges_at(each.body))
        return covers(resource.body, way.path, wanted)

    def _lacking_each(self, member: Member, each: Each) -> Missing | None:
        """For each network that is in use, a resource of the member must point at it."""
        head = self._head
        lacking: list[Resource] = []
        holding = self._members_of(member)
        if holding is None:
            return None
        for thing in head.of(each.kinds):
            if any(holds(thing.body, condition) for condition in each.unless):
                continue
            if not self._is_named(thing, each):
                continue
            if not any(head.points_at(one, each.path, [thing]) for one in holding):
                lacking.append(thing)
        if not lacking:
            return None
        nodes = tuple(one.origin for one in (*holding[:_MOST_NAMED], *lacking[:_MOST_NAMED]))
        return Missing(member, f"none for {_named(lacking)}", nodes)

    def _members_of(self, member: Member) -> list[Resource] | None:
        """What is there of a member; None where what it hangs on belongs to another state."""
        found: list[Resource] = []
        for way in member.ways:
            if way.to and way.to not in self._names and way.to != _ANCHOR and not self._found.get(way.to):
                if self._hangs_elsewhere(way.to):
                    self._elsewhere[member.label] = None
                return None
            found += self._by_way(way, self._anchor) or []
        return found

    def _hangs_elsewhere(self, name: str) -> bool:
        """Whether the anchor names what the member `name` looks up, and it is not declared here."""
        return any(
            way.to in self._names and self._head.is_elsewhere(self._anchor, self._names[way.to])
            for member in self._set.members
            if member.id == name
            for way in member.ways
        )

    def _is_named(self, thing: Resource, each: Each) -> bool:
        """Whether something of the kinds that tell use refers to `thing`."""
        if not each.named_by:
            return True
        target = f"@{thing.address}"
        name = next((text_of(node) for node in nodes_at(thing.body, "name")), "")
        for one in self._head.of(each.named_by):
            if any(reference.target == thing.address for reference in one.references):
                return True
            meant = Pointed({value for path in _paths(one) for value in self._head.pointed(one, path)})
            if target in meant or (name and f"={name.lower()}" in meant):
                return True
        return False

    def _lacking_in_lists(self, member: Member, lists: Lists) -> Missing | None:
        """Lists that name a sibling of the anchor and not the anchor."""
        head = self._head
        siblings = self._siblings()
        lacking: list[Resource] = []
        for holder in head.of(lists.kinds):
            held = [path for path in lists.paths if nodes_at(holder.body, path)]
            if any(head.points_at(holder, path, [self._anchor]) for path in held):
                continue
            wanted = ranges_at(self._anchor.body)
            if any(covers(holder.body, path, wanted) for path in held):
                continue
            if siblings and all(
                self._is_in(holder, held, one, by_address=not wanted.is_empty) for one in siblings
            ):
                lacking.append(holder)
        if not lacking:
            return None
        return Missing(
            member, f"not in {_named(lacking)}", tuple(one.origin for one in lacking[:_MOST_NAMED])
        )

    def _is_in(self, holder: Resource, paths: list[str], one: Resource, *, by_address: bool) -> bool:
        ranges = ranges_at(one.body) if by_address else Addresses()
        return any(
            self._head.points_at(holder, path, [one]) or covers(holder.body, path, ranges) for path in paths
        )

    def _is_used(self, one: Resource) -> bool:
        ways = self._set.anchor.used_by
        return not ways or any(self._by_way(way, one) is not None for way in ways)

    def _siblings(self) -> list[Resource]:
        """Resources of the anchor's kind that base has too and that share with it what makes them comparable."""
        head, anchor = self._head, self._anchor
        path = self._names.get(self._set.anchor.siblings, "")
        meant = head.pointed(anchor, path) if path else None
        known = self._base_keys
        return [
            one
            for one in head.of([anchor.kind])
            if one.key != anchor.key
            and one.key in known
            and self._is_used(one)
            and (one.unit == anchor.unit if meant is None else same(meant, head.pointed(one, path)))
        ]

    def _is_demanded(self, member: Member) -> bool:
        if member.demand == "always" or member.lists is not None:
            return True
        if member.demand == "declared":
            kinds = {kind for way in member.ways for kind in way.kinds}
            return any(self._sides.declared(kind) for kind in kinds)
        siblings = self._siblings()
        return len(siblings) >= _LEAST_SIBLINGS and all(
            any(self._by_way(way, one) is not None for way in member.ways) for one in siblings
        )


def _named(resources: list[Resource]) -> str:
    names = ", ".join(f"{one.kind}.{one.name}" for one in resources[:_MOST_NAMED])
    return names + (f" and {len(resources) - _MOST_NAMED} more" if len(resources) > _MOST_NAMED else "")


def _paths(resource: Resource) -> Iterator[str]:
    yield from (key.raw for key, _ in resource.body.entries)
