"""Who policies of Cilium, Istio and Calico let through by address.

https://docs.cilium.io/en/stable/security/policy/language/#ip-cidr-based,
https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source,
https://docs.tigera.io/calico/latest/reference/resources/networkset
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.network.allowlists import INSIDE
from riskcheck.network.model import Peer, Ports, TrafficRule
from riskcheck.network.reading import address_list, number, peers, port_range, protocol, text
from riskcheck.nodes import Mapping, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.models import Resource
    from riskcheck.network.model import AddressList, Direction
    from riskcheck.nodes import Node

_SECTIONS: Final[dict[str, tuple[Direction, str, bool]]] = {
    "ingress": ("ingress", "from", True),
    "ingressDeny": ("ingress", "from", False),
    "egress": ("egress", "to", True),
    "egressDeny": ("egress", "to", False),
}
"""Section of a Cilium policy to direction, beginning of the names of peers, and verdict."""

_EVERYBODY: Final = frozenset({"world", "all"})
"""Entities that stand for addresses outside of the cluster."""


def _cilium(resource: Resource) -> Iterator[TrafficRule]:
    stated = [resource.body.get("spec"), *_items(resource.body.get("specs"))]
    for spec in stated:
        for section, (direction, word, allows) in _SECTIONS.items():
            for item in _items(spec.get(section) if isinstance(spec, Mapping) else None):
                if isinstance(item, Mapping):
                    yield from _cilium_rules(resource, item, section, direction, word, allows)


def _cilium_rules(
    resource: Resource, item: Mapping, section: str, direction: Direction, word: str, allows: bool
) -> Iterator[TrafficRule]:
    """One for each protocol that the ports of `item` are of. Rules about pods alone yield none."""
    ends = peers(item.get(f"{word}CIDR"))
    narrowed: list[str] = []
    for one in _items(item.get(f"{word}CIDRSet")):
        if isinstance(one, Mapping):
            held = one.get("cidr") or one.get("cidrGroupRef")
            ends += peers(held)
            narrowed += [each.text for each in peers(one.get("except"))]
    for entity in peers(item.get(f"{word}Entities")):
        ends += (Peer("*", entity.node),) if entity.text in _EVERYBODY else ()
    if not ends:
        return
    unread = f"except {' '.join(narrowed)}" if narrowed else ""
    sources, destinations = (ends, ()) if direction == "ingress" else ((), ends)
    for name, ports in _cilium_ports(item.get("toPorts")).items():
        yield TrafficRule(
            resource,
            item,
            f"{section} of {resource.name}",
            resource.address,
            direction,
            allows,
            name,
            ports,
            sources,
            destinations,
            None,
            not unread,
            unread,
        )


def _cilium_ports(node: Node | None) -> dict[str, tuple[Ports, ...]]:
    """Protocol to ports; all protocols and ports where none are stated."""
    found: dict[str, list[Ports]] = {}
    for item in _items(node):
        for port in _items(item.get("ports") if isinstance(item, Mapping) else None):
            first = number(port, "port")
            if first is not None:
                last = number(port, "endPort") or first
                found.setdefault(protocol(text(port, "protocol")), []).extend(port_range(first, last))
    return {name: tuple(ports) for name, ports in found.items()} or {"": ()}


def _cidr_group(resource: Resource) -> Iterator[AddressList]:
    held = resource.body.at("spec", "externalCIDRs")
    yield address_list(resource, f"CIDR group {resource.name}", held, peers(held), allows=None)


def _network_set(resource: Resource) -> Iterator[AddressList]:
    held = resource.body.at("spec", "nets")
    yield address_list(resource, f"network set {resource.name}", held, peers(held), allows=None)


def _authorization(resource: Resource) -> Iterator[AddressList]:
    """Addresses of sources, those that must not be one left out: they narrow each rule in their own way."""
    spec = resource.body.get("spec")
    action = text(spec, "action").upper() or "ALLOW"
    if action not in ("ALLOW", "DENY"):
        return
    for field in ("ipBlocks", "remoteIpBlocks"):
        found: list[Peer] = []
        place: Node | None = None
        for rule in _items(spec.get("rules") if isinstance(spec, Mapping) else None):
            for origin in _items(rule.get("from") if isinstance(rule, Mapping) else None):
                held = origin.at("source", field) if isinstance(origin, Mapping) else None
                place = place or held
                found += peers(held)
        if found:
            purpose = f"{field} of authorization policy {resource.name}"
            group = f"{resource.address}{INSIDE}{field}"
            yield address_list(resource, purpose, place, tuple(found), allows=action == "ALLOW", group=group)


def _items(node: Node | None) -> list[Node]:
    return list(node.items) if isinstance(node, Sequence) else []


RULES: Final[dict[str, Callable[[Resource], Iterator[TrafficRule]]]] = {
    "CiliumClusterwideNetworkPolicy": _cilium,
    "CiliumNetworkPolicy": _cilium,
}

LISTS: Final[dict[str, Callable[[Resource], Iterator[AddressList]]]] = {
    "AuthorizationPolicy": _authorization,
    "CiliumCIDRGroup": _cidr_group,
    "GlobalNetworkSet": _network_set,
    "NetworkSet": _network_set,
}
