"""Route tables, and the subnets that they hold for.

https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview,
https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html, https://cloud.google.com/vpc/docs/routes
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match
from riskcheck.network.reading import address_of, peers, unwritten
from riskcheck.network.routes import ROUTES, TABLES, routes
from riskcheck.phrases import listed
from riskcheck.replacing import fields_of
from riskcheck.rules.checks.network_losses import TERRAFORM, beside, goes_with, is_another, loss_of, named
from riskcheck.rules.checks.stacks import also_for_stacks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.network.model import Route
    from riskcheck.nodes import Value
    from riskcheck.rules.context import CheckContext, ResourceView

_TABLES: Final = ("azurerm_route_table", "aws_route_table")
_ATTACHED: Final = {
    "azurerm_subnet_route_table_association": ("route_table_id", "subnet_id"),
    "aws_route_table_association": ("route_table_id", "subnet_id", "gateway_id"),
    "aws_main_route_table_association": ("route_table_id", "vpc_id"),
    "aws_ec2_transit_gateway_route_table_association": (
        "transit_gateway_route_table_id",
        "transit_gateway_attachment_id",
    ),
    "aws_ec2_transit_gateway_route_table_propagation": (
        "transit_gateway_route_table_id",
        "transit_gateway_attachment_id",
    ),
    "aws_vpn_gateway_route_propagation": ("route_table_id", "vpn_gateway_id"),
}
"""Types that attach a table, the attribute that names it first."""

_LEARNT: Final = {
    ("azurerm_route_table", "bgp_route_propagation_enabled"): (True, False),
    ("azurerm_route_table", "disable_bgp_route_propagation"): (False, True),
}
_ANYWHERE: Final = frozenset({"0.0.0.0/0", "::/0"})
_APPLIANCE: Final = (
    "virtualappliance",
    "none",
    "blackhole",
    "network_interface",
    "vpc_endpoint",
    "transit_gateway",
    "instance",
    "next_hop_ip",
    "next_hop_ilb",
    "next_hop_instance",
)
"""What looks into traffic or drops it, as kinds of next hops."""


@also_for_stacks
def changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """Traffic of subnets is sent elsewhere, or nowhere.

    Values: ``what``, ``effect``, ``severity`` (``P0`` to ``P3``).
    """
    kind = change.resource.kind
    if kind in _ATTACHED:
        yield from _detached(change, context)
        return
    before = change.resource_before
    if before is not None and kind in _TABLES:
        loss = loss_of(change, context)
        if loss is not None:
            effect = "its subnets lose every route of it, and send traffic by the defaults of the network"
            yield _match(f"route table {named(before)} is {loss.how}", effect, "P1")
            return
        yield from _unlearnt(change, before)
    if kind in ROUTES and (kind not in TABLES or (change.path and change.path[0] == "route")):
        yield from _rerouted(change, context)


def _match(what: str, effect: str, severity: str) -> Match:
    values: dict[str, Value] = {"what": what, "effect": effect, "severity": severity}
    return Match(values=values)


def _detached(change: Change, context: CheckContext) -> Iterator[Match]:
    """A subnet no longer has the table, or has another one."""
    before, after = change.resource_before, change.resource_after
    loss = loss_of(change, context)
    fields = _ATTACHED[change.resource.kind]
    if before is None or (loss is None and not _switched(change, fields[0], context)):
        return
    if after is None and any(goes_with(before.body.get(field), before, context) for field in fields):
        return
    ends = [address_of(before, before.body.get(field)) for field in fields]
    if after is None and any(
        [address_of(other, other.body.get(field)) for field in fields] == ends
        for other in beside(before, context.head, before.kind)
    ):
        return
    table = _plain(ends[0])
    where = next((_plain(one) for one in ends[1:] if one), "its subnet")
    if after is None:
        what = f"{where} no longer has route table {table}"
        yield _match(what, "its traffic follows the defaults of the network at once", "P1")
        return
    new = [address_of(after, after.body.get(field)) for field in fields]
    if new[0] != ends[0]:
        what = f"{where} gets route table {_plain(new[0])} instead of {table}"
    else:
        what = f"route table {table} moves from {where} to another place"
    yield _match(what, "all routes of it change at once", "P1")


def _switched(change: Change, field: str, context: CheckContext) -> bool:
    """Whether another table is put on in place."""
    return change.kind == "modified" and change.path == (field,) and is_another(change, context)


def _plain(address: str) -> str:
    return address.removeprefix(f"{TERRAFORM}:").replace("${", "").replace("}", "")


def _unlearnt(change: Change, before: Resource) -> Iterator[Match]:
    """Routes that a gateway announces are no longer taken over."""
    path = ".".join(fields_of(change.path))
    if (before.kind, path) in _LEARNT:
        was, becomes = _LEARNT[before.kind, path]
        if change.after is becomes and change.before is not becomes and (change.before is was or was):
            what = f"route table {named(before)} no longer takes over routes that gateways announce"
            yield _match(what, "what lies behind VPN and ExpressRoute is no longer reached", "P1")
    elif path == "propagating_vgws" and change.kind == "removed":
        gone = listed([_plain(one.text) for one in peers(change.node_before)])
        what = f"route table {named(before)} no longer takes over routes of {gone}"
        yield _match(what, "what lies behind that gateway is no longer reached", "P1")


def _rerouted(change: Change, context: CheckContext) -> Iterator[Match]:
    """The routes of a table on both sides; told once for each resource, at its first change."""
    resource = change.resource
    inline = resource.kind in TABLES
    mine = [one for one in context.changes_of(resource) if not inline or one.path[:1] == ("route",)]
    if (
        not mine
        or mine[0] is not change
        or _is_open(change.resource_before)
        or _is_open(change.resource_after)
    ):
        return
    own = [*_own(change.resource_before), *_own(change.resource_after)]
    tables = {route.table for route in own}
    before, after = (_held(resource, view, tables) for view in (context.base, context.head))
    if not change.path and change.kind == "removed" and loss_of(change, context) is None:
        return
    for prefix in dict.fromkeys(route.prefix for route in own):
        match = _judged(prefix, before, after, context)
        if match is not None:
            yield match


def _own(resource: Resource | None) -> Iterator[Route]:
    yield from routes(resource) if resource is not None else ()


def _held(resource: Resource, view: ResourceView, tables: set[str]) -> dict[str, Route]:
    """The routes of `tables` by their range, whichever resource states them."""
    every = (route for one in beside(resource, view, *sorted(ROUTES)) for route in routes(one))
    return {route.prefix: route for route in every if route.table in tables}


def _is_open(resource: Resource | None) -> bool:
    """Whether some routes of a table are not known."""
    if resource is None or resource.kind not in TABLES:
        return False
    return unwritten(resource.body, "route") is not None


def _judged(
    prefix: str,
    before: dict[str, Route],
    after: dict[str, Route],
    context: CheckContext,
) -> Match | None:
    old, new = before.get(prefix), after.get(prefix)
    node = new.node if new is not None else old.node if old is not None else None
    where = f"traffic to {_plain(prefix)}" if prefix not in _ANYWHERE else "all other traffic"
    severity = "P1" if prefix in _ANYWHERE else "P2"
    if old is not None and new is None:
        return _gone(old, after, where, context)
    if old is None and new is not None:
        match = _taken(new, before, where)
    elif old is not None and new is not None and _hop(old, context.base) != _hop(new, context.head):
        if not (old.known and new.known):
            return None
        what = f"{where} goes to {_plain(new.target)} instead of {_plain(old.target)}"
        effect = "answers may come back by another way and be dropped, and firewalls see it or not"
        match = _match(what, effect, severity)
    else:
        return None
    return match._replace(node=node) if match is not None and node is not None else match


def _gone(old: Route, after: dict[str, Route], where: str, context: CheckContext) -> Match | None:
    holder = old.resource
    if goes_with(holder.body.get("route_table_id") or holder.body.get("route_table_name"), holder, context):
        return None
    over = _covering(old.prefix, after)
    if over is not None and _hop(over, context.head) == _hop(old, context.base):
        return None
    then = "follows the defaults of the network, or is dropped"
    if over is not None:
        then = f"goes to {_plain(over.target)}"
    severity = "P1" if old.prefix in _ANYWHERE or over is None else "P2"
    return _match(f"{where} no longer goes to {_plain(old.target)}", f"it {then}", severity)._replace(
        node=old.node
    )


def _taken(new: Route, before: dict[str, Route], where: str) -> Match | None:
    """A new route that takes traffic away from another one. One for a range that nothing led to takes none."""
    kind = new.target.partition(" ")[0].lower()
    if not new.known or kind not in _APPLIANCE:
        return None
    over = _covering(new.prefix, before)
    if over is None:
        forced = new.prefix in _ANYWHERE and new.resource.kind.startswith("azurerm_")
        if not forced:
            return None
        what = f"{where} goes to {_plain(new.target)}, and no longer straight to the internet"
        return _match(what, "what it does not let through is cut off", "P1")
    if over.target == new.target:
        return None
    what = f"{where} goes to {_plain(new.target)}, and no longer with {over.prefix} to {_plain(over.target)}"
    return _match(what, "answers may come back by another way and be dropped", "P2")


def _covering(prefix: str, held: dict[str, Route]) -> Route | None:
    """The most specific other route that holds for all of `prefix`."""
    from ipaddress import ip_network

    try:
        wanted = ip_network(prefix, strict=False)
    except ValueError:
        return held.get("0.0.0.0/0") if prefix not in _ANYWHERE and "${" not in prefix else None
    best: tuple[int, Route] | None = None
    for other in held.values():
        try:
            wide = ip_network(other.prefix, strict=False)
        except ValueError:
            continue
        if wide.version != wanted.version or other.prefix == prefix or wide.prefixlen > wanted.prefixlen:
            continue
        first, last = int(wide.network_address), int(wide.broadcast_address)
        if first <= int(wanted.network_address) <= last and (best is None or wide.prefixlen > best[0]):
            best = (wide.prefixlen, other)
    return best[1] if best is not None else None


def _hop(route: Route, view: ResourceView) -> str:
    """The next hop; what it refers to under its oldest address, as a move is no other one."""
    kind, _, target = route.target.partition(" ")
    held = view.get(route.resource.unit, target, route.resource.environment.name)
    named_ = f"{TERRAFORM}:{held.identity}" if held is not None and held.identity else target
    return f"{kind} {named_}".lower()
