"""What belongs to what a canary governs: configuration of its pods, and what finds, scales or guards them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.progressive.surroundings import config_of, configs_of, name_of, namespace_of, template_of
from riskcheck.progressive.values import body_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.progressive.model import ProgressiveDelivery
    from riskcheck.progressive.surroundings import Surroundings
    from riskcheck.progressive.values import Part

_SCALERS: Final = {"HorizontalPodAutoscaler": "scaleTargetRef", "ScaledObject": "scaleTargetRef"}
_GUARDS: Final = {"PodDisruptionBudget": "selector", "NetworkPolicy": "podSelector"}
_ROUTES: Final = frozenset(
    {"Ingress", "VirtualService", "DestinationRule", "HTTPRoute", "GRPCRoute", "TCPRoute"}
)
_BINDINGS: Final = frozenset({"RoleBinding", "ClusterRoleBinding"})
_OWN_SERVICES: Final = (
    ("strategy", "canary", "stableService"),
    ("strategy", "canary", "canaryService"),
    ("strategy", "blueGreen", "activeService"),
    ("strategy", "blueGreen", "previewService"),
)


def belongs(delivery: ProgressiveDelivery, resource: Resource, around: Surroundings) -> bool:
    """Whether `resource` is part of what `delivery` governs, so that people take it to go through the canary.

    What the controller itself makes or writes does not count: the Services and routes of a Flagger Canary, and the
    autoscaler that it holds back until the next update.
    """
    workload = delivery.workload
    if workload is None or not _near(resource, workload) or _made(delivery, resource):
        return False
    if resource.address in (delivery.resource.address, workload.address):
        return True
    config = config_of(resource)
    if config is not None:
        used = configs_of(workload)
        return any((config[0], name) in used for name in config[1])
    if resource.kind in _SCALERS:
        target = body_of(resource).part("spec", _SCALERS[resource.kind])
        return target.text("name") in (name_of(workload), name_of(delivery.resource))
    if resource.kind in _GUARDS:
        return _selects(body_of(resource).texts("spec", _GUARDS[resource.kind], "matchLabels"), workload)
    if resource.kind == "Service":
        return _selects(body_of(resource).texts("spec", "selector"), workload)
    if resource.kind in _ROUTES:
        services = {name_of(one) for one in _services(delivery, around)}
        return bool(services.intersection(_hosts(resource)))
    return _identity(resource, workload)


def _made(delivery: ProgressiveDelivery, resource: Resource) -> bool:
    if delivery.controller != "flagger":
        return False
    spec = body_of(delivery.resource).part("spec")
    if resource.kind in _SCALERS:
        return spec.text("autoscalerRef", "name") == name_of(resource)
    name = spec.text("service", "name") or delivery.governed.name
    return resource.kind in (*_ROUTES, "Service") and name_of(resource) in (
        name,
        f"{name}-canary",
        f"{name}-primary",
    )


def _services(delivery: ProgressiveDelivery, around: Surroundings) -> Iterator[Resource]:
    spec = body_of(delivery.resource).part("spec")
    named = {spec.text(*path) for path in _OWN_SERVICES}
    workload = delivery.workload
    for service in around.kind("Service"):
        if workload is None or not _near(service, workload):
            continue
        if name_of(service) in named or _selects(body_of(service).texts("spec", "selector"), workload):
            yield service


def _hosts(route: Resource) -> Iterator[str]:
    """Names of the Services that a route or a rule leads to."""
    spec = body_of(route).part("spec")
    yield spec.text("host").split(".")[0]
    yield spec.text("defaultBackend", "service", "name")
    for rule in spec.parts("rules"):
        for path in rule.parts("http", "paths"):
            yield path.text("backend", "service", "name")
        for backend in rule.parts("backendRefs"):
            yield backend.text("name")
    for protocol in ("http", "tls", "tcp"):
        for one in spec.parts(protocol):
            for target in one.parts("route"):
                yield target.text("destination", "host").split(".")[0]


def _identity(resource: Resource, workload: Resource) -> bool:
    """The account that the pods run as, and what binds roles to it."""
    account = template_of(workload).text("spec", "serviceAccountName")
    if not account:
        return False
    if resource.kind == "ServiceAccount":
        return name_of(resource) == account
    return resource.kind in _BINDINGS and any(
        _is_account(one, account, workload) for one in body_of(resource).parts("subjects")
    )


def _is_account(subject: Part, account: str, workload: Resource) -> bool:
    return (
        subject.text("kind") == "ServiceAccount"
        and subject.text("name") == account
        and subject.text("namespace") in ("", namespace_of(workload))
    )


def _selects(wanted: dict[str, str], workload: Resource) -> bool:
    """A selector of nothing in particular selects no workload in particular."""
    labels = template_of(workload).texts("metadata", "labels")
    return bool(wanted) and all(labels.get(key) == value for key, value in wanted.items())


def _near(one: Resource, other: Resource) -> bool:
    if one.environment.name != other.environment.name:
        return False
    places = namespace_of(one), namespace_of(other)
    return not all(places) or places[0] == places[1]
