"""What a canary keeps so that it can be taken back at once: stable pods, old revisions, a way back for traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match, Related, location_of
from riskcheck.progressive.surroundings import group_of
from riskcheck.progressive.values import body_of
from riskcheck.rules.checks.delivery_reading import around, option, sides, summed
from riskcheck.rules.checks.kubernetes_objects import (
    is_first,
    may_come_from_elsewhere,
    name_of,
    still_declared,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import KeyPath, Node
    from riskcheck.rules.context import CheckContext

_DYNAMIC: Final = ("spec", "strategy", "canary", "dynamicStableScale")
_DELAYS: Final[tuple[KeyPath, ...]] = (
    ("spec", "strategy", "canary", "scaleDownDelaySeconds"),
    ("spec", "strategy", "blueGreen", "scaleDownDelaySeconds"),
)
_WINDOW: Final = ("spec", "rollbackWindow", "revisions")
_DEADLINE: Final = ("spec", "progressDeadlineAbort")
_REVERT: Final = ("spec", "revertOnDeletion")
_PLACES: Final[tuple[KeyPath, ...]] = (_DYNAMIC, *_DELAYS, _WINDOW[:2], _DEADLINE, _REVERT)
_DEFAULT_DELAY: Final = 30
"""Seconds for which Argo Rollouts keeps the old pods unless told otherwise."""


def way_back_removed(change: Change, context: CheckContext) -> Iterator[Match]:
    """Less is kept to take a canary back with than before (CAN-013).

    Values: what (text).
    """
    before, after = change.resource_before, change.resource_after
    if before is None:
        return
    if after is None:
        yield from _deleted(before, context)
        return
    if not is_first(change, context, *_PLACES):
        return
    found = list(
        _lost_of_rollout(before, after, context)
        if after.kind == "Rollout"
        else _lost_of_canary(before, after)
    )
    if found:
        yield Match({"what": summed(text for text, _ in found)}, node=found[0][1])


def _lost_of_rollout(
    before: Resource, after: Resource, context: CheckContext
) -> Iterator[tuple[str, Node | None]]:
    if group_of(after) != "argoproj.io":
        return
    old, new = body_of(before), body_of(after)
    if new.part(*_DYNAMIC[:-1], "trafficRouting") and new.flag(*_DYNAMIC) and not old.flag(*_DYNAMIC):
        text = "an abort waits for new stable pods (dynamicStableScale)"
        yield text, new.at(*_DYNAMIC)
    least = option(context, "min_delay", _DEFAULT_DELAY)
    for path in _DELAYS:
        kept = path[-2] == "blueGreen" or bool(new.part(*path[:-1], "trafficRouting"))
        was = _DEFAULT_DELAY if old.at(*path) is None else old.whole(*path)
        now = _DEFAULT_DELAY if new.at(*path) is None else new.whole(*path)
        if kept and old.part(*path[:-1]) and was is not None and now is not None and now < min(least, was):
            yield f"the old pods are kept for {now} seconds, not {was}", new.at(*path)
    was, now = old.whole(*_WINDOW), new.whole(*_WINDOW)
    if was and new.at(*_WINDOW) is None:
        yield f"a revert walks through all steps (rollbackWindow was {was})", None
    elif was and now is not None and now < was:
        yield f"a revert is quick for {now} revisions, not {was}", new.at(*_WINDOW)
    if old.flag(*_DEADLINE) and new.flag(*_DEADLINE) is not True:
        yield "an update that is stuck is no longer aborted", new.at(*_DEADLINE)


def _lost_of_canary(before: Resource, after: Resource) -> Iterator[tuple[str, Node | None]]:
    if group_of(after) != "flagger.app":
        return
    new = body_of(after)
    if body_of(before).flag(*_REVERT) and new.flag(*_REVERT) is not True:
        text = "deleting the Canary will leave services and routes as Flagger made them"
        yield text, new.at(*_REVERT)


def _deleted(before: Resource, context: CheckContext) -> Iterator[Match]:
    """A Canary that goes without putting back what it took over, while its target stays."""
    if (
        before.kind != "Canary"
        or still_declared(before, context.head)
        or may_come_from_elsewhere(before, context)
    ):
        return
    old = sides(before, None, context).before
    if old is None or body_of(before).flag(*_REVERT):
        return
    target = around(context.head, before.environment.name).find(old.governed.kind, old.governed.name, before)
    if target is None:
        return
    text = f"Canary {name_of(before)} goes without revertOnDeletion, so {name_of(target)} stays at 0 replicas"
    yield Match(
        {"what": text},
        related=(Related("target", location_of(target.origin)),),
    )
