"""What network policies let through that they did not: isolation that ends, and rules for everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.nodes import Mapping, Sequence
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.kubernetes_objects import items_at, mapping_at, text, text_at, texts
from riskcheck.rules.checks.network_cuts import Pod, titles
from riskcheck.rules.checks.network_policies import (
    DIRECTIONS,
    PEERS,
    Allow,
    Direction,
    Policies,
    covered,
    said,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import Node


class Opening(NamedTuple):
    """weight: 2 what was closed is open, 1 a part of it. policies: addresses of those that brought it about. node:
    the rule, None where it is what is gone."""

    weight: int
    what: str
    policies: frozenset[str]
    node: Node | None = None


def openings(pods: list[Pod], before: Policies, after: Policies) -> Iterator[Opening]:
    """before, after: the policies of the namespace in which `pods` run, of both sides."""
    for direction in DIRECTIONS:
        yield from _ended(pods, before, after, direction)
        yield from _widened(pods, before, after, direction)


def stand_in(policy: Resource) -> Pod | None:
    """A pod as `policy` selects it, for where the pods are out of reach."""
    selector = mapping_at(policy.body, "spec", "podSelector")
    if selector is None or items_at(selector, "matchExpressions"):
        return None
    labels = texts(selector.get("matchLabels"))
    pairs = ", ".join(f"{key}={value}" for key, value in labels.items())
    return Pod(f"pods with {pairs}" if pairs else "the pods of the namespace", policy, "", labels)


def _ended(pods: list[Pod], before: Policies, after: Policies, direction: Direction) -> Iterator[Opening]:
    """Pods that nothing isolates any more: everything is allowed that way."""
    hit = [
        pod
        for pod in pods
        if before.isolated(pod.labels, direction) and not after.isolated(pod.labels, direction)
    ]
    if hit:
        way = "anybody may call" if direction == "ingress" else "anything may be called by"
        policies = frozenset().union(*(before.selecting(pod.labels, direction) for pod in hit))
        yield Opening(2, f"no policy isolates {direction} any more: {way} {titles(hit)}", policies)


def _widened(pods: list[Pod], before: Policies, after: Policies, direction: Direction) -> Iterator[Opening]:
    found: dict[int, tuple[Allow, int, list[Pod]]] = {}
    for pod in pods:
        if not before.isolated(pod.labels, direction):
            continue
        old = before.allowing(pod.labels, direction)
        for rule in after.allowing(pod.labels, direction):
            weight = _breadth(rule, direction, old)
            if weight and not covered(rule, old):
                found.setdefault(id(rule.node), (rule, weight, []))[2].append(pod)
    for rule, weight, hit in found.values():
        what = f"{titles(hit)} may have {said(rule, direction)}"
        yield Opening(weight, what, frozenset({rule.policy.address}), rule.node)


def _breadth(rule: Allow, direction: Direction, old: list[Allow]) -> int:
    """0 for a rule that names whom it is for; 2 where everybody is let in on all ports, or where some were."""
    if _is_name_service(rule) or _is_misshapen(rule, direction):
        return 0
    if rule.peers is not None and not any(map(_is_everybody, rule.peers)):
        return 2 if any(_lost_exception(peer, old) for peer in rule.peers) else 0
    # The same ports were open to some before: that was a choice, and it is undone.
    same_ports = any(_ports(rule) == _ports(one) for one in old)
    return 2 if rule.ports is None or (same_ports and direction == "ingress") else 1


def _is_name_service(rule: Allow) -> bool:
    return rule.ports is not None and _ports(rule) <= {"53", "dns", "dns-tcp", "5353"}


def _is_misshapen(rule: Allow, direction: Direction) -> bool:
    """Whether it names somebody in a way that the API does not know."""
    stated = rule.node.get(PEERS[direction]) if isinstance(rule.node, Mapping) else None
    return (
        rule.peers is None and stated is not None and not (isinstance(stated, Sequence) and not stated.items)
    )


def _ports(rule: Allow) -> frozenset[str]:
    return frozenset(text_at(one, "port") or "" for one in rule.ports or ())


def _is_everybody(peer: Mapping) -> bool:
    block = text_at(peer, "ipBlock", "cidr")
    if block is not None:
        return block.strip().endswith("/0")
    spaces = mapping_at(peer, "namespaceSelector")
    return spaces is not None and not spaces.entries and peer.get("podSelector") is None


def _lost_exception(peer: Mapping, old: list[Allow]) -> bool:
    """Whether an exception was made before for the same block, and now is not."""
    block = text_at(peer, "ipBlock", "cidr")
    if block is None:
        return False
    now = _exceptions(peer)
    earlier = [one for rule in old for one in rule.peers or () if text_at(one, "ipBlock", "cidr") == block]
    return bool(earlier) and all(_exceptions(one) - now for one in earlier)


def _exceptions(peer: Mapping) -> set[str]:
    return {text(one) or "" for one in items_at(peer, "ipBlock", "except")}
