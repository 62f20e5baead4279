"""Istio routes that lead nowhere, and faults and mirrors that reach production."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import plain_value
from riskcheck.models import Match, Related, location_of
from riskcheck.progressive.istio import GROUP, destinations_of, managed, routes_of, subsets_for
from riskcheck.progressive.surroundings import group_of
from riskcheck.progressive.values import body_of
from riskcheck.progressive.weights import full_host
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.delivery_reading import around, option, summed
from riskcheck.rules.checks.delivery_subsets import WORKLOADS, subset_emptied
from riskcheck.rules.checks.kubernetes_objects import (
    is_first,
    may_come_from_elsewhere,
    name_of,
    still_declared,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import Node
    from riskcheck.progressive.surroundings import Surroundings
    from riskcheck.progressive.values import Part
    from riskcheck.rules.context import CheckContext

_PLACES: Final = (("spec", "http"), ("spec", "tls"), ("spec", "tcp"))


class Fault(NamedTuple):
    """key: what it is told apart by, from side to side."""

    key: tuple[str, ...]
    text: str
    node: Node


def route_broken(change: Change, context: CheckContext) -> Iterator[Match]:
    """A route to a subset that nobody defines or no pod is in, or of no weight, a fault or a large mirror in
    production (CAN-014).

    Values: what (text).
    """
    if change.resource.kind in WORKLOADS:
        yield from subset_emptied(change, context)
        return
    if group_of(change.resource) != GROUP:
        return
    if change.resource.kind == "DestinationRule":
        yield from _subset_removed(change, context)
        if change.resource_after is not None:
            yield from subset_emptied(change, context)
        return
    after = change.resource_after
    if after is None or not is_first(change, context, *_PLACES):
        return
    before = change.resource_before
    known = (
        {one.key for one in _faults(before, around(context.base, before.environment.name), context)}
        if before
        else set()
    )
    found = [
        one
        for one in _faults(after, around(context.head, after.environment.name), context)
        if one.key not in known
    ]
    if found:
        yield Match({"what": summed(one.text for one in found)}, node=found[0].node)


def _faults(resource: Resource, surroundings: Surroundings, context: CheckContext) -> Iterator[Fault]:
    moved = managed(resource, surroundings)
    for route in routes_of(resource):
        for subset, host, node in _subsets(route, resource):
            defined = subsets_for(host, resource, surroundings)
            if defined is not None and subset not in defined:
                yield Fault(
                    ("subset", host, subset), f"no DestinationRule defines subset {subset} of {host}", node
                )
        destinations = list(destinations_of(route, resource))
        if len(destinations) > 1 and not moved and not any(one.weight for one in destinations):
            text = f"all {len(destinations)} destinations of a route have weight 0"
            names = (f"{one.host}/{one.subset}" for one in destinations)
            yield Fault(("weight", *names), text, destinations[0].node)
        if resource.environment.stage == "prod":
            yield from _in_production(route, context)


def _in_production(route: Part, context: CheckContext) -> Iterator[Fault]:
    for kind in ("abort", "delay"):
        node = route.at("fault", kind)
        if node is not None:
            verb = "aborts" if kind == "abort" else "delays"
            yield Fault(
                ("fault", kind, _written(route, "fault", kind)),
                f"a fault {verb} requests{_share(route.part('fault', kind))}",
                node,
            )
    most = option(context, "max_mirror", 50)
    share = _mirrored(route)
    node = route.at("mirror") or route.at("mirrors")
    if node is not None and share > most:
        key = ("mirror", f"{share:g}", _written(route, "mirror"), _written(route, "mirrors"))
        yield Fault(key, f"{share:g} % of the requests are mirrored", node)


def _written(route: Part, *path: str) -> str:
    """What stands there, so that a route which only moved brings nothing new."""
    node = route.at(*path)
    return "" if node is None else json.dumps(plain_value(node, route.reading), sort_keys=True, default=str)


def _share(fault: Part) -> str:
    share = fault.number("percentage", "value")
    share = fault.number("percent") if share is None else share
    return "" if share is None else f" ({share:g} %)"


def _mirrored(route: Part) -> float:
    """Per cent of the requests that are copied; all of them where nothing is stated."""
    shares = [one.number("percentage", "value") for one in route.parts("mirrors")]
    if shares:
        return sum(100.0 if one is None else one for one in shares)
    for path in (("mirrorPercentage", "value"), ("mirrorPercent",), ("mirror_percent",)):
        found = route.number(*path)
        if found is not None:
            return found
    return 100.0


def _subsets(route: Part, resource: Resource) -> Iterator[tuple[str, str, Node]]:
    """Subset, host and place of everything that a route sends requests to."""
    for one in destinations_of(route, resource):
        if one.subset and one.host:
            yield one.subset, one.host, one.node
    mirrors = [route.part("mirror"), *(one.part("destination") for one in route.parts("mirrors"))]
    for mirror in mirrors:
        if mirror.text("subset") and mirror.text("host"):
            yield mirror.text("subset"), full_host(mirror.text("host"), resource), mirror.place


def _subset_removed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A DestinationRule loses a subset, or goes, while a route of head still names it."""
    before = change.resource_before
    if before is None:
        return
    if change.resource_after is None:
        if still_declared(before, context.head) or may_come_from_elsewhere(before, context):
            return
    elif not is_first(change, context, ("spec", "subsets"), ("spec", "host")):
        return
    host = full_host(body_of(before).text("spec", "host"), before)
    names = {one.text("name") for one in body_of(before).parts("spec", "subsets")}
    surroundings = around(context.head, before.environment.name)
    defined = subsets_for(host, before, surroundings) or {}
    for route_owner in surroundings.kind("VirtualService"):
        if group_of(route_owner) != GROUP:
            continue
        for route in routes_of(route_owner):
            for subset, named, node in _subsets(route, route_owner):
                if named == host and subset in names and subset not in defined:
                    text = f"VirtualService {name_of(route_owner)} still routes to subset {subset} of {host}"
                    yield Match({"what": text}, related=(Related("route", location_of(node)),))
                    return
