"""A model release moves several things together: the version that is served and its route, the alias, the table
that its answers are logged in and the monitor on that table. Each may hold already; what does not is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Location, Match, Related, Resource, location_of
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.databricks_values import (
    dereferenced,
    listed,
    neighbours,
    node_at,
    referenced,
    subject,
    text_at,
)
from riskcheck.rules.checks.registered_models import aliases_of, full_name
from riskcheck.rules.checks.serving_logging import inference_tables, logs_payloads
from riskcheck.rules.checks.serving_reading import (
    ENTITIES,
    KIND,
    ROUTES,
    Entity,
    entities,
    has_routes,
    leads,
    replaced,
    route_names,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Node
    from riskcheck.rules.context import CheckContext, ResourceView

_MODELS: Final = "registered_models"
_MONITORS: Final = "quality_monitors"
_PAYLOAD: Final = "_payload"
"""What the platform puts behind the prefix of an inference table:
https://docs.databricks.com/aws/en/ai-gateway/inference-tables"""


class Missing(NamedTuple):
    """A member of the set that did not move. telling: whether the release is wrong without it, not only unseen."""

    what: str
    node: Node | None
    telling: bool = True


def incomplete(change: Change, context: CheckContext) -> Iterator[Match]:
    """A version, an alias or a monitor changed while what must move with it did not, and does not hold either.

    Values: ``subject``, ``reason``, ``telling``.
    """
    judges = {KIND: _of_endpoint, _MODELS: _of_alias, _MONITORS: _of_monitor}
    judge = judges.get(change.resource.kind)
    if judge is None:
        return
    told, missing = judge(change, context)
    if not told or not missing:
        return
    yield Match(
        values={
            "subject": subject(change.resource),
            "reason": f"changed: {told}; not changed: {listed([one.what for one in missing])}",
            "telling": any(one.telling for one in missing),
        },
        related=tuple(Related("partner", place) for one in missing if (place := _place(one)) is not None),
    )


def _place(one: Missing) -> Location | None:
    return location_of(one.node) if one.node is not None and not one.node.synthetic else None


def model_of(entity: Entity, endpoint: Resource, view: ResourceView) -> tuple[str, Resource | None]:
    """Full name of the registered model behind `entity`, and the model where the same bundle declares it."""
    found = referenced(entity.model)
    if found is not None and found[0] == _MODELS:
        model = view.get(endpoint.unit, f"databricks:{_MODELS}.{found[1]}", endpoint.environment.name)
        return full_name(model, view), model
    name = entity.model.lower()
    for model in view.find(platform="databricks", kind=_MODELS, environment=endpoint.environment.name):
        if full_name(model, view) == name:
            return name, model
    return name, None


def _of_endpoint(change: Change, context: CheckContext) -> tuple[str, list[Missing]]:
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or not leads(change, context, ENTITIES):
        return "", []
    known = {one.release for one in entities(before)}
    served = entities(after)
    fresh = [one for one in served if one.release not in known and one.version]
    if not known or not fresh:
        return "", []
    missing = [
        *_unrouted(fresh, after),
        *_misnamed(fresh, served, after, context),
        *_unlogged(after, context),
        *_unmonitored(before, after, context),
    ]
    if missing:
        missing += _dropped(before, after)
    return f"{listed([one.label for one in fresh])} {_are(fresh)} served", missing


def _dropped(before: Resource, after: Resource) -> Iterator[Missing]:
    """Versions that nothing can turn back to; alone they are another rule's (DAB-011)."""
    for old, _ in replaced(before, after, 0.0):
        if old.version:
            yield Missing(f"version {old.version} is not kept", old.node, telling=False)


def _are(found: list[Entity]) -> str:
    return "is" if len(found) == 1 else "are"


def _unrouted(fresh: list[Entity], endpoint: Resource) -> Iterator[Missing]:
    """New versions that no route names though there are routes."""
    if not has_routes(endpoint):
        return
    named = {name for name, _ in route_names(endpoint)}
    for one in fresh:
        if not named.intersection(one.routes):
            yield Missing(f"no route names {one.routes[0]}", node_at(endpoint, *ROUTES))


