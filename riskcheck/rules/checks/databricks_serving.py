"""Changes to which model version of a serving endpoint answers how much of its traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.databricks_values import entry, items, number, speaks_for, subject
from riskcheck.rules.checks.serving_reading import (
    ENTITIES,
    ROUTES,
    entities,
    has_routes,
    leads,
    limit,
    place,
    release_shares,
    released,
    replaced,
    route_name,
    route_names,
    serving,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Node
    from riskcheck.rules.context import CheckContext

_ENTITY_FIELDS: Final = [
    ("entity_version",),
    ("entity_name",),
    ("external_model", "name"),
    ("external_model", "provider"),
]

_TRAFFIC: Final = ROUTES[:2]


class Fault(NamedTuple):
    """What is wrong with a split, and where."""

    what: str
    node: Node | None = None


def replaced_in_place(change: Change, context: CheckContext) -> Iterator[Match]:
    """A new model version takes the traffic of the old one at once.

    Values: ``subject``, ``was``, ``becomes``, ``share`` (percent).
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or change.node_after is None:
        return
    if not speaks_for(change, context, change.path[: len(ENTITIES) + 1], _ENTITY_FIELDS):
        return
    traffic = release_shares(after)
    for old, new in replaced(before, after, limit(context, "max_first_share", 20.0)):
        if new.node.at(*change.path[len(ENTITIES) + 1 :]) is change.node_after:
            yield Match(
                values={
                    "subject": subject(after),
                    "was": old.label,
                    "becomes": new.label,
                    "share": round(traffic.get(new.release, 100.0)),
                    "loss": "is no longer asked" if old.external else "is no longer loaded",
                },
                related=(Related("before", location_of(old.node)),),
            )


def traffic_jump(change: Change, context: CheckContext) -> Iterator[Match]:
    """The traffic split of an endpoint moved further in one step than a canary may, or cannot be carried out.

    Speaks once an endpoint, of the worst. What was replaced in place is `replaced_in_place`'s to report.
    Values: ``subject``, ``what``.
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or not entities(before):
        return
    if not leads(change, context, _TRAFFIC, ENTITIES):
        return
    known = [fault.what for fault in _invalid(before)]
    fault = next((one for one in _invalid(after) if one.what not in known), None)
    fault = fault or _jump(before, after, context)
    if fault is not None:
        yield Match(values={"subject": subject(after), "what": fault.what}, node=fault.node)


def _invalid(endpoint: Resource) -> Iterator[Fault]:
    """Why the endpoint refuses its routes, or is left without any that say who answers."""
    served = entities(endpoint)
    if not served and not list(items(endpoint, *ENTITIES)):
        yield Fault("it serves nothing any more")
        return
    if not has_routes(endpoint):
        if len(served) > 1:
            yield Fault(f"no routes say which of {len(served)} served entities answers")
        return
    for name, route in route_names(endpoint):
        if serving(name, served) is None and "${" not in name:
            yield Fault(f"a route goes to {name}, which is not served", route)
    stated = [
        (number(entry(item, "traffic_percentage", endpoint)), item.get("traffic_percentage"))
        for item in items(endpoint, *ROUTES)
    ]
    known = [share for share, _ in stated if share is not None]
    if len(known) == len(stated) and sum(known) != 100:
        yield Fault(f"its routes add up to {sum(known):g} % of the traffic")


def _jump(before: Resource, after: Resource, context: CheckContext) -> Fault | None:
    old, new = release_shares(before), release_shares(after)
    swaps = replaced(before, after, limit(context, "max_first_share", 20.0))
    gone = {one.release for one, _ in swaps}
    come = {one.release for _, one in swaps}
    most = limit(context, "max_step", 50.0)
    steps = sorted(
        ((new[one] - old.get(one, 0.0), one) for one in new if one not in come), key=lambda step: -step[0]
    )
    if steps and steps[0][0] > most:
        release = steps[0][1]
        step = f"from {old.get(release, 0.0):g} % to {new[release]:g} % of the traffic"
        return Fault(f"{released(release)} goes {step} in one step", _share_of(release, after))
    for release, share in old.items():
        if share >= most and release not in new and release not in gone and new:
            taker = max(new, key=lambda one: new[one])
            what = f"{released(release)}, which answered {share:g} % of the traffic, gets none"
            return Fault(what, _share_of(taker, after))
    return None


def _share_of(release: tuple[str, str], endpoint: Resource) -> Node | None:
    """Where the share of `release` is stated."""
    served = entities(endpoint)
    for item in items(endpoint, *ROUTES):
        one = serving(route_name(item, endpoint), served)
        if one is not None and one.release == release:
            return place(item.get("traffic_percentage"), item)
    return next((one.node for one in served if one.release == release), None)
