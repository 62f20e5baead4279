"""Changes to which model version of a serving endpoint answers how much of its traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.nodes import MISSING, Mapping, Sequence
from riskcheck.rules.checks.databricks_values import (
    entry,
    items,
    node_at,
    number,
    speaks_for,
    subject,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext

_ENTITY_FIELDS: Final = [("entity_version",), ("entity_name",)]

ROUTES: Final = ("config", "traffic_config", "routes")


class Entity(NamedTuple):
    """One model version that an endpoint serves. route: the name that traffic routes know it by, the stated
    one or the one that the platform makes of model and version."""

    model: str
    version: str
    route: str
    node: Mapping

    @property
    def release(self) -> tuple[str, str]:
        """What answers requests, whatever the entity is called."""
        return self.model, self.version

    @property
    def label(self) -> str:
        return f"{self.model} version {self.version}" if self.version else self.model


def entities(endpoint: Resource | None) -> tuple[Entity, ...]:
    """The model versions that `endpoint` serves."""
    found = []
    for item in items(endpoint, "config", "served_entities"):
        model = _text(item, "entity_name", endpoint) or _external(item)
        version = _text(item, "entity_version", endpoint)
        if model:
            route = _text(item, "name", endpoint) or f"{model.rsplit('.', 1)[-1]}-{version}"
            found.append(Entity(model, version, route, item))
    return tuple(found)


def _external(item: Mapping) -> str:
    """An external model is named by provider and model; it has no version of its own."""
    external = item.get("external_model")
    if not isinstance(external, Mapping):
        return ""
    return "/".join(getattr(external.get(key), "raw", "") for key in ("provider", "name"))


def _text(item: Mapping, key: str, endpoint: Resource | None) -> str:
    value = entry(item, key, endpoint)
    return "" if value is MISSING or value is None else str(value)


def shares(endpoint: Resource | None) -> dict[str, float]:
    """Percentage of traffic per route name. A single entity without routes answers everything."""
    routes = {
        name: share
        for item in items(endpoint, *ROUTES)
        if (name := _text(item, "served_entity_name", endpoint))
        if (share := number(entry(item, "traffic_percentage", endpoint))) is not None
    }
    served = entities(endpoint)
    return {served[0].route: 100.0} if not routes and len(served) == 1 else routes


def release_shares(endpoint: Resource | None) -> dict[tuple[str, str], float]:
    """Percentage of traffic per (model, version): two routes to one version are one release."""
    found: dict[tuple[str, str], float] = {}
    served = entities(endpoint)
    for route, share in shares(endpoint).items():
        # Routes know an unnamed entity as model-version; some clients write the model's full name.
        release = next(
            (one.release for one in served if route in {one.route, f"{one.model}-{one.version}"}), (route, "")
        )
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
            [other for other in old if other.route == one.route]
            or [other for other in old if other.model == one.model]
            or (list(old) if len(new) == 1 else [])
        )
        if one.release in known or not predecessors or any(other.release in kept for other in predecessors):
            continue
        if traffic.get(one.release, 0.0 if traffic else 100.0) > most_share:
            found.append((predecessors[0], one))
    return found


def replaced_in_place(change: Change, context: CheckContext) -> Iterator[Match]:
    """A new model version takes the traffic of the old one at once.

    Values: ``subject``, ``was``, ``becomes``, ``share`` (percent).
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or change.node_after is None:
        return
    if not speaks_for(change, context, change.path[:-1], _ENTITY_FIELDS):
        return
    traffic = release_shares(after)
    for old, new in replaced(before, after, _limit(context, "max_first_share", 20.0)):
        if new.node.get(change.path[-1]) is change.node_after:
            yield Match(
                values={
                    "subject": subject(after),
                    "was": old.label,
                    "becomes": new.label,
                    "share": round(traffic.get(new.release, 100.0)),
                },
                related=(Related("before", location_of(old.node)),),
            )


def traffic_jump(change: Change, context: CheckContext) -> Iterator[Match]:
    """The traffic split of an endpoint moved further in one step than a canary may, or no longer adds up.

    Speaks once an endpoint, of the worst. What was replaced in place is `replaced_in_place`'s to report.
    Values: ``subject``, ``what``.
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or not entities(before) or not _is_first_route(change, context):
        return
    what = _invalid(after) or _jump(before, after, context)
    if what:
        yield Match(values={"subject": subject(after), "what": what})


def _is_first_route(change: Change, context: CheckContext) -> bool:
    for other in context.changes_of(change.resource):
        if other.path[:2] != ROUTES[:2] or (len(other.path) > 4 and other.path[-1] != "traffic_percentage"):
            continue
        if len(other.path) > len(ROUTES):
            return change.path[: len(other.path)] == other.path
        side = change.resource_after if other.kind == "added" else change.resource_before
        node = change.node_after if other.kind == "added" else change.node_before
        first = next(items(side, *ROUTES), None)
        return first is not None and first.get("traffic_percentage") is node
    return False


def _invalid(after: Resource) -> str:
    routes = node_at(after, *ROUTES)
    if not isinstance(routes, Sequence) or not routes.items:
        return ""
    percentages = [number(entry(item, "traffic_percentage", after)) for item in items(after, *ROUTES)]
    known = [one for one in percentages if one is not None]
    if len(known) < len(percentages) or sum(known) == 100:
        return ""
    return f"its routes add up to {sum(known):g} % of the traffic"


def _jump(before: Resource, after: Resource, context: CheckContext) -> str:
    old, new = release_shares(before), release_shares(after)
    swaps = replaced(before, after, _limit(context, "max_first_share", 20.0))
    gone = {one.release for one, _ in swaps}
    come = {one.release for _, one in swaps}
    most = _limit(context, "max_step", 50.0)
    steps = sorted(
        ((new[one] - old.get(one, 0.0), one) for one in new if one not in come), key=lambda step: -step[0]
    )
    if steps and steps[0][0] > most:
        release = steps[0][1]
        step = f"from {old.get(release, 0.0):g} % to {new[release]:g} % of the traffic"
        return f"{_said(release)} goes {step} in one step"
    for release, share in old.items():
        if share >= most and release not in new and release not in gone and new:
            return f"{_said(release)}, which answered {share:g} % of the traffic, gets none"
    return ""


def _said(release: tuple[str, str]) -> str:
    return f"{release[0]} version {release[1]}" if release[1] else release[0]


def _limit(context: CheckContext, name: str, default: float) -> float:
    value = number(context.options.get(name, MISSING))
    return default if value is None else value
