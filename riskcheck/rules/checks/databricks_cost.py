"""What a change of compute settings does to its cost: sizes in a ratio, and dearer ways of billing."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from riskcheck.compute.clusters import CLOUDS, MOST_KNOWN, Cluster, Settings
from riskcheck.compute.machines import has_gpu, vcpus
from riskcheck.models import Change, Match
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.databricks_compute import Block, block_of, clusters_of, named
from riskcheck.rules.checks.databricks_values import number, speaks_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import KeyPath
    from riskcheck.rules.context import CheckContext

SIZE: Final[tuple[KeyPath, ...]] = (
    ("num_workers",),
    ("autoscale", "max_workers"),
    ("node_type_id",),
    ("driver_node_type_id",),
    ("instance_pool_id",),
)
"""Fields of a cluster that its size hangs on."""

AVAILABILITY: Final[tuple[KeyPath, ...]] = tuple((f"{cloud}_attributes", "availability") for cloud in CLOUDS)

EDITIONS: Final = {"CORE": 1, "PRO": 2, "ADVANCED": 3}
"""Pipeline editions; each offers all that the ones before it do:
https://learn.microsoft.com/azure/databricks/delta-live-tables/settings"""


SERVERLESS: Final = "moves to serverless compute, which is billed at its own rate"
"""Whether that is more or less hangs on how long runs take and clusters start: no file shows it."""


class Increase(NamedTuple):
    """Why compute costs more. fields: where that is configured. ratio: new over old; None if unknown."""

    what: str
    fields: tuple[KeyPath, ...]
    ratio: float | None = None


def cost_ratio(before: Cluster, after: Cluster) -> float | None:
    """Compute of `after` over `before`: vCPUs of driver and workers, or machines where a size is unknown."""
    old, new = before.vcpus, after.vcpus
    if old is None or new is None:
        old, new = before.machines, after.machines
    return None if old is None or new is None else new / old


def cost_increased(change: Change, context: CheckContext) -> Iterator[Match]:
    """Compute may cost more than `max_ratio` times what it did, or is billed in a dearer way.

    Speaks once a cluster, warehouse, pool, pipeline, job, endpoint or app. Values: ``subject``, ``what``, ``ratio``
    (null if unknown), ``dearer`` (more is known than that it is billed otherwise).
    """
    most = number(context.options.get("max_ratio")) or 1.15
    block = block_of(change, context)
    if block is None:
        return
    found = [one for one in increases_of(block, context) if one.ratio is None or one.ratio > most]
    if not found or not speaks_for(
        change, context, block.path, [field for one in found for field in one.fields]
    ):
        return
    ratio = found[0].ratio
    from riskcheck.rules.checks.databricks_bill import in_all

    whole = in_all(block, ratio, context.prices)
    yield Match(
        values={
            "subject": named(block.after, block.path),
            "what": "; ".join([one.what for one in found] + whole),
            "ratio": None if ratio is None else round(ratio, 2),
            "dearer": any(SERVERLESS not in one.what for one in found),
        }
    )


def increases_of(block: Block, context: CheckContext) -> tuple[Increase, ...]:
    """Why the cluster, warehouse, pool, pipeline or job costs more, or less (a ratio below 1)."""
    if block.is_cluster:
        return _of_cluster(block.old, block.new, *clusters_of(block, context))
    return tuple(_of_settings(block))


@lru_cache(MOST_KNOWN)
def _of_cluster(old: Settings, new: Settings, was: Cluster, becomes: Cluster) -> tuple[Increase, ...]:
    return tuple(_increases(old, new, was, becomes))


def _increases(old: Settings, new: Settings, was: Cluster, becomes: Cluster) -> Iterator[Increase]:
    ratio = cost_ratio(was, becomes)
    if ratio is not None:
        yield Increase(f"costs up to {ratio:.1f} times as much ({_sizes(was, becomes)})", SIZE, ratio)
        if was.worker and has_gpu(becomes.worker) and not has_gpu(was.worker):
            yield Increase(f"moves to GPU nodes ({was.worker} → {becomes.worker})", (("node_type_id",),))
    yield from _of_market(old, new)
    if becomes.photon and not was.photon:
        yield Increase("is billed at the Photon rate", (("runtime_engine",), ("spark_version",)))
    if _is_switched_off(old, new, "autotermination_minutes"):
        yield Increase("never terminates when idle", (("autotermination_minutes",),))


def _of_market(old: Settings, new: Settings) -> Iterator[Increase]:
    for field in AVAILABILITY:
        before, after = old.text(*field), new.text(*field)
        if before.startswith(("SPOT", "PREEMPTIBLE")) and after.startswith("ON_DEMAND"):
            yield Increase(f"pays on-demand prices instead of spot ({before} → {after})", (field,))


def _sizes(was: Cluster, becomes: Cluster) -> str:
    parts = []
    if was.most != becomes.most:
        parts.append(f"workers {was.most:g} → {becomes.most:g}")
    if was.worker != becomes.worker:
        parts.append(f"nodes {was.worker or 'unset'} → {becomes.worker or 'unset'}")
    elif was.driver != becomes.driver:
        parts.append(f"driver {was.driver or 'unset'} → {becomes.driver or 'unset'}")
    return ", ".join(parts)


