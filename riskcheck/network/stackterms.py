"""Networks of CloudFormation in the terms of Terraform, so that one rule judges both.

Both speak of the same API, mostly under the same names, spelled ``VpcEndpointType`` and ``vpc_endpoint_type``. A
reference to a resource of the template becomes one to the block of that name. Places stay those of the template.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.records import replace
from riskcheck.regexes import regex
from riskcheck.stackupdates import ATTRIBUTES

if TYPE_CHECKING:
    import re
    from collections.abc import Callable
    from collections.abc import Mapping as MappingOf

    from riskcheck.models import Reference, Resource
    from riskcheck.nodes import KeyPath

    _Entries = list[tuple[Scalar, Node]]

_DIRECTIONS: Final = ("ingress", "egress")

TYPES: Final[MappingOf[str, str]] = {
    "AWS::EC2::CustomerGateway": "aws_customer_gateway",
    "AWS::EC2::EIP": "aws_eip",
    "AWS::EC2::InternetGateway": "aws_internet_gateway",
    "AWS::EC2::NatGateway": "aws_nat_gateway",
    "AWS::EC2::NetworkAcl": "aws_network_acl",
    "AWS::EC2::NetworkAclEntry": "aws_network_acl_rule",
    "AWS::EC2::PrefixList": "aws_ec2_managed_prefix_list",
    "AWS::EC2::Route": "aws_route",
    "AWS::EC2::RouteTable": "aws_route_table",
    "AWS::EC2::SecurityGroup": "aws_security_group",
    "AWS::EC2::SecurityGroupEgress": "aws_vpc_security_group_egress_rule",
    "AWS::EC2::SecurityGroupIngress": "aws_vpc_security_group_ingress_rule",
    "AWS::EC2::Subnet": "aws_subnet",
    "AWS::EC2::SubnetRouteTableAssociation": "aws_route_table_association",
    "AWS::EC2::TransitGateway": "aws_ec2_transit_gateway",
    "AWS::EC2::TransitGatewayAttachment": "aws_ec2_transit_gateway_vpc_attachment",
    "AWS::EC2::TransitGatewayRoute": "aws_ec2_transit_gateway_route",
    "AWS::EC2::TransitGatewayVpcAttachment": "aws_ec2_transit_gateway_vpc_attachment",
    "AWS::EC2::VPC": "aws_vpc",
    "AWS::EC2::VPCCidrBlock": "aws_vpc_ipv4_cidr_block_association",
    "AWS::EC2::VPCDHCPOptionsAssociation": "aws_vpc_dhcp_options_association",
    "AWS::EC2::VPCEndpoint": "aws_vpc_endpoint",
    "AWS::EC2::VPCEndpointService": "aws_vpc_endpoint_service",
    "AWS::EC2::VPCPeeringConnection": "aws_vpc_peering_connection",
    "AWS::EKS::Cluster": "aws_eks_cluster",
    "AWS::Route53::HostedZone": "aws_route53_zone",
    "AWS::Route53::RecordSet": "aws_route53_record",
    "AWS::Route53Resolver::ResolverEndpoint": "aws_route53_resolver_endpoint",
    "AWS::Route53Resolver::ResolverRule": "aws_route53_resolver_rule",
    "AWS::Route53Resolver::ResolverRuleAssociation": "aws_route53_resolver_rule_association",
    "AWS::WAFv2::IPSet": "aws_wafv2_ip_set",
}
"""Type of CloudFormation to that of the aws provider."""

_RULE: Final[MappingOf[str, str]] = {
    "CidrIp": "cidr_ipv4",
    "CidrIpv6": "cidr_ipv6",
    "DestinationPrefixListId": "prefix_list_id",
    "DestinationSecurityGroupId": "referenced_security_group_id",
    "GroupId": "security_group_id",
    "SourcePrefixListId": "prefix_list_id",
    "SourceSecurityGroupId": "referenced_security_group_id",
}
_NAMES: Final[MappingOf[str, MappingOf[str, str]]] = {
    "AWS::EC2::PrefixList": {"Entries": "entry", "PrefixListName": "name"},
    "AWS::EC2::SecurityGroupEgress": _RULE,
    "AWS::EC2::SecurityGroupIngress": _RULE,
    "AWS::EKS::Cluster": {"ResourcesVpcConfig": "vpc_config"},
    "AWS::EC2::SecurityGroup": {
        "SecurityGroupIngress": "ingress",
        "SecurityGroupEgress": "egress",
        "IpProtocol": "protocol",
        "CidrIp": "cidr_blocks",
        "CidrIpv6": "ipv6_cidr_blocks",
        "SourceSecurityGroupId": "security_groups",
        "DestinationSecurityGroupId": "security_groups",
        "SourcePrefixListId": "prefix_list_ids",
        "DestinationPrefixListId": "prefix_list_ids",
        "GroupName": "name",
        "GroupDescription": "description",
    },
    "AWS::Route53::HostedZone": {"VPCs": "vpc"},
    "AWS::Route53::RecordSet": {
        "AliasTarget": "alias",
        "DNSName": "name",
        "HostedZoneId": "zone_id",
        "HostedZoneName": "zone_name",
        "ResourceRecords": "records",
        "Weight": "weighted_routing_policy",
        "Region": "latency_routing_policy",
        "Failover": "failover_routing_policy",
        "GeoLocation": "geolocation_routing_policy",
    },
    "AWS::Route53Resolver::ResolverEndpoint": {"IpAddresses": "ip_address"},
    "AWS::Route53Resolver::ResolverRule": {"TargetIps": "target_ip"},
}
"""Names that are not the same in another spelling, at whatever depth."""

_WORD: Final = regex(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+")
_REFERENCE: Final = regex(r"\$\{([A-Za-z0-9]+)((?:\.[A-Za-z0-9]+)*)\}")
_OPEN: Final = "Fn::"
_PLATFORM: Final = "terraform"
_MOST_TEXT: Final = 2_000


def in_terraform_terms(resource: Resource) -> Resource:
    """`resource` of a template as the aws provider would have it. Of types that are not in `TYPES` only names and
    references are put into these terms."""
    terms = _Terms(resource)
    named = replace(
        resource,
        platform=_PLATFORM,
        kind=_type(resource.kind),
        name=logical_id(resource),
        identity="",
        references=tuple(map(terms.reference, resource.references)),
        provides=(),
    )
    if resource.kind not in TYPES:
        return named
    body = terms.node(resource.body)
    assert isinstance(body, Mapping)
    # A replacement is made before the old one goes.
    lifecycle = _block(resource.origin, create_before_destroy=made(True, resource.origin))
    entries = [entry for entry in body.entries if entry[0].raw != ATTRIBUTES]
    entries.append((made("lifecycle", resource.origin), lifecycle))
    shaped = _SHAPED.get(resource.kind)
    if shaped is not None:
        entries = shaped(resource, entries)
    return replace(named, body=body.with_entries(entries))


def node_in_terms(resource: Resource, node: Node) -> Node:
    """A value of `resource` in the same terms."""
    return _Terms(resource).node(node)


def path_in_terms(kind: str, path: KeyPath) -> KeyPath:
    """Where a value of a resource of `kind` stands in the same terms."""
    return tuple(step if step.startswith(("[", "\\")) else _name(kind, step) for step in path)


def logical_id(resource: Resource) -> str:
    """The name in the template, without the stack's."""
    return resource.name.partition("/")[2] or resource.name


