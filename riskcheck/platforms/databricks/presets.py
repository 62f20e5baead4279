"""What a target's settings do to each of its resources: presets, identity, permissions.

bundle/config/mutator/resourcemutator/ at https://github.com/databricks/cli/tree/7bbe285213: apply_presets.go,
run_as.go, apply_bundle_permissions.go, fix_permissions.go. The deploying user, whom the deployment adds as owner to
every list of permissions, is not added here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.platforms.databricks.build import (
    entry,
    mapping,
    put,
    sequence,
    stated,
    text_of,
    truth,
    without,
)
from riskcheck.platforms.databricks.references import REFERENCE
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from riskcheck.platforms.databricks.settings import Target

_NAMES: Final = {
    "jobs": "name",
    "pipelines": "name",
    "models": "name",
    "clusters": "cluster_name",
    "instance_pools": "instance_pool_name",
    "dashboards": "display_name",
    "genie_spaces": "title",
    "alerts": "display_name",
    "sql_warehouses": "name",
}
"""Fields that the name prefix is put before as it is."""

_IDENTIFIERS: Final = frozenset(("model_serving_endpoints", "registered_models", "schemas"))
"""Types whose name only has letters, digits and underscores: the prefix is brought into that form."""

_TAG_MAPS: Final = {
    "jobs": "tags",
    "pipelines": "tags",
    "clusters": "custom_tags",
    "instance_pools": "custom_tags",
}
_TAG_LISTS: Final = frozenset(("models", "experiments"))

_RUN_AS: Final = frozenset(("jobs", "pipelines", "alerts"))

_MANAGE: Final = "CAN_MANAGE"
_VIEW: Final = "CAN_VIEW"
_RUN: Final = "CAN_RUN"
LEVELS: Final[dict[str, dict[str, str]]] = {
    "jobs": {_MANAGE: _MANAGE, _VIEW: _VIEW, _RUN: "CAN_MANAGE_RUN"},
    "pipelines": {_MANAGE: _MANAGE, _VIEW: _VIEW, _RUN: _RUN},
    "experiments": {_MANAGE: _MANAGE, _VIEW: "CAN_READ"},
    "models": {_MANAGE: _MANAGE, _VIEW: "CAN_READ"},
    "model_serving_endpoints": {_MANAGE: _MANAGE, _VIEW: _VIEW, _RUN: "CAN_QUERY"},
    "dashboards": {_MANAGE: _MANAGE, _VIEW: "CAN_READ"},
    "genie_spaces": {_MANAGE: _MANAGE, _VIEW: "CAN_READ"},
    "apps": {_MANAGE: _MANAGE, _VIEW: "CAN_USE"},
    "secret_scopes": {_MANAGE: "MANAGE", _VIEW: "READ"},
    "alerts": {_MANAGE: _MANAGE, _VIEW: "CAN_READ", _RUN: _RUN},
    "sql_warehouses": {_MANAGE: _MANAGE, _VIEW: _VIEW, _RUN: "CAN_MONITOR"},
    "database_instances": {_MANAGE: _MANAGE, _VIEW: "CAN_USE"},
    "postgres_projects": {_MANAGE: _MANAGE, _VIEW: "CAN_USE"},
    "clusters": {_MANAGE: _MANAGE, _VIEW: "CAN_ATTACH_TO", _RUN: "CAN_RESTART"},
    "vector_search_endpoints": {_MANAGE: _MANAGE, _VIEW: "CAN_USE"},
    "instance_pools": {_MANAGE: _MANAGE, _VIEW: "CAN_ATTACH_TO"},
}
"""What a bundle-wide permission level is called on each resource type that takes it."""

_ORDER: Final = (
    "READ CAN_VIEW CAN_READ CAN_VIEW_METADATA CAN_RUN CAN_QUERY CAN_USE CAN_EDIT CAN_EDIT_METADATA CAN_CREATE "
    "CAN_ATTACH_TO CAN_RESTART CAN_MONITOR CAN_MANAGE_RUN WRITE CAN_MANAGE_STAGING_VERSIONS "
    "CAN_MANAGE_PRODUCTION_VERSIONS CAN_MANAGE MANAGE IS_OWNER"
)
_RANKS: Final = {level: rank for rank, level in enumerate(_ORDER.split())}
"""Levels from weak to strong
(https://github.com/databricks/cli/blob/7bbe285213/bundle/config/resources/permission.go)."""

PRINCIPALS: Final = ("user_name", "service_principal_name", "group_name")


def with_settings(kind: str, body: Mapping, target: Target) -> Mapping:
    """`body` of a resource of `kind` under the presets, identity and permissions of `target`."""
    body = _with_run_as(kind, body, target)
    body = with_prefix(kind, body, target)
    body = _with_tags(kind, body, target.presets.get("tags"))
    body = _with_triggers(kind, body, target.presets)
    if kind == "jobs" and text_of(body.get("max_concurrent_runs")) in ("", "0"):
        runs = target.presets.get("jobs_max_concurrent_runs")
        if runs is not None and text_of(runs) not in ("", "0"):
            body = put(body, "max_concurrent_runs", runs, body)
    if kind == "pipelines" and truth(target.presets.get("pipelines_development")):
        development = target.presets.get("pipelines_development")
        assert development is not None
        body = put(body, "development", _true(body.get("development"), development), body)
    return body


def _true(written: Node | None, preset: Node) -> Node:
    return written if written is not None and truth(written) else preset


def _with_run_as(kind: str, body: Mapping, target: Target) -> Mapping:
    if kind not in _RUN_AS or target.run_as is None or body.get("run_as") is not None:
        return body
    legacy = target.experimental.get("use_legacy_run_as") if target.experimental is not None else None
    if kind != "jobs" and truth(legacy):
        return body
    return put(body, "run_as", target.run_as, body)


def prefix_of(target: Target) -> tuple[str, bool]:
    """The name prefix of a target, and whether schemas go without it."""
    skipped = None
    if target.experimental is not None:
        skipped = target.experimental.get("skip_name_prefix_for_schema")
    return text_of(target.presets.get("name_prefix")), bool(truth(skipped))


def with_prefix(kind: str, body: Mapping, target: Target) -> Mapping:
    """`body` of a resource of `kind` with the name prefix of `target`."""
    prefix = target.presets.get("name_prefix")
    text, schemas_without = prefix_of(target)
    if prefix is None or not text:
        return body
    if kind in _NAMES:
        return _named(body, _NAMES[kind], text, prefix)
    if kind == "experiments":
        return _experiment(body, text, prefix)
    if kind not in _IDENTIFIERS or (kind == "schemas" and schemas_without):
        return body
    return _named(body, "name", identifier_prefix(text), prefix)


def _named(body: Mapping, field: str, prefix: str, preset: Node) -> Mapping:
    name = body.get(field)
    if name is None:
        return put(body, field, made(prefix, body, (preset,)), body)
    return put(body, field, stated(prefix + text_of(name), name, *name.via, preset))


def _experiment(body: Mapping, prefix: str, preset: Node) -> Mapping:
    """An experiment's name is a path: only its last step takes the prefix."""
    name = body.get("name")
    if name is None:
        return body
    directory, slash, base = text_of(name).rpartition("/")
    return put(body, "name", stated(f"{directory}{slash}{prefix}{base}", name, *name.via, preset))


_NO_LETTER: Final = regex(r"[\W_]+")


def identifier_prefix(prefix: str) -> str:
    """``[dev someone] `` as ``dev_someone_``. References in it stay as they are.

    https://github.com/databricks/cli/blob/7bbe285213/bundle/config/mutator/resourcemutator/apply_presets.go
    (normalizePrefix) and libs/textutil/textutil.go
    """
    prefix = prefix.replace("[", "").strip(" ")
    ending = "_" if prefix.endswith("]") else ""
    parts: list[str] = []
    end = 0
    for match in REFERENCE.finditer(prefix):
        parts += (_NO_LETTER.sub("_", prefix[end : match.start()].lower()), match[0])
        end = match.end()
    parts.append(_NO_LETTER.sub("_", prefix[end:].lower()))
    return "".join(parts).strip("_") + ending


def _with_tags(kind: str, body: Mapping, tags: Node | None) -> Mapping:
    if not isinstance(tags, Mapping) or not tags.entries:
        return body
    if kind in _TAG_MAPS:
        return _tag_map(body, _TAG_MAPS[kind], tags)
    if kind in _TAG_LISTS:
        return _tag_list(body, "tags", tags)
    if kind == "sql_warehouses":
        known = body.get("tags")
        holder = known if isinstance(known, Mapping) else mapping((), body)
        return put(body, "tags", _tag_list(holder, "custom_tags", tags), body)
    return body


def _tag_map(body: Mapping, field: str, tags: Mapping) -> Mapping:
    known = body.get(field)
    if known is not None and not isinstance(known, Mapping):
        return body
    merged = known if known is not None else mapping((), body)
    for key, value in tags.entries:
        if not text_of(merged.get(key.raw)):
            merged = put(merged, key.raw, value)
    return put(body, field, merged, body)


def _tag_list(body: Mapping, field: str, tags: Mapping) -> Mapping:
    known = body.get(field)
    if known is not None and not isinstance(known, Sequence):
        return body
    items = list(known.items) if known is not None else []
    names = {text_of(item.get("key")) for item in items if isinstance(item, Mapping)}
    for key, value in tags.entries:
        if key.raw not in names:
            items.append(mapping([entry("key", made(key.raw, key)), entry("value", value)], key))
    return put(body, field, known.with_items(items) if known is not None else sequence(items, body), body)


def _with_triggers(kind: str, body: Mapping, presets: Mapping) -> Mapping:
    status = presets.get("trigger_pause_status")
    if status is None or not text_of(status):
        return body
    paused = text_of(status) == "PAUSED"
    if kind == "jobs":
        for field in ("schedule", "continuous", "trigger"):
            body = _paused(body, field, status)
    elif kind == "alerts":
        schedule = body.get("schedule")
        if isinstance(schedule, Mapping) and text_of(schedule.get("quartz_cron_schedule")):
            body = _paused(body, "schedule", status)
    elif kind == "pipelines" and paused and truth(body.get("continuous")):
        body = put(body, "continuous", stated(False, status, status))
    elif kind == "quality_monitors" and paused:
        schedule = body.get("schedule")
        if isinstance(schedule, Mapping) and text_of(schedule.get("pause_status")) != "UNPAUSED":
            body = without(body, "schedule")
    return body


def _paused(body: Mapping, field: str, status: Node) -> Mapping:
    trigger = body.get(field)
    if not isinstance(trigger, Mapping) or text_of(trigger.get("pause_status")):
        return body
    return put(body, field, put(trigger, "pause_status", status, trigger))


def with_permissions(kind: str, body: Mapping, bundle_wide: Sequence | None) -> Mapping:
    """`body` with the permissions of the whole bundle, and one level, the strongest, for each principal."""
    own = body.get("permissions")
    if own is not None and not isinstance(own, Sequence):
        return body
    items = list(own.items) if own is not None else []
    levels = LEVELS.get(kind)
    if levels is not None and bundle_wide is not None:
        named = {(field, name) for item in items for field, name in _principals(item)}
        for item in bundle_wide.items:
            level = levels.get(text_of(item.get("level"))) if isinstance(item, Mapping) else None
            if level is not None and named.isdisjoint(_principals(item)):
                assert isinstance(item, Mapping)
                items.append(_with_level(item, level))
    if not items:
        return body
    items = _strongest(items)
    if own is None:
        return put(body, "permissions", sequence(items, body), body)
    same = len(items) == len(own.items) and all(
        one is other for one, other in zip(items, own.items, strict=True)
    )
    return body if same else put(body, "permissions", own.with_items(items))


def _principals(item: Node) -> list[tuple[str, str]]:
    if not isinstance(item, Mapping):
        return []
    return [(field, text_of(item.get(field))) for field in PRINCIPALS if text_of(item.get(field))]


def _with_level(item: Mapping, level: str) -> Mapping:
    written = item.get("level")
    if written is None or text_of(written) == level:
        return item
    return put(item, "level", stated(level, written, written))


def _strongest(items: list[Node]) -> list[Node]:
    found: dict[tuple[str, str] | int, Node] = {}
    for number, item in enumerate(items):
        principal = next(iter(_principals(item)), number)
        known = found.get(principal)
        if known is None or _rank(item) > _rank(known):
            found[principal] = item
    return list(found.values())


def _rank(item: Node) -> int:
    level = item.get("level") if isinstance(item, Mapping) else None
    return _RANKS.get(text_of(level), -1) if isinstance(level, Scalar) else -1
