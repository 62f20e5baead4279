"""What routes lead to, for which hosts, with which certificates: Ingress, Gateway API, OpenShift and Istio.

https://kubernetes.io/docs/concepts/services-networking/ingress/ , https://gateway-api.sigs.k8s.io/reference/spec/ ,
https://docs.redhat.com/en/documentation/openshift_container_platform/4.16/html/networking/configuring-routes and
https://istio.io/latest/docs/reference/config/networking/virtual-service/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple
from riskcheck.rules.checks.kubernetes_objects import (
    group_of,
    items_at,
    mapping_at,
    namespace_of,
    text,
    text_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import Mapping, Node

GATEWAY_ROUTES: Final = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")
ROUTES: Final = ("Ingress", "Route", "VirtualService", *GATEWAY_ROUTES)
"""Kinds that lead requests to Services."""

_GATEWAY: Final = "gateway.networking.k8s.io"
_ISTIO: Final = "networking.istio.io"


class Backend(NamedTuple):
    """A Service that requests are led to. port: its number or name, ``""`` where none is said. by_target: whether
    the port of the pods may be meant. node: where it is named."""

    service: str
    namespace: str
    port: str
    by_target: bool
    node: Node


class Certified(NamedTuple):
    """A secret that a route takes its certificate from, and the hosts that it is for."""

    secret: str
    hosts: tuple[str, ...]
    node: Node


def is_route(resource: Resource) -> bool:
    group = group_of(resource)
    if resource.kind == "Ingress":
        return group in ("networking.k8s.io", "extensions")
    if resource.kind == "Route":
        return group == "route.openshift.io"
    if resource.kind == "VirtualService":
        return group == _ISTIO
    return resource.kind in GATEWAY_ROUTES and group == _GATEWAY


def backends_of(resource: Resource) -> Iterator[Backend]:
    """The Services that a route names; nothing for other objects."""
    if not is_route(resource):
        return
    if resource.kind == "Ingress":
        yield from _of_ingress(resource)
    elif resource.kind == "Route":
        yield from _of_route(resource)
    elif resource.kind == "VirtualService":
        yield from _of_virtual_service(resource)
    else:
        yield from _of_gateway_route(resource)


def _of_ingress(resource: Resource) -> Iterator[Backend]:
    spec = mapping_at(resource.body, "spec")
    found = [mapping_at(spec, "defaultBackend"), mapping_at(spec, "backend")]
    for rule in items_at(spec, "rules"):
        found += [mapping_at(path, "backend") for path in items_at(rule, "http", "paths")]
    home = namespace_of(resource)
    for backend in found:
        service = mapping_at(backend, "service")
        name, port = text_at(service, "name"), mapping_at(service, "port")
        if service is not None and name:
            yield Backend(name, home, text_at(port, "number") or text_at(port, "name") or "", False, service)
        elif backend is not None and (old := text_at(backend, "serviceName")):
            yield Backend(old, home, text_at(backend, "servicePort") or "", False, backend)


def _of_route(resource: Resource) -> Iterator[Backend]:
    spec = mapping_at(resource.body, "spec")
    port = text_at(spec, "port", "targetPort") or ""
    for target in (mapping_at(spec, "to"), *items_at(spec, "alternateBackends")):
        name = text_at(target, "name")
        if target is not None and name and (text_at(target, "kind") or "Service") == "Service":
            yield Backend(name, namespace_of(resource), port, True, target)


def _of_virtual_service(resource: Resource) -> Iterator[Backend]:
    for protocol in ("http", "tcp", "tls"):
        for route in items_at(resource.body, "spec", protocol):
            for one in items_at(route, "route"):
                destination = mapping_at(one, "destination")
                name, _, rest = (text_at(destination, "host") or "").partition(".")
                space = rest.partition(".")[0] or namespace_of(resource)
                # A longer name is one of the cluster, or of somebody else's.
                inside = not rest or rest.count(".") == 0 or ".svc" in rest
                if destination is not None and name and inside:
                    yield Backend(
                        name, space, text_at(destination, "port", "number") or "", False, destination
                    )


def _of_gateway_route(resource: Resource) -> Iterator[Backend]:
    for rule in items_at(resource.body, "spec", "rules"):
        for one in items_at(rule, "backendRefs"):
            name = text_at(one, "name")
            if name and (text_at(one, "kind") or "Service") == "Service" and not text_at(one, "group"):
                space = text_at(one, "namespace") or namespace_of(resource)
                yield Backend(name, space, text_at(one, "port") or "", False, one)


def hosts_of(resource: Resource) -> tuple[str, ...]:
    """The host names that a route answers to, lower case."""
    if not is_route(resource):
        return ()
    spec = mapping_at(resource.body, "spec")
    found: list[str | None]
    if resource.kind == "Ingress":
        found = [text_at(rule, "host") for rule in items_at(spec, "rules")]
    elif resource.kind == "Route":
        found = [text_at(spec, "host")]
    else:
        found = _names(spec, "hosts" if resource.kind == "VirtualService" else "hostnames")
    return tuple(dict.fromkeys(one.lower() for one in found if one))


def _names(node: Node | None, field: str) -> list[str | None]:
    return [text(one) for one in items_at(node, field)]


def certified(resource: Resource) -> Iterator[Certified]:
    """The secrets with certificates that an Ingress or a gateway of any kind names."""
    group, spec = group_of(resource), mapping_at(resource.body, "spec")
    if resource.kind == "Ingress" and is_route(resource):
        for entry in items_at(spec, "tls"):
            yield from _certified(text_at(entry, "secretName"), _names(entry, "hosts"), entry)
    elif resource.kind == "Gateway" and group == _GATEWAY:
        for listener in items_at(spec, "listeners"):
            for one in items_at(listener, "tls", "certificateRefs"):
                if (text_at(one, "kind") or "Secret") == "Secret" and not text_at(one, "namespace"):
                    yield from _certified(text_at(one, "name"), [text_at(listener, "hostname")], one)
    elif resource.kind == "Gateway" and group == _ISTIO:
        for server in items_at(spec, "servers"):
            tls = mapping_at(server, "tls")
            if tls is not None:
                hosts = [(host or "").rpartition("/")[2] for host in _names(server, "hosts")]
                yield from _certified(text_at(tls, "credentialName"), [*hosts], tls)


def _certified(secret: str | None, hosts: list[str | None], node: Node) -> Iterator[Certified]:
    if secret:
        yield Certified(secret, tuple(host.lower() for host in hosts if host), node)


def certificate_hosts(certificate: Mapping) -> frozenset[str]:
    """https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.CertificateSpec"""
    names = [*_names(mapping_at(certificate, "spec"), "dnsNames"), text_at(certificate, "spec", "commonName")]
    return frozenset(one.lower() for one in names if one)


def covers(names: frozenset[str], host: str) -> bool:
    """Whether a certificate for `names` is one for `host`; a star stands for one label."""
    return host in names or f"*.{host.partition('.')[2]}" in names
