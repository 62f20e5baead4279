"""Security groups, network ACLs and address lists of AWS.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group, …/security_group_rule,
…/vpc_security_group_ingress_rule, …/network_acl, …/network_acl_rule, …/wafv2_ip_set, …/ec2_managed_prefix_list,
…/eks_cluster
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.network.model import Peer, TrafficRule
from riskcheck.network.reading import (
    address_list,
    address_of,
    blocks,
    holds_expression,
    is_expression,
    is_false,
    is_true,
    joined_text,
    number,
    peers,
    port_range,
    protocol,
    text,
    title_of,
    unknown_rule,
    unwritten,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.models import Resource
    from riskcheck.network.model import AddressList, Direction, Ports
    from riskcheck.nodes import Mapping

_DIRECTIONS: Final[tuple[Direction, ...]] = ("ingress", "egress")
_RANGES: Final = ("cidr_blocks", "cidr_ipv4", "ipv6_cidr_blocks", "cidr_ipv6")
_GROUPS: Final = (
    "security_groups",
    "source_security_group_id",
    "referenced_security_group_id",
    "prefix_list_ids",
    "prefix_list_id",
)
_PORTLESS: Final = frozenset({"", "icmp", "icmpv6"})
"""Protocols whose port fields mean nothing, or types of messages."""


def _security_group(resource: Resource) -> Iterator[TrafficRule]:
    for direction in _DIRECTIONS:
        for block in blocks(resource.body, direction):
            yield from _rule(resource, block, resource.address, direction)
        yield from _unknown(resource, direction)


def _security_group_rule(resource: Resource) -> Iterator[TrafficRule]:
    body = resource.body
    direction: Direction = "egress" if text(body, "type") == "egress" else "ingress"
    yield from _rule(resource, body, address_of(resource, body.get("security_group_id")), direction, "type")


def _vpc_rule(direction: Direction) -> Callable[[Resource], Iterator[TrafficRule]]:
    def read(resource: Resource) -> Iterator[TrafficRule]:
        group = address_of(resource, resource.body.get("security_group_id"))
        yield from _rule(resource, resource.body, group, direction)

    return read


def _rule(
    resource: Resource, body: Mapping, group: str, direction: Direction, *more: str
) -> Iterator[TrafficRule]:
    """One rule, in any of the three ways to write it; none where it names nobody, as ``cidr_blocks = []`` does.

    more: attributes besides that must be known.
    """
    name = protocol(text(body, "protocol") or text(body, "ip_protocol"))
    ends = peers(*(body.get(field) for field in _RANGES))
    ends += tuple(
        Peer(address_of(resource, one.node), one.node) for field in _GROUPS for one in peers(body.get(field))
    )
    if is_true(body, "self"):
        ends += (Peer(group, body.get("self") or body),)
    if not ends:
        return
    ports, unread = _ports(body, name, ("protocol", "ip_protocol", *more))
    known = not unread and not any(one.is_expression for one in ends)
    sources, destinations = (ends, ()) if direction == "ingress" else ((), ends)
    written = text(body, "description")
    title = written if written and "${" not in written else resource.name
    node = body if body is not resource.body else resource.origin
    yield TrafficRule(
        resource, node, title, group, direction, True, name, ports, sources, destinations, None, known, unread
    )


def _ports(body: Mapping, name: str, more: tuple[str, ...]) -> tuple[tuple[Ports, ...], str]:
    """The ports, and what they are written as where they cannot be read."""
    nodes = [body.get(field) for field in (*more, "from_port", "to_port")]
    if any(map(is_expression, nodes)):
        return (), joined_text(*nodes)
    if name in _PORTLESS:
        return (), ""
    first, last = number(body, "from_port"), number(body, "to_port")
    if first is None or last is None:
        return (), ""
    return port_range(first, last), ""


def _unknown(resource: Resource, direction: Direction) -> Iterator[TrafficRule]:
    """Rules that a dynamic block or an expression stands for."""
    node = unwritten(resource.body, direction)
    if node is not None:
        yield unknown_rule(resource, node, resource.address, direction)


def _network_acl(resource: Resource) -> Iterator[TrafficRule]:
    for direction in _DIRECTIONS:
        for block in blocks(resource.body, direction):
            yield _acl_rule(resource, block, resource.address, direction, "rule_no", "action")
        yield from _unknown(resource, direction)


def _network_acl_rule(resource: Resource) -> Iterator[TrafficRule]:
    group = address_of(resource, resource.body.get("network_acl_id"))
    direction: Direction = "egress" if is_true(resource.body, "egress") else "ingress"
    yield _acl_rule(resource, resource.body, group, direction, "rule_number", "rule_action", "egress")


def _acl_rule(
    resource: Resource, body: Mapping, group: str, direction: Direction, *fields: str
) -> TrafficRule:
    """fields: what number and action are called, and others that must be known."""
    name = protocol(text(body, "protocol"))
    ends = peers(body.get("cidr_block"), body.get("ipv6_cidr_block"))
    ports, unread = _ports(body, name, ("protocol", *fields))
    allows = text(body, fields[1]).lower() != "deny"
    priority = number(body, fields[0])
    known = not unread and not any(one.is_expression for one in ends)
    sources, destinations = (ends, ()) if direction == "ingress" else ((), ends)
    title = f"{direction} rule {text(body, fields[0])}"
    node = body if body is not resource.body else resource.origin
    return TrafficRule(
        resource,
        node,
        title,
        group,
        direction,
        allows,
        name,
        ports,
        sources,
        destinations,
        priority,
        known,
        unread,
    )


def _ip_set(resource: Resource) -> Iterator[AddressList]:
    held = resource.body.get("addresses")
    yield address_list(resource, f"IP set {title_of(resource)}", held, peers(held), allows=None)


def _prefix_list(resource: Resource) -> Iterator[AddressList]:
    entries = tuple(one for block in blocks(resource.body, "entry") for one in peers(block.get("cidr")))
    known = unwritten(resource.body, "entry") is None
    purpose = f"prefix list {title_of(resource)}"
    yield address_list(resource, purpose, resource.body.get("entry"), entries, allows=None, known=known)


def _prefix_list_entry(resource: Resource) -> Iterator[AddressList]:
    held = resource.body.get("cidr")
    group = address_of(resource, resource.body.get("prefix_list_id"))
    yield address_list(resource, "prefix list", held, peers(held), allows=None, group=group)


def _eks(resource: Resource) -> Iterator[AddressList]:
    """Without ranges the public endpoint lets everybody in."""
    for block in blocks(resource.body, "vpc_config"):
        held = block.get("public_access_cidrs")
        closed = is_false(block, "endpoint_public_access")
        entries = () if closed else peers(held)
        known = not holds_expression(block.get("endpoint_public_access"))
        yield address_list(
            resource,
            f"API server of EKS cluster {resource.name}",
            held or block,
            entries,
            enabled=closed or bool(entries),
            known=known,
        )


RULES: Final[dict[str, Callable[[Resource], Iterator[TrafficRule]]]] = {
    "aws_default_network_acl": _network_acl,
    "aws_default_security_group": _security_group,
    "aws_network_acl": _network_acl,
    "aws_network_acl_rule": _network_acl_rule,
    "aws_security_group": _security_group,
    "aws_security_group_rule": _security_group_rule,
    "aws_vpc_security_group_egress_rule": _vpc_rule("egress"),
    "aws_vpc_security_group_ingress_rule": _vpc_rule("ingress"),
}

LISTS: Final[dict[str, Callable[[Resource], Iterator[AddressList]]]] = {
    "aws_ec2_managed_prefix_list": _prefix_list,
    "aws_ec2_managed_prefix_list_entry": _prefix_list_entry,
    "aws_eks_cluster": _eks,
    "aws_wafv2_ip_set": _ip_set,
}