class _Terms:
    """Rewrites the values of one resource."""

    def __init__(self, resource: Resource) -> None:
        self._kind = resource.kind
        self._kinds: dict[str, str] = {}
        for one in resource.references:
            kind, _, name = one.target.removeprefix("cloudformation:").partition(".")
            self._kinds[name.partition("/")[2]] = kind

    def node(self, node: Node) -> Node:
        if isinstance(node, Mapping):
            if any(key.raw.startswith(_OPEN) for key, _ in node.entries):
                place = (node.source, node.line, node.column, node.end_line, node.end_column)
                return Scalar("${" + _call(node)[:_MOST_TEXT] + "}", *place, "quoted", EXPRESSION)
            return node.with_entries(
                [
                    (made(_name(self._kind, key.raw), key), self.node(child))
                    if key.raw != ATTRIBUTES
                    else (key, child)
                    for key, child in node.entries
                ]
            )
        if isinstance(node, Sequence):
            return node.with_items([self.node(item) for item in node.items])
        assert isinstance(node, Scalar)
        return self._scalar(node)

    def reference(self, one: Reference) -> Reference:
        kind, _, name = one.target.removeprefix("cloudformation:").partition(".")
        if not one.target.startswith("cloudformation:"):
            return one
        return one._replace(target=f"{_PLATFORM}:{_type(kind)}.{name.partition('/')[2]}")

    def _scalar(self, node: Scalar) -> Scalar:
        if node.tag != EXPRESSION:
            return node
        raw = _REFERENCE.sub(self._reference, node.raw)
        place = (node.source, node.line, node.column, node.end_line, node.end_column)
        return Scalar(raw, *place, node.style, EXPRESSION, via=node.via)

    def _reference(self, match: re.Match[str]) -> str:
        kind = self._kinds.get(match[1])
        if kind is None:
            return "${var." + match[1] + "}"
        return "${" + f"{_type(kind)}.{match[1]}.{match[2][1:] or 'id'}" + "}"


