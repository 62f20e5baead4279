"""Values that the loader fills in where a resource states none, so that stating the default is no change.

https://github.com/databricks/cli/blob/7bbe285213/bundle/config/mutator/resourcemutator/resource_mutator.go
"""

from __future__ import annotations

from typing import Final

from riskcheck.nodes import Mapping, Node, made
from riskcheck.platforms.databricks.build import entry, mapping, put

Plain = str | int | bool

_TOP: Final[dict[str, dict[str, Plain]]] = {
    "dashboards": {"embed_credentials": False},
    "volumes": {"volume_type": "MANAGED"},
    "jobs": {"name": "Untitled", "max_concurrent_runs": 1},
    "pipelines": {"edition": "ADVANCED", "channel": "CURRENT"},
    "sql_warehouses": {
        "auto_stop_mins": 120,
        "enable_photon": True,
        "max_num_clusters": 1,
        "spot_instance_policy": "COST_OPTIMIZED",
    },
    "apps": {"description": ""},
    "clusters": {"autotermination_minutes": 60},
}
_PAUSABLE: Final = ("schedule", "trigger", "continuous")
_IN_RESOURCE_PATH: Final = frozenset(("dashboards", "genie_spaces", "alerts"))
"""Types that live in ``${workspace.resource_path}`` unless they say where."""


def with_defaults(kind: str, body: Mapping, resource_path: Node | None) -> Mapping:
    """`body` of a resource of `kind` with what it leaves to the loader."""
    missing = [
        entry(field, made(value, body), body)
        for field, value in _TOP.get(kind, {}).items()
        if field not in body.index
    ]
    if kind in _IN_RESOURCE_PATH and resource_path is not None and "parent_path" not in body.index:
        missing.append(entry("parent_path", resource_path, body))
    if kind == "jobs":
        body = _job(body)
        if "queue" not in body.index:
            missing.append(entry("queue", mapping([entry("enabled", made(True, body))], body), body))
    elif kind == "clusters":
        body = with_workload(body)
    return body.with_entries([*body.entries, *missing]) if missing else body


def _job(body: Mapping) -> Mapping:
    for field in _PAUSABLE:
        trigger = body.get(field)
        if isinstance(trigger, Mapping) and "pause_status" not in trigger.index:
            body = put(body, field, put(trigger, "pause_status", made("UNPAUSED", trigger)))
    return body


def with_workload(cluster: Mapping) -> Mapping:
    """A cluster that names its clients serves both kinds unless it says no."""
    workload = cluster.get("workload_type")
    clients = workload.get("clients") if isinstance(workload, Mapping) else None
    if not isinstance(workload, Mapping) or not isinstance(clients, Mapping):
        return cluster
    filled = clients
    for field in ("notebooks", "jobs"):
        if field not in filled.index:
            filled = put(filled, field, made(True, clients))
    return cluster if filled is clients else put(cluster, "workload_type", put(workload, "clients", filled))
