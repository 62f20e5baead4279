"""What a model serving endpoint serves, and how much of its traffic each of it answers.

Facts: https://github.com/databricks/cli/blob/7bbe285213/bundle/schema/jsonschema.json (serving.ServedEntityInput)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import MISSING, Mapping, Node, Sequence
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.databricks_values import entry, items, node_at, number

if TYPE_CHECKING:
    from riskcheck.models import Change, Resource
    from riskcheck.rules.context import CheckContext

KIND: Final = "model_serving_endpoints"
ENTITIES: Final = ("config", "served_entities")
ROUTES: Final = ("config", "traffic_config", "routes")


class Entity(NamedTuple):
    """One thing that an endpoint serves: a model version, a feature spec or a model of an external provider.

    routes: the names by which traffic routes may know it: the stated one, or those that the platform makes of model
    and version. external: ``provider/name`` is its model, and it has no version.
    """

    model: str
    version: str
    routes: tuple[str, ...]
    node: Mapping
    external: bool = False

    @property
    def release(self) -> tuple[str, str]:
        """What answers requests, whatever the entity is called."""
        return self.model, self.version

    @property
    def label(self) -> str:
        return released(self.release)


def released(release: tuple[str, str]) -> str:
    """``main.fraud.scorer version 8``."""
    model, version = release
    return f"{model} version {version}" if version else model


def entities(endpoint: Resource | None) -> tuple[Entity, ...]:
    """What `endpoint` serves, in document order. An entity that names no model is left out."""
    found = []
    for item in items(endpoint, *ENTITIES):
        name = text(item, "name", endpoint)
        model, version = text(item, "entity_name", endpoint), text(item, "entity_version", endpoint)
        external = item.get("external_model")
        if isinstance(external, Mapping):
            model = text(external, "name", endpoint)
            provider = text(external, "provider", endpoint)
            route = name or model.replace(".", "-").replace(":", "-")
            if model:
                found.append(Entity(f"{provider}/{model}", "", (route,), item, external=True))
        elif model:
            routes = (f"{model.rsplit('.', 1)[-1]}-{version}", f"{model}-{version}")
            found.append(Entity(model, version, (name,) if name else routes, item))
    return tuple(found)


def text(item: Mapping | None, key: str, endpoint: Resource | None) -> str:
    """The scalar under `key` as text, ``""`` where there is none."""
    value = entry(item, key, endpoint)
    return "" if value is MISSING or value is None else str(value)


def has_routes(endpoint: Resource | None) -> bool:
    """Whether the endpoint states how its traffic is split."""
    routes = node_at(endpoint, *ROUTES)
    return isinstance(routes, Sequence) and bool(routes.items)


def shares(endpoint: Resource | None) -> dict[str, float]:
    """Percentage of traffic per route name. A single entity without routes answers everything."""
    routes: dict[str, float] = {}
    for item in items(endpoint, *ROUTES):
        name, share = route_name(item, endpoint), number(entry(item, "traffic_percentage", endpoint))
        if name and share is not None:
            routes[name] = routes.get(name, 0.0) + share
    served = entities(endpoint)
    return {served[0].routes[0]: 100.0} if not routes and len(served) == 1 else routes


def route_name(item: Mapping, endpoint: Resource | None) -> str:
    """The served entity that a route names, under either of the two spellings."""
    return text(item, "served_entity_name", endpoint) or text(item, "served_model_name", endpoint)


def route_names(endpoint: Resource | None) -> tuple[tuple[str, Mapping], ...]:
    """(name, route) for each route that names an entity."""
    return tuple((name, item) for item in items(endpoint, *ROUTES) if (name := route_name(item, endpoint)))


def serving(route: str, served: tuple[Entity, ...]) -> Entity | None:
    """The entity that `route` sends its traffic to."""
    return next((one for one in served if route in one.routes), None)


def release_shares(endpoint: Resource | None) -> dict[tuple[str, str], float]:
    """Percentage of traffic per (model, version): two routes to one version are one release."""
    found: dict[tuple[str, str], float] = {}
    served = entities(endpoint)
    for route, share in shares(endpoint).items():
        entity = serving(route, served)
        release = entity.release if entity is not None else (route, "")
        found[release] = found.get(release, 0.0) + share
    return found


def replaced(before: Resource, after: Resource, most_share: float) -> list[tuple[Entity, Entity]]:
    """(old, new) for each new version that took over in place: none of the versions that it stands in for is
    served any more, and more than `most_share` percent of the traffic is its own at once.

    It stands in for the entity of the same name, else for those of the same model, else, alone, for all.
    """
    old, new = entities(before), entities(after)
    known = {one.release for one in old}
    kept = {one.release for one in new}
    traffic = release_shares(after)
    found = []
    for one in new:
        predecessors = (
            [other for other in old if set(other.routes) & set(one.routes)]
            or [other for other in old if other.model == one.model]
            or (list(old) if len(new) == 1 else [])
        )
        if one.release in known or not predecessors or any(other.release in kept for other in predecessors):
            continue
        if traffic.get(one.release, 0.0 if traffic else 100.0) > most_share:
            found.append((predecessors[0], one))
    return found


def leads(change: Change, context: CheckContext, *blocks: tuple[str, ...]) -> bool:
    """Whether `change` is the first of its resource that touches any of `blocks`: a check that judges an endpoint
    as a whole, and is shown each change to it, speaks once."""
    for other in context.changes_of(change.resource):
        path = other.path
        if path and any(path[: len(block)] == block[: len(path)] for block in blocks):
            return path == change.path
    return False


def limit(context: CheckContext, name: str, default: float) -> float:
    """A number among the rule's options."""
    value = number(context.options.get(name, MISSING))
    return default if value is None else value


def place(*found: Node | None) -> Node | None:
    """The first node that a file states."""
    return next((node for node in found if node is not None and not node.synthetic), None)
