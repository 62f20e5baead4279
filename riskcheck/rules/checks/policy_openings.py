"""What policies of Cilium and Istio let through that they did not.

https://docs.cilium.io/en/stable/security/policy/language/ ,
https://istio.io/latest/docs/reference/config/security/authorization-policy/ and
https://istio.io/latest/docs/reference/config/security/peer_authentication/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import plain_value
from riskcheck.nodes import Mapping
from riskcheck.rules.checks.kubernetes_objects import items_at, mapping_at, text, text_at
from riskcheck.rules.checks.network_openings import Opening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import Node

CILIUM: Final = ("CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy")
ISTIO: Final = ("AuthorizationPolicy", "PeerAuthentication")

_EVERYBODY: Final = frozenset({"all", "world", "world-ipv4"})
_PEERS: Final = {"ingress": "from", "egress": "to"}


def opened(before: Resource, after: Resource | None, others: list[Resource]) -> Iterator[Opening]:
    """others: the policies of the same kind and namespace in head."""
    if before.kind in CILIUM:
        yield from _cilium(before, after, others)
    elif before.kind == "AuthorizationPolicy":
        yield from _authorization(before, after, others)
    elif before.kind == "PeerAuthentication":
        yield from _peers(before, after)


def _opening(what: str, resource: Resource, node: Node | None = None, weight: int = 2) -> Opening:
    return Opening(weight, what, frozenset({resource.address}), node)


def _cilium(before: Resource, after: Resource | None, others: list[Resource]) -> Iterator[Opening]:
    chosen = [_key(one.get("endpointSelector")) for one in _specs(before)]
    if after is None:
        left = {_key(spec.get("endpointSelector")) for one in others for spec in _specs(one)}
        if not left.issuperset(chosen):
            yield _opening("no policy isolates what it selects any more", before)
        return
    denied = {_key(rule) for field in ("ingressDeny", "egressDeny") for rule in _rules(before, field)}
    still = {_key(rule) for field in ("ingressDeny", "egressDeny") for rule in _rules(after, field)}
    if denied - still:
        yield _opening("what it denied is denied no more", after)
    for direction in _PEERS:
        states = tuple(
            any(text_at(spec, "enableDefaultDeny", direction) in ("false", "False") for spec in _specs(one))
            for one in (before, after)
        )
        if states == (False, True):
            yield _opening(f"it no longer isolates {direction} (enableDefaultDeny)", after)
        known = {_key(rule) for rule in _rules(before, direction)}
        open_ports = {
            _key(rule.get("toPorts")) for rule in _rules(before, direction) if _for_all(rule, direction)
        }
        for rule in _rules(after, direction):
            if (
                _key(rule) not in known
                and _for_all(rule, direction)
                and _key(rule.get("toPorts")) not in open_ports
            ):
                weight = 1 if rule.get("toPorts") is not None and direction == "egress" else 2
                yield _opening(f"it allows {direction} {_PEERS[direction]} everybody", after, rule, weight)


def _specs(resource: Resource) -> list[Mapping]:
    found = [resource.body.get("spec"), *items_at(resource.body, "specs")]
    return [one for one in found if isinstance(one, Mapping)]


def _rules(resource: Resource, field: str) -> list[Mapping]:
    found = (rule for spec in _specs(resource) for rule in items_at(spec, field))
    return [rule for rule in found if isinstance(rule, Mapping)]


def _for_all(rule: Mapping, direction: str) -> bool:
    """A rule with ports alone is for everybody; an empty one is for nobody."""
    prefix = _PEERS[direction]
    fields = [key.raw for key, _ in rule.entries if key.raw.startswith(prefix)]
    if set(fields) <= {"toPorts"}:
        ports = [
            text_at(port, "port") for one in items_at(rule, "toPorts") for port in items_at(one, "ports")
        ]
        return bool(ports) and set(ports) != {"53"}
    entities = {text(one) for one in items_at(rule, f"{prefix}Entities")}
    blocks = [text(one) or "" for one in items_at(rule, f"{prefix}CIDR")]
    blocks += [
        text_at(one, "cidr") or ""
        for one in items_at(rule, f"{prefix}CIDRSet")
        if not items_at(one, "except")
    ]
    return bool(entities & _EVERYBODY) or any(one.endswith("/0") for one in blocks)


def _authorization(before: Resource, after: Resource | None, others: list[Resource]) -> Iterator[Opening]:
    was, now = _action(before), _action(after) if after is not None else ""
    if was in ("DENY", "CUSTOM"):
        if now != was:
            end = "is removed" if after is None else f"becomes {now}"
            yield _opening(f"it refused requests ({was}), and {end}", after or before)
        elif after is not None and was == "DENY" and _keys(before) - _keys(after):
            yield _opening("what it denied is denied no more", after)
        return
    if was != "ALLOW":
        return
    if after is None or now != "ALLOW":
        chosen = _key(mapping_at(before.body, "spec", "selector"))
        alike = [
            one
            for one in others
            if _action(one) == "ALLOW"
            and _key(mapping_at(one.body, "spec", "selector")) in (chosen, _key(None))
        ]
        if not alike:
            yield _opening(
                "nothing is limited any more: no policy that allows means that all may call", after or before
            )
        return
    known = any(not _sources(rule) for rule in items_at(before.body, "spec", "rules"))
    for rule in items_at(after.body, "spec", "rules"):
        # Who calls is one thing, which requests may be made another: a rule for health checks has no sources.
        if not _sources(rule) and not known and not items_at(rule, "to") and not items_at(rule, "when"):
            yield _opening("it allows every caller", after, rule)
            return


def _action(resource: Resource) -> str:
    return text_at(resource.body, "spec", "action") or "ALLOW"


def _keys(resource: Resource) -> set[str]:
    return {_key(one) for one in items_at(resource.body, "spec", "rules")}


def _sources(rule: Node) -> bool:
    return any(
        isinstance(source := mapping_at(one, "source"), Mapping) and bool(source.entries)
        for one in items_at(rule, "from")
    )


def _peers(before: Resource, after: Resource | None) -> Iterator[Opening]:
    if text_at(before.body, "spec", "mtls", "mode") == "STRICT":
        mode = text_at(after.body, "spec", "mtls", "mode") if after is not None else None
        if mode != "STRICT":
            node = after.body.at("spec", "mtls", "mode") if after is not None else None
            yield _opening(
                f"callers need no certificate any more (mtls STRICT, now {mode or 'unset'})", before, node
            )
            return
    if after is None:
        return
    ports, now = (mapping_at(one.body, "spec", "portLevelMtls") for one in (before, after))
    for key, value in ports.entries if ports is not None else ():
        if text_at(value, "mode") == "STRICT" and text_at(now, key.raw, "mode") not in (None, "STRICT"):
            yield _opening(f"callers of port {key.raw} need no certificate any more", after)


def _key(node: Node | None) -> str:
    return "" if node is None else repr(_sorted(plain_value(node, "yaml-1.1")))


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        return sorted(((str(key), _sorted(part)) for key, part in value.items()), key=lambda one: one[0])
    return [_sorted(part) for part in value] if isinstance(value, list) else value
