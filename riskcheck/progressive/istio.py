"""Istio: traffic shares of a VirtualService, its subsets, and the faults and mirrors that it declares.

Facts: https://github.com/istio/api/blob/master/networking/v1alpha3/virtual_service.proto and
https://github.com/istio/api/blob/master/networking/v1alpha3/destination_rule.proto
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.progressive.surroundings import group_of, made_by_flagger, name_of
from riskcheck.progressive.values import body_of
from riskcheck.progressive.weights import Weighted, full_host, service_labels, smallest, split_between
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import Node
    from riskcheck.progressive.model import ProgressiveDelivery
    from riskcheck.progressive.surroundings import Surroundings
    from riskcheck.progressive.values import Part

GROUP: Final = "networking.istio.io"
_PROTOCOLS: Final = ("http", "tls", "tcp")


class Destination(NamedTuple):
    """Where one route sends its traffic. weight: 0 where it is stated as that. node: where it is named."""

    host: str
    subset: str
    weight: float
    node: Node


def read_virtual_service(resource: Resource, around: Surroundings) -> tuple[ProgressiveDelivery, ...]:
    """One delivery per route that splits its traffic; none where a controller moves the weights."""
    if resource.kind != "VirtualService" or group_of(resource) != GROUP or managed(resource, around):
        return ()
    found = []
    for route in routes_of(resource):
        destinations = list(destinations_of(route, resource))
        weighted = [
            Weighted(_name(one), one.weight, one.node, _labels(one, resource, around)) for one in destinations
        ]
        least = smallest(weighted)
        if least is None:
            continue
        host = max(destinations, key=lambda one: one.weight).host
        found.append(split_between("istio", resource, host.split(".")[0], least, weighted, around))
    return tuple(found)


def routes_of(resource: Resource) -> Iterator[Part]:
    """The routes of a VirtualService, of all protocols."""
    spec = body_of(resource).part("spec")
    for protocol in _PROTOCOLS:
        yield from spec.parts(protocol)


def destinations_of(route: Part, resource: Resource) -> Iterator[Destination]:
    """Destinations of one route. A single one gets everything, whatever its weight says.

    Shares are relative to the sum of all weights.
    """
    parts = list(route.parts("route"))
    for one in parts:
        destination = one.part("destination")
        if not destination:
            continue
        weight = one.number("weight")
        if len(parts) == 1 and not weight:
            weight = 100.0
        host = destination.text("host")
        yield Destination(
            full_host(host, resource) if host else "",
            destination.text("subset"),
            weight or 0.0,
            one.at("weight") or one.place,
        )


def subsets_for(host: str, near: Resource, around: Surroundings) -> dict[str, Part] | None:
    """Subsets by name that the DestinationRules for `host` define; None where there is no rule for it in reach."""
    found: dict[str, Part] | None = None
    for rule in around.kind("DestinationRule"):
        body = body_of(rule)
        if group_of(rule) != GROUP or full_host(body.text("spec", "host"), rule) != host:
            continue
        found = {} if found is None else found
        for subset in body.parts("spec", "subsets"):
            found.setdefault(subset.text("name"), subset)
    return found


def managed(resource: Resource, around: Surroundings) -> bool:
    """Whether a Rollout or Flagger rewrites the weights at run time."""
    name = name_of(resource)
    for rollout in around.kind("Rollout"):
        istio = body_of(rollout).part("spec", "strategy", "canary", "trafficRouting", "istio")
        named = {
            istio.text("virtualService", "name"),
            *(one.text("name") for one in istio.parts("virtualServices")),
        }
        if name in {one.rpartition(".")[0] or one for one in named} or name in named:
            return True
    return made_by_flagger(resource, around)


def _name(destination: Destination) -> str:
    return f"{destination.host}/{destination.subset}" if destination.subset else destination.host


def _labels(destination: Destination, near: Resource, around: Surroundings) -> dict[str, str] | None:
    labels = service_labels(destination.host, near, around)
    if labels is None or not destination.subset:
        return labels
    subset = (subsets_for(destination.host, near, around) or {}).get(destination.subset)
    return None if subset is None else labels | subset.texts("labels")