def _misnamed(
    fresh: list[Entity], served: tuple[Entity, ...], endpoint: Resource, context: CheckContext
) -> Iterator[Missing]:
    """Production aliases of the released models that name none of the versions served."""
    told: set[str] = set()
    for one in fresh:
        name, model = model_of(one, endpoint, context.head)
        versions = {other.version for other in served if other.model == one.model}
        for alias, (version, item) in aliases_of(model).items():
            if alias in _production(context) and version and version not in versions and alias not in told:
                told.add(alias)
                yield Missing(f"alias {alias} of {name} names version {version}", item)


def _unlogged(endpoint: Resource, context: CheckContext) -> Iterator[Missing]:
    if context.options.get("needs_inference_table", True) is True and not logs_payloads(endpoint):
        node = node_at(endpoint, "config")
        yield Missing("no inference table logs what it answers", node, telling=False)


def _unmonitored(before: Resource, after: Resource, context: CheckContext) -> Iterator[Missing]:
    """A monitor that watched the inference table of base and watches none of the tables of head."""
    watched = _monitors(before, context.base)
    if watched and logs_payloads(after) and not _monitors(after, context.head):
        still = context.head.get(watched[0].unit, watched[0].address, watched[0].environment.name)
        node = node_at(still or watched[0], "table_name")
        yield Missing(f"{subject(watched[0])} does not watch its inference table", node)


def _monitors(endpoint: Resource, view: ResourceView) -> list[Resource]:
    """The quality monitors on the inference tables of `endpoint`."""
    tables = {
        name
        for one in inference_tables(endpoint)
        for name in (one.name, f"{one.name}{_PAYLOAD}")
        if not name.startswith(".")
    }
    return [
        monitor
        for monitor in view.find(platform="databricks", kind=_MONITORS, environment=endpoint.environment.name)
        if dereferenced(text_at(monitor, "table_name"), monitor, view).lower() in tables
    ]


def _of_alias(change: Change, context: CheckContext) -> tuple[str, list[Missing]]:
    """A production alias that moved, and endpoints that serve the model in other versions only."""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None:
        return "", []
    first = next((one for one in context.changes_of(after) if one.path[:1] == ("aliases",)), None)
    if first is None or first.path != change.path:
        return "", []
    old = aliases_of(before)
    moved = {
        alias: version
        for alias, (version, _) in aliases_of(after).items()
        if alias in _production(context) and version and alias in old and old[alias][0] != version
    }
    name = full_name(after, context.head)
    missing = []
    for endpoint in context.head.find(platform="databricks", kind=KIND, environment=after.environment.name):
        served = [
            one
            for one in entities(endpoint)
            if one.version and model_of(one, endpoint, context.head) in ((name, after),)
        ]
        behind = [alias for alias, version in moved.items() if version not in {one.version for one in served}]
        if served and behind:
            versions = listed([one.version for one in served])
            missing.append(Missing(f"{subject(endpoint)} serves version {versions}", served[0].node))
    return f"alias {listed([f'{a} names version {v}' for a, v in moved.items()])}", missing


def _of_monitor(change: Change, context: CheckContext) -> tuple[str, list[Missing]]:
    """A monitor that went while an endpoint goes on to fill the table that it watched."""
    gone = change.resource_before
    if gone is None or (change.path and change.path != ("table_name",)):
        return "", []
    for endpoint in neighbours(gone, KIND, context.head):
        before = context.base.get(endpoint.unit, endpoint.address, endpoint.environment.name)
        if before is None or gone not in _monitors(before, context.base):
            continue
        if not logs_payloads(endpoint) or _monitors(endpoint, context.head):
            continue
        served = entities(endpoint)
        label = listed([one.label for one in served])
        node = inference_tables(endpoint)[0].node if inference_tables(endpoint) else endpoint.origin
        told = "is removed" if change.resource_after is None else "watches another table"
        return f"it {told}", [Missing(f"{subject(endpoint)} still serves {label} unwatched", node)]
    return "", []


def _production(context: CheckContext) -> list[str]:
    names = context.options.get("production_aliases", [])
    return [str(name) for name in names] if isinstance(names, list) else []
