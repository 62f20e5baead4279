"""Gateway API: traffic shares of an HTTPRoute or GRPCRoute.

Facts: https://gateway-api.sigs.k8s.io/guides/traffic-splitting/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.progressive.surroundings import group_of, made_by_flagger, name_of
from riskcheck.progressive.values import body_of
from riskcheck.progressive.weights import Weighted, service_labels, smallest, split_between

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.progressive.model import ProgressiveDelivery
    from riskcheck.progressive.surroundings import Surroundings
    from riskcheck.progressive.values import Part

GROUP: Final = "gateway.networking.k8s.io"
KINDS: Final = frozenset({"HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute"})


def read_route(resource: Resource, around: Surroundings) -> tuple[ProgressiveDelivery, ...]:
    """One delivery per rule that splits its traffic; none where Flagger or a Rollout moves the weights."""
    if resource.kind not in KINDS or group_of(resource) != GROUP or managed(resource, around):
        return ()
    found = []
    for rule in rules_of(resource):
        backends = list(backends_of(rule, resource, around))
        least = smallest(backends)
        if least is None:
            continue
        main = max(backends, key=lambda one: one.weight)
        found.append(split_between("gateway-api", resource, main.name, least, backends, around))
    return tuple(found)


def rules_of(resource: Resource) -> Iterator[Part]:
    yield from body_of(resource).part("spec").parts("rules")


def backends_of(rule: Part, resource: Resource, around: Surroundings) -> Iterator[Weighted]:
    """Backends of one rule; a weight that is not stated is 1."""
    for one in rule.parts("backendRefs"):
        name = one.text("name")
        weight = 1.0 if one.at("weight") is None else one.number("weight") or 0.0
        if name:
            yield Weighted(
                name,
                weight,
                one.at("weight") or one.place,
                service_labels(name, resource, around),
            )


def managed(resource: Resource, around: Surroundings) -> bool:
    """Whether a controller rewrites the weights at run time: Flagger's own route, or one that a Rollout names."""
    name = name_of(resource)
    for rollout in around.kind("Rollout"):
        plugin = body_of(rollout).part(
            "spec", "strategy", "canary", "trafficRouting", "plugins", "argoproj-labs/gatewayAPI"
        )
        named = {plugin.text(field) for field in ("httpRoute", "grpcRoute", "tcpRoute", "tlsRoute")}
        for field in ("httpRoutes", "grpcRoutes", "tcpRoutes", "tlsRoutes"):
            named |= {one.text("name") for one in plugin.parts(field)}
        if name in named:
            return True
    return made_by_flagger(resource, around)