def _of_settings(block: Block) -> Iterator[Increase]:
    old, new = block.old, block.new
    kind = block.after.section
    if kind == "sql_warehouses":
        yield from _of_warehouse(old, new)
    elif kind == "instance_pools":
        yield from _of_pool(old, new)
    elif kind == "jobs":
        yield from _of_job(block)
    elif kind == "pipelines":
        yield from _of_pipeline(old, new)
    elif kind in {"model_serving_endpoints", "apps"}:
        from riskcheck.rules.checks.databricks_serving_cost import of_app, of_endpoint

        yield from (Increase(*one) for one in (of_app(block) if kind == "apps" else of_endpoint(block)))


def _of_job(block: Block) -> Iterator[Increase]:
    from riskcheck.rules.checks.databricks_bill import more_clusters, more_often, to_serverless, usages

    old, new = block.old, block.new
    both = usages(block.before, block.after)
    if both is not None:
        found = (*more_often(both), *more_clusters(both), *to_serverless(block, both))
        yield from (Increase(*one) for one in found)
    if (
        new.text("performance_target") == "PERFORMANCE_OPTIMIZED"
        and old.text("performance_target") == "STANDARD"
    ):
        yield Increase("runs performance-optimized instead of standard", (("performance_target",),))


def _of_pipeline(old: Settings, new: Settings) -> Iterator[Increase]:
    for field, what in (
        ("continuous", "runs continuously, so that its compute never stops"),
        ("photon", "is billed at the Photon rate"),
        ("serverless", SERVERLESS),
    ):
        if new.value(field) is True and old.value(field) is not True:
            yield Increase(what, ((field,),))
    before, after = old.text("edition").upper(), new.text("edition").upper()
    if EDITIONS.get(after, 0) > EDITIONS.get(before, len(EDITIONS)):
        yield Increase(f"is billed as edition {after} instead of {before}", (("edition",),))


def _of_pool(old: Settings, new: Settings) -> Iterator[Increase]:
    """Machines that wait in a pool are paid to the cloud, though no DBU is:
    https://docs.databricks.com/aws/en/compute/pool-best-practices"""
    was, becomes = old.number("min_idle_instances") or 0.0, new.number("min_idle_instances")
    if becomes is not None and becomes > was:
        ratio = becomes / was if was else None
        yield Increase(
            f"keeps {becomes:g} machines waiting instead of {was:g}", (("min_idle_instances",),), ratio
        )
    nodes = old.text("node_type_id"), new.text("node_type_id")
    sizes = vcpus(nodes[0]), vcpus(nodes[1])
    if sizes[0] is not None and sizes[1] is not None:
        ratio = sizes[1] / sizes[0]
        what = f"has machines of {ratio:.1f} times the size ({nodes[0]} → {nodes[1]})"
        yield Increase(what, (("node_type_id",),), ratio)
    yield from _of_market(old, new)


def _of_warehouse(old: Settings, new: Settings) -> Iterator[Increase]:
    from riskcheck.compute.warehouses import warehouse_workers

    was, becomes = warehouse_workers(old), warehouse_workers(new)
    counts = [side.number("max_num_clusters") or 1 for side in (old, new)]
    if was is not None and becomes is not None:
        ratio = becomes / was
        parts = []
        if old.text("cluster_size").lower() != new.text("cluster_size").lower():
            parts.append(f"size {old.text('cluster_size')} → {new.text('cluster_size')}")
        if counts[0] != counts[1]:
            parts.append(f"clusters {counts[0]:g} → {counts[1]:g}")
        yield Increase(
            f"costs up to {ratio:.1f} times as much ({', '.join(parts)})",
            (("cluster_size",), ("max_num_clusters",)),
            ratio,
        )
    least = [side.number("min_num_clusters") or 1 for side in (old, new)]
    if least[1] > least[0]:
        what = f"keeps at least {least[1]:g} clusters running instead of {least[0]:g}"
        yield Increase(what, (("min_num_clusters",),), least[1] / least[0])
    if _is_switched_off(old, new, "auto_stop_mins"):
        yield Increase("never stops when idle", (("auto_stop_mins",),))
    if new.value("enable_serverless_compute") is True and old.value("enable_serverless_compute") is False:
        yield Increase(SERVERLESS, (("enable_serverless_compute",),))
    policies = (old.text("spot_instance_policy"), new.text("spot_instance_policy"))
    if policies == ("COST_OPTIMIZED", "RELIABILITY_OPTIMIZED"):
        yield Increase("pays on-demand prices instead of spot", (("spot_instance_policy",),))


def _is_switched_off(old: Settings, new: Settings, field: str) -> bool:
    """Minutes of idling that were bounded, by default too, became 0: no bound."""
    return new.number(field) == 0 and old.number(field) != 0
