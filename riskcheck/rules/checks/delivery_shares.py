"""Traffic shares that somebody edits: weights of mesh routes and of the Gateway API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import plain_value
from riskcheck.models import Match, Related, location_of
from riskcheck.progressive import gateway_api, istio
from riskcheck.progressive.values import percent
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.delivery_reading import around, option
from riskcheck.rules.checks.kubernetes_objects import group_of, is_first

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import Node
    from riskcheck.progressive.surroundings import Surroundings
    from riskcheck.progressive.values import Part
    from riskcheck.rules.context import CheckContext

_PLACES: Final = (("spec", "http"), ("spec", "tls"), ("spec", "tcp"), ("spec", "rules"))


class Route(NamedTuple):
    """Destinations of one route: share (0..1) and place by name."""

    shares: dict[str, float]
    nodes: dict[str, Node]


class _Step(NamedTuple):
    name: str
    was: float
    now: float
    node: Node
    before: Node | None


def shares_moved(change: Change, context: CheckContext) -> Iterator[Match]:
    """The share of a destination goes up by more than a canary's may, or begins higher (CAN-007).

    Values: what (text), weakened (bool).
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or not is_first(change, context, *_PLACES):
        return
    surroundings = around(context.head, after.environment.name)
    if istio.managed(after, surroundings) or gateway_api.managed(after, surroundings):
        return
    old = routes(before, around(context.base, before.environment.name))
    new = routes(after, surroundings)
    most_first, most_jump = option(context, "max_first", 20), option(context, "max_jump", 50)
    steps = [
        step
        for key, route in new.items()
        if key in old and len(route.shares.keys() | old[key].shares.keys()) > 1
        if len(route.shares) > 1 or len(old[key].shares) > 1
        for step in _steps(old[key], route)
        if (step.now - step.was) * 100 > (most_jump if step.was else most_first)
    ]
    if steps:
        worst = max(steps, key=lambda step: step.now - step.was)
        more = f" (and {len(steps) - 1} more)" if len(steps) > 1 else ""
        move = f"from {percent(worst.was)} to {percent(worst.now)} of the traffic"
        text = f"{worst.name} goes {move} in one step{more}"
        related = () if worst.before is None else (Related("before", location_of(worst.before)),)
        yield Match({"what": text, "weakened": True}, node=worst.node, related=related)


def _steps(old: Route, new: Route) -> Iterator[_Step]:
    for name, share in new.shares.items():
        was = old.shares.get(name, 0.0)
        if share > was:
            yield _Step(name, was, share, new.nodes[name], old.nodes.get(name))


def routes(resource: Resource, surroundings: Surroundings) -> dict[str, Route]:
    """Routes by what they match, or by position where that does not tell them apart."""
    found: dict[str, Route] = {}
    for number, (part, shares) in enumerate(_read(resource, surroundings)):
        key = _key(part)
        found[f"{key}#{number}" if key in found else key] = shares
    return found


def _key(part: Part) -> str:
    matches = part.at("match") or part.at("matches")
    if matches is None:
        return part.text("name")
    import json

    return json.dumps(plain_value(matches, part.reading), sort_keys=True)


def _read(resource: Resource, surroundings: Surroundings) -> Iterator[tuple[Part, Route]]:
    if resource.kind == "VirtualService" and group_of(resource) == istio.GROUP:
        for part in istio.routes_of(resource):
            weighted = [(_name(one), one.weight, one.node) for one in istio.destinations_of(part, resource)]
            yield part, _route(weighted)
    elif resource.kind in gateway_api.KINDS and group_of(resource) == gateway_api.GROUP:
        for part in gateway_api.rules_of(resource):
            backends = gateway_api.backends_of(part, resource, surroundings)
            yield part, _route([(one.name, one.weight, one.node) for one in backends])


def _name(destination: istio.Destination) -> str:
    parts = (destination.host.split(".")[0], destination.subset)
    return "/".join(part for part in parts if part)


def _route(weighted: list[tuple[str, float, Node]]) -> Route:
    total = sum(weight for _, weight, _ in weighted)
    shares: dict[str, float] = {}
    for name, weight, _ in weighted:
        if total > 0:
            shares[name] = shares.get(name, 0.0) + weight / total
    return Route(shares, {name: node for name, _, node in weighted})
