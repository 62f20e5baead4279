"""Which members of a set did not follow their anchor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from riskcheck.network.coupled.covering import covers, ranges_at
from riskcheck.network.coupled.fields import holds, nodes_at
from riskcheck.network.coupled.triggers import entered
from riskcheck.network.coupled.ways import ANCHOR, Belonging
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskcheck.models import Resource
    from riskcheck.network.coupled.estate import Estate
    from riskcheck.network.coupled.model import (
        CoupledSet,
        Each,
        Join,
        Lists,
        Member,
        Requirement,
        Trigger,
    )
    from riskcheck.nodes import Node

Weight: TypeAlias = Literal["certain", "required", "expected", "unused", "elsewhere"]

_MOST_NAMED: Final = 3
_LEAST_SIBLINGS: Final = 2


class Missing(NamedTuple):
    """A member that did not follow. detail: what is lacking where. nodes: what is there and does not agree."""

    member: Member
    requirement: Requirement
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


def incomplete(
    one: CoupledSet, before: Resource | None, after: Resource | None, trigger: Trigger, sides: Sides
) -> Incomplete | None:
    """What of `one` did not follow its anchor, `before` and `after` the change; None where nothing is lacking.

    What an anchor lacked already, it does not lack because of the change.
    """
    anchor = after or before
    assert anchor is not None
    known = frozenset(resource.key for resource in sides.base.resources)
    estate = sides.base if trigger == "removed" else sides.head
    now = _Evaluation(one, anchor, trigger, sides, Belonging(one, estate, known, sides.changed))
    missing = now.missing()
    elsewhere = list(now.elsewhere)
    if before is not None and trigger == "replaced" and not entered(one, before):
        then = _Evaluation(one, before, trigger, sides, Belonging(one, sides.base, known, None))
        old = {(each.member.id, each.detail) for each in then.missing()}
        missing = [each for each in missing if (each.member.id, each.detail) not in old]
        elsewhere = [each for each in elsewhere if each not in then.elsewhere]
    weight = now.weight(missing, elsewhere)
    if weight is None:
        return None
    return Incomplete(one, anchor, trigger, weight, tuple(missing), tuple(elsewhere))


class _Evaluation:
    """One anchor of one set on one side."""

    def __init__(
        self, one: CoupledSet, anchor: Resource, trigger: Trigger, sides: Sides, belonging: Belonging
    ) -> None:
        self._set = one
        self._anchor = anchor
        self._trigger: Trigger = trigger
        self._sides = sides
        self._belonging = belonging
        self._estate = belonging.estate
        self.elsewhere: dict[str, None] = {}

    def missing(self) -> list[Missing]:
        found: list[Missing] = []
        if not self._belonging.is_used(self._anchor):
            return found
        for member in self._set.members:
            if self._trigger not in member.on or any(
                self._belonging.holds(one, self._anchor) for one in member.unless
            ):
                continue
            lacking = self._lacking(member)
            if lacking is None or member.requirement == "lookup" or not self._is_demanded(member):
                continue
            if member.managed_here and not any(map(self._sides.declared, member.managed_here)):
                if not self._belonging.is_custom(member, self._anchor):
                    self.elsewhere[member.label] = None
            else:
                found.append(lacking)
        return found

    def weight(self, missing: list[Missing], elsewhere: list[str]) -> Weight | None:
        levels = {one.requirement for one in missing}
        if "required" in levels or "expected" in levels:
            if any(self._belonging.holds(one, self._anchor) for one in self._set.harmless):
                return "unused"
            if "required" not in levels:
                return "expected"
            cut = any(self._belonging.holds(one, self._anchor) for one in self._set.breaks)
            return "certain" if cut else "required"
        return "elsewhere" if elsewhere else None

    def _lacking(self, member: Member) -> Missing | None:
        if self._trigger == "removed":
            return self._left_behind(member)
        if member.each is not None:
            return self._lacking_each(member, member.each)
        if member.lists is not None:
            return self._lacking_in_lists(member, member.lists)
        for way in member.ways:
            found = self._belonging.by_way(way, self._anchor)
            if found:
                self._belonging.found.setdefault(member.id, []).extend(found)
                return None
        if not self._belonging.can_tell(member, self._anchor):
            return None
        near = [one for way in member.ways if way.covers or way.changed for one in self._estate.of(way.kinds)]
        return Missing(member, member.requirement, "", _origins(near))

    def _left_behind(self, member: Member) -> Missing | None:
        """What belonged to a removed anchor and stays as it was."""
        there = {one.key: one for one in self._sides.head.resources}
        left = [
            there[one.key]
            for way in member.ways
            for one in self._belonging.by_way(way, self._anchor)
            if one.key in there and not self._sides.changed(there[one.key])
        ]
        if not left:
            return None
        return Missing(member, member.requirement, f"still there: {_named(left)}", _origins(left))

    def _lacking_each(self, member: Member, each: Each) -> Missing | None:
        """One is needed, and one for each thing that is in a group together with one that has it."""
        holding: list[Resource] = []
        for way in member.ways:
            looked_up = way.to not in ("", ANCHOR) and way.to not in self._belonging.names
            if looked_up and not self._belonging.found.get(way.to):
                if self._belonging.hangs_elsewhere(way.to, self._anchor):
                    self.elsewhere[member.label] = None
                return None
            holding += self._belonging.by_way(way, self._anchor)
        things = [
            one
            for one in self._estate.of(each.kinds)
            if not any(holds(one.body, condition) for condition in each.unless)
        ]
        if not holding:
            return Missing(member, member.requirement, "none at all", _origins(things))
        having = self._pointed_at(each, holding, surely=False)
        sure = self._pointed_at(each, holding, surely=True)
        for requirement in ("required", "expected"):
            joins = [join for join in each.like if join.requirement == requirement]
            lacking = [
                one
                for one in things
                if one not in having and any(self._is_like(one, sure, join) for join in joins)
            ]
            if lacking:
                worst = member.requirement if requirement == "required" else "expected"
                nodes = (*_origins(lacking), *_origins(holding))
                return Missing(member, worst, f"none for {_named(lacking)}", nodes)
        return None

    def _pointed_at(self, each: Each, holding: list[Resource], *, surely: bool) -> list[Resource]:
        return [
            one
            for one in self._estate.of(each.kinds)
            if any(self._estate.points_at(link, each.path, [one], surely=surely) for link in holding)
        ]

    def _is_like(self, thing: Resource, having: list[Resource], join: Join) -> bool:
        """Whether `thing` is in a group together with one of `having`."""
        joined = list(self._estate.of(join.kinds))
        groups = [
            self._estate.pointed(one, join.of)
            for one in joined
            if self._estate.points_at(one, join.thing, [thing], surely=True)
        ]
        return any(
            self._estate.points_at(one, join.thing, having, surely=True)
            and any(group.shares(self._estate.pointed(one, join.of)) for group in groups)
            for one in joined
        )

    def _lacking_in_lists(self, member: Member, lists: Lists) -> Missing | None:
        """Lists that name all siblings of the anchor and not the anchor."""
        siblings = self._belonging.siblings(self._anchor)
        wanted = ranges_at(self._anchor.body)
        lacking: list[Resource] = []
        for holder in self._estate.of(lists.kinds) if siblings else ():
            held = [path for path in lists.paths if nodes_at(holder.body, path)]
            if not self._names(holder, held, self._anchor, by_address=True) and all(
                self._names(holder, held, one, by_address=not wanted.is_empty) for one in siblings
            ):
                lacking.append(holder)
        if not lacking:
            return None
        return Missing(member, member.requirement, f"not in {_named(lacking)}", _origins(lacking))

    def _names(self, holder: Resource, paths: list[str], one: Resource, *, by_address: bool) -> bool:
        ranges = ranges_at(one.body)
        return any(
            self._estate.points_at(holder, path, [one]) or (by_address and covers(holder.body, path, ranges))
            for path in paths
        )

    def _is_demanded(self, member: Member) -> bool:
        if member.demand == "always" or member.lists is not None:
            return True
        if member.demand == "declared":
            kinds = {kind for way in member.ways for kind in way.kinds}
            return any(self._sides.declared(kind) for kind in kinds)
        siblings = self._belonging.siblings(self._anchor)
        return len(siblings) >= _LEAST_SIBLINGS and all(
            any(self._belonging.by_way(way, one) for way in member.ways) for one in siblings
        )


def _named(resources: list[Resource]) -> str:
    names = ", ".join(f"{one.kind}.{one.name}" for one in resources[:_MOST_NAMED])
    return names + (f" and {len(resources) - _MOST_NAMED} more" if len(resources) > _MOST_NAMED else "")


def _origins(resources: list[Resource]) -> tuple[Node, ...]:
    return tuple(one.origin for one in resources[:_MOST_NAMED])
