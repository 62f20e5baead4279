"""Names in DNS zones, whoever provides them.

https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/private_dns_a_record,
…/dns_a_record,
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route53_record,
https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/dns_record_set
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.network.model import Record
from riskcheck.network.reading import (
    address_of,
    blocks,
    holds_expression,
    is_expression,
    number,
    peers,
    text,
    unwritten,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import Mapping, Node

_AZURE: Final = ("a", "aaaa", "caa", "cname", "mx", "ns", "ptr", "srv", "txt")
ZONE: Final = ("zone_id", "private_dns_zone_id", "zone_name", "managed_zone", "dns_zone_id")
"""Attributes that name the zone, by any provider."""

_NAMED: Final = {"mx": "exchange", "srv": "target", "txt": "value", "caa": "value"}
"""Kind of record of Azure to the attribute of its ``record`` blocks that holds the value."""
_PREFERENCE: Final = ("preference", "priority", "weight", "port", "flags", "tag")

RECORDS: Final = frozenset(
    {"aws_route53_record", "google_dns_record_set"}
    | {f"azurerm_dns_{kind}_record" for kind in _AZURE}
    | {f"azurerm_private_dns_{kind}_record" for kind in _AZURE}
)
"""Types of which `records` knows."""


def records(resource: Resource) -> Iterator[Record]:
    """The names that `resource` states; one at most, as all providers have it."""
    if resource.platform != "terraform" or resource.kind not in RECORDS:
        return
    body = resource.body
    if resource.kind.startswith("azurerm_"):
        kind = resource.kind.rsplit("_", 2)[1]
        held = _azure_values(resource, kind)
    else:
        kind = text(body, "type").lower()
        held = _values(resource, body.get("records") or body.get("rrdatas"), _aliases(body))
    name = body.get("name")
    zone = next((node for field in ZONE if (node := body.get(field)) is not None), None)
    open_ = any(map(is_expression, (name, body.get("type"), body.get("ttl")))) or _is_unwritten(body)
    yield Record(
        resource,
        resource.origin,
        address_of(resource, zone),
        address_of(resource, name).rstrip(".").lower() if not is_expression(name) else text(name),
        kind.upper(),
        tuple(sorted(held)),
        number(body, "ttl"),
        not open_ and not any("${" in one for one in held),
    )


def _azure_values(resource: Resource, kind: str) -> list[str]:
    body = resource.body
    found = _values(resource, body.get("records") or body.get("record"), [body.get("target_resource_id")])
    if kind not in _NAMED:
        return found
    field = _NAMED[kind]
    return [
        " ".join(
            filter(None, (*(text(block, one) for one in _PREFERENCE), address_of(resource, block.get(field))))
        )
        for block in blocks(body, "record")
    ]


def _aliases(body: Mapping) -> list[Node | None]:
    """Where an alias or a routing policy leads to."""
    found: list[Node | None] = [block.get("name") for block in blocks(body, "alias")]
    for policy in blocks(body, "routing_policy"):
        for field in ("wrr", "geo"):
            found += [block.get("rrdatas") for block in blocks(policy, field)]
    return found


def _values(resource: Resource, held: Node | None, aliases: list[Node | None]) -> list[str]:
    """Literals as DNS compares them, references as addresses, anything else as it is written."""
    return [
        address_of(resource, one.node) if one.is_expression else one.text.rstrip(".").lower()
        for one in peers(held, *aliases)
    ]


def _is_unwritten(body: Mapping) -> bool:
    return any(unwritten(body, field) is not None for field in ("record", "records", "alias")) or any(
        holds_expression(block.get("name")) for block in blocks(body, "alias") if not text(block, "name")
    )
