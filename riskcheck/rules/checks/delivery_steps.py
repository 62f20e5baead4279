"""Canary steps that go, and strategies that are switched off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match, Related, location_of
from riskcheck.progressive.argo_rollouts import declared_at as strategy_of
from riskcheck.rules.checks.delivery_reading import controlled_in, counted, sides
from riskcheck.rules.checks.kubernetes_objects import (
    is_first,
    may_come_from_elsewhere,
    name_of,
    neighbours,
    same_namespace,
    still_declared,
)
from riskcheck.rules.checks.kubernetes_pods import pod_labels, pod_template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.progressive.model import ProgressiveDelivery
    from riskcheck.rules.context import CheckContext

_STRATEGY: Final = ("spec", "strategy")


def steps_removed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A canary that has no steps any more, or gave way to something that has none (CAN-006).

    Values: what (text), weakened (bool: there were steps before).
    """
    before, after = change.resource_before, change.resource_after
    if after is None and before is not None:
        yield from _gone(before, context)
        return
    if not is_first(change, context, _STRATEGY):
        return
    pair = sides(before, after, context)
    if pair.after is None or pair.after.resource.kind != "Rollout":
        return
    problem = pair.after.problem("no-steps")
    if before is None:
        if problem is not None and pair.after.strategy == "rolling":
            text = "the canary strategy has no steps, so it behaves like a rolling update"
            yield Match({"what": text, "weakened": False}, node=problem.node)
        return
    if pair.before is None or pair.before.strategy != "canary":
        return
    was = counted(len(pair.before.weights), "step")
    if pair.after.strategy == "rolling":
        text = f"the canary has no steps any more ({was} before), so it behaves like a rolling update"
        emptied = problem is not None and problem.node is not pair.after.resource.body.at(
            "spec", "strategy", "canary"
        )
        yield Match(
            {"what": text, "weakened": True},
            node=problem.node if problem is not None and emptied else change.node_after,
        )
    elif pair.after.strategy == "blue-green" and not _held_back(pair.after):
        text = f"the canary ({was}) becomes a switch of all traffic that no analysis and no person holds back"
        yield Match({"what": text, "weakened": True}, node=strategy_of(pair.after.resource))


def _held_back(switch: ProgressiveDelivery) -> bool:
    """Whether an analysis, or a person, stands between the preview and everyone."""
    preview = switch.steps[0]
    return preview.analysis or preview.soak_seconds is None


def _gone(before: Resource, context: CheckContext) -> Iterator[Match]:
    """The declaration itself went, and its workload is left without one."""
    if still_declared(before, context.head) or may_come_from_elsewhere(before, context):
        return
    old = sides(before, None, context).before
    if old is None or old.strategy in ("rolling", "split"):
        return
    left = _left(old, context)
    if left is None or _governed(left, before, context):
        return
    was = counted(len(old.weights), "step")
    gone = f"{before.kind} {name_of(before)} ({was})"
    text = f"{gone} is removed, and {left.kind} {name_of(left)} is updated without one"
    yield Match(
        {"what": text, "weakened": True},
        related=(Related("workload", location_of(left.origin)),),
        resources=(before.address, left.address),
    )


def _left(old: ProgressiveDelivery, context: CheckContext) -> Resource | None:
    """What runs the pods of head: the governed workload, or a Deployment of the same name or pods."""
    gone = old.resource
    labels = pod_labels(old.workload) if old.workload is not None else {}
    for other in neighbours(gone, context.head):
        if other.kind not in ("Deployment", "DaemonSet", "StatefulSet") or pod_template(other) is None:
            continue
        same_pods = bool(labels) and pod_labels(other) == labels
        if same_pods or name_of(other) in (old.governed.name, name_of(gone)):
            return other
    return None


def _governed(left: Resource, gone: Resource, context: CheckContext) -> bool:
    """Whether another declaration in head governs what is left, such as Flagger after Argo Rollouts."""
    return any(
        one.governed.kind == left.kind
        and one.governed.name == name_of(left)
        and same_namespace(one.resource, gone)
        for one in controlled_in(context.head, gone.environment.name)
        if one.strategy not in ("rolling", "split")
    )