def _group(resource: Resource, entries: _Entries) -> _Entries:
    """A security group states all of its rules, and sends everywhere where it states none about that. Rules behind
    a condition that is not known are a block that is not known."""
    origin = resource.origin
    held = {key.raw: node for key, node in entries}
    kept = [entry for entry in entries if entry[0].raw not in _DIRECTIONS]
    open_: list[Node] = []
    for field in _DIRECTIONS:
        node = held.get(field)
        if node is None and field == "egress":
            node = _block(origin, protocol=made("-1", origin), cidr_blocks=made("0.0.0.0/0", origin))
        items = node.items if isinstance(node, Sequence) else [] if node is None else [node]
        known: list[Node] = [item for item in items if isinstance(item, Mapping)]
        open_ += [
            _block(item, __labels__=_listed([made(field, item)], item), content=item)
            for item in items
            if not isinstance(item, Mapping)
        ]
        kept.append((made(field, origin), _listed(known, origin)))
    return [*kept, (made("dynamic", origin), _listed(open_, origin))] if open_ else kept


def _ports(resource: Resource, entries: _Entries) -> _Entries:
    """Ports of an entry of a network ACL stand below it; all of them where there are none."""
    found: _Entries = []
    for key, node in entries:
        inner = node.entries if key.raw == "port_range" and isinstance(node, Mapping) else None
        if inner is None:
            found.append((made("from_port", key), node) if key.raw == "port_range" else (key, node))
        else:
            found += [(made(f"{name.raw}_port", name), value) for name, value in inner]
    return found


_SHAPED: Final[MappingOf[str, Callable[[Resource, _Entries], _Entries]]] = {
    "AWS::EC2::NetworkAclEntry": _ports,
    "AWS::EC2::SecurityGroup": _group,
}
"""What is not only called otherwise."""


def _block(near: Node, **fields: Node) -> Mapping:
    entries = [(made(name, near), node) for name, node in fields.items()]
    return Mapping(entries, near.source, near.line, near.column, near.end_line, near.end_column)


def _listed(items: list[Node], near: Node) -> Sequence:
    return Sequence(items, near.source, near.line, near.column, near.end_line, near.end_column)


def _call(node: Node) -> str:
    """``Select(1, Firewall.Outputs.EndpointIds)``: a call that was not computed, as text."""
    if isinstance(node, Scalar):
        return node.raw[2:-1] if node.tag == EXPRESSION and node.raw.startswith("${") else node.raw
    if isinstance(node, Sequence):
        return ", ".join(map(_call, node.items))
    assert isinstance(node, Mapping)
    return ", ".join(f"{key.raw.removeprefix(_OPEN)}({_call(child)})" for key, child in node.entries)


def _type(kind: str) -> str:
    return TYPES.get(kind) or "aws_" + _snake(kind.partition("::")[2].replace("::", ""))


def _name(kind: str, key: str) -> str:
    return _NAMES.get(kind, {}).get(key) or _snake(key)


def _snake(key: str) -> str:
    return "_".join(word.lower() for word in _WORD.findall(key)) or key
