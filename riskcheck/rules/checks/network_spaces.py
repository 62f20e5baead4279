"""Address spaces, subnets and what joins networks.

https://learn.microsoft.com/azure/virtual-network/virtual-network-manage-subnet,
https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html,
https://cloud.google.com/vpc/docs/subnets
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match, Related, location_of
from riskcheck.network.reading import blocks, peers, text
from riskcheck.nodes import Mapping, Scalar, Sequence, walk
from riskcheck.phrases import listed
from riskcheck.replacing import fields_of
from riskcheck.rules.checks.network_joins import JOINS, joined
from riskcheck.rules.checks.network_losses import (
    beside,
    creates_first,
    goes_with,
    is_another,
    loss_of,
    named,
    told,
)
from riskcheck.rules.checks.stacks import also_for_stacks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import Node
    from riskcheck.rules.context import CheckContext

_NETWORKS: Final = {
    "azurerm_virtual_network": "virtual network",
    "aws_vpc": "VPC",
    "google_compute_network": "network",
}
_SUBNETS: Final = {
    "azurerm_subnet": "subnet",
    "aws_subnet": "subnet",
    "google_compute_subnetwork": "subnetwork",
}


_LISTS: Final = {
    ("azurerm_virtual_network", "address_space"): (
        "P1",
        "loses {items} of its address space",
        "Azure refuses that while a subnet lies in it, and peers keep the old space until they are synced",
    ),
    ("azurerm_subnet", "address_prefixes"): (
        "P1",
        "loses {items}",
        "Azure refuses that while an address of it is in use, and the apply stops half way",
    ),
    ("azurerm_subnet", "service_endpoints"): (
        "P1",
        "loses service endpoint {items}",
        "firewalls of services that let the subnet in refuse it from then on",
    ),
    ("google_compute_subnetwork", "secondary_ip_range"): (
        "P1",
        "loses range {items}",
        "pods and services of clusters that take their addresses from it cannot start",
    ),
}


@also_for_stacks
def changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A network, a subnet or what joins networks goes, or loses some of what it has.

    Values: ``what``, ``effect``, ``severity`` (``P0`` to ``P3``).
    """
    before = change.resource_before
    if before is None:
        return
    if before.kind in JOINS:
        yield from joined(change, before, context)
        return
    loss = loss_of(change, context)
    if loss is not None:
        match = _lost(change, before, loss.how, context, recreated=loss.recreated)
        if match is not None:
            yield match._replace(related=(*loss.related, *match.related))
        return
    if change.path and change.resource_after is not None:
        match = _delegated(change, before) or _shortened(change, before, context)
        if match is not None:
            yield match


def _lost(
    change: Change, before: Resource, how: str, context: CheckContext, *, recreated: bool
) -> Match | None:
    noun = _NETWORKS.get(before.kind) or _SUBNETS.get(before.kind)
    if noun is None:
        if goes_with(before.body.get("vpc_id"), before, context):
            return None
        effect = "AWS refuses that while a subnet lies in it, and the apply stops half way"
        return told(f"address range {named(before)} is {how}", effect, "P1")
    if not recreated and goes_with(
        before.body.get("vpc_id") or before.body.get("virtual_network_name"), before, context
    ):
        return None
    users = _users(before, context)
    what = f"{noun} {named(before)} is {how}"
    kept = [one for one in users if context.head.get(*one.key) is not None]
    if not kept:
        effect = (
            "nothing that is declared here stays in it; what else stands there makes the apply stop half way"
        )
        return told(what, effect, "P2" if recreated or users else "P3")
    said = listed([f"{one.kind}.{one.name}" for one in kept], 2)
    if not recreated:
        effect = (
            f"what stood in it ({said}) has to move first, with other addresses, or the apply stops half way"
        )
        severity = "P1"
    else:
        effect = f"what stands in it ({said}) is destroyed with it, or the apply stops half way"
        severity = "P1" if creates_first(change.resource_after) else "P0"
    return told(what, effect, severity)._replace(
        related=(Related("stands in it", location_of(kept[0].origin)),)
    )


