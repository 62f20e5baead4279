"""PodDisruptionBudgets: whether they still protect, and whether they still let a node be drained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.kubernetes_objects import (
    is_first,
    mapping_at,
    may_come_from_elsewhere,
    neighbours,
    text_at,
)
from riskcheck.rules.checks.kubernetes_pods import pod_labels, replicas_of, selected_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Mapping
    from riskcheck.rules.context import CheckContext, ResourceView


class Budget(NamedTuple):
    """What a budget amounts to for the workloads it selects.

    gap: why it protects nothing, or None. block: why it allows no eviction, or None.
    """

    gap: str | None
    block: str | None


def disruption_budget_weakened(change: Change, context: CheckContext) -> Iterator[Match]:
    """A budget removed, made ineffective, or made to block every drain.

    Values: problem (text), blocks (bool). https://kubernetes.io/docs/tasks/run-application/configure-pdb/
    """
    before, after = change.resource_before, change.resource_after
    if before is not None and after is None:
        yield from _removed(before, context)
        return
    if after is None or not is_first(change, context, ("spec",)):
        return
    new = assess(after, context.head)
    old = assess(before, context.base) if before is not None else Budget(None, None)
    workloads = selected_by(_selector(after), after, context.head)
    if before is not None and new.gap and not old.gap:
        yield _match(new.gap, False, workloads)
    elif new.block and not old.block and any(_existed(one, context) for one in workloads):
        yield _match(new.block, True, workloads)


def _removed(budget: Resource, context: CheckContext) -> Iterator[Match]:
    """A workload that nothing in the unit declares (an operator's, a chart's) is taken to live on, unless the
    whole unit went."""
    if may_come_from_elsewhere(budget, context):
        return
    left = _protected(budget, context.head)
    unseen = not selected_by(_selector(budget), budget, context.base) and any(
        neighbours(budget, context.head)
    )
    if left or unseen:
        yield _match("is removed", False, left)


def _match(problem: str, blocks: bool, workloads: list[Resource]) -> Match:
    related = tuple(Related("workload", location_of(one.origin)) for one in workloads[:3])
    return Match(values={"problem": problem, "blocks": blocks}, related=related)


def _existed(workload: Resource, context: CheckContext) -> bool:
    return context.base.get(workload.unit, workload.address, workload.environment.name) is not None


def _protected(budget: Resource, view: ResourceView) -> list[Resource]:
    """Workloads in `view` that `budget` would still protect and no other budget there selects."""
    others = [
        one
        for one in view.find(
            platform="kubernetes",
            kind="PodDisruptionBudget",
            unit=budget.unit,
            environment=budget.environment.name,
        )
        if one.address != budget.address
    ]
    return [
        workload
        for workload in selected_by(_selector(budget), budget, view)
        if (replicas_of(workload, view) or 0) > 1
        and not any(workload in selected_by(_selector(other), other, view) for other in others)
    ]


def _selector(budget: Resource) -> Mapping | None:
    return mapping_at(budget.body, "spec", "selector")


def assess(budget: Resource, view: ResourceView) -> Budget:
    """Judges `budget` against the workloads of `view` that it selects.

    Percentages round up for both fields, as the disruption controller does:
    https://kubernetes.io/docs/tasks/run-application/configure-pdb/#rounding-logic-when-specifying-percentages
    """
    selector = _selector(budget)
    if selector is None:
        return Budget("has no selector and covers no pod", None)
    workloads = selected_by(selector, budget, view)
    if not selector.entries and len(workloads) > 1:
        return Budget(f"selects every pod of the namespace: {len(workloads)} workloads share it", None)
    if any(pod_labels(one).get("spark-role") for one in workloads):
        return Budget(None, None)
    counts = [replicas_of(one, view) for one in workloads]
    known = [count for count in counts if count is not None]
    return _by_numbers(budget, sum(known) if counts and len(known) == len(counts) else None)


def _by_numbers(budget: Resource, replicas: int | None) -> Budget:
    least, most = text_at(budget.body, "spec", "minAvailable"), text_at(budget.body, "spec", "maxUnavailable")
    if least is not None:
        return _with_least(least, pods(least, replicas), replicas)
    if most is not None:
        return _with_most(most, pods(most, replicas), replicas)
    return Budget(None, None)


def _with_least(stated: str, needed: int | None, replicas: int | None) -> Budget:
    if stated in ("0", "0%"):
        return Budget(f"requires minAvailable {stated}: every pod may be evicted at once", None)
    if stated == "100%":
        return Budget(None, "requires minAvailable 100%: no pod may ever be evicted")
    if needed is not None and replicas and needed >= replicas:
        of = f"{replicas} replica" + ("s" if replicas > 1 else "")
        return Budget(None, f"requires minAvailable {stated} of {of}: no pod may ever be evicted")
    return Budget(None, None)


def _with_most(stated: str, allowed: int | None, replicas: int | None) -> Budget:
    if stated in ("0", "0%"):
        return Budget(None, f"allows maxUnavailable {stated}: no pod may ever be evicted")
    if stated == "100%":
        return Budget("allows maxUnavailable 100%: every pod may be evicted at once", None)
    if allowed is not None and replicas is not None and replicas > 1 and allowed >= replicas:
        return Budget(
            f"allows maxUnavailable {stated} of {replicas} replicas: every pod may be evicted at once", None
        )
    return Budget(None, None)


def pods(stated: str, replicas: int | None) -> int | None:
    """An int-or-percent as a number of pods; None where it cannot be told."""
    if stated.isdigit() and len(stated) < 10:
        return int(stated)
    share = stated.removesuffix("%")
    if share == stated or not share.isdigit() or len(share) > 4 or replicas is None:
        return None
    return -(-int(share) * replicas // 100)
