"""Private endpoints that lead to a service: what stands there already, and what is only made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.network.reading import address_of, blocks, peers, text
from riskcheck.rules.checks.network_losses import TERRAFORM, named

if TYPE_CHECKING:
    from riskcheck.models import Resource
    from riskcheck.nodes import Mapping
    from riskcheck.rules.context import ResourceView


def proof(base: list[Resource], head: list[Resource], severity: str) -> tuple[str, str] | None:
    """How bad it is by the private endpoints that stand on both sides."""
    kept = {one.identity or one.address for one in head}
    standing = [one for one in base if (one.identity or one.address) in kept]
    if any(_writes_names(one) for one in standing):
        return None
    if standing:
        effect = f"{named(standing[0])} stands, but no private_dns_zone_group writes its address into a zone"
        return "P2", f"{effect}: names may still lead to the public one"
    if head:
        effect = f"{named(head[0])} is only made by the same change: nobody can have moved to it yet"
        return "P1", effect
    return (
        severity,
        "no private endpoint to it is declared here: clients that come in over the public way are cut off",
    )


def _writes_names(endpoint: Resource) -> bool:
    return endpoint.kind != "azurerm_private_endpoint" or bool(
        blocks(endpoint.body, "private_dns_zone_group")
    )


def endpoints(target: Resource, view: ResourceView, part: str = "") -> list[Resource]:
    """Private endpoints to `target` in its environment; part: of these only."""
    name = text(target.body, "name").lower()
    found = []
    for one in view.find(
        platform=TERRAFORM, kind="azurerm_private_endpoint", environment=target.environment.name
    ):
        for connection in blocks(one.body, "private_service_connection"):
            leads_to = address_of(one, connection.get("private_connection_resource_id"))
            same = leads_to == target.address and one.unit == target.unit
            if (same or (name and leads_to.lower().endswith(f"/{name}"))) and _is_of(connection, part):
                found.append(one)
    return found


def _is_of(connection: Mapping, part: str) -> bool:
    parts = [one.text for one in peers(connection.get("subresource_names"))]
    return not part or part in parts or any("${" in one for one in parts)
