"""Subsets of a mesh that requests are sent to and no pod is in any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match, Related, location_of
from riskcheck.progressive.istio import GROUP, destinations_of, managed, routes_of, subsets_for
from riskcheck.progressive.surroundings import group_of, name_of, template_of
from riskcheck.progressive.values import body_of
from riskcheck.progressive.weights import full_host, service_labels
from riskcheck.rules.checks.delivery_reading import around
from riskcheck.rules.checks.kubernetes_objects import is_preview, leaves_the_cluster

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import Node
    from riskcheck.progressive.surroundings import Surroundings
    from riskcheck.rules.context import CheckContext

WORKLOADS: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"})
_LABELS: Final = ("spec", "template", "metadata", "labels")


def subset_emptied(change: Change, context: CheckContext) -> Iterator[Match]:
    """Pods leave a subset that a route of head still sends requests to: by their labels, by those of the subset, or
    because their workload goes. Values: what (text)."""
    if not _is_asked(change, context) or is_preview(change):
        return
    environment = change.environment.name
    before, after = around(context.base, environment), around(context.head, environment)
    for route in after.kind("VirtualService"):
        if group_of(route) != GROUP or managed(route, after):
            continue
        for host, subset, node in _sent(route):
            was, now = _pods(host, subset, route, before), _pods(host, subset, route, after)
            if not was or now is None or now or not _is_cause(change, host, was):
                continue
            if not _pods(host, "", route, after):
                # The whole Service lost its pods; that is told of the Service.
                continue
            sender = f"VirtualService {name_of(route)} sends to it"
            text = f"no pod is in subset {subset} of {host} any more, and {sender}"
            yield Match({"what": text}, related=(Related("route", location_of(node)),))
            return


def _is_asked(change: Change, context: CheckContext) -> bool:
    if change.resource_before is None:
        return False
    if change.resource_after is None:
        return leaves_the_cluster(change.resource_before, context)
    mine = (_LABELS, ("spec", "subsets"))
    for one in context.changes_of(change.resource):
        if any(one.path[: len(path)] == path[: len(one.path)] for path in mine):
            return one is change
    return False


def _sent(route: Resource) -> Iterator[tuple[str, str, Node]]:
    """Host, subset and place of whatever gets requests."""
    for part in routes_of(route):
        for one in destinations_of(part, route):
            if one.host and one.subset and one.weight > 0:
                yield one.host, one.subset, one.node


def _pods(host: str, subset: str, near: Resource, place: Surroundings) -> list[Resource] | None:
    """Workloads with pods in a subset (``""`` for all of the Service); None where it cannot be told."""
    labels = service_labels(host, near, place)
    if labels is None:
        return None
    if subset:
        found = (subsets_for(host, near, place) or {}).get(subset)
        if found is None:
            return None
        labels = labels | found.texts("labels")
    return [
        one
        for one in place.workloads(near)
        if labels.items() <= template_of(one).texts("metadata", "labels").items()
    ]


def _is_cause(change: Change, host: str, was: list[Resource]) -> bool:
    """Whether it is this workload that left or got other labels, or this rule that defines the subset otherwise."""
    resource = change.resource
    if resource.kind == "DestinationRule":
        return full_host(body_of(resource).text("spec", "host"), resource) == host
    return any(one.address == resource.address for one in was)
