"""Who may reach a Databricks workspace or account.

https://registry.terraform.io/providers/databricks/databricks/latest/docs/resources/ip_access_list,
…/mws_private_access_settings
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.network.reading import address_list, is_expression, is_false, module_of, peers, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.models import Resource
    from riskcheck.network.model import AddressList, TrafficRule


def _access_list(resource: Resource) -> Iterator[AddressList]:
    """Lists of a workspace add to each other; one that keeps out wins over those that let in."""
    held, kind = resource.body.get("ip_addresses"), resource.body.get("list_type")
    label = resource.body.get("label")
    name = resource.name if label is None or is_expression(label) else text(label)
    enabled = resource.body.get("enabled")
    allows = text(kind).upper() != "BLOCK"
    yield address_list(
        resource,
        f"IP access list {name}",
        held,
        peers(held),
        allows=allows,
        enabled=not is_false(enabled),
        known=not is_expression(kind) and not is_expression(enabled),
        group=f"{module_of(resource.name)}databricks",
    )


def _private_access(resource: Resource) -> Iterator[AddressList]:
    """Endpoints are listed where the level is ENDPOINT; else every endpoint of the account is let in."""
    held = resource.body.get("allowed_vpc_endpoint_ids")
    level = resource.body.get("private_access_level")
    yield address_list(
        resource,
        f"private access settings {resource.name}",
        held,
        peers(held),
        enabled=text(level).upper() == "ENDPOINT",
        known=not is_expression(level),
    )


RULES: Final[dict[str, Callable[[Resource], Iterator[TrafficRule]]]] = {}

LISTS: Final[dict[str, Callable[[Resource], Iterator[AddressList]]]] = {
    "databricks_ip_access_list": _access_list,
    "databricks_mws_private_access_settings": _private_access,
}