def _users(gone: Resource, context: CheckContext) -> list[Resource]:
    """What refers to it in base, tables and groups that are only put on it aside."""
    return [
        one
        for one in beside(gone, context.base)
        if one.address != gone.address
        and not one.kind.endswith(("_association", "_policy", "_attachment", "_iam_member", "_iam_binding"))
        and any(reference.target == gone.address for reference in one.references)
    ]


def _delegated(change: Change, before: Resource) -> Match | None:
    """A subnet is no longer handed to a service, or to another one."""
    path = fields_of(change.path)
    if before.kind != "azurerm_subnet" or path[0] != "delegation" or change.kind == "added":
        return None
    old, new = (_services(one) for one in (before, change.resource_after))
    gone = sorted(old - new)
    mine = path[-1] in ("name", "delegation")
    if (
        not gone
        or any("${" in one for one in (*old, *new))
        or not (mine or path == ("delegation", "service_delegation"))
    ):
        return None
    effect = (
        "the service refuses that while it uses the subnet, and what it runs there cannot start afterwards"
    )
    return told(f"subnet {named(before)} is no longer delegated to {listed(gone)}", effect, "P1")


def _services(subnet: Resource | None) -> set[str]:
    if subnet is None:
        return set()
    return {
        text(service, "name")
        for delegation in blocks(subnet.body, "delegation")
        for service in blocks(delegation, "service_delegation")
    }


def _shortened(change: Change, before: Resource, context: CheckContext) -> Match | None:
    path = ".".join(fields_of(change.path))
    known = _LISTS.get((before.kind, path))
    if known is None:
        return _narrowed(change, before, path)
    if change.kind == "added" or (change.kind == "modified" and not is_another(change, context)):
        return None
    after = change.resource_after
    gone = [one for one in _items(change.node_before) if one and "${" not in one]
    if path in ("address_space", "address_prefixes") and after is not None:
        gone = [one for one in gone if not _covered(one, [peer.text for peer in peers(after.body.get(path))])]
    if not gone:
        return None
    severity, what, effect = known
    noun = _NETWORKS.get(before.kind) or _SUBNETS.get(before.kind) or "network"
    return told(f"{noun} {named(before)} {what.format(items=listed(gone))}", effect, severity)


def _narrowed(change: Change, before: Resource, path: str) -> Match | None:
    """A range of Google is made smaller or another one, which only a new subnetwork can have; wider is in place."""
    if (before.kind, path) != ("google_compute_subnetwork", "ip_cidr_range"):
        return None
    was, becomes = change.before, change.after
    if (
        not isinstance(was, str)
        or not isinstance(becomes, str)
        or "${" in was + becomes
        or _covered(was, [becomes])
    ):
        return None
    effect = (
        "it is destroyed and created anew, with whatever has an address in it, or the apply stops half way"
    )
    return told(f"the range of subnetwork {named(before)} goes from {was} to {becomes}", effect, "P0")


def _items(node: Node | None) -> list[str]:
    if isinstance(node, Mapping):
        return [text(node, "range_name") or text(node, "ip_cidr_range")]
    if isinstance(node, Sequence):
        return [found for item in node.items for found in _items(item)]
    return [one.raw for _, one in walk(node) if isinstance(one, Scalar)] if node is not None else []


def _covered(prefix: str, others: list[str]) -> bool:
    """Whether a range lies in one of `others`."""
    from ipaddress import ip_network

    try:
        wanted = ip_network(prefix, strict=False)
    except ValueError:
        return False
    for other in others:
        try:
            wide = ip_network(other, strict=False)
        except ValueError:
            if "${" in other:
                return True
            continue
        first, last = int(wide.network_address), int(wide.broadcast_address)
        within = first <= int(wanted.network_address) and int(wanted.broadcast_address) <= last
        if wide.version == wanted.version and within:
            return True
    return False
