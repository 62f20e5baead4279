"""Who may reach less than before: addresses that no rule of a group lets in any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match, Related, location_of
from riskcheck.network.addresses import Addresses, addresses, united
from riskcheck.network.groups import joined, lost, said
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.list_losses import lists_lost
from riskcheck.rules.checks.lost_addresses import named, told, uses_of
from riskcheck.rules.checks.said_once import together
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


class _Loss(NamedTuple):
    """Some that `entry` let through, on some ports. missing: who. replaced: something else was let in instead."""

    entry: Entry
    part: Part
    missing: Addresses
    replaced: bool


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
    alike: dict[object, list[_Loss]] = {}
    for loss in _losses(change, base, head):
        rule = loss.entry.rule
        alike.setdefault((rule.group, rule.direction, loss.missing, loss.replaced), []).append(loss)
    by_rules = (_match(losses, context) for losses in alike.values())
    yield from together([*lists_lost(change, base, head, context), *by_rules])


def _losses(change: Change, base: Gathered, head: Gathered) -> Iterator[_Loss]:
    after = change.resource_after
    for entry in rules_of(change.resource_before, base):
        direction = entry.rule.direction
        if is_left_alone(after, direction) or ignores(after, direction, "security_rule"):
            continue
        if not entry.rule.allows or not head.has(entry.rule.group):
            continue
        group = (entry.rule.group, direction)
        before, now = base.rules.get(group, []), head.rules.get(group, [])
        if any(_same(entry, one) for one in now) or _is_cut_off(entry, now):
            continue
        parts = list(lost(entry, before, now))
        if not parts:
            continue
        gained = _gained(parts, before, now)
        if any("${" in name for name in gained.names):
            continue  # which may be the same addresses
        for part in parts:
            missing = _certain(part.peers, gained, head)
            if not missing.is_empty:
                yield _Loss(entry, part, missing, bool(gained.names))


def _is_cut_off(entry: Entry, now: Sequence[Entry]) -> bool:
    """Whether a group of AWS lets nothing out any more, which NET-009 tells."""
    rule = entry.rule
    aws = rule.resource.platform == "terraform" and rule.resource.kind.startswith("aws_")
    return aws and rule.direction == "egress" and rule.priority is None and not now


def _same(entry: Entry, other: Entry) -> bool:
    """Whether `other` lets through all that `entry` does, without looking at others."""
    one, two = entry.rule, other.rule
    return (
        two.allows
        and (one.protocol, one.ports, one.unread) == (two.protocol, two.ports, two.unread)
        and (entry.peers, entry.far) == (other.peers, other.far)
    )


def _match(losses: Sequence[_Loss], context: CheckContext) -> Match:
    """What was lost alike, in one sentence."""
    entry, _, missing, replaced = losses[0]
    known = bool(missing.v4 or missing.v6)
    uses = uses_of(missing, context) if known else []
    lesser = missing.is_broad or missing.everybody or replaced or not known
    weight = 2 if uses else 0 if lesser else 1
    rule = entry.rule
    where = title(rule.group)
    ports = (
        "" if any(one.entry.rule.unread for one in losses) else f" on {said([one.part for one in losses])}"
    )
    who = missing if missing.names != {rule.group} else missing._replace(names=frozenset({"itself"}))
    if rule.direction == "ingress":
        what = f"{told(who)} no longer let in{ports} by {where}"
    else:
        what = f"{told(who, 'can')} no longer be reached{ports} through {where}"
    values: dict[str, Value] = {"what": what + named(uses), "weight": weight}
    related = [Related("also names it", use.location) for use in uses]
    nodes = [_node(one.entry, missing) for one in losses]
    related += [Related("also", location_of(node)) for node in nodes[1:] if node is not nodes[0]]
    return Match(values=values, node=nodes[0], related=tuple(dict.fromkeys(related)))


def _gained(parts: Sequence[Part], before: Sequence[Entry], now: Sequence[Entry]) -> Addresses:
    """Who is let through on some of the same ports now and was not before: they may be the ones that went."""
    ports = joined(parts)
    old, new = (
        united(
            one.peers
            for one in side
            if one.rule.allows and any(one.may_let(part.protocol, part.ports) for part in ports)
        )
        for side in (before, now)
    )
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
    for peer in entry.rule.peers:
        if missing.meets(addresses([peer.text])):
            return peer.node
    return entry.rule.node
