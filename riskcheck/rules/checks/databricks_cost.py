"""What a change of compute settings does to its cost: sizes in a ratio, and dearer ways of billing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from riskcheck.compute.machines import has_gpu, vcpus
from riskcheck.models import Change, Match, Resource
from riskcheck.nodes import MISSING, KeyPath, Mapping, MaybeValue
from riskcheck.rules.checks.databricks_values import entry, mapping_along, number, speaks_for, subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext

SIZE: Final[tuple[KeyPath, ...]] = (
    ("num_workers",),
    ("autoscale", "max_workers"),
    ("node_type_id",),
    ("driver_node_type_id",),
)
"""Fields of a cluster that its size hangs on."""

AVAILABILITY: Final[tuple[KeyPath, ...]] = tuple(
    (f"{cloud}_attributes", "availability") for cloud in ("aws", "azure", "gcp")
)

WAREHOUSE_WORKERS: Final = {
    "2x-small": 1,
    "x-small": 2,
    "small": 4,
    "medium": 8,
    "large": 16,
    "x-large": 32,
    "2x-large": 64,
    "3x-large": 128,
    "4x-large": 256,
    "5x-large": 512,
}
"""Workers of a SQL warehouse by cluster size:
https://docs.databricks.com/aws/compute/sql-warehouse/warehouse-behavior"""

EDITIONS: Final = {"CORE": 1, "PRO": 2, "ADVANCED": 3}
"""Pipeline editions; each offers all that the ones before it do:
https://learn.microsoft.com/azure/databricks/delta-live-tables/settings"""


class Compute(NamedTuple):
    """The size of a cluster. workers: the most it may have. driver, worker: node types, maybe empty."""

    workers: float
    driver: str
    worker: str


class Increase(NamedTuple):
    """Why compute costs more. fields: where that is configured. ratio: new over old; None if unknown."""

    what: str
    fields: tuple[KeyPath, ...]
    ratio: float | None = None


class Side(NamedTuple):
    """The settings of one cluster, warehouse or pipeline on one side."""

    mapping: Mapping
    resource: Resource

    def value(self, *path: str) -> MaybeValue:
        mapping = self.mapping.at(*path[:-1])
        return entry(mapping if isinstance(mapping, Mapping) else None, path[-1], self.resource)

    def text(self, *path: str) -> str:
        value = self.value(*path)
        return value if isinstance(value, str) else ""

    def number(self, *path: str) -> float | None:
        return number(self.value(*path))

    def compute(self) -> Compute | None:
        """None where the worker count is not known (an unresolved reference)."""
        scaled = self.mapping.get("autoscale") is not None
        workers = self.number("autoscale", "max_workers") if scaled else self.number("num_workers")
        if workers is None and not scaled and self.value("num_workers") is MISSING:
            workers = 0.0
        worker = self.text("node_type_id")
        return (
            None if workers is None else Compute(workers, self.text("driver_node_type_id") or worker, worker)
        )


def cost_ratio(before: Compute, after: Compute) -> float:
    """Cost of `after` over `before`: vCPUs of driver and workers, or machines where a size is unknown."""
    sizes = [vcpus(name) for side in (before, after) for name in (side.driver, side.worker)]
    known = [size for size in sizes if size is not None]
    if len(known) < len(sizes):
        known = [1] * len(sizes)
    old_driver, old_worker, new_driver, new_worker = known
    return (new_driver + after.workers * new_worker) / (old_driver + before.workers * old_worker)


def cost_increased(change: Change, context: CheckContext) -> Iterator[Match]:
    """Compute may cost more than `max_ratio` times what it did, or is billed in a dearer way.

    Speaks once a cluster, warehouse or pipeline. Values: ``subject``, ``what``, ``ratio`` (null if unknown).
    """
    most = number(context.options.get("max_ratio")) or 1.15
    place, increases = increases_of(change, context)
    found = [one for one in increases if one.ratio is None or one.ratio > most]
    after = change.resource_after
    if (
        not found
        or after is None
        or not speaks_for(change, context, place, [field for one in found for field in one.fields])
    ):
        return
    ratio = found[0].ratio
    yield Match(
        values={
            "subject": subject(after) + _cluster_name(place),
            "what": "; ".join(one.what for one in found),
            "ratio": None if ratio is None else round(ratio, 2),
        }
    )


def increases_of(change: Change, context: CheckContext) -> tuple[KeyPath, tuple[Increase, ...]]:
    """Where the cluster, warehouse or pipeline that `change` is part of stands, and why it costs more, or less
    (a ratio below 1); nothing for one that came or went."""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None:
        return (), ()
    block = cluster_path(change.path, after.kind)
    place = block or ()
    mappings = mapping_along(context, before, place), mapping_along(context, after, place)
    if mappings[0] is None or mappings[1] is None:
        return place, ()
    old, new = Side(mappings[0], before), Side(mappings[1], after)
    return place, tuple(_of_settings(old, new) if block is None else _of_cluster(old, new))


