"""What joins networks: peerings, gateways, tunnels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple
from riskcheck.replacing import fields_of
from riskcheck.rules.checks.network_losses import goes_with, loss_of, named, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Match, Resource
    from riskcheck.rules.context import CheckContext


class _Join(NamedTuple):
    """What joins two networks: its noun, and the attributes that name its ends."""

    noun: str
    ends: tuple[str, ...]


JOINS: Final = {
    "azurerm_virtual_network_peering": _Join(
        "peering", ("virtual_network_name", "remote_virtual_network_id")
    ),
    "azurerm_virtual_hub_connection": _Join(
        "hub connection", ("virtual_hub_id", "remote_virtual_network_id")
    ),
    "azurerm_virtual_network_gateway_connection": _Join(
        "gateway connection",
        ("virtual_network_gateway_id", "express_route_circuit_id", "local_network_gateway_id"),
    ),
    "azurerm_virtual_network_gateway": _Join("gateway", ()),
    "azurerm_express_route_circuit_peering": _Join("ExpressRoute peering", ("express_route_circuit_name",)),
    "azurerm_databricks_virtual_network_peering": _Join(
        "peering", ("workspace_id", "remote_virtual_network_id")
    ),
    "aws_vpc_peering_connection": _Join("peering", ("vpc_id", "peer_vpc_id")),
    "aws_vpc_peering_connection_accepter": _Join("accepted peering", ("vpc_peering_connection_id",)),
    "aws_ec2_transit_gateway": _Join("transit gateway", ()),
    "aws_ec2_transit_gateway_vpc_attachment": _Join(
        "transit gateway attachment", ("vpc_id", "transit_gateway_id")
    ),
    "aws_ec2_transit_gateway_peering_attachment": _Join("transit gateway peering", ("transit_gateway_id",)),
    "aws_vpn_connection": _Join(
        "VPN connection", ("vpn_gateway_id", "transit_gateway_id", "customer_gateway_id")
    ),
    "aws_dx_gateway_association": _Join(
        "Direct Connect association", ("dx_gateway_id", "associated_gateway_id")
    ),
    "google_compute_network_peering": _Join("peering", ("network", "peer_network")),
    "google_service_networking_connection": _Join("private services connection", ("network",)),
    "google_compute_vpn_tunnel": _Join("VPN tunnel", ("vpn_gateway", "target_vpn_gateway", "router")),
    "google_compute_interconnect_attachment": _Join("interconnect attachment", ("router",)),
}
_CUT: Final = "traffic between the networks stops, and routes and names that lead through it do"

_FLAGS: Final = {
    "allow_virtual_network_access": "the networks no longer reach each other",
    "allow_forwarded_traffic": "traffic that an appliance forwards is no longer taken",
    "allow_gateway_transit": "the other network no longer uses the gateway here",
    "use_remote_gateways": "the network no longer reaches what lies behind the other one's gateway",
    "import_custom_routes": "routes of the other network are no longer taken over",
    "export_custom_routes": "the other network no longer learns the routes of this one",
}


def joined(change: Change, before: Resource, context: CheckContext) -> Iterator[Match]:
    join = JOINS[before.kind]
    loss = loss_of(change, context)
    if loss is not None:
        if not loss.recreated and any(goes_with(before.body.get(end), before, context) for end in join.ends):
            return
        match = told(f"{join.noun} {named(before)} is {loss.how}", _CUT, "P1")
        yield match._replace(related=loss.related)
        return
    field = fields_of(change.path)[-1] if change.path else ""
    if field in _FLAGS and change.before is True and change.after is False:
        yield told(f"{field} of {join.noun} {named(before)} goes to false", _FLAGS[field], "P1")
