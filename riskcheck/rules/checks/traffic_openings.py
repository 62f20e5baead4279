"""Who may reach more than before: rules and lists that let the whole Internet in, or a large part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match
from riskcheck.network.addresses import addresses
from riskcheck.network.groups import Part, joined, let_through, pieces, remaining, said
from riskcheck.records import NamedTuple
from riskcheck.rules.checks import entrance_openings as entrances
from riskcheck.rules.checks.list_openings import is_half, is_large, opened_lists, who
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
    from collections.abc import Iterable, Iterator, Sequence

    from riskcheck.models import Change
    from riskcheck.network.groups import Entry
    from riskcheck.nodes import Node, Value
    from riskcheck.rules.checks.traffic_groups import Gathered
    from riskcheck.rules.context import CheckContext

SERVICES: Final = {
    21: "FTP",
    22: "SSH",
    23: "Telnet",
    111: "RPC",
    135: "RPC",
    139: "NetBIOS",
    389: "LDAP",
    445: "SMB",
    873: "rsync",
    1433: "SQL Server",
    1521: "Oracle",
    2049: "NFS",
    2375: "Docker",
    2376: "Docker",
    2379: "etcd",
    2380: "etcd",
    3306: "MySQL",
    3389: "RDP",
    5432: "PostgreSQL",
    5439: "Redshift",
    5601: "Kibana",
    5900: "VNC",
    5985: "WinRM",
    5986: "WinRM",
    6379: "Redis",
    6443: "Kubernetes API",
    9042: "Cassandra",
    9092: "Kafka",
    9200: "Elasticsearch",
    9300: "Elasticsearch",
    10250: "kubelet",
    11211: "memcached",
    27017: "MongoDB",
}
"""Ports of administration and of data stores, which nobody offers to the world on purpose.
https://docs.aws.amazon.com/config/latest/developerguide/restricted-common-ports.html"""

_EPHEMERAL: Final = 1_024
_HIGH: Final = 60_000
"""Answers come back to ports from the one to beyond the other, and a network ACL must let them in."""

_STATELESS: Final = ("aws_network_acl", "aws_network_acl_rule", "aws_default_network_acl")


_WITH_PORTS: Final = ("", "tcp", "udp", "sctp")


class _Opening(NamedTuple):
    part: Part
    weight: int


@also_for_stacks
def opened(change: Change, context: CheckContext) -> Iterator[Match]:
    """Someone outside may reach what nobody outside could before.

    Values: ``what``; ``weight``: 2 for ports of administration and data, and for lists; 1 for other ports; 0 for
    what is less than the world or may have been open before.
    """
    if entrances.judges(change.resource.kind):
        yield from entrances.opened(change)
        return
    if not leads(change, context):
        return
    base, head = both(change, context)
    found = [*_by_rules(change, base, head, _public(context)), *opened_lists(change, base, head)]
    yield from together(found)


def _public(context: CheckContext) -> frozenset[int]:
    held = context.options.get("public_ports")
    return (
        frozenset(int(one) for one in held if isinstance(one, int | float))
        if isinstance(held, list)
        else frozenset()
    )


def _by_rules(change: Change, base: Gathered, head: Gathered, public: frozenset[int]) -> Iterator[Match]:
    own_before, own_after = (
        [one for one in rules_of(resource, side) if one.rule.direction == "ingress"]
        for resource, side in ((change.resource_before, base), (change.resource_after, head))
    )
    groups = dict.fromkeys(one.rule.group for one in (*own_after, *own_before))
    for group in groups:
        before, after = base.rules.get((group, "ingress"), []), head.rules.get((group, "ingress"), [])
        if is_left_alone(change.resource_after, "ingress") and not own_after:
            continue
        own = [one for one in own_after if one.rule.group == group]
        denied = any(not one.rule.allows for one in own_before if one.rule.group == group)
        candidates = after if denied else own
        for entry in candidates:
            if entry.rule.allows and not ignores(change.resource_after, "ingress", "security_rule"):
                yield from _of_entry(change, entry, before, after, public, own=entry in own)


def _of_entry(
    change: Change,
    entry: Entry,
    before: Sequence[Entry],
    after: Sequence[Entry],
    public: frozenset[int],
    *,
    own: bool,
) -> Iterator[Match]:
    if not (entry.peers.is_world or entry.peers.is_broad) or entry.rule.unread:
        return
    found = list(_openings(entry, before, after))
    unsure = any(
        one.rule.allows and (one.rule.unread or any(peer.is_expression for peer in one.rule.peers))
        for one in before
        if one.rule.resource.address == change.resource.address
    )
    parts = [one for one in found if not _by_design(entry, one.part, public)]
    if not parts:
        return
    weight = max(one.weight for one in parts) - unsure
    worst = [one.part for one in parts if one.weight or not weight]
    what = f"{who(worst[0].peers)} may reach {_ports(worst)} of {title(entry.rule.group)}"
    if not own:
        what += f" ({entry.rule.name}): the rule that kept them out is gone"
    values: dict[str, Value] = {"what": what, "weight": max(weight, 0)}
    yield Match(values=values, node=_node(entry) if own else change.node)


def _openings(entry: Entry, before: Sequence[Entry], after: Sequence[Entry]) -> Iterator[_Opening]:
    denials = [one for one in after if not one.rule.allows]
    stateless = entry.rule.resource.kind in _STATELESS
    for protocol in entry.protocols:
        for ports in pieces(entry.ranges, [*before, *after]):
            mine = remaining(entry, (one for one in denials if one.may_let(protocol, ports)))
            if not mine.is_broad:
                continue
            now = let_through(after, protocol, ports, entry.far)
            was = let_through(before, protocol, ports, entry.far)
            weight = 2 if any(ports.first <= port <= ports.last for port in SERVICES) else 1
            if now.worlds - was.worlds:
                # What is open to one version of the protocol was meant to be open.
                weight = 0 if was.is_world or stateless or entry.rule.protocol not in _WITH_PORTS else weight
                yield _Opening(Part(protocol, ports, now, entry.far), weight)
                continue
            gained = now.minus(was)
            if gained.is_broad and not was.is_world:
                weight = weight if is_half(gained) else 0
                yield _Opening(Part(protocol, ports, gained, entry.far), weight)


def _by_design(entry: Entry, part: Part, public: frozenset[int]) -> bool:
    whole = entry.ranges[0]
    if entry.rule.resource.kind in _STATELESS and whole.first >= _EPHEMERAL and whole.last > _HIGH:
        return True
    wide = part.ports.last - part.ports.first
    return wide < len(public) and all(port in public for port in range(part.ports.first, part.ports.last + 1))


def _ports(parts: Iterable[Part]) -> str:
    """``tcp 22 (SSH)``."""
    found = joined(parts)
    told = said(found)
    names = dict.fromkeys(
        name
        for port, name in SERVICES.items()
        if any(part.ports.first <= port <= part.ports.last < part.ports.first + 100 for part in found)
    )
    return told + (f" ({', '.join(list(names)[:3])})" if names else "")


def _node(entry: Entry) -> Node:
    """The address that lets so many in."""
    large = [one for one in entry.rule.peers if is_large(addresses([one.text]))]
    return large[0].node if large else entry.rule.node
