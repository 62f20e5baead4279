"""Where traffic is sent, whoever provides the route table.

https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/route_table, …/route,
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route_table, …/route,
https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/compute_route
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.network.model import Route
from riskcheck.network.reading import address_of, blocks, is_expression, text
from riskcheck.nodes import Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import Mapping, Node

TABLES: Final = frozenset({"azurerm_route_table", "aws_route_table", "aws_default_route_table"})
"""Types that hold routes inline."""

_PREFIX: Final = (
    "address_prefix",
    "cidr_block",
    "ipv6_cidr_block",
    "destination_cidr_block",
    "destination_ipv6_cidr_block",
    "destination_prefix_list_id",
    "dest_range",
)
HOPS: Final = (
    "gateway_id",
    "nat_gateway_id",
    "transit_gateway_id",
    "vpc_peering_connection_id",
    "vpc_endpoint_id",
    "network_interface_id",
    "egress_only_gateway_id",
    "carrier_gateway_id",
    "core_network_arn",
    "local_gateway_id",
    "instance_id",
    "transit_gateway_attachment_id",
    "next_hop_gateway",
    "next_hop_ilb",
    "next_hop_instance",
    "next_hop_ip",
    "next_hop_vpn_tunnel",
)
"""Attributes that name a next hop, where its kind is not said."""

_SINGLE: Final = {
    "azurerm_route": "route_table_name",
    "aws_route": "route_table_id",
    "aws_ec2_transit_gateway_route": "transit_gateway_route_table_id",
    "google_compute_route": "network",
}
"""Types that are one route to the attribute that names their table; in Google's networks, the network."""

ROUTES: Final = TABLES | _SINGLE.keys()
"""Types of which `routes` knows."""


def routes(resource: Resource) -> Iterator[Route]:
    """The routes that `resource` states, in the order in which they are written."""
    if resource.platform != "terraform":
        return
    field = _SINGLE.get(resource.kind)
    if field is not None:
        table = address_of(resource, resource.body.get(field))
        yield _route(resource, resource.body, resource.origin, table)
    elif resource.kind in TABLES:
        for block in blocks(resource.body, "route"):
            yield _route(resource, block, block, resource.address)


def _route(resource: Resource, body: Mapping, node: Node, table: str) -> Route:
    prefix = next((held for one in _PREFIX if (held := body.get(one)) is not None and text(held)), None)
    target, hop = _target(resource, body)
    known = not any(map(is_expression, (prefix, body.get("next_hop_type")))) and "${" not in target
    where = address_of(resource, prefix)
    if resource.kind == "google_compute_route":
        where += _qualified(resource)
    return Route(resource, node, table, where, target, known and hop)


def _target(resource: Resource, body: Mapping) -> tuple[str, bool]:
    """Kind and id of the next hop, and whether there is one."""
    kind = text(body, "next_hop_type")
    if kind:
        return f"{kind} {address_of(resource, body.get('next_hop_in_ip_address'))}".strip(), True
    if text(body, "blackhole") == "true":
        return "blackhole", True
    for field in HOPS:
        node = body.get(field)
        if node is not None and text(node):
            return f"{field.removesuffix('_id')} {address_of(resource, node)}", True
    return "", False


def _qualified(resource: Resource) -> str:
    """What else tells two routes for one range apart: the tags of machines that it holds for, and its priority."""
    tags = resource.body.get("tags")
    found = [text(item) for item in tags.items] if isinstance(tags, Sequence) else []
    priority = text(resource.body, "priority")
    return "".join(f" {word}" for word in (*sorted(found), priority and f"priority {priority}") if word)
