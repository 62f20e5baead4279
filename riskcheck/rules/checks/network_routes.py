"""Route tables, and the subnets that they hold for.

https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview,
https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html, https://cloud.google.com/vpc/docs/routes
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from riskcheck.network.reading import peers, unwritten
from riskcheck.network.routes import HOPS, ROUTES, TABLES, routes
from riskcheck.phrases import listed
from riskcheck.replacing import fields_of
from riskcheck.rules.checks.indexes import once
from riskcheck.rules.checks.network_attachments import ATTACHED, detached
from riskcheck.rules.checks.network_losses import (
    TERRAFORM,
    beside,
    goes_with,
    is_removed,
    loss_of,
    named,
    plain,
    told,
)
from riskcheck.rules.checks.stacks import also_for_stacks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.models import Change, Match, Resource
    from riskcheck.network.model import Route
    from riskcheck.rules.context import CheckContext, ResourceView

_TABLES: Final = ("azurerm_route_table", "aws_route_table")
_TABLE_OF: Final = ("route_table_id", "route_table_name", "network")
_LEARNT: Final = {
    ("azurerm_route_table", "bgp_route_propagation_enabled"): (True, False),
    ("azurerm_route_table", "disable_bgp_route_propagation"): (False, True),
}
_Place: TypeAlias = tuple[str, str]
"""Table and range."""

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
    if kind in ATTACHED:
        yield from detached(change, context)
        return
    before = change.resource_before
    if before is not None and kind in _TABLES:
        loss = loss_of(change, context)
        if loss is not None:
            if not loss.recreated and goes_with(before.body.get("vpc_id"), before, context):
                return
            effect = "its subnets lose every route of it, and send traffic by the defaults of the network"
            yield told(f"route table {named(before)} is {loss.how}", effect, "P1")
            return
        yield from _unlearnt(change, before)
    if kind in ROUTES and (kind not in TABLES or (change.path and change.path[0] == "route")):
        yield from _rerouted(change, context)


def _unlearnt(change: Change, before: Resource) -> Iterator[Match]:
    """Routes that a gateway announces are no longer taken over."""
    path = ".".join(fields_of(change.path))
    if (before.kind, path) in _LEARNT:
        was, becomes = _LEARNT[before.kind, path]
        if change.after is becomes and change.before is not becomes and (change.before is was or was):
            what = f"route table {named(before)} no longer takes over routes that gateways announce"
            yield told(what, "what lies behind VPN and ExpressRoute is no longer reached", "P1")
    elif path == "propagating_vgws" and change.kind == "removed":
        gone = listed([plain(one.text) for one in peers(change.node_before)])
        what = f"route table {named(before)} no longer takes over routes of {gone}"
        yield told(what, "what lies behind that gateway is no longer reached", "P1")


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
    if not change.path and change.kind == "removed" and loss_of(change, context) is None:
        return
    own = {
        **_by_place(_own(change.resource_before), context.base),
        **_by_place(_own(change.resource_after), context.head),
    }
    tables = dict.fromkeys(table for table, _ in own)
    before, after = (
        {place: one for table in tables for place, one in _all(resource, view).get(table, {}).items()}
        for view in (context.base, context.head)
    )
    if not change.path and change.kind == "removed":
        alike = [one for one in before.values() if _goes_alike(one, resource, before, after, context)]
        if alike and min(one.resource.key for one in alike) != resource.key:
            return
    for place in own:
        match = _judged(place, before, after, context)
        if match is not None:
            yield match


def _goes_alike(
    one: Route,
    gone: Resource,
    before: dict[_Place, Route],
    after: dict[_Place, Route],
    context: CheckContext,
) -> bool:
    """Of routes of one table that go at once, to the same next hop, the first tells."""
    mine = next(_own(gone), one)
    place = next((key for key, held in before.items() if held is one), None)
    return one.target == mine.target and place not in after and is_removed(one.resource, context)


def _own(resource: Resource | None) -> Iterator[Route]:
    yield from routes(resource) if resource is not None else ()


def _all(near: Resource, view: ResourceView) -> dict[str, dict[_Place, Route]]:
    """The routes of a root by their table, whichever resource states them."""

    def make() -> dict[str, dict[_Place, Route]]:
        found = (route for one in beside(near, view, *sorted(ROUTES)) for route in routes(one))
        tables: dict[str, dict[_Place, Route]] = {}
        for place, route in _by_place(found, view).items():
            tables.setdefault(place[0], {})[place] = route
        return tables

    return once(view, (_all, near.unit, near.environment.name), make)


def _by_place(found: Iterable[Route], view: ResourceView) -> dict[_Place, Route]:
    """Routes by their table, under its oldest address, and their range."""
    placed: dict[_Place, Route] = {}
    for route in found:
        table = _identity(route.table, route, view)
        placed[table.rpartition("/")[2] if table.startswith("projects/") else table, route.prefix] = route
    return placed


def _identity(address: str, route: Route, view: ResourceView) -> str:
    """The oldest address that a resource is known to have had: a move is no other one."""
    held = view.get(route.resource.unit, address, route.resource.environment.name)
    return f"{TERRAFORM}:{held.identity}" if held is not None and held.identity else address


def _is_open(resource: Resource | None) -> bool:
    """Whether some routes of a table are not known."""
    if resource is None or resource.kind not in TABLES:
        return False
    return unwritten(resource.body, "route") is not None


def _judged(
    place: _Place, before: dict[_Place, Route], after: dict[_Place, Route], context: CheckContext
) -> Match | None:
    prefix = place[1]
    old, new = before.get(place), after.get(place)
    node = new.node if new is not None else old.node if old is not None else None
    where = f"traffic to {plain(prefix)}" if prefix not in _ANYWHERE else "all other traffic"
    severity = "P1" if _is_anywhere(prefix) else "P2"
    if old is not None and new is None:
        return _gone(old, place, after, where, context)
    if old is None and new is not None:
        match = _taken(new, place, before, where)
    elif old is not None and new is not None and _hop(old, context.base) != _hop(new, context.head):
        if not (old.known and new.known):
            return None
        what = f"{where} goes to {plain(new.target)} instead of {plain(old.target)}"
        effect = "answers may come back by another way and be dropped, and firewalls see it or not"
        match = told(what, effect, severity)
    else:
        return None
    return match._replace(node=node) if match is not None and node is not None else match


def _gone(
    old: Route, place: _Place, after: dict[_Place, Route], where: str, context: CheckContext
) -> Match | None:
    holder = old.resource
    if any(goes_with(holder.body.get(field), holder, context) for field in (*_TABLE_OF, *HOPS)):
        return None
    hop = _hop(old, context.base)
    if "${" in old.prefix and any(
        "${" in one.prefix and _hop(one, context.head) == hop for one in after.values()
    ):
        return None
    over = _covering(place, after)
    if over is not None and _hop(over, context.head) == _hop(old, context.base):
        return None
    then = "follows the defaults of the network, or is dropped"
    if over is not None:
        then = f"goes to {plain(over.target)}"
    severity = "P1" if _is_anywhere(old.prefix) or over is None else "P2"
    return told(f"{where} no longer goes to {plain(old.target)}", f"it {then}", severity)._replace(
        node=old.node
    )


def _taken(new: Route, place: _Place, before: dict[_Place, Route], where: str) -> Match | None:
    """A new route that takes traffic away from another one. One for a range that nothing led to takes none."""
    kind = new.target.partition(" ")[0].lower()
    if not new.known or kind not in _APPLIANCE:
        return None
    over = _covering(place, before)
    if over is None:
        forced = new.prefix in _ANYWHERE and new.resource.kind.startswith("azurerm_")
        if not forced:
            return None
        what = f"{where} goes to {plain(new.target)}, and no longer straight to the internet"
        return told(what, "what it does not let through is cut off", "P1")
    if over.target == new.target:
        return None
    what = f"{where} goes to {plain(new.target)}, and no longer with {over.prefix} to {plain(over.target)}"
    return told(what, "answers may come back by another way and be dropped", "P2")


def _is_anywhere(prefix: str) -> bool:
    """Whether a route is for everything, of whichever priority and machines."""
    return prefix.partition(" ")[0] in _ANYWHERE


def _covering(place: _Place, held: dict[_Place, Route]) -> Route | None:
    """The most specific other route of the table that holds for all of a range."""
    from ipaddress import ip_network

    table, prefix = place
    try:
        wanted = ip_network(prefix, strict=False)
    except ValueError:
        return held.get((table, "0.0.0.0/0")) if prefix not in _ANYWHERE and "${" not in prefix else None
    best: tuple[int, Route] | None = None
    for other in (route for (of, _), route in held.items() if of == table):
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
    kind, _, target = route.target.partition(" ")
    return f"{kind} {_identity(target, route, view)}".lower()
