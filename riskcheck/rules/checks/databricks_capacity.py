"""Compute that can do less than before: fewer machines, smaller ones, smaller pools and warehouses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.compute.machines import memory_gib, vcpus
from riskcheck.compute.warehouses import WORKERS, warehouse_workers
from riskcheck.rules.checks.databricks_compute import Block, Reason, block_of, clusters_of, told_once
from riskcheck.rules.checks.databricks_values import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.compute.clusters import Cluster, Settings
    from riskcheck.models import Change, Match
    from riskcheck.nodes import KeyPath
    from riskcheck.rules.context import CheckContext

WORKERS_AT: Final[tuple[KeyPath, ...]] = (("num_workers",), ("autoscale", "max_workers"))
NODES: Final[tuple[KeyPath, ...]] = (("node_type_id",), ("instance_pool_id",))
DRIVER: Final[tuple[KeyPath, ...]] = (("driver_node_type_id",), *NODES)

SINGLE_NODE: Final[KeyPath] = ("spark_conf", "spark.databricks.cluster.profile")
"""``singleNode`` there makes the driver do the work (https://docs.databricks.com/aws/en/compute/configure)."""


def capacity_reduced(change: Change, context: CheckContext) -> Iterator[Match]:
    """A cluster, pool or warehouse has less than `least_share` of its workers, or machines with less memory.

    Speaks once a cluster; values: ``subject``, ``what``.
    """
    block = block_of(change, context)
    if block is None or change.environment.stage == "dev":
        return
    share = number(context.options.get("least_share")) or 0.75
    if block.is_cluster:
        reasons = tuple(_of_cluster(block, clusters_of(block, context), share))
    elif block.after.section == "instance_pools":
        reasons = tuple(_of_pool(block, share))
    else:
        reasons = tuple(_of_warehouse(block, share))
    yield from told_once(change, context, block, reasons)


def _of_cluster(block: Block, clusters: tuple[Cluster, Cluster], share: float) -> Iterator[Reason]:
    old, new = clusters
    if not is_single_node(block.new):
        fewer = _fewer(old, new, share)
        if fewer:
            yield Reason(fewer, (*WORKERS_AT, *NODES))
        if (
            block.old.states("autoscale")
            and block.new.states("autoscale")
            and _falls(old.least, new.least, share)
        ):
            what = f"keeps at least {new.least:g} workers instead of {old.least:g}"
            yield Reason(what, (("autoscale", "min_workers"),))
        worker = _less_memory(old.worker, new.worker)
        if worker:
            yield Reason(f"has less memory on each worker ({worker})", NODES)
    if old.driver != old.worker or new.driver != new.worker or is_single_node(block.new):
        driver = _less_memory(old.driver, new.driver)
        if driver:
            yield Reason(f"has less memory on its driver ({driver})", DRIVER)


def is_single_node(settings: Settings) -> bool:
    """Whether the driver alone does the work, by intent."""
    return settings.text(*SINGLE_NODE) == "singleNode" or settings.value("is_single_node") is True


def _fewer(old: Cluster, new: Cluster, share: float) -> str:
    """What is said where the workers in all come to less; "" where they do not, or where that is unknown."""
    if old.most is None or new.most is None:
        return ""
    sizes = vcpus(old.worker), vcpus(new.worker)
    if sizes[0] is not None and sizes[1] is not None:
        before, after = old.most * sizes[0], new.most * sizes[1]
    elif old.worker == new.worker and old.pool == new.pool:
        before, after = old.most, new.most
    else:
        return ""
    if not _falls(before, after, share):
        return ""
    if old.most == new.most:
        return f"has workers with fewer cores ({old.worker} → {new.worker})"
    nodes = f", {old.worker} → {new.worker}" if old.worker != new.worker else ""
    return f"may have at most {new.most:g} workers instead of {old.most:g}{nodes}"


def _less_memory(old: str, new: str) -> str:
    before, after = memory_gib(old), memory_gib(new)
    if before is None or after is None or after >= before:
        return ""
    return f"{old} → {new}: about {before:g} → {after:g} GiB"


def _of_pool(block: Block, share: float) -> Iterator[Reason]:
    for field, words in (("max_capacity", "holds at most"), ("min_idle_instances", "keeps ready")):
        was, becomes = block.old.number(field), block.new.number(field)
        if _falls(was, becomes, share):
            yield Reason(f"{words} {becomes:g} machines instead of {was:g}", ((field,),))
    node = _less_memory(block.old.text("node_type_id"), block.new.text("node_type_id"))
    if node:
        yield Reason(f"has machines with less memory ({node})", NODES)


def _of_warehouse(block: Block, share: float) -> Iterator[Reason]:
    if _falls(warehouse_workers(block.old), warehouse_workers(block.new), share):
        was, becomes = _size(block.old), _size(block.new)
        yield Reason(f"can do less ({was} → {becomes})", (("cluster_size",), ("max_num_clusters",)))


def _size(settings: Settings) -> str:
    size = settings.text("cluster_size")
    assert size.lower() in WORKERS
    return f"{settings.number('max_num_clusters') or 1:g} x {size}"


def _falls(was: float | None, becomes: float | None, share: float) -> bool:
    return was is not None and becomes is not None and becomes < share * was
