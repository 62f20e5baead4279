"""Who may reach less than before: addresses that no rule of a group lets in any more."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from riskcheck.models import Match, Related
from riskcheck.network.addresses import Addresses
from riskcheck.network.groups import lost, said
from riskcheck.rules.checks.list_losses import lists_lost
from riskcheck.rules.checks.lost_addresses import named, told, uses_of
from riskcheck.rules.checks.stacks import also_for_stacks
from riskcheck.rules.checks.traffic_groups import (
    both,
    ignores,
    is_left_alone,
    leads,
    rules_of,
    title,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.models import Change
    from riskcheck.network.groups import Entry, Part
    from riskcheck.network.model import Direction
    from riskcheck.nodes import Node, Value
    from riskcheck.rules.checks.traffic_groups import Gathered
    from riskcheck.rules.context import CheckContext

_DIRECTIONS: Final[tuple[Direction, ...]] = ("ingress", "egress")
_MOST_FINDINGS: Final = 10
"""For one resource: a group that is rewritten has no need of one for each rule."""


@also_for_stacks
def narrowed(change: Change, context: CheckContext) -> Iterator[Match]:
    """Addresses that a rule or a list let through, and that nothing of the same group does any more.

    Values: ``what``; ``weight``: 2 where they are known to be in use, or all are gone; 1 for addresses; 0 for the
    Internet as a whole, for what became a group or a tag, and for other groups.
    """
    if not leads(change, context):
        return
    base, head = both(change, context)
    if not head.addresses:
        return  # the environment goes as a whole
    yield from lists_lost(change, base, head, context)
    yield from islice(_by_rules(change, base, head, context), _MOST_FINDINGS)


def _by_rules(change: Change, base: Gathered, head: Gathered, context: CheckContext) -> Iterator[Match]:
    after = change.resource_after
    for direction in _DIRECTIONS:
        if is_left_alone(after, direction) or ignores(after, direction, "security_rule"):
            continue
        own = [one for one in rules_of(change.resource_before, base) if one.rule.direction == direction]
        for entry in own:
            group = (entry.rule.group, direction)
            if not entry.rule.allows or not head.has(entry.rule.group):
                continue
            before, now = base.rules.get(group, []), head.rules.get(group, [])
            if any(_same(entry, one) for one in now):
                continue
            parts = list(lost(entry, before, now))
            if parts:
                yield from _of_entry(change, entry, parts, before, now, head, context)


def _same(entry: Entry, other: Entry) -> bool:
    """Whether `other` lets through all that `entry` does, without looking at others."""
    one, two = entry.rule, other.rule
    return (
        two.allows
        and (one.protocol, one.ports, one.unread) == (two.protocol, two.ports, two.unread)
        and (entry.peers, entry.far) == (other.peers, other.far)
    )


def _of_entry(
    change: Change,
    entry: Entry,
    parts: Sequence[Part],
    before: Sequence[Entry],
    now: Sequence[Entry],
    head: Gathered,
    context: CheckContext,
) -> Iterator[Match]:
    gained = _gained(parts, before, now)
    if any("${" in name for name in gained.names):
        return  # which may be the same addresses
    missing = Addresses()
    for part in parts:
        missing = missing.plus(_certain(part.peers, gained, head))
    if missing.is_empty:
        return
    uses = uses_of(missing, context) if missing.v4 or missing.v6 else []
    weight = 2 if uses else 1
    if not uses and (missing.is_broad or missing.everybody or gained.names or not (missing.v4 or missing.v6)):
        weight = 0
    where = title(entry.rule.group)
    ports = "" if entry.rule.unread else f" on {said(parts)}"
    if entry.rule.direction == "ingress":
        what = f"{told(missing)} no longer let in{ports} by {where}"
    else:
        what = f"{told(missing, 'can')} no longer be reached{ports} through {where}"
    values: dict[str, Value] = {"what": what + named(uses), "weight": weight}
    related = tuple(Related("also names it", use.location) for use in uses)
    yield Match(values=values, node=_node(entry, missing), related=related)


def _gained(parts: Sequence[Part], before: Sequence[Entry], now: Sequence[Entry]) -> Addresses:
    """Who is let through on some of the same ports now and was not before: they may be the ones that went."""
    old, new = Addresses(), Addresses()
    for entries, new_side in ((before, False), (now, True)):
        for one in entries:
            if one.rule.allows and any(one.may_let(part.protocol, part.ports) for part in parts):
                if new_side:
                    new = new.plus(one.peers)
                else:
                    old = old.plus(one.peers)
    unread = {one.rule.unread for one in before}
    opaque = {
        f"${{{one.rule.unread}}}"
        for one in now
        if one.rule.unread and one.rule.allows and one.rule.unread not in unread
    }
    gained = new.minus(old)
    return gained._replace(names=gained.names | opaque)


def _certain(missing: Addresses, gained: Addresses, head: Gathered) -> Addresses:
    """What is missing for certain: an expression may be one of the addresses that came, and a group that is gone
    itself needs nothing."""
    names = frozenset(name for name in missing.names if head.has(name) and gained.is_empty)
    return missing._replace(names=names)


def _node(entry: Entry, missing: Addresses) -> Node:
    """The address that went, where one is written; else the rule."""
    from riskcheck.network.addresses import addresses

    for peer in entry.rule.peers:
        if not addresses([peer.text]).common(missing).is_empty:
            return peer.node
    return entry.rule.node
