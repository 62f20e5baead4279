"""Where requests come in: hosts, paths, encryption and class of routes, gateways, certificates and DNS records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Scalar, walk
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.kubernetes_objects import (
    TRUE,
    annotations_of,
    group_of,
    items_at,
    mapping_at,
    name_of,
    neighbours,
    text,
    text_at,
)
from riskcheck.rules.checks.route_backends import certificate_hosts, covers, hosts_of, is_route

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import Node
    from riskcheck.rules.context import ResourceView

_GATEWAYS: Final = ("gateway.networking.k8s.io", "networking.istio.io")
_KINDS: Final = {
    "certificate": ("Certificate",),
    "record": ("DNSEndpoint",),
    "gateway": ("Gateway",),
    "route": ("Ingress", "Route", "VirtualService", "HTTPRoute", "GRPCRoute", "TLSRoute"),
}
"""Role to the kinds that play it. A host that leaves one may be taken on by another of the same role."""


class Path(NamedTuple):
    """One path of one host of an Ingress. backend: the name of its Service."""

    host: str
    path: str
    backend: str
    node: Node


def role_of_kind(resource: Resource) -> str:
    """``route``, ``gateway``, ``certificate``, ``record``; empty for what is none of them."""
    group = group_of(resource)
    if resource.kind == "Certificate":
        return "certificate" if group == "cert-manager.io" else ""
    if resource.kind == "DNSEndpoint":
        return "record"
    if resource.kind == "Gateway":
        return "gateway" if group in _GATEWAYS else ""
    if resource.kind == "VirtualService":
        # One of the mesh answers to names of Services.
        gateways = {text(one) for one in items_at(resource.body, "spec", "gateways")} - {"mesh"}
        return "route" if is_route(resource) and gateways else ""
    return "route" if is_route(resource) else ""


def entrances(resource: Resource) -> frozenset[str]:
    """The hosts of a route, gateway, certificate or record; those that a variable stands in are left out."""
    role = role_of_kind(resource)
    if role == "certificate":
        found = certificate_hosts(resource.body)
    elif role == "record":
        names = (text_at(one, "dnsName") for one in items_at(resource.body, "spec", "endpoints"))
        found = frozenset(one.lower() for one in names if one)
    elif role == "gateway":
        found = frozenset(_listened(resource))
    else:
        found = frozenset(hosts_of(resource))
    return frozenset(one for one in found if "$" not in one and "{" not in one)


def _listened(gateway: Resource) -> Iterator[str]:
    for listener in items_at(gateway.body, "spec", "listeners"):
        yield (text_at(listener, "hostname") or f"* (port {text_at(listener, 'port')})").lower()
    for server in items_at(gateway.body, "spec", "servers"):
        port = text_at(server, "port", "number")
        for host in items_at(server, "hosts"):
            name = (text(host) or "").rpartition("/")[2].lower()
            yield f"* (port {port})" if name == "*" else name


def elsewhere(role: str, near: Resource, view: ResourceView, but: str = "") -> frozenset[str]:
    """Hosts that objects of one role have in an environment. but: address of one to be left out."""
    found: set[str] = set()
    for kind in _KINDS.get(role, ()):
        for one in view.find(platform="kubernetes", kind=kind, environment=near.environment.name):
            if one.address != but and role_of_kind(one) == role:
                found |= entrances(one)
    return frozenset(found)


def is_stated(host: str, near: Resource, view: ResourceView) -> bool:
    """Whether a chart or an operator beside `near` is told of `host`: it may make the route."""
    return any(
        isinstance(node, Scalar) and host in node.raw.lower()
        for one in neighbours(near, view)
        if _makes_others(one)
        for _, node in walk(one.body)
    )


def _makes_others(resource: Resource) -> bool:
    """Whether a controller, or a chart that gets these values, may make routes of it."""
    group = group_of(resource)
    custom = "." in group and not group.endswith(".k8s.io") and not role_of_kind(resource)
    return custom or resource.kind == "HelmValues"


def is_among(host: str, hosts: frozenset[str]) -> bool:
    return covers(hosts, host)


ALL_OF_PORT: Final = "* (port "
"""How the host of a listener for all hosts begins."""


def paths_of(route: Resource) -> list[Path]:
    """The paths that an Ingress or HTTPRoute answers to. Without a backend where it is shared among several, and
    without those that ask for more than a path."""
    if route.kind == "HTTPRoute":
        return list(_paths_of_gateway_route(route))
    found = []
    for rule in items_at(route.body, "spec", "rules"):
        host = (text_at(rule, "host") or "*").lower()
        for item in items_at(rule, "http", "paths"):
            backend = mapping_at(item, "backend")
            name = text_at(backend, "service", "name") or text_at(backend, "serviceName") or ""
            found.append(Path(host, text_at(item, "path") or "/", name, item))
    return found


def _paths_of_gateway_route(route: Resource) -> Iterator[Path]:
    hosts = [(text(one) or "*").lower() for one in items_at(route.body, "spec", "hostnames")] or ["*"]
    for rule in items_at(route.body, "spec", "rules"):
        names = [text_at(one, "name") or "" for one in items_at(rule, "backendRefs")]
        for one in items_at(rule, "matches") or [rule]:
            asked = (
                {key.raw for key, _ in one.entries} if isinstance(one, Mapping) and one is not rule else set()
            )
            if asked <= {"path"}:
                path = text_at(one, "path", "value") or "/"
                for host in hosts:
                    yield Path(host, path, names[0] if len(names) == 1 else "", rule)


def class_of(resource: Resource) -> str:
    """Which controller serves it: class of an Ingress or Gateway, parents of a route, pods of an Istio gateway."""
    body = resource.body
    if resource.kind == "Ingress":
        stated = text_at(body, "spec", "ingressClassName")
        return stated or annotations_of(resource).get("kubernetes.io/ingress.class", "")
    if resource.kind == "Gateway" and group_of(resource) == _GATEWAYS[0]:
        return text_at(body, "spec", "gatewayClassName") or ""
    if resource.kind == "Gateway":
        selector = mapping_at(body, "spec", "selector")
        pairs = (
            [f"{key.raw}={text(value)}" for key, value in selector.entries] if selector is not None else []
        )
        return ",".join(sorted(pairs))
    if resource.kind == "VirtualService":
        return ",".join(sorted(text(one) or "" for one in items_at(body, "spec", "gateways")))
    return ",".join(sorted({text_at(one, "name") or "" for one in items_at(body, "spec", "parentRefs")}))


def encrypted(resource: Resource) -> dict[str, str]:
    """Host to how it is encrypted; hosts that are not are left out."""
    found: dict[str, str] = {}
    spec = mapping_at(resource.body, "spec")
    if resource.kind == "Ingress":
        hosts = [
            (text(one) or "").lower() for entry in items_at(spec, "tls") for one in items_at(entry, "hosts")
        ]
        everything = any(not items_at(entry, "hosts") for entry in items_at(spec, "tls"))
        found = dict.fromkeys([*hosts, *(hosts_of(resource) if everything else ())], "TLS")
    elif resource.kind == "Route":
        how = text_at(spec, "tls", "termination")
        if how:
            found[(text_at(spec, "host") or name_of(resource)).lower()] = how
    elif resource.kind == "Gateway":
        for listener in items_at(spec, "listeners"):
            if text_at(listener, "protocol") in ("HTTPS", "TLS"):
                name = text_at(listener, "hostname") or f"* (port {text_at(listener, 'port')})"
                found[name.lower()] = text_at(listener, "tls", "mode") or "Terminate"
        for server in items_at(spec, "servers"):
            tls = mapping_at(server, "tls")
            if tls is not None and (text_at(tls, "mode") or text_at(tls, "httpsRedirect") in TRUE):
                how = text_at(tls, "mode") or "redirect"
                port = text_at(server, "port", "number")
                for host in items_at(server, "hosts"):
                    name = (text(host) or "").rpartition("/")[2].lower()
                    found[f"* (port {port})" if name == "*" else name] = how
    return found
