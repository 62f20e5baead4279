"""Resources of the Databricks provider in the shape that bundles give them, so that one rule reads both.

A nested block is a list in Terraform's own syntax tree. One that a resource can have once is the mapping itself
here, others are lists under the name that bundles use. Names of the provider's blocks:
https://github.com/databricks/terraform-provider-databricks/tree/684f44249/docs/resources, ``alias`` in its code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.kinds import SECTIONS
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingOf

_LISTS: Final = frozenset(
    {
        "aliases",
        "custom_metrics",
        "custom_tags",
        "depends_on",
        "dynamic",
        "embedding_source_columns",
        "embedding_vector_columns",
        "init_scripts",
        "launch_template_overrides",
        "objects",
        "on_duration_warning_threshold_exceeded",
        "on_failure",
        "on_start",
        "on_streaming_backlog_exceeded",
        "on_success",
        "preloaded_docker_images",
        "rate_limits",
        "resources",
        "routes",
        "rules",
        "served_entities",
        "served_models",
        "subscriptions",
        "tags",
    }
)
"""Blocks that may come several times under a name that bundles have, too."""

_RENAMED: Final[MappingOf[str, str]] = {
    "access_control": "permissions",
    "cluster": "clusters",
    "environment": "environments",
    "job_cluster": "job_clusters",
    "library": "libraries",
    "notification": "notifications",
    "parameter": "parameters",
    "preloaded_docker_image": "preloaded_docker_images",
    "task": "tasks",
}
"""Blocks that may come several times, by the name that bundles have for the list of them."""

_FIELDS: Final[MappingOf[str, MappingOf[str, str]]] = {
    "git_source": {
        "branch": "git_branch",
        "commit": "git_commit",
        "provider": "git_provider",
        "tag": "git_tag",
        "url": "git_url",
    },
    "permissions": {"permission_level": "level"},
}
"""Attributes that bundles call otherwise, by the block that they stand in."""

Plain = str | int | bool

_DEFAULTS: Final[MappingOf[str, MappingOf[str, Plain]]] = {
    "clusters": {"autotermination_minutes": 60},
    "dashboards": {"embed_credentials": True},
    "jobs": {"name": "Untitled", "max_concurrent_runs": 1},
    "pipelines": {"edition": "ADVANCED", "channel": "CURRENT"},
    "sql_warehouses": {
        "auto_stop_mins": 120,
        "enable_photon": True,
        "max_num_clusters": 1,
        "spot_instance_policy": "COST_OPTIMIZED",
    },
}
"""What the provider fills in, so that stating it is no change."""

_PAUSABLE: Final = ("schedule", "trigger", "continuous")
_DATABRICKS: Final = "databricks_"
_PERMISSIONS: Final = "databricks_permissions"


def in_shape(kind: str, body: Mapping) -> Mapping:
    """`body` of a resource of `kind` as rules read it, whether it comes from a file or from a plan."""
    body = guarded(body)
    if kind in SECTIONS or kind == _PERMISSIONS:
        return bundled(SECTIONS.get(kind, kind), body)
    if kind.startswith(_DATABRICKS):
        from riskcheck.platforms.terraform.unity import shaped

        return shaped(kind, body)
    return body


def bundled(section: str, body: Mapping) -> Mapping:
    """`body` of a resource that bundles know as one of `section`, in their shape, with the provider's defaults."""
    shaped = _mapping(body, "", section)
    if section == "jobs":
        shaped = _unpaused(shaped)
    missing = [
        (_key(field, shaped), made(value, shaped))
        for field, value in _DEFAULTS.get(section, {}).items()
        if field not in shaped.index
    ]
    return shaped.with_entries([*shaped.entries, *missing]) if missing else shaped


def guarded(body: Mapping) -> Mapping:
    """`body` of a resource of any provider with its ``lifecycle`` block as a mapping."""
    held = body.get("lifecycle")
    if not isinstance(held, Sequence) or len(held.items) != 1 or not isinstance(held.items[0], Mapping):
        return body
    only = held.items[0]
    return body.with_entries([(key, only if key.raw == "lifecycle" else node) for key, node in body.entries])


def _mapping(node: Mapping, field: str, section: str) -> Mapping:
    names = _FIELDS.get(field, {})
    entries: list[tuple[Scalar, Node]] = []
    for key, child in node.entries:
        if _is_blocks(child):
            entries.append(_block(key, child, section))
        else:
            entries.append((_renamed(key, names.get(key.raw)), _below(child, key.raw, section)))
    return node.with_entries(entries)


def _block(key: Scalar, node: Node, section: str) -> tuple[Scalar, Node]:
    """A nested block, or several of one name, under the name and in the shape of bundles."""
    assert isinstance(node, Sequence)
    name = _RENAMED.get(key.raw, key.raw)
    if key.raw == "environment" and section != "jobs":
        name = key.raw
    items: list[Node] = [_mapping(item, name, section) for item in node.items if isinstance(item, Mapping)]
    told_once = section == "quality_monitors" and name.startswith("on_")
    repeated = (name in _LISTS and not told_once) or name != key.raw
    if len(items) == 1 and not repeated:
        return key, items[0]
    return _renamed(key, name), node.with_items(items)


def _below(node: Node, field: str, section: str) -> Node:
    return _mapping(node, field, section) if isinstance(node, Mapping) and field in _FIELDS else node


def _is_blocks(node: Node) -> bool:
    return (
        isinstance(node, Sequence)
        and bool(node.items)
        and all(isinstance(item, Mapping) for item in node.items)
    )


def _renamed(key: Scalar, name: str | None) -> Scalar:
    """A key that stands where `key` stands, under another name."""
    if name is None or name == key.raw:
        return key
    place = (key.source, key.line, key.column, key.end_line, key.end_column)
    return Scalar(name, *place, key.style, None, name)


def _key(name: str, near: Node) -> Scalar:
    key = made(name, near)
    assert isinstance(key, Scalar)
    return key


def _unpaused(job: Mapping) -> Mapping:
    """Triggers run unless they say that they are paused."""
    entries: list[tuple[Scalar, Node]] = []
    for key, node in job.entries:
        if key.raw in _PAUSABLE and isinstance(node, Mapping) and "pause_status" not in node.index:
            node = node.with_entries([*node.entries, (_key("pause_status", node), made("UNPAUSED", node))])
        entries.append((key, node))
    return job.with_entries(entries)
