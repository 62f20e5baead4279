"""Security groups, network ACLs, IP sets and prefix lists of CloudFormation templates.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroup.html,
…/aws-resource-ec2-securitygroupingress.html, …/aws-resource-ec2-networkaclentry.html,
…/aws-resource-wafv2-ipset.html, …/aws-resource-ec2-prefixlist.html, …/aws-resource-eks-cluster.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.network.model import Peer, TrafficRule
from riskcheck.network.reading import (
    address_list,
    is_expression,
    is_false,
    is_true,
    number,
    peers,
    port_range,
    protocol,
    text,
    unknown_rule,
    written,
)
from riskcheck.nodes import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.models import Resource
    from riskcheck.network.model import AddressList, Direction, Ports
    from riskcheck.nodes import Node

_INLINE: Final[dict[str, Direction]] = {
    "SecurityGroupIngress": "ingress",
    "SecurityGroupEgress": "egress",
}
_RANGES: Final = ("CidrIp", "CidrIpv6", "CIDRIP")
_GROUPS: Final = (
    *("SourceSecurityGroupId", "SourceSecurityGroupName", "DestinationSecurityGroupId"),
    *("SourcePrefixListId", "DestinationPrefixListId", "EC2SecurityGroupId", "EC2SecurityGroupName"),
)
_PORTLESS: Final = frozenset({"", "icmp", "icmpv6"})
"""Protocols whose port fields mean nothing, or types of messages."""

_LOGICAL_ID: Final = r"\$\{([A-Za-z0-9]+)(?:\.[A-Za-z0-9.]+)?\}"


def address_of(resource: Resource, node: Node | None) -> str:
    """The address of the resource of the same template that a property refers to, else the property's text."""
    if isinstance(node, Mapping | Sequence):
        return written(node)
    found = text(node)
    name = re.fullmatch(_LOGICAL_ID, found) if is_expression(node) else None
    if name is not None:
        ending = f".{resource.name.rpartition('/')[0]}/{name[1]}"
        if resource.address.endswith(ending):
            return resource.address
        target = next((one.target for one in resource.references if one.target.endswith(ending)), None)
        return target or found
    return found


def is_open(node: Node | None) -> bool:
    """Whether only an account knows what a property comes to: an expression, or a call that was not computed."""
    if isinstance(node, Mapping):
        return any(key.raw.startswith("Fn::") for key, _ in node.entries)
    return is_expression(node)


def items_of(node: Node | None) -> list[Node]:
    """The items of a list; one that is no list is its only item."""
    return list(node.items) if isinstance(node, Sequence) else [] if node is None else [node]


def ends_of(resource: Resource, body: Mapping, ranges: tuple[str, ...]) -> tuple[Peer, ...]:
    """Who a rule is about. ranges: the properties that hold address ranges."""
    found: list[Peer] = []
    for field in (*ranges, *_GROUPS):
        node = body.get(field)
        if node is None:
            continue
        if is_open(node) and isinstance(node, Mapping):
            found.append(Peer("${" + written(node) + "}", node))
        elif field in ranges:
            found += peers(node)
        else:
            found += [Peer(address_of(resource, one.node), one.node) for one in peers(node)]
    return tuple(found)


def _security_group(resource: Resource) -> Iterator[TrafficRule]:
    for field, direction in _INLINE.items():
        for item in items_of(resource.body.get(field)):
            if isinstance(item, Mapping) and not is_open(item):
                yield _rule(resource, item, resource.address, direction)
            elif is_open(item):
                yield unknown_rule(resource, item, resource.address, direction)


def _separate(direction: Direction) -> Callable[[Resource], Iterator[TrafficRule]]:
    def read(resource: Resource) -> Iterator[TrafficRule]:
        group = address_of(resource, resource.body.get("GroupId") or resource.body.get("GroupName"))
        yield _rule(resource, resource.body, group, direction)

    return read


def _rule(resource: Resource, body: Mapping, group: str, direction: Direction) -> TrafficRule:
    ends = ends_of(resource, body, _RANGES)
    name = protocol(text(body, "IpProtocol"))
    ports, unread = _ports(body, name, "IpProtocol", "FromPort", "ToPort")
    unread = unread or ("" if ends else "nobody")
    title = text(body, "Description") or resource.name
    return _made(resource, body, title, group, direction, True, name, ports, ends, None, unread)