def cluster_path(path: KeyPath, kind: str) -> KeyPath | None:
    """The path of the cluster that `path` leads into; None where it leads into none."""
    if kind == "clusters":
        return ()
    for position, step in enumerate(path[:-1]):
        if step == "new_cluster":
            return path[: position + 1]
        if kind == "pipelines" and step == "clusters":
            return path[: position + 2]
    return None


def _cluster_name(path: KeyPath) -> str:
    name = next((step for step in reversed(path) if step.startswith("[")), "")
    return f", cluster {name[1:-1]}," if name else ""


def _of_cluster(old: Side, new: Side) -> Iterator[Increase]:
    was, becomes = old.compute(), new.compute()
    if was is not None and becomes is not None:
        ratio = cost_ratio(was, becomes)
        yield Increase(f"costs up to {ratio:.1f} times as much ({_sizes(was, becomes)})", SIZE, ratio)
        if was.worker and has_gpu(becomes.worker) and not has_gpu(was.worker):
            yield Increase(f"moves to GPU nodes ({was.worker} → {becomes.worker})", (("node_type_id",),))
    for field in AVAILABILITY:
        before, after = old.text(*field), new.text(*field)
        if before.startswith(("SPOT", "PREEMPTIBLE")) and after.startswith("ON_DEMAND"):
            yield Increase(f"pays on-demand prices instead of spot ({before} → {after})", (field,))
    if new.text("runtime_engine") == "PHOTON" and old.text("runtime_engine") != "PHOTON":
        yield Increase("is billed at the Photon rate", (("runtime_engine",),))
    if _is_switched_off(old, new, "autotermination_minutes"):
        yield Increase("never terminates when idle", (("autotermination_minutes",),))


def _sizes(was: Compute, becomes: Compute) -> str:
    parts = []
    if was.workers != becomes.workers:
        parts.append(f"workers {was.workers:g} → {becomes.workers:g}")
    if was.worker != becomes.worker:
        parts.append(f"nodes {was.worker or 'unset'} → {becomes.worker or 'unset'}")
    elif was.driver != becomes.driver:
        parts.append(f"driver {was.driver or 'unset'} → {becomes.driver or 'unset'}")
    return ", ".join(parts)


def _of_settings(old: Side, new: Side) -> Iterator[Increase]:
    kind = new.resource.kind
    if kind == "sql_warehouses":
        yield from _of_warehouse(old, new)
    elif kind == "jobs":
        if (
            new.text("performance_target") == "PERFORMANCE_OPTIMIZED"
            and old.text("performance_target") == "STANDARD"
        ):
            yield Increase("runs performance-optimized instead of standard", (("performance_target",),))
    elif kind == "pipelines":
        for field, what in (
            ("continuous", "runs continuously, so that its compute never stops"),
            ("photon", "is billed at the Photon rate"),
            ("serverless", "moves to serverless compute, which is billed at its own rate"),
        ):
            if new.value(field) is True and old.value(field) is not True:
                yield Increase(what, ((field,),))
        before, after = old.text("edition").upper(), new.text("edition").upper()
        if EDITIONS.get(after, 0) > EDITIONS.get(before, len(EDITIONS)):
            yield Increase(f"is billed as edition {after} instead of {before}", (("edition",),))


def _of_warehouse(old: Side, new: Side) -> Iterator[Increase]:
    sizes = [WAREHOUSE_WORKERS.get(side.text("cluster_size").lower()) for side in (old, new)]
    counts = [side.number("max_num_clusters") for side in (old, new)]
    if sizes[0] is not None and sizes[1] is not None:
        ratio = sizes[1] * (counts[1] or 1) / (sizes[0] * (counts[0] or 1))
        parts = []
        if sizes[0] != sizes[1]:
            parts.append(f"size {old.text('cluster_size')} → {new.text('cluster_size')}")
        if counts[0] != counts[1]:
            parts.append(f"clusters {counts[0] or 1:g} → {counts[1] or 1:g}")
        yield Increase(
            f"costs up to {ratio:.1f} times as much ({', '.join(parts)})",
            (("cluster_size",), ("max_num_clusters",)),
            ratio,
        )
    if _is_switched_off(old, new, "auto_stop_mins"):
        yield Increase("never stops when idle", (("auto_stop_mins",),))
    if new.value("enable_serverless_compute") is True and old.value("enable_serverless_compute") is False:
        yield Increase(
            "moves to serverless compute, which is billed at its own rate", (("enable_serverless_compute",),)
        )


def _is_switched_off(old: Side, new: Side, field: str) -> bool:
    """Minutes of idling that were bounded, by default too, became 0: no bound."""
    return new.number(field) == 0 and old.number(field) != 0
