"""Members that find others by labels, hosts or secrets, and find them no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.rules.checks.exposure_breaks import Break, Member, Side, has_changed, is_gone
from riskcheck.rules.checks.kubernetes_objects import (
    annotations_of,
    group_of,
    items_at,
    labels_of,
    mapping_at,
    namespace_of,
    same_namespace,
    selects,
    text,
    text_at,
)
from riskcheck.rules.checks.kubernetes_pods import SERVING, is_partial, pod_labels, template_path
from riskcheck.rules.checks.kubernetes_references import offers
from riskcheck.rules.checks.route_backends import ROUTES, certificate_hosts, certified, covers, hosts_of
from riskcheck.rules.checks.service_ports import behind, is_moved, labelled, ports_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import Mapping, Node
    from riskcheck.rules.context import CheckContext

_SELECTING: Final = {
    "Service": ("selector", "requests fail", 2),
    "PodDisruptionBudget": ("selector", "nothing protects the pods from drains", 1),
    "NetworkPolicy": ("podSelector", "it holds for no pod any more", 1),
    "PodMonitor": ("selector", "nothing watches the pods", 1),
}

_HOSTS: Final = ("hostnames", "hosts", "host", "rules")
"""Where routes of each kind say their hosts."""


def selected(base: Side, head: Side, context: CheckContext) -> Iterator[Break]:
    """Selectors that matched pods, and match none though the pods are still there."""
    for owner in head.of(*_SELECTING):
        before = context.base.get(*owner.key)
        field, effect, weight = _SELECTING[owner.kind]
        selector = owner.body.at("spec", field)
        if before is None or selector is None or (owner.kind == "Service" and group_of(owner) != ""):
            continue
        was, now = _pods(before, field, base), _pods(owner, field, head)
        there = [found for one in was if (found := context.head.get(*one.key)) is not None]
        if now or not there or any(map(is_partial, there)) or _is_unknown(owner, head):
            continue
        by_owner = has_changed(owner, context, ("spec", field))
        here = Member(owner, field, selector)
        if not by_owner:
            yield Break(Member(there[0], "labels", _labels(there[0])), here, effect, weight)
        elif owner.kind != "Service":
            # What an edit of a Service does is told of the Service.
            yield Break(here, Member(there[0], "labels", _labels(there[0])), effect, weight)


def _pods(owner: Resource, field: str, side: Side) -> list[Resource]:
    if owner.kind == "Service":
        return behind(owner, side.view)
    selector = owner.body.at("spec", field)
    return [
        one
        for one, labels in labelled(owner, side.view)
        if selects(selector, labels) and same_namespace(owner, one)
    ]


def _is_unknown(owner: Resource, head: Side) -> bool:
    """Whether labels of pods are out of reach, or somebody writes the selector at run time."""
    if owner.kind == "Service" and is_moved(owner, head.view):
        return True
    return any(
        same_namespace(one, owner) and is_partial(one) and not pod_labels(one) for one in head.of(*SERVING)
    )


def _labels(workload: Resource) -> Node:
    path = template_path(workload.kind) or ()
    return workload.body.at(*path, "metadata", "labels") or workload.origin


def monitored(base: Side, head: Side, context: CheckContext) -> Iterator[Break]:
    """Monitors that find no Service any more which has the port they ask."""
    for monitor in head.of("ServiceMonitor"):
        before = context.base.get(*monitor.key)
        if before is None:
            continue
        known = {_asked(one) for one in items_at(before.body, "spec", "endpoints")}
        for endpoint in items_at(monitor.body, "spec", "endpoints"):
            was, now = _watched(before, endpoint, base), _watched(monitor, endpoint, head)
            there = [found for one in was if (found := context.head.get(*one.key)) is not None]
            if now or not there or _asked(endpoint) not in known:
                continue
            service = there[0]
            here = Member(monitor, "endpoint", endpoint)
            if has_changed(monitor, context, ("spec", "selector"), ("spec", "namespaceSelector")):
                labels = service.body.at("metadata", "labels") or service.origin
                yield Break(here, Member(service, "labels", labels), "nothing watches it", 1)
            else:
                part, node = _lost(service, monitor)
                yield Break(Member(service, part, node), here, "nothing watches it", 1)


def _asked(endpoint: Node) -> tuple[str | None, str | None]:
    return text_at(endpoint, "port"), text_at(endpoint, "targetPort")


def _watched(monitor: Resource, endpoint: Node, side: Side) -> list[Resource]:
    port = text_at(endpoint, "port")
    return [
        one
        for one in side.of("Service")
        if _is_in_reach(monitor, one)
        and selects(monitor.body.at("spec", "selector"), labels_of(one))
        and (port is None or port in {found.name for found in ports_of(one)})
    ]


def _is_in_reach(monitor: Resource, service: Resource) -> bool:
    spaces = mapping_at(monitor.body, "spec", "namespaceSelector")
    names = {text(one) for one in items_at(spaces, "matchNames")}
    if names:
        return namespace_of(service) in ("", *names)
    return text_at(spaces, "any") in ("true", "True") or same_namespace(monitor, service)


def _lost(service: Resource, monitor: Resource) -> tuple[str, Node]:
    if selects(monitor.body.at("spec", "selector"), labels_of(service)):
        return "port name", service.body.at("spec", "ports") or service.origin
    return "labels", service.body.at("metadata", "labels") or service.origin


def certificates(base: Side, head: Side, context: CheckContext) -> Iterator[Break]:
    """Routes whose secret nobody makes any more, or whose host its certificate is not for."""
    for route in head.of("Ingress", "Gateway"):
        before = context.base.get(*route.key)
        if before is None or any(key.startswith("cert-manager.io/") for key in annotations_of(route)):
            continue
        known = {one.secret: one for one in certified(before)}
        for one in certified(route):
            was, now = _maker(one.secret, route, base), _maker(one.secret, route, head)
            here = Member(route, "TLS secret", one.node)
            if now is None:
                if one.secret in known and was is not None and _gives_up(was, context):
                    yield Break(_given_up(was, context), here, "TLS fails", 2)
                continue
            earlier = known.get(one.secret)
            if earlier is None or was is None or "Certificate" not in (was.kind, now.kind):
                continue
            if was.kind == now.kind and _is_for(was, earlier.hosts) and not _is_for(now, one.hosts):
                names = Member(now, "dnsNames", now.body.at("spec", "dnsNames") or now.origin)
                here = Member(route, "TLS host", one.node)
                by_route = set(one.hosts) != set(earlier.hosts)
                cause, left = (here, names) if by_route else (names, here)
                yield Break(cause, left, "callers refuse the certificate", 2)


def _maker(secret: str, near: Resource, side: Side) -> Resource | None:
    for one in side.resources:
        if same_namespace(one, near) and any(
            offer.kind == "Secret" and offer.name == secret for offer in offers(one)
        ):
            return one
    return None


def _gives_up(maker: Resource, context: CheckContext) -> bool:
    return context.head.get(*maker.key) is not None or is_gone(maker, context)


def _given_up(maker: Resource, context: CheckContext) -> Member:
    now = context.head.get(*maker.key) or maker
    return Member(now, "no longer makes the secret", now.body.at("spec", "secretName") or now.origin)


def _is_for(certificate: Resource, hosts: tuple[str, ...]) -> bool:
    names = certificate_hosts(certificate.body)
    return bool(names) and all(covers(names, host) for host in hosts)


def recorded(base: Side, head: Side, context: CheckContext) -> Iterator[Break]:
    """Routes with a new host while the DNS records beside them are for the old one.

    https://github.com/kubernetes-sigs/external-dns/blob/master/docs/sources/crd.md
    """
    records = {one.key: one for one in head.of("DNSEndpoint")}
    names = {name for one in records.values() for name in _records(one.body)}
    for route in head.of(*ROUTES):
        before = context.base.get(*route.key)
        if before is None or not records:
            continue
        old, new = set(hosts_of(before)), set(hosts_of(route))
        gone, come = old - new, new - old
        if not gone or not come or any(covers(frozenset(names), one) for one in come):
            continue
        for record in records.values():
            earlier = context.base.get(*record.key)
            if (
                earlier is not None
                and gone <= set(_records(earlier.body))
                and gone & set(_records(record.body))
            ):
                node = record.body.at("spec", "endpoints") or record.origin
                host = next(filter(None, (route.body.at("spec", one) for one in _HOSTS)), route.origin)
                left = Member(record, "record", node)
                yield Break(Member(route, f"host {min(come)}", host), left, "its name does not resolve", 2)
                break


def _records(body: Mapping) -> list[str]:
    found = (text_at(one, "dnsName") for one in items_at(body, "spec", "endpoints"))
    return [one.lower() for one in found if one]
