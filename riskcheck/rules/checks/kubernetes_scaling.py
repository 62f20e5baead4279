"""Autoscalers that add fewer pods, later, or none (K8S-003)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.rules.checks.kubernetes_autoscalers import (
    Signal,
    described,
    is_autoscaler,
    least,
    most,
    pause_of,
    scale_up,
    signals,
    target_of,
    workload_named,
)
from riskcheck.rules.checks.kubernetes_objects import (
    is_preview,
    may_come_from_elsewhere,
    name_of,
    neighbours,
    number_at,
    still_declared,
    text_at,
    written,
)
from riskcheck.rules.checks.kubernetes_pods import autoscaler_of, stated_replicas
from riskcheck.rules.checks.weaknesses import Weakness, matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Match, Resource
    from riskcheck.rules.context import CheckContext

_LONG_WINDOW = 300
"""Seconds of stabilization after which scaling up counts as slow; none is the default."""


def autoscaler_weakened(change: Change, context: CheckContext) -> Iterator[Match]:
    """Values: what (text), grades (list): ``cut`` for bounds, ``floor`` for a ceiling under what ran at least,
    ``stopped`` where nothing is added any more, ``later``."""
    if is_preview(change):
        return
    if is_autoscaler(change.resource):
        yield from matches(change, context, lambda: _of_autoscaler(change, context))
    elif change.path == () and change.resource_before is not None:
        yield from matches(change, context, lambda: _of_workload(change, context))


def _of_autoscaler(change: Change, context: CheckContext) -> Iterator[Weakness]:
    before, after = change.resource_before, change.resource_after
    if before is not None and after is None:
        yield from _removed(before, context)
    elif before is None and after is not None:
        yield from _under_what_runs(after, context)
    elif before is not None and after is not None:
        later = context.options.get("later_than")
        yield from compared(before, after, float(later) if isinstance(later, int | float) else 1.25)
        yield from _retargeted(before, after, context)


def compared(before: Resource, after: Resource, later: float) -> Iterator[Weakness]:
    """What autoscaler `after` does less than `before`, of whatever kind each is. later: factor by which a target
    may grow."""
    yield from _bounds(before, after)
    yield from _signals(before, after, later)
    old, new = scale_up(before), scale_up(after)
    if text_at(new, "selectPolicy") == "Disabled" != text_at(old, "selectPolicy"):
        node = new.get("selectPolicy") if new is not None else None
        yield Weakness("scaling up is disabled", None, node, "stopped")
    was, now = (number_at(one, "stabilizationWindowSeconds") or 0 for one in (old, new))
    if now > was and now >= _LONG_WINDOW and new is not None:
        said = f"pods are added after {now} s of load instead of {was} s"
        yield Weakness(said, None, new.get("stabilizationWindowSeconds"), "later")
    pause = pause_of(after)
    if pause is not None and pause_of(before) is None:
        yield Weakness("autoscaling is paused", None, pause, "stopped")


def _bounds(before: Resource, after: Resource) -> Iterator[Weakness]:
    old, new = least(before), least(after)
    if old.value is not None and new.value is not None and new.value < old.value:
        said = f"at least {new.value} instead of {old.value} pods run"
        yield Weakness(said, old.node, written(new.node), "cut")
    ceiling, cap = most(before), most(after)
    if ceiling.value is not None and cap.value is not None and cap.value < ceiling.value:
        said = f"at most {cap.value} instead of {ceiling.value} pods run"
        grade = "floor" if old.value is not None and cap.value < old.value else "cut"
        yield Weakness(said, ceiling.node, written(cap.node), grade)
    possible = ceiling.value is None or old.value is None or ceiling.value >= old.value
    if possible and new.value is not None and cap.value is not None and cap.value < new.value:
        said = f"the API server refuses a maximum ({cap.value}) under the minimum ({new.value})"
        yield Weakness(said, ceiling.node, cap.node or new.node, "cut")


def _signals(before: Resource, after: Resource, later: float) -> Iterator[Weakness]:
    if before.kind != after.kind:
        return
    old, new = _named(signals(before)), _named(signals(after))
    gone = [one for name, one in old.items() if name not in new]
    if gone and len(new) < len(old):
        said = ", ".join(one.name for one in gone[:3])
        yield Weakness(f"no longer scales on {said}", gone[0].node, None, "cut")
    for name, signal in new.items():
        was = old.get(name)
        if was is None or was.unit != signal.unit or was.target is None or signal.target is None:
            continue
        if was.target > 0 and signal.target > later * was.target:
            said = f"scales on {name} later, {_share(was.target, signal.target)} % above the old target"
            yield Weakness(said, was.node, signal.node, "later")


def _named(found: list[Signal]) -> dict[str, Signal]:
    return {one.name: one for one in found}


def _share(was: int, now: int) -> int:
    return (200 * (now - was) + was) // (2 * was)


def _removed(scaler: Resource, context: CheckContext) -> Iterator[Weakness]:
    if still_declared(scaler, context.head) or may_come_from_elsewhere(scaler, context):
        return
    target = target_of(scaler)
    workload = workload_named(scaler, target, context.head)
    if workload is None:
        gone = workload_named(scaler, target, context.base) is not None
        if gone or target is None or not any(neighbours(scaler, context.head)):
            return
        yield Weakness(f"is removed; nothing scales {target[0]} {target[1]}", scaler.body, None, "stopped")
        return
    successor = autoscaler_of(workload, context.head)
    if successor is not None and is_autoscaler(successor):
        for weakness in compared(scaler, successor, 1.25):
            yield weakness._replace(before=scaler.body)
        return
    ceiling, stated = most(scaler).value, stated_replicas(workload)
    if ceiling is not None and stated is not None and stated >= ceiling:
        return
    left = f" from {stated} replicas" if stated is not None else ""
    said = f"is removed; nothing scales {workload.kind} {name_of(workload)}{left} up to {ceiling}"
    yield Weakness(said, scaler.body, None, "stopped")


def _under_what_runs(scaler: Resource, context: CheckContext) -> Iterator[Weakness]:
    """A new autoscaler that may not run as many pods as there were."""
    workload = workload_named(scaler, target_of(scaler), context.base)
    if workload is None or autoscaler_of(workload, context.base) is not None:
        return
    stated, cap = stated_replicas(workload), most(scaler)
    if stated is not None and cap.value is not None and cap.value < stated:
        said = f"at most {cap.value} pods run where {stated} replicas were stated"
        yield Weakness(said, None, cap.node or scaler.body, "floor")


def _retargeted(before: Resource, after: Resource, context: CheckContext) -> Iterator[Weakness]:
    """A target that is not there, or another one while the first stays and has none."""
    was, now = target_of(before), target_of(after)
    if was is None or was == now:
        return
    nodes = (before.body.at("spec", "scaleTargetRef"), after.body.at("spec", "scaleTargetRef"))
    there = workload_named(before, was, context.base)
    if there is None:
        return
    if workload_named(after, now, context.head) is None:
        name = f"{now[0]} {now[1]}" if now else "nothing"
        yield Weakness(f"scales {name}, which is not there", *nodes, "stopped")
        return
    left = workload_named(after, was, context.head)
    if left is not None and autoscaler_of(left, context.head) is None:
        yield Weakness(f"no longer scales {was[0]} {was[1]}", *nodes, "stopped")


def _of_workload(change: Change, context: CheckContext) -> Iterator[Weakness]:
    """A workload that goes, or gets another name, while its autoscaler still names it."""
    before = change.resource_before
    if before is None or change.kind not in ("removed", "moved"):
        return
    scaler = autoscaler_of(before, context.head)
    was = autoscaler_of(before, context.base)
    if scaler is None or was is None or not is_autoscaler(scaler):
        return
    if still_declared(before, context.head) or may_come_from_elsewhere(before, context):
        return
    if workload_named(before, (before.kind, name_of(before)), context.head) is not None:
        return
    said = f"{described(scaler)} still names {before.kind} {name_of(before)}, which is gone"
    yield Weakness(said, before.body, None, "dangling")
