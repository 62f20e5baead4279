"""What one resource takes of compute: its clusters, and how long they run.

A job cluster counts once, however many tasks run on it. What runs on an existing cluster, a warehouse, a pipeline
or another job counts where that is declared.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final

from riskcheck.compute.clusters import Cluster, Settings, cluster_of
from riskcheck.compute.warehouses import warehouse_workers
from riskcheck.nodes import DeferredItems, Mapping, Sequence
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import KeyPath

KINDS: Final = frozenset({"jobs", "pipelines", "clusters", "sql_warehouses"})
"""Kinds whose compute is read here."""

_ON_OTHERS: Final = (
    "existing_cluster_id",
    "pipeline_task",
    "run_job_task",
    "sql_task",
    "condition_task",
    "dashboard_task",
    "power_bi_task",
)
"""What makes a task run on compute that is declared elsewhere, or on none."""

_OWN: Final = frozenset(("new_cluster", "for_each_task"))
"""What may make a task run on another cluster than its key names."""


class Part(NamedTuple):
    """One thing that runs. name: what people call it, unique in the resource. path: where it is configured.

    cluster: None for serverless compute and warehouses. warehouse: the size of each of `clusters`. workers: of
    all of them. product: what is billed (``jobs``, ``all-purpose``, ``pipelines-advanced``, ``sql-pro``).
    """

    name: str
    path: KeyPath
    product: str
    cluster: Cluster | None = None
    workers: float | None = None
    warehouse: str = ""
    clusters: float = 1.0
    serverless: bool = False

    def size(self, *, by_vcpus: bool) -> float | None:
        """vCPUs, or machines; of a warehouse its workers. None where that is unknown."""
        if self.cluster is None:
            return self.workers
        return self.cluster.vcpus if by_vcpus else self.cluster.machines


class Usage(NamedTuple):
    """What a resource runs. runs: starts a day on average, `inf` for compute that never stops, 0 while it is
    paused; None where no file says how often."""

    parts: tuple[Part, ...]
    runs: float | None


def usage_of(resource: Resource) -> Usage | None:
    """The compute of a resource of `KINDS`; None for any other."""
    if resource.platform not in ("databricks", "terraform") or resource.section not in KINDS:
        return None
    settings = Settings(resource.body, resource.reading)
    if resource.section == "jobs":
        return Usage(tuple(_of_job(settings)), _runs(resource))
    if resource.section == "pipelines":
        return Usage(tuple(_of_pipeline(settings)), _runs(resource))
    if resource.section == "clusters":
        cluster = cluster_of(*settings)
        never_stops = settings.number("autotermination_minutes") == 0
        return Usage((Part("", (), "all-purpose", cluster),), inf if never_stops else None)
    never_stops = settings.number("auto_stop_mins") == 0
    return Usage((_of_warehouse(settings),), inf if never_stops else None)


def may_have_several(resource: Resource) -> bool:
    """Whether a resource may have more than one part: of a job told from how its tasks are written, where that is
    enough."""
    if resource.kind != "jobs":
        return resource.kind == "pipelines"
    tasks = resource.body.get("tasks")
    if not isinstance(tasks, DeferredItems):
        return True
    keys = {
        Settings(task, resource.reading).text("job_cluster_key")
        if isinstance(task, Mapping) and _OWN.isdisjoint(task.index)
        else ""
        for task in tasks.written.items
    }
    return len(keys) > 1 or not all(key and "${" not in key for key in keys)


def _runs(resource: Resource) -> float | None:
    from riskcheck.cadence.bodies import started_by

    start = started_by(resource.body)
    if start is None:
        return None
    if start.paused:
        return 0.0
    return start.cadence.runs_per_day if start.cadence is not None else None


def _of_job(settings: Settings) -> Iterator[Part]:
    shared = dict(_named(settings, "job_clusters", "job_cluster_key"))
    used: set[str] = set()
    for name, above, task in _tasks(settings):
        own = task.get("new_cluster")
        key = Settings(task, settings.reading).text("job_cluster_key")
        if isinstance(own, Mapping):
            path = (*above, "new_cluster")
            yield Part(f"task {name}", path, "jobs", cluster_of(own, settings.reading))
        elif key:
            holder = shared.get(key)
            cluster = holder.get("new_cluster") if holder is not None else None
            if key not in used and isinstance(cluster, Mapping):
                used.add(key)
                place = ("job_clusters", f"[{key}]", "new_cluster")
                yield Part(f"cluster {key}", place, "jobs", cluster_of(cluster, settings.reading))
        elif not any(field in task.index for field in _ON_OTHERS):
            yield Part(f"task {name}", above, "jobs-serverless", serverless=True)


def _tasks(settings: Settings) -> Iterator[tuple[str, KeyPath, Mapping]]:
    """The tasks that run something, with their paths: what a ``for_each_task`` repeats stands for it."""
    for name, task in _named(settings, "tasks", "task_key"):
        inner = task.at("for_each_task", "task")
        path = ("tasks", f"[{name}]")
        if isinstance(inner, Mapping):
            yield name, (*path, "for_each_task", "task"), inner
        else:
            yield name, path, task


def _of_pipeline(settings: Settings) -> Iterator[Part]:
    edition = settings.text("edition").lower() or "advanced"
    if settings.value("serverless") is True:
        yield Part("serverless", ("serverless",), "pipelines-serverless", serverless=True)
        return
    photon = settings.value("photon") is True
    for label, mapping in _named(settings, "clusters", "label", default="default"):
        cluster = cluster_of(mapping, settings.reading)
        if photon:
            cluster = cluster._replace(photon=True)
        yield Part(f"cluster {label}", ("clusters", f"[{label}]"), f"pipelines-{edition}", cluster)


def _of_warehouse(settings: Settings) -> Part:
    serverless = settings.value("enable_serverless_compute") is True
    kind = "serverless" if serverless else settings.text("warehouse_type").lower() or "pro"
    return Part(
        "",
        (),
        f"sql-{kind}",
        workers=warehouse_workers(settings),
        warehouse=settings.text("cluster_size"),
        clusters=settings.number("max_num_clusters") or 1.0,
        serverless=serverless,
    )


def _named(settings: Settings, field: str, key: str, default: str = "") -> Iterator[tuple[str, Mapping]]:
    """The mappings in a list with the names that their natural key gives them."""
    node = settings.mapping.get(field)
    for number, item in enumerate(node.items if isinstance(node, Sequence) else ()):
        if isinstance(item, Mapping):
            yield Settings(item, settings.reading).text(key) or default or str(number), item
