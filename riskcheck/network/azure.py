"""Network security groups and firewalls of Azure.

https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/network_security_group,
…/network_security_rule, …/firewall_network_rule_collection, …/firewall_policy_rule_collection_group
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.network.azure_lists import LISTS
from riskcheck.network.model import Peer, TrafficRule
from riskcheck.network.reading import (
    address_of,
    blocks,
    is_expression,
    joined_text,
    number,
    peers,
    port_ranges,
    protocol,
    text,
    unknown_rule,
    unwritten,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.models import Resource
    from riskcheck.network.model import Direction
    from riskcheck.nodes import Mapping, Node

__all__ = ["LISTS", "RULES"]

_BOTH: Final[tuple[Direction, ...]] = ("ingress", "egress")
_GROUPS: Final = 65_536
"""Rules of a collection group come before those of any group with a higher number, whatever their own."""


def _security_group(resource: Resource) -> Iterator[TrafficRule]:
    for block in blocks(resource.body, "security_rule"):
        yield _security_rule(resource, block, block, resource.address)
    node = unwritten(resource.body, "security_rule")
    if node is not None:
        for direction in _BOTH:
            yield unknown_rule(resource, node, resource.address, direction)


def _separate_rule(resource: Resource) -> Iterator[TrafficRule]:
    group = address_of(resource, resource.body.get("network_security_group_name"))
    yield _security_rule(resource, resource.body, resource.origin, group)


def _security_rule(resource: Resource, body: Mapping, node: Node, group: str) -> TrafficRule:
    ends = {
        side: peers(body.get(f"{side}_address_prefix"), body.get(f"{side}_address_prefixes"))
        + tuple(
            Peer(address_of(resource, one.node), one.node)
            for one in peers(body.get(f"{side}_application_security_group_ids"))
        )
        for side in ("source", "destination")
    }
    deciding = [body.get(field) for field in ("direction", "access", "protocol")]
    ports = [body.get(f"destination_port_{word}") for word in ("range", "ranges")]
    sent_from = [body.get(f"source_port_{word}") for word in ("range", "ranges")]
    found, own = port_ranges(*ports), port_ranges(*sent_from)
    unread = joined_text(*deciding, *ports) if any(map(is_expression, deciding)) or found is None else ""
    unread += "" if own == () else f" from port {joined_text(*sent_from)}"
    known = not unread and not any(one.is_expression for side in ends.values() for one in side)
    outward = text(body, "direction").lower() == "outbound"
    return TrafficRule(
        resource,
        node,
        text(body, "name") or resource.name,
        group,
        "egress" if outward else "ingress",
        text(body, "access").lower() != "deny",
        protocol(text(body, "protocol")),
        found or (),
        ends["source"],
        ends["destination"],
        number(body, "priority"),
        known,
        unread,
    )


def _collection(direction: Direction) -> Callable[[Resource], Iterator[TrafficRule]]:
    """A resource that is one collection of rules of a classic firewall."""

    def read(resource: Resource) -> Iterator[TrafficRule]:
        group = address_of(resource, resource.body.get("azure_firewall_name"))
        yield from _rules(resource, resource.body, group, direction, number(resource.body, "priority"))

    return read


def _collection_group(resource: Resource) -> Iterator[TrafficRule]:
    """Collections of several kinds in a firewall policy."""
    group = address_of(resource, resource.body.get("firewall_policy_id"))
    first = number(resource.body, "priority")
    for field, direction in _COLLECTIONS.items():
        for block in blocks(resource.body, field):
            own = number(block, "priority")
            priority = None if first is None or own is None else first * _GROUPS + own
            yield from _rules(resource, block, group, direction, priority)
        node = unwritten(resource.body, field)
        if node is not None:
            yield unknown_rule(resource, node, group, direction)


_COLLECTIONS: Final[dict[str, Direction]] = {
    "network_rule_collection": "egress",
    "application_rule_collection": "egress",
    "nat_rule_collection": "ingress",
}
"""A translation is what lets somebody in from outside."""


def _rules(
    resource: Resource, collection: Mapping, group: str, direction: Direction, priority: int | None
) -> Iterator[TrafficRule]:
    action = collection.get("action")
    node = unwritten(collection, "rule")
    if node is not None:
        yield unknown_rule(resource, node, group, direction)
    for rule in blocks(collection, "rule"):
        for name, ports in _protocols(rule):
            found = port_ranges(ports)
            sources = peers(rule.get("source_addresses"), rule.get("source_ip_groups"))
            destinations = peers(
                *(
                    rule.get(f"destination_{word}")
                    for word in ("addresses", "address", "ip_groups", "fqdns", "fqdn_tags", "urls")
                ),
                *(rule.get(field) for field in ("target_fqdns", "fqdn_tags", "web_categories")),
            )
            unread = joined_text(action, ports) if found is None or is_expression(action) else ""
            unread += f" {name}" if "${" in name else ""
            known = not unread and not any(one.is_expression for one in (*sources, *destinations))
            yield TrafficRule(
                resource,
                rule,
                text(rule, "name") or resource.name,
                group,
                direction,
                text(action).lower() != "deny",
                protocol(name),
                found or (),
                sources,
                destinations,
                priority,
                known,
                unread,
            )


def _protocols(rule: Mapping) -> Iterator[tuple[str, Node | None]]:
    """(protocol, ports) of each that a rule names; application rules state them together."""
    for block in blocks(rule, "protocol") + blocks(rule, "protocols"):
        yield text(block, "type"), block.get("port")
    for one in peers(rule.get("protocols")):
        yield one.text, rule.get("destination_ports")


RULES: Final[dict[str, Callable[[Resource], Iterator[TrafficRule]]]] = {
    "azurerm_firewall_application_rule_collection": _collection("egress"),
    "azurerm_firewall_nat_rule_collection": _collection("ingress"),
    "azurerm_firewall_network_rule_collection": _collection("egress"),
    "azurerm_firewall_policy_rule_collection_group": _collection_group,
    "azurerm_network_security_group": _security_group,
    "azurerm_network_security_rule": _separate_rule,
}
