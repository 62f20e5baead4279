"""Compute that is taken away more easily: spot machines without fallback, drivers on spot machines, lower bids.

https://github.com/databricks/cli/blob/7bbe285213/bundle/schema/jsonschema.json (compute.AwsAttributes and siblings)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.compute.clusters import CLOUDS, Settings, cluster_name, cluster_of
from riskcheck.nodes import Mapping
from riskcheck.rules.checks.databricks_compute import Block, Reason, block_of, told_once
from riskcheck.rules.checks.databricks_values import entry, items, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Match, Resource
    from riskcheck.nodes import KeyPath
    from riskcheck.rules.context import CheckContext

AVAILABILITY: Final[tuple[KeyPath, ...]] = (
    *((f"{cloud}_attributes", "availability") for cloud in CLOUDS),
    ("gcp_attributes", "use_preemptible_executors"),
)
FIRST: Final[tuple[KeyPath, ...]] = tuple((f"{cloud}_attributes", "first_on_demand") for cloud in CLOUDS)

BIDS: Final[dict[KeyPath, float]] = {
    ("aws_attributes", "spot_bid_price_percent"): 100.0,
    ("azure_attributes", "spot_bid_max_price"): float("inf"),
}
"""Fields of bids, and what they come to where nothing, or -1, is stated: no price evicts."""


def resilience_reduced(change: Change, context: CheckContext) -> Iterator[Match]:
    """A cluster, or pool, loses machines more easily. Speaks once a cluster; values: ``subject``, ``what``.

    Silent in development, and where every task of the cluster is retried `enough_retries` times: losing the run
    costs it time only.
    """
    block = block_of(change, context)
    if block is None or change.environment.stage == "dev":
        return
    enough = number(context.options.get("enough_retries")) or 2.0
    if not _retried(block, enough):
        yield from told_once(change, context, block, tuple(_reasons(block)))


def _reasons(block: Block) -> Iterator[Reason]:
    old, new = cluster_of(*block.old), cluster_of(*block.new)
    if new.market == "spot" != old.market:
        was = f" (was {old.market})" if old.market else ""
        yield Reason(f"runs on spot machines without fallback{was}", AVAILABILITY)
    guarded = old.market == "on-demand" or (old.first_on_demand or 0) > 0
    exposed = new.market.startswith("spot") and not new.first_on_demand and new.cloud in {"aws", "azure"}
    if exposed and guarded and block.after.section != "instance_pools":
        stated = "first_on_demand is 0" if new.first_on_demand == 0 else "no first_on_demand keeps it"
        yield Reason(f"has its driver on a spot machine ({stated})", (*FIRST, *AVAILABILITY))
    for field, most in BIDS.items():
        bid, becomes = _bid(block.old, field, most), _bid(block.new, field, most)
        if becomes < bid and new.market.startswith("spot") and old.market.startswith("spot"):
            yield Reason(f"bids less for spot machines ({field[-1]} falls to {becomes:g})", (field,))


def _bid(settings: Settings, field: KeyPath, most: float) -> float:
    bid = settings.number(*field)
    return most if bid is None else bid


def _retried(block: Block, enough: float) -> bool:
    """Whether all tasks of a job that run on the cluster are retried often enough, or without end."""
    if block.after.section != "jobs":
        return False
    counts = list(_retries(block.after, block.path))
    return bool(counts) and all(count == -1 or count >= enough for count in counts)


def _retries(job: Resource, path: KeyPath) -> Iterator[float]:
    name = cluster_name(path)
    for task in items(job, "tasks"):
        inner = task.at("for_each_task", "task")
        for each in (task, inner) if isinstance(inner, Mapping) else (task,):
            shared = path[0] == "job_clusters" and entry(each, "job_cluster_key", job) == name
            own = path[0] == "tasks" and each.get("new_cluster") is not None
            if shared or (own and entry(task, "task_key", job) == name):
                count = entry(each, "max_retries", job)
                yield count if isinstance(count, int | float) else 0