def _ports(body: Mapping, name: str, *fields: str) -> tuple[tuple[Ports, ...], str]:
    """The ports, and what they are written as where they cannot be read. fields: protocol, first and last port."""
    nodes = [body.get(field) for field in fields]
    if any(map(is_open, nodes)):
        return (), " ".join(written(node) for node in nodes if node is not None)
    first, last = number(body, fields[1]), number(body, fields[2])
    if name in _PORTLESS or first is None or last is None:
        return (), ""
    return port_range(first, last), ""


def _made(
    resource: Resource,
    body: Mapping,
    title: str,
    group: str,
    direction: Direction,
    allows: bool,
    name: str,
    ports: tuple[Ports, ...],
    ends: tuple[Peer, ...],
    priority: int | None,
    unread: str,
) -> TrafficRule:
    known = unread in ("", "nobody") and not any(one.is_expression for one in ends)
    sources, destinations = (ends, ()) if direction == "ingress" else ((), ends)
    node: Node = body if body is not resource.body else resource.origin
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


def _acl_entry(resource: Resource) -> Iterator[TrafficRule]:
    """An entry of a network ACL; protocol, number and verdict that are not known narrow it in an unknown way."""
    body = resource.body
    direction: Direction = "egress" if is_true(body, "Egress") else "ingress"
    name = protocol(text(body, "Protocol"))
    range_ = body.get("PortRange")
    open_ = [one for one in map(body.get, ("Protocol", "RuleAction", "RuleNumber", "Egress")) if is_open(one)]
    ports: tuple[Ports, ...] = ()
    unread = ""
    if isinstance(range_, Mapping):
        ports, unread = (
            _ports(range_, name, "From", "From", "To") if not is_open(range_) else ((), written(range_))
        )
    unread = " ".join((*(written(one) for one in open_ if one is not None), *([unread] if unread else [])))
    yield _made(
        resource,
        body,
        f"{direction} rule {text(body, 'RuleNumber')}",
        address_of(resource, body.get("NetworkAclId")),
        direction,
        text(body, "RuleAction").lower() != "deny",
        name,
        ports,
        ends_of(resource, body, ("CidrBlock", "Ipv6CidrBlock")),
        number(body, "RuleNumber"),
        unread,
    )


def _ip_set(resource: Resource) -> Iterator[AddressList]:
    yield _list(resource, "IP set", "Addresses", resource.body.get("Addresses"))


def _prefix_list(resource: Resource) -> Iterator[AddressList]:
    held = resource.body.get("Entries")
    ranges = [item.get("Cidr") if isinstance(item, Mapping) else item for item in items_of(held)]
    known = not is_open(held) and not any(map(is_open, items_of(held)))
    purpose = f"prefix list {_title(resource, 'PrefixListName')}"
    yield address_list(resource, purpose, held, peers(*ranges), allows=None, known=known)


def _list(resource: Resource, noun: str, field: str, held: Node | None) -> AddressList:
    known = not is_open(held) and not any(map(is_open, items_of(held)))
    return address_list(
        resource, f"{noun} {_title(resource, 'Name')}", held, peers(held), allows=None, known=known
    )


def _eks(resource: Resource) -> Iterator[AddressList]:
    """Without ranges the public endpoint lets everybody in."""
    block = resource.body.get("ResourcesVpcConfig")
    if not isinstance(block, Mapping) or is_open(block):
        return
    held = block.get("PublicAccessCidrs")
    public = block.get("EndpointPublicAccess")
    closed = is_false(public)
    entries = () if closed else peers(held)
    yield address_list(
        resource,
        f"API server of EKS cluster {_title(resource, 'Name')}",
        held or block,
        entries,
        enabled=closed or bool(entries),
        known=not is_open(public) and not is_open(held) and not any(map(is_open, items_of(held))),
    )


def _title(resource: Resource, field: str) -> str:
    """What it is called where it is deployed, or in its file where that is not known."""
    name = resource.body.get(field)
    return name.raw if isinstance(name, Scalar) and not is_open(name) and name.raw else resource.name


RULES: Final[dict[str, Callable[[Resource], Iterator[TrafficRule]]]] = {
    "AWS::EC2::NetworkAclEntry": _acl_entry,
    "AWS::EC2::SecurityGroup": _security_group,
    "AWS::EC2::SecurityGroupEgress": _separate("egress"),
    "AWS::EC2::SecurityGroupIngress": _separate("ingress"),
}

LISTS: Final[dict[str, Callable[[Resource], Iterator[AddressList]]]] = {
    "AWS::EC2::PrefixList": _prefix_list,
    "AWS::EKS::Cluster": _eks,
    "AWS::WAFv2::IPSet": _ip_set,
}
