"""Rules that count before others: what an allow rule lets through depends on the denials with a lower number.

https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview,
https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html, https://cloud.google.com/firewall/docs/firewalls
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match, Related, location_of
from riskcheck.network.addresses import Addresses
from riskcheck.network.groups import Part, let_through, pieces, remaining, said
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.attachments import detached, endpoint_policies
from riskcheck.rules.checks.lost_addresses import known_uses, named, told
from riskcheck.rules.checks.said_once import together
from riskcheck.rules.checks.stacks import also_for_stacks
from riskcheck.rules.checks.traffic_groups import both, ignores, leads, rules_of, title

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.models import Change
    from riskcheck.network.groups import Entry
    from riskcheck.network.model import Direction
    from riskcheck.nodes import Value
    from riskcheck.rules.context import CheckContext

_DIRECTIONS: Final[tuple[Direction, ...]] = ("ingress", "egress")
_MOST_RULES: Final = 1_000
"""Rules of one group that are held against each other: Azure takes no more of them in a group."""

_MOST_STEPS: Final = 200_000
"""Rules looked at for one edit of a group, over all ports: some seconds. Beyond, a group was written anew."""


@also_for_stacks
def shadowed(change: Change, context: CheckContext) -> Iterator[Match]:
    """An allow rule that a denial comes before now, or rules that no longer hold for what they guarded.

    Values: ``what``; ``weight``: 2 where nothing of the rule is left, where addresses are known to be in use, or
    where a subnet of Databricks has no group; 1 for some addresses; 0 for a new rule that never counts.
    """
    yield from endpoint_policies(change, context)
    if leads(change, context):
        yield from detached(change, context)
        yield from together(_behind_denials(change, context))


def _behind_denials(change: Change, context: CheckContext) -> Iterator[Match]:
    base, head = both(change, context)
    own_after, own_before = rules_of(change.resource_after, head), rules_of(change.resource_before, base)
    if not own_after or ignores(change.resource_after, "ingress", "egress", "security_rule"):
        return
    touched = {(one.rule.group, one.rule.direction) for one in own_after if one.rule.priority is not None}
    for group in sorted(touched):
        after = head.rules.get(group, [])
        before = base.rules.get(group, [])
        own = [one for one in own_after if (one.rule.group, one.rule.direction) == group]
        old = [one for one in own_before if (one.rule.group, one.rule.direction) == group]
        if len(after) <= _MOST_RULES and len(before) <= _MOST_RULES:
            yield from _of_group(before, after, own, _unchanged(own, old), context)


def _unchanged(own: Sequence[Entry], old: Sequence[Entry]) -> set[str]:
    """Names of the rules of the resource that are as they were."""
    return {one.rule.name for one in own if any(_content(one) == _content(other) for other in old)}


def _content(entry: Entry) -> tuple[object, ...]:
    rule = entry.rule
    return (
        rule.name,
        rule.allows,
        rule.protocol,
        rule.ports,
        rule.unread,
        rule.priority,
        entry.peers,
        entry.far,
    )


def _of_group(
    before: Sequence[Entry],
    after: Sequence[Entry],
    own: Sequence[Entry],
    unchanged: set[str],
    context: CheckContext,
) -> Iterator[Match]:
    """Each pair of a denial and a rule behind it of which one changed in this resource."""
    mine = {id(one) for one in own if one.rule.name not in unchanged}
    known = {_place(one): one for one in before}
    steps = 0
    for entry in after:
        if not entry.rule.allows or entry.rule.unread:
            continue
        earlier = known.get(_place(entry))
        near = _Near(_around(entry, before), _around(entry, after))
        for denial in near.after:
            if denial.rule.allows or denial.rule.unread or not denial.comes_before(entry):
                continue
            if id(denial) in mine or (id(entry) in mine and _is_as_before(denial, known)):
                steps += 2 * len(near.after) * (len(near.before) + len(near.after))
                if steps > _MOST_STEPS:
                    yield _unfinished(entry)
                    return
                yield from _of_pair(entry, denial, earlier, near, id(denial) in mine, context)


def _unfinished(entry: Entry) -> Match:
    what = f"too many rules of {title(entry.rule.group)} changed to tell all that denials come before"
    return Match(values={"what": what, "weight": 0}, node=entry.rule.node)


class _Near(NamedTuple):
    """The rules of each side that are about some of the same peers and ports."""

    before: list[Entry]
    after: list[Entry]


def _around(entry: Entry, entries: Sequence[Entry]) -> list[Entry]:
    return [
        one
        for one in entries
        if one.peers.meets(entry.peers)
        and any(one.may_let(name, ports) for name in entry.protocols for ports in entry.ranges)
    ]


def _place(entry: Entry) -> tuple[str, str]:
    return (entry.rule.resource.address, entry.rule.name)


def _is_as_before(entry: Entry, known: dict[tuple[str, str], Entry]) -> bool:
    """One that changed too tells of the pair itself."""
    earlier = known.get(_place(entry))
    return earlier is not None and _content(earlier) == _content(entry)


def _of_pair(
    entry: Entry,
    denial: Entry,
    earlier: Entry | None,
    near: _Near,
    by_denial: bool,
    context: CheckContext,
) -> Iterator[Match]:
    before, after = near
    parts: list[Part] = []
    whole = True
    kept = Addresses()
    for protocol in entry.protocols:
        for ports in pieces(entry.ranges, [*before, *after]):
            inside = denial.lets(protocol, ports) and denial.far.covers(entry.far)
            hidden = entry.peers.common(denial.peers) if inside else Addresses()
            if earlier is not None and inside:
                was = let_through(before, protocol, ports, entry.far)
                now = let_through(after, protocol, ports, entry.far)
                hidden = hidden.common(was).minus(now)
            denials = [one for one in after if not one.rule.allows and one.lets(protocol, ports)]
            left = remaining(entry, (one for one in denials if one.far.covers(entry.far)))
            whole = whole and left.is_empty
            kept = kept.plus(left)
            if not hidden.is_empty:
                parts.append(Part(protocol, ports, hidden, entry.far))
    if not parts:
        return
    missing = Addresses()
    for part in parts:
        missing = missing.plus(part.peers)
    uses = known_uses(missing, context)
    if earlier is None and not whole and not uses:
        return  # a new rule that was written to let in the rest
    if entry.peers.is_world and not missing.is_world and not uses:
        return  # some are kept out of what is open to everybody: that is what denials are for
    weight = 2 if uses or whole else 1
    if earlier is None and not uses:
        weight = 0
    rule, other = entry.rule, denial.rule
    what = f"deny rule {other.name} ({other.priority}) comes before allow rule {rule.name} ({rule.priority})"
    if whole:
        what += f", of which nothing is left on {said(parts)}"
    else:
        what += f": {told(missing)} no longer let through on {said(parts)}"
    values: dict[str, Value] = {"what": f"{what} in {title(rule.group)}{named(uses)}", "weight": weight}
    node, partner = (other.node, rule.node) if by_denial else (rule.node, other.node)
    role = "allow rule" if by_denial else "deny rule"
    yield Match(values=values, node=node, related=(Related(role, location_of(partner)),))
