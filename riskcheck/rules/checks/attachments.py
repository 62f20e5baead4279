"""What holds for a subnet: the security group that hangs on it, and whether it holds for private endpoints too.

https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/subnet,
…/subnet_network_security_group_association, …/databricks_workspace
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match
from riskcheck.network.reading import address_of, blocks, is_expression, text
from riskcheck.rules.checks.traffic_groups import gathered, title

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import Node
    from riskcheck.rules.context import CheckContext, ResourceView

_ASSOCIATIONS: Final = {
    "azurerm_network_interface_security_group_association": "network_interface_id",
    "azurerm_subnet_network_security_group_association": "subnet_id",
}
_DATABRICKS: Final = "microsoft.databricks/workspaces"

_POLICIES: Final = {
    "private_endpoint_network_policies": {
        "disabled": frozenset[str](),
        "enabled": frozenset({"security groups", "routes"}),
        "networksecuritygroupenabled": frozenset({"security groups"}),
        "routetableenabled": frozenset({"routes"}),
    },
    "private_endpoint_network_policies_enabled": {
        "false": frozenset[str](),
        "true": frozenset({"security groups", "routes"}),
    },
    "enforce_private_link_endpoint_network_policies": {
        "true": frozenset[str](),
        "false": frozenset({"security groups", "routes"}),
    },
}
"""The attribute, as versions of the provider call it, and what holds for private endpoints by its value."""


def detached(change: Change, context: CheckContext) -> Iterator[Match]:
    """A subnet or an interface that stays loses its security group."""
    before = change.resource_before
    field = _ASSOCIATIONS.get(before.kind) if before is not None else None
    if before is None or field is None:
        return
    guarded = address_of(before, before.body.get(field))
    head = gathered(change.resource_after or before, context.head)
    if not head.addresses or not head.has(guarded):
        return
    others = context.head.find(
        platform="terraform", kind=before.kind, environment=before.environment.name, unit=before.unit
    )
    if any(_may_guard(one, field, guarded) for one in others):
        return
    subnet = _resource(guarded, before, context.head)
    delegated = subnet is not None and _is_for_databricks(subnet)
    what = f"{title(guarded)} has no security group any more: no rule holds for it"
    if delegated:
        what += ", and Databricks needs one on its subnets"
    yield Match(values={"what": what, "weight": 2 if delegated else 1}, node=change.node)


def _may_guard(association: Resource, field: str, guarded: str) -> bool:
    target = address_of(association, association.body.get(field))
    return target == guarded or "${" in target or "[*]" in association.name


def _resource(address: str, near: Resource, view: ResourceView) -> Resource | None:
    return view.get(near.unit, address, near.environment.name)


def _is_for_databricks(subnet: Resource) -> bool:
    return any(
        text(service, "name").lower() == _DATABRICKS
        for delegation in blocks(subnet.body, "delegation")
        for service in blocks(delegation, "service_delegation")
    )


def endpoint_policies(change: Change, context: CheckContext) -> Iterator[Match]:
    """Whether rules and routes hold for the private endpoints of a subnet changed."""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or after.kind != "azurerm_subnet" or len(change.path) != 1:
        return
    if change.path[0] not in _POLICIES or context.changes_of(after)[0].kind == "moved":
        return
    first = next(one for one in context.changes_of(after) if one.path and one.path[0] in _POLICIES)
    was, now = _holding(before), _holding(after)
    if first is not change or was is None or now is None or was == now:
        return
    used = any(
        address_of(one, one.body.get("subnet_id")) == after.address
        for one in context.head.find(
            platform="terraform",
            kind="azurerm_private_endpoint",
            environment=after.environment.name,
            unit=after.unit,
        )
    )
    what = " and ".join(sorted((now - was) or (was - now)))
    verb = "hold" if now - was else "no longer hold"
    told = f"{what} {verb} for the private endpoints of {title(after.address)}"
    node: Node = change.node
    yield Match(values={"what": told, "weight": 1 if used else 0}, node=node)


def _holding(subnet: Resource) -> frozenset[str] | None:
    """What holds for private endpoints: nothing unless it is stated; None where it is not known."""
    for field, meanings in _POLICIES.items():
        node = subnet.body.get(field)
        if is_expression(node):
            return None
        if text(node):
            return meanings.get(text(node).lower())
    return frozenset()
