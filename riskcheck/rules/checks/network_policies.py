"""NetworkPolicies of one namespace, and what they let through together.

A policy isolates the pods that it selects in each direction that it names; they then may do what some policy allows
them. https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from weakref import WeakKeyDictionary

from riskcheck.nodes import Mapping, Node
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.kubernetes_objects import (
    items_at,
    mapping_at,
    namespace_of,
    number_at,
    same_namespace,
    selects,
    text,
    text_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riskcheck.models import Resource
    from riskcheck.rules.context import ResourceView

Direction: TypeAlias = Literal["ingress", "egress"]
DIRECTIONS: Final[tuple[Direction, ...]] = ("ingress", "egress")

PEERS: Final[dict[Direction, str]] = {"ingress": "from", "egress": "to"}
_SYSTEM: Final = ("kube-system", "dns")


class Port(NamedTuple):
    """A port that somebody wants to reach. name: by which a policy may call it."""

    number: int
    protocol: str = "TCP"
    name: str = ""


class Allow(NamedTuple):
    """One rule of one policy. peers, ports: None for all."""

    policy: Resource
    node: Node
    peers: tuple[Mapping, ...] | None
    ports: tuple[Mapping, ...] | None

    def lets_port(self, port: Port) -> bool:
        return self.ports is None or any(_covers(one, port) for one in self.ports)

    def lets_pod(self, labels: dict[str, str]) -> bool:
        """Whether a pod of the same namespace is among the peers. A block of addresses may hold any pod."""
        return self.peers is None or any(_is_peer(one, labels) for one in self.peers)

    def lets_name_service(self) -> bool:
        """Whether names can be resolved by it: port 53, towards where a cluster keeps its name service."""
        if not self.lets_port(Port(53, "UDP", "dns")):
            return False
        return self.peers is None or self.ports is not None or any(map(_may_be_system, self.peers))

    def lets_outside(self, ports: Iterable[Port]) -> bool:
        """Whether one of `ports` can be reached somewhere outside of the pods of the cluster."""
        outside = self.peers is None or any(one.get("ipBlock") is not None for one in self.peers)
        return outside and any(self.lets_port(port) for port in ports)


class Policies:
    """The policies that hold for one namespace of one environment on one side."""

    def __init__(self, policies: Iterable[Resource]) -> None:
        self._policies = tuple(policies)
        self._selected: dict[tuple[frozenset[tuple[str, str]], Direction], tuple[Resource, ...]] = {}

    def isolated(self, labels: dict[str, str], direction: Direction) -> bool:
        return bool(self._selecting(labels, direction))

    def allowing(self, labels: dict[str, str], direction: Direction) -> list[Allow]:
        """The rules that let the pod do anything in a direction in which it is isolated."""
        return [rule for policy in self._selecting(labels, direction) for rule in _rules(policy, direction)]

    def selecting(self, labels: dict[str, str], direction: Direction) -> frozenset[str]:
        """Addresses of the policies that isolate the pod."""
        return frozenset(policy.address for policy in self._selecting(labels, direction))

    def connect(self, caller: dict[str, str], callee: dict[str, str], port: Port) -> bool:
        """Whether one pod of the namespace reaches another."""
        out, into = self.allowing(caller, "egress"), self.allowing(callee, "ingress")
        leaves = not self.isolated(caller, "egress") or _any(out, callee, port)
        return leaves and (not self.isolated(callee, "ingress") or _any(into, caller, port))

    def _selecting(self, labels: dict[str, str], direction: Direction) -> tuple[Resource, ...]:
        key = frozenset(labels.items()), direction
        if key not in self._selected:
            specs = ((policy, mapping_at(policy.body, "spec")) for policy in self._policies)
            self._selected[key] = tuple(
                policy
                for policy, spec in specs
                if spec is not None
                and direction in _directions(spec)
                and selects(spec.get("podSelector"), labels)
            )
        return self._selected[key]


_beside: WeakKeyDictionary[ResourceView, dict[tuple[str, str], Policies]] = WeakKeyDictionary()
"""Policies by environment and namespace, gathered once a run."""


def policies_beside(policy: Resource, view: ResourceView) -> Policies:
    """The policies of the namespace and environment of `policy`, whatever unit states them."""
    known = _beside.setdefault(view, {})
    place = (policy.environment.name, namespace_of(policy))
    if place not in known:
        known[place] = Policies(
            one
            for one in view.find(
                platform="kubernetes", kind="NetworkPolicy", environment=policy.environment.name
            )
            if same_namespace(one, policy)
        )
    return known[place]


def said(rule: Allow, direction: Direction) -> str:
    """``egress to 10.0.0.0/8 port 5432``."""
    where = "any address" if rule.peers is None else ", ".join(map(_peer, rule.peers)) or "nobody"
    ports = "" if rule.ports is None else ", ".join(filter(None, map(_port, rule.ports)))
    return f"{direction} {PEERS[direction]} {where}" + (f" port {ports}" if ports else "")


def covered(rule: Allow, others: Sequence[Allow]) -> bool:
    """Whether what `rule` allows is allowed by `others` too, one rule for each of its peers."""
    peers: Iterable[Mapping | None] = [None] if rule.peers is None else rule.peers
    ports: Iterable[Mapping | None] = [None] if rule.ports is None else rule.ports
    return all(
        any(_holds_peer(one, peer) and _holds_port(one, port) for one in others)
        for peer in peers
        for port in ports
    )


def _holds_peer(rule: Allow, peer: Mapping | None) -> bool:
    if rule.peers is None:
        return True
    return peer is not None and any(_contains(one, peer) for one in rule.peers)


def _contains(wide: Mapping, narrow: Mapping) -> bool:
    if _key(wide) == _key(narrow):
        return True
    block, part = mapping_at(wide, "ipBlock"), mapping_at(narrow, "ipBlock")
    if block is None or part is None:
        return _is_empty_selector(wide) and part is None
    return not items_at(block, "except") and _is_within(text_at(part, "cidr"), text_at(block, "cidr"))


def _is_within(part: str | None, block: str | None) -> bool:
    from ipaddress import ip_network

    try:
        small, large = ip_network(part or "", strict=False), ip_network(block or "", strict=False)
    except ValueError:
        return False
    first, last = int(large.network_address), int(large.broadcast_address)
    same = small.version == large.version
    return same and first <= int(small.network_address) and int(small.broadcast_address) <= last


def _is_empty_selector(peer: Mapping) -> bool:
    """``namespaceSelector: {}``: every pod of the cluster."""
    spaces = peer.get("namespaceSelector")
    return isinstance(spaces, Mapping) and not spaces.entries and peer.get("podSelector") is None


def _holds_port(rule: Allow, port: Mapping | None) -> bool:
    if rule.ports is None:
        return True
    if port is None:
        return False
    number = number_at(port, "port")
    wanted = Port(number or -1, text_at(port, "protocol") or "TCP", text_at(port, "port") or "")
    return any(_key(one) == _key(port) or _covers(one, wanted) for one in rule.ports)


def _key(node: Mapping) -> str:
    from riskcheck.documents.scalars import plain_value

    return repr(_sorted(plain_value(node, "yaml-1.1")))


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        return sorted((key, _sorted(part)) for key, part in value.items())
    return [_sorted(part) for part in value] if isinstance(value, list) else value


def _any(rules: Iterable[Allow], labels: dict[str, str], port: Port) -> bool:
    return any(rule.lets_pod(labels) and rule.lets_port(port) for rule in rules)


def _directions(spec: Mapping) -> frozenset[str]:
    stated = {(text(one) or "").lower() for one in items_at(spec, "policyTypes")}
    if stated:
        return frozenset(stated)
    return frozenset({"ingress", "egress"} if items_at(spec, "egress") else {"ingress"})


def _rules(policy: Resource, direction: Direction) -> Iterator[Allow]:
    for item in items_at(policy.body, "spec", direction):
        if isinstance(item, Mapping):
            peers, ports = (_mappings(item, field) for field in (PEERS[direction], "ports"))
            yield Allow(policy, item, peers, ports)


def _mappings(rule: Mapping, field: str) -> tuple[Mapping, ...] | None:
    """An empty list of peers or ports is the same as none: all."""
    return tuple(one for one in items_at(rule, field) if isinstance(one, Mapping)) or None


def _covers(stated: Mapping, port: Port) -> bool:
    if (text_at(stated, "protocol") or "TCP").upper() != port.protocol:
        return False
    named, first, last = text_at(stated, "port"), number_at(stated, "port"), number_at(stated, "endPort")
    if named is None:
        return True
    if first is None:
        return bool(port.name) and named == port.name
    return first <= port.number <= (last if last is not None else first)


def _is_peer(peer: Mapping, labels: dict[str, str]) -> bool:
    if peer.get("ipBlock") is not None:
        return True
    pods = peer.get("podSelector")
    # Which labels a namespace has is not known; one that is asked for may be the own.
    return selects(pods, labels) if pods is not None else peer.get("namespaceSelector") is not None


def _may_be_system(peer: Mapping) -> bool:
    if peer.get("ipBlock") is not None:
        return True
    return _is_empty_selector(peer) or any(word in _key(peer) for word in _SYSTEM)


def _peer(peer: Mapping) -> str:
    block = text_at(peer, "ipBlock", "cidr")
    if block:
        return block
    words = []
    for field, noun in (("namespaceSelector", "namespaces"), ("podSelector", "pods")):
        selector = mapping_at(peer, field)
        if selector is not None:
            labels = mapping_at(selector, "matchLabels")
            pairs = [f"{key.raw}={text(value)}" for key, value in labels.entries] if labels else []
            words.append(
                f"{noun} {','.join(pairs)}" if pairs else f"all {noun}" if not selector.entries else noun
            )
    return " in ".join(reversed(words)) or "a peer"


def _port(port: Mapping) -> str:
    first, last = text_at(port, "port"), text_at(port, "endPort")
    return f"{first}-{last}" if last else first or ""
