"""Changes of a bundle target's own settings: where its state lives, its presets, its variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.nodes import render_path
from riskcheck.records import NamedTuple
from riskcheck.redact import redact_value
from riskcheck.rules.checks.databricks_data import renamed_target
from riskcheck.rules.checks.databricks_values import (
    counterpart,
    listed,
    moved_away,
    neighbours,
    node_at,
    shown,
    state_location,
    subject,
    value_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import KeyPath, Node
    from riskcheck.rules.context import CheckContext

_IDENTITY: Final[tuple[KeyPath, ...]] = (
    ("bundle", "name"),
    ("workspace", "host"),
    ("workspace", "root_path"),
    ("workspace", "state_path"),
)
"""Settings that say where the deployment state lives. The earlier ones shape the defaults of the later."""


def deployment_moved(change: Change, context: CheckContext) -> Iterator[Match]:
    """The next deployment of a target looks for its state elsewhere, finds none, and creates everything anew.

    Values: ``subject``, ``field``, ``was``, ``becomes``.
    """
    before, after = change.resource_before, change.resource_after
    if before is None:
        return
    if after is None:
        twin = renamed_target(before, context)
        if twin is not None and not change.path and state_location(twin) != state_location(before):
            yield Match(
                values={
                    "subject": subject(before),
                    "field": "name",
                    "was": before.name,
                    "becomes": twin.name,
                },
                related=(Related("renamed to", location_of(twin.origin)),),
            )
        return
    old_host, new_host = state_location(before)[0], state_location(after)[0]
    is_other_host = bool(old_host and new_host) and old_host != new_host
    if not moved_away(before, after):
        return
    for path in _IDENTITY:
        was, becomes = value_at(before, *path), value_at(after, *path)
        if was == becomes or (path[-1] == "host" and not is_other_host):
            continue
        if change.path == path:
            values = {"field": ".".join(path), "was": shown(was), "becomes": shown(becomes)}
            yield Match(values={"subject": subject(after), **values})
        return


RECREATED: Final = ("schemas", "registered_models", "models", "model_serving_endpoints")
"""Kinds whose name is their id, so that a new prefix deletes and creates them:
https://github.com/databricks/cli/blob/7bbe285213/bundle/config/mutator/resourcemutator/apply_presets.go"""

RENAMED: Final = (
    *("jobs", "pipelines", "experiments", "clusters", "instance_pools", "sql_warehouses"),
    *("dashboards", "alerts", "genie_spaces"),
)
"""Kinds that take the prefix too, and are known by an id of their own: they are renamed in place."""


class Preset(NamedTuple):
    """A preset: the resource kinds and fields that it fills where they are unset, and what a change means."""

    kinds: tuple[str, ...]
    fields: tuple[KeyPath, ...]
    effect: str


PRESETS: Final = {
    "name_prefix": Preset(
        RENAMED,
        (("name",), ("display_name",), ("cluster_name",), ("instance_pool_name",), ("title",)),
        "renamed in place",
    ),
    "trigger_pause_status": Preset(
        ("jobs", "alerts", "pipelines"),
        (*((block, "pause_status") for block in ("schedule", "trigger", "continuous")), ("continuous",)),
        "started by its triggers again",
    ),
    "pipelines_development": Preset(
        ("pipelines",), (("development",),), "switched between development and production"
    ),
    "jobs_max_concurrent_runs": Preset(
        ("jobs",), (("max_concurrent_runs",),), "given another limit of concurrent runs"
    ),
}

_NEW_IDENTITY: Final = Preset(RECREATED, (("name",),), "deleted and created again under the new prefix")


def preset_changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A preset changed that fills a field of some resource. What ``mode`` implies is not reported here.

    Of a new prefix only the resources that it recreates are named, where there are any: for the others a name
    is only a name.

    Values: ``preset``, ``effect``, ``count``, ``renames`` (the prefix is part of an id), ``stops`` (triggers).
    """
    after = change.resource_after
    name = change.path[-1]
    preset = PRESETS.get(name)
    if after is None or change.resource_before is None or preset is None or change.node.synthetic:
        return
    recreated = _filled_anew(_NEW_IDENTITY, after, context) if name == "name_prefix" else []
    if recreated:
        preset = _NEW_IDENTITY
    changed = recreated or _filled_anew(preset, after, context)
    if not changed:
        return
    verb = "is" if len(changed) == 1 else "are"
    stops = name == "trigger_pause_status" and change.after == "PAUSED"
    effect = "paused" if stops else preset.effect
    names = listed([subject(resource) for resource in changed])
    yield Match(
        values={
            "preset": name,
            "effect": f"{names} {verb} {effect}",
            "count": len(changed),
            "renames": bool(recreated),
            "stops": stops,
        },
        resources=tuple(resource.address for resource in changed),
    )


def _filled_anew(preset: Preset, target: Resource, context: CheckContext) -> list[Resource]:
    """The resources of `target` in which a field of `preset` has another value than before."""
    return [
        resource
        for kind in preset.kinds
        for resource in neighbours(target, kind, context.head)
        if (old := counterpart(resource, context.base)) is not None
        and any(value_at(old, *field) != value_at(resource, *field) for field in preset.fields)
    ]


def variable_fans_out(change: Change, context: CheckContext) -> Iterator[Match]:
    """A bundle variable has another value in this target, and resources that use it change with it.

    Values: ``variable``, ``was``, ``becomes``, ``names``, ``count``.
    """
    target = change.resource_after
    if target is None or change.resource_before is None or len(change.path) < 3:
        return
    name = change.path[1]
    if any(node_at(side, "variables", name) is None for side in (change.resource_before, target)):
        return  # a variable that came or went has no other value; what reads it now changed by itself
    own = [other for other in context.changes_of(target) if other.path[:2] == change.path[:2]]
    if not own or change.path[: len(own[0].path)] != own[0].path:
        return
    places = [node for other in own for node in (other.node_before, other.node_after) if node is not None]
    reached = [
        resource
        for resource in context.head.find(
            platform=target.platform, environment=target.environment.name, unit=target.unit
        )
        if resource.kind != target.kind and _takes_from(resource, places, context)
    ]
    if not reached:
        return
    was, becomes = (
        "another value"
        if isinstance(value, dict | list)
        else shown(redact_value((name,), target.kind, value))
        for value in (change.before, change.after)
    )
    inside = change.path[3:]
    if inside and inside[-1].startswith("["):  # an item is named by its value, which says it twice
        inside, was, becomes = inside[:-1], "one list", "another"
    yield Match(
        values={
            "variable": render_path((name, *inside)),
            "was": was,
            "becomes": becomes,
            "names": listed([subject(resource) for resource in reached]),
            "count": len(reached),
        },
        resources=tuple(resource.address for resource in reached),
    )


def _takes_from(resource: Resource, places: list[Node], context: CheckContext) -> bool:
    """Whether a change of `resource` comes from a value at one of `places`."""
    return any(
        _is_at(origin, place)
        for change in context.changes_of(resource)
        for node in (change.node_before, change.node_after)
        if node is not None
        for origin in (node, *node.via)
        for place in places
    )


def _is_at(node: Node, place: Node) -> bool:
    """Whether `node` is written inside `place`: the same value, or a part of a complex one."""
    if node.source.path != place.source.path or node.source.side != place.source.side:
        return False
    start, end = location_of(place), (place.source.first_line + place.end_line, place.end_column)
    here = (node.file_line, node.column)
    return here == (start.line, start.column - 1) or (start.line, start.column - 1) <= here < end
