"""Reads every declaration of progressive delivery among resolved resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.progressive.argo_rollouts import read_rollout
from riskcheck.progressive.databricks_serving import KIND as ENDPOINT
from riskcheck.progressive.databricks_serving import read_endpoint
from riskcheck.progressive.flagger import read_canary
from riskcheck.progressive.gateway_api import KINDS as ROUTES
from riskcheck.progressive.gateway_api import read_route
from riskcheck.progressive.istio import read_virtual_service
from riskcheck.progressive.surroundings import Surroundings
from riskcheck.progressive.triggers import flows_through as flows_through

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.models import Resource
    from riskcheck.progressive.model import ProgressiveDelivery

DECLARING = frozenset({"Rollout", "Canary", "VirtualService", ENDPOINT}) | ROUTES
"""Kinds that may declare one."""


def deliveries(resources: Iterable[Resource]) -> tuple[ProgressiveDelivery, ...]:
    """The deliveries that `resources` declare, in their order.

    What a declaration refers to (workloads, analysis templates, configuration) is looked for among the `resources`
    of its environment; hand in all of one side. Raises nothing: what cannot be read is a `Problem` or unknown.
    """
    listed = list(resources)
    places: dict[str, list[Resource]] = {}
    declaring = [one for one in listed if one.kind in DECLARING]
    if not declaring:
        return ()
    for one in listed:
        places.setdefault(one.environment.name, []).append(one)
    around: dict[str, Surroundings] = {}
    found: list[ProgressiveDelivery] = []
    for one in declaring:
        name = one.environment.name
        if name not in around:
            around[name] = Surroundings(places[name])
        found.extend(read(one, around[name]))
    return tuple(found)


def read(resource: Resource, around: Surroundings) -> Iterator[ProgressiveDelivery]:
    """What one resource declares."""
    if resource.kind == "VirtualService":
        yield from read_virtual_service(resource, around)
    elif resource.kind in ROUTES:
        yield from read_route(resource, around)
    else:
        for found in (read_rollout(resource, around), read_canary(resource, around), read_endpoint(resource)):
            if found is not None:
                yield found
