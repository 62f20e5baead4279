"""What a job, or a resource as a whole, costs more: all of its clusters, how often it runs, and in money."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final

from riskcheck.compute.delta import delta_of
from riskcheck.compute.prices import monthly
from riskcheck.compute.usage import Usage, may_have_several, usage_of
from riskcheck.rules.checks.databricks_values import entry, items, noun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import KeyPath
    from riskcheck.pricetable import Prices
    from riskcheck.rules.checks.databricks_compute import Block

STARTS: Final[tuple[KeyPath, ...]] = (
    ("schedule", "quartz_cron_expression"),
    ("schedule",),
    ("trigger", "periodic", "interval"),
    ("trigger", "periodic", "unit"),
    ("trigger", "periodic"),
    ("trigger",),
    ("continuous",),
)
"""Fields of a job that say how often it runs."""


_COMPUTE: Final = ("job_cluster_key", "new_cluster", "environment_key")
"""Fields of a task that decide what it runs on."""


def usages(before: Resource, after: Resource) -> tuple[Usage, Usage] | None:
    """The compute of both sides of one resource; None for a kind whose compute is not read."""
    old, new = usage_of(before), usage_of(after)
    return None if old is None or new is None else (old, new)


def more_often(both: tuple[Usage, Usage]) -> Iterator[tuple[str, tuple[KeyPath, ...], float | None]]:
    """That a job runs more often than before: what, fields, ratio. Silent where either side is not known."""
    old, new = both[0].runs, both[1].runs
    if new == inf and old != inf:
        yield "runs continuously, so that its compute never stops", STARTS, None
    elif old and new and old < new < inf:
        yield (
            f"runs {new / old:.1f} times as often ({_spelled(old)} → {_spelled(new)} runs a day)",
            STARTS,
            new / old,
        )


def more_clusters(both: tuple[Usage, Usage]) -> Iterator[tuple[str, tuple[KeyPath, ...], float | None]]:
    """That a job has clusters which it did not have: what, fields, ratio of all it runs."""
    known = {part.path for part in both[0].parts}
    added = [part for part in both[1].parts if part.path not in known and part.cluster is not None]
    ratio = delta_of(*both).size
    if added and both[0].parts and ratio is not None:
        names = ", ".join(part.name for part in added[:2]) + (" and more" if len(added) > 2 else "")
        fields = tuple(path for part in added for path in (part.path, part.path[:-1]))
        yield f"takes {ratio:.1f} times the compute with what is added ({names})", fields, ratio


def to_serverless(
    block: Block, both: tuple[Usage, Usage]
) -> Iterator[tuple[str, tuple[KeyPath, ...], float | None]]:
    """That tasks of a job leave clusters for serverless compute: what, fields, None."""
    if not any(part.cluster is not None for part in both[0].parts):
        return
    known = {part.path for part in both[0].parts if part.serverless}
    before = {str(entry(task, "task_key", block.before)) for task in items(block.before, "tasks")}
    moved = [
        part
        for part in both[1].parts
        if part.serverless and part.path not in known and part.path[1][1:-1] in before
    ]
    if moved:
        names = ", ".join(part.name for part in moved[:2]) + (" and more" if len(moved) > 2 else "")
        fields = tuple((*part.path, field) for part in moved for field in _COMPUTE)
        from riskcheck.rules.checks.databricks_cost import SERVERLESS

        yield f"{SERVERLESS} ({names})", fields, None


def in_all(block: Block, ratio: float | None, prices: Prices | None) -> list[str]:
    """What the resource as a whole takes where it has more clusters than this one, and what that costs."""
    if prices is None and not (block.is_cluster and may_have_several(block.after)):
        return []
    both = usages(block.before, block.after)
    if both is None:
        return []
    told = []
    whole = delta_of(*both)
    if whole.ratio is not None and (ratio is None or abs(whole.ratio - ratio) > 0.05):
        left_out = f", {', '.join(whole.unknown[:2])} not counted" if whole.unknown else ""
        if block.is_cluster and len(both[1].parts) > 1:
            told.append(
                f"about {whole.ratio:.1f} times the compute of the {noun(block.after.section)}{left_out}"
            )
    own = (_part_of(both[0], block), _part_of(both[1], block))
    added = added_money(block.after.address, own, prices)
    if added is not None and prices is not None and added >= 1:
        told.append(f"about {rounded(added)} {prices.currency} a month more")
    return told


def _part_of(usage: Usage, block: Block) -> Usage:
    """What of `usage` a cluster is: the others have findings of their own, where they grow, too."""
    if not block.is_cluster:
        return usage
    return usage._replace(parts=tuple(part for part in usage.parts if part.path == block.path))


def added_money(address: str, both: tuple[Usage, Usage], prices: Prices | None) -> float | None:
    """What a resource costs a month more, or less; None without prices, or where one is missing."""
    if prices is None:
        return None
    before, after = (monthly(prices, address, usage) for usage in both)
    return None if before is None or after is None else after - before


def rounded(money: float) -> str:
    """An amount with two digits that mean something: ``1,400``."""
    return f"{float(f'{money:.2g}'):,.0f}"


def _spelled(runs: float) -> str:
    return f"{runs:.3g}"
