"""One resource brought into the shape that is deployed: items with one key merged, old spellings replaced.

bundle/config/mutator/resourcemutator/ at https://github.com/databricks/cli/tree/7bbe285213: merge_*.go,
cluster_fixups.go, model_serving_endpoint_fixups.go, override_compute.go.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Sequence, made
from riskcheck.platforms.databricks.build import put, text_of, without
from riskcheck.platforms.databricks.defaults import with_workload
from riskcheck.platforms.databricks.merge import Conflict, by_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskcheck.platforms.databricks.limits import Limits

GRANTED: Final = frozenset(
    (
        "catalogs",
        "schemas",
        "external_locations",
        "secrets",
        "volumes",
        "registered_models",
        "vector_search_indexes",
    )
)
"""Resource types with `grants`."""

_OF_CLOUD: Final = {
    "aws_attributes": ("instance_profile_arn",),
    "azure_attributes": (),
    "gcp_attributes": ("google_service_account",),
}
"""Attributes that a cluster from an instance pool keeps: the pool decides the rest."""

_COMPUTE: Final = ("new_cluster", "existing_cluster_id", "environment_key", "job_cluster_key")


def shaped(kind: str, body: Mapping, limits: Limits) -> Mapping:
    """`body` of a resource of `kind` with its keyed lists merged and old spellings replaced."""

    def conflict(node: Node, reason: str) -> None:
        limits.at(node, "unmergeable", reason)

    if kind == "jobs":
        return _job(body, conflict)
    if kind == "pipelines":
        return _changed(body, "clusters", lambda node: by_key(node, "label", conflict, key_of=_label))
    if kind == "clusters":
        return _pooled(body)
    if kind == "apps":
        return _changed(body, "resources", lambda node: by_key(node, "name", conflict, override=True))
    if kind == "model_serving_endpoints":
        return _changed(body, "config", lambda node: _served(node, limits))
    if kind in GRANTED:
        return _changed(body, "grants", lambda node: _grants(node, conflict))
    return body


def _job(body: Mapping, conflict: Conflict) -> Mapping:
    body = _changed(body, "job_clusters", lambda node: by_key(node, "job_cluster_key", conflict))
    body = _changed(body, "parameters", lambda node: by_key(node, "name", conflict))
    body = _changed(body, "tasks", lambda node: by_key(node, "task_key", conflict, ordered=True))
    body = _changed(body, "tasks", lambda node: _each(node, _task_of_pool))
    return _changed(body, "job_clusters", lambda node: _each(node, _job_cluster))


def _label(node: Node | None) -> str:
    return text_of(node).lower() or "default"


def _task_of_pool(task: Mapping) -> Mapping:
    return _changed(task, "new_cluster", _pooled_node)


def _job_cluster(item: Mapping) -> Mapping:
    return _changed(item, "new_cluster", lambda node: _clients(_with_workers(_pooled_node(node))))


def _clients(cluster: Node) -> Node:
    return with_workload(cluster) if isinstance(cluster, Mapping) else cluster


def _with_workers(cluster: Node) -> Node:
    """A job cluster without a size has no workers."""
    if not isinstance(cluster, Mapping) or cluster.get("autoscale") is not None:
        return cluster
    if cluster.get("num_workers") is not None:
        return cluster
    return put(cluster, "num_workers", made(0, cluster))


def _pooled_node(node: Node) -> Node:
    return _pooled(node) if isinstance(node, Mapping) else node


def _pooled(cluster: Mapping) -> Mapping:
    """A cluster without what its instance pool decides; without a pool, without a pool for its driver."""
    if not text_of(cluster.get("instance_pool_id")):
        return without(cluster, "driver_instance_pool_id")
    for field, kept in _OF_CLOUD.items():
        cluster = _changed(cluster, field, partial(_only, kept))
    return without(cluster, "enable_elastic_disk", "node_type_id", "driver_node_type_id")


def _only(kept: tuple[str, ...], node: Node) -> Node:
    if not isinstance(node, Mapping):
        return node
    return without(node, *(key for key in node.index if key not in kept))


_ENTITY_FIELDS: Final = {"model_name": "entity_name", "model_version": "entity_version"}
"""`served_models` in the words of `served_entities`, which replaced it."""


def _served(node: Node, limits: Limits) -> Node:
    if not isinstance(node, Mapping):
        return node
    models = node.get("served_models")
    if isinstance(models, Sequence) and models.items:
        key = node.key("served_models")
        assert key is not None
        if node.get("served_entities") is not None:
            limits.at(key, "ambiguous-field", "served_models and served_entities cannot be used together")
            node = without(node, "served_models")
        else:
            entities = _each(models, lambda item: _renamed(item, _ENTITY_FIELDS))
            node = _renamed(put(node, "served_models", entities), {"served_models": "served_entities"})
    return _changed(node, "traffic_config", _traffic)


def _traffic(node: Node) -> Node:
    if not isinstance(node, Mapping):
        return node
    return _changed(
        node,
        "routes",
        lambda routes: _each(
            routes, lambda item: _renamed(item, {"served_model_name": "served_entity_name"})
        ),
    )


def _grants(node: Node, conflict: Conflict) -> Node:
    return _each(by_key(node, "principal", conflict), lambda grant: _changed(grant, "privileges", _distinct))


def _distinct(node: Node) -> Node:
    if not isinstance(node, Sequence):
        return node
    first: dict[str, Node] = {}
    for item in node.items:
        first.setdefault(text_of(item), item)
    return node if len(first) == len(node.items) else node.with_items(list(first.values()))


def on_cluster(body: Mapping, cluster: Node) -> Mapping:
    """A job whose tasks all run on `cluster`, as a target's `cluster_id` has it."""

    def moved(task: Node) -> Node:
        if not isinstance(task, Mapping) or not any(field in task.index for field in _COMPUTE):
            return task
        freed = without(task, "new_cluster", "environment_key", "job_cluster_key")
        return put(freed, "existing_cluster_id", cluster)

    def moved_task(task: Mapping) -> Mapping:
        inner = task.get("for_each_task")
        if isinstance(inner, Mapping):
            return _changed(task, "for_each_task", lambda _: _changed(inner, "task", moved))
        one = moved(task)
        assert isinstance(one, Mapping)
        return one

    return _changed(body, "tasks", lambda node: _each(node, moved_task))


def _changed(target: Mapping, key: str, change: Callable[[Node], Node]) -> Mapping:
    node = target.get(key)
    if node is None:
        return target
    new = change(node)
    return target if new is node else put(target, key, new)


def _each(node: Node, change: Callable[[Mapping], Mapping]) -> Node:
    if not isinstance(node, Sequence):
        return node
    items = [change(item) if isinstance(item, Mapping) else item for item in node.items]
    if all(one is other for one, other in zip(items, node.items, strict=True)):
        return node
    return node.with_items(items)


def _renamed(target: Mapping, names: dict[str, str]) -> Mapping:
    if not any(key in names for key in target.index):
        return target
    entries = []
    for key, node in target.entries:
        new = names.get(key.raw)
        if new is None:
            entries.append((key, node))
        elif new not in target.index:
            entries.append((made(new, key, (key,)), node))
    return target.with_entries(entries)
