"""Scheduled Spark applications that are held, start at other times or over each other (SPK-015)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from riskcheck.cadence.rate import moved_by, same_days, unix
from riskcheck.durations import spell
from riskcheck.models import Change, Match
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex
from riskcheck.rules.checks.kubernetes_objects import TRUE, is_preview, namespace_of, number_at, text, text_at
from riskcheck.sparkapps import APPLICATION, GROUP, is_suspended

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.rules.context import CheckContext

Grade: TypeAlias = Literal["stopped", "moved", "minor"]

_TRIAL: Final = regex(r"(?:^|[^a-z])(?:dev|test|sandbox|playground|scratch)(?:[^a-z]|$)")
_ZONED: Final = regex(r"(?:CRON_)?TZ=(\S+)\s+(.*)", re.DOTALL)
_CONCURRENT: Final = {
    ("Forbid", "Allow"): "runs may go over each other and write the same twice",
    ("Replace", "Allow"): "runs may go over each other and write the same twice",
    ("Forbid", "Replace"): "a run that is not done is ended when the next is due",
    ("Allow", "Replace"): "a run that is not done is ended when the next is due",
}
_KNOWN: Final = frozenset({"Allow", "Forbid", "Replace"})


class _Plan(NamedTuple):
    """expression: five fields or a macro. zone: as written; ``Local`` is that of the operator."""

    expression: str
    zone: str


def run_changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A run that is held, or starts at other times, or over another.

    Values: what (text), grade (``stopped``: no run starts, or one is ended or written over; ``moved``: runs start
    at other times; ``minor``).
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or is_preview(change) or _is_trial(after):
        return
    if not all((text_at(one.body, "apiVersion") or "").startswith(GROUP + "/") for one in (before, after)):
        return
    found = _problem(change, before, after, context)
    if found is not None:
        what, grade = found
        yield Match(values={"what": what, "grade": grade})


def _is_trial(resource: Resource) -> bool:
    return _TRIAL.search(namespace_of(resource).lower()) is not None


def _problem(
    change: Change, before: Resource, after: Resource, context: CheckContext
) -> tuple[str, Grade] | None:
    field = change.path[-1]
    if field == "suspend":
        return _suspended(change)
    if after.kind == APPLICATION or is_suspended(before) or is_suspended(after):
        return None
    if field == "concurrencyPolicy":
        return _concurrency(text_at(before.body, "spec", field), text_at(after.body, "spec", field))
    if field == "failedRunHistoryLimit":
        old, new = (number_at(one.body, "spec", field) for one in (before, after))
        gone = old is not None and old > 0 and new == 0
        return ("a failed run is deleted at once, and its logs with it", "minor") if gone else None
    by_schedule = any(one.path == ("spec", "schedule") for one in context.changes_of(after))
    return None if field == "timeZone" and by_schedule else _replanned(_plan(before), _plan(after), context)


def _suspended(change: Change) -> tuple[str, Grade] | None:
    held, was = (
        text(node) in TRUE if node is not None else False for node in (change.node_after, change.node_before)
    )
    if was or not held:
        return None
    if change.resource.kind == APPLICATION:
        return "suspend deletes the pods of the run, and nothing starts until it is taken back", "stopped"
    if "template" in change.path:
        return "every run is made suspended and never starts", "stopped"
    return "suspend is on: no further run starts", "stopped"


def _concurrency(old: str | None, new: str | None) -> tuple[str, Grade] | None:
    """Without a policy that it knows, the operator starts nothing as long as an earlier run is kept
    (shouldStartNextRun in internal/controller/scheduledsparkapplication/controller.go)."""
    if old not in _KNOWN or old == new:
        return None
    if new not in _KNOWN:
        return (
            f"concurrencyPolicy {new or 'is gone'}: no run starts as long as an earlier one is kept",
            "stopped",
        )
    if new == "Forbid":
        return f"concurrencyPolicy {new}: a run that is due while another goes on is left out", "minor"
    return f"concurrencyPolicy {new}: {_CONCURRENT[(old, new)]}", "stopped"


def _plan(resource: Resource) -> _Plan:
    schedule = text_at(resource.body, "spec", "schedule") or ""
    zone = text_at(resource.body, "spec", "timeZone") or "Local"
    own = _ZONED.match(schedule)
    return _Plan(own[2], own[1]) if own is not None else _Plan(schedule, zone)


def _replanned(old: _Plan, new: _Plan, context: CheckContext) -> tuple[str, Grade] | None:
    zones = ("UTC", "UTC") if old.zone == new.zone else (old.zone, new.zone)
    was, becomes = unix(old.expression, zones[0]), unix(new.expression, zones[1])
    if was is None or "$" in new.expression:
        return None
    if becomes is None:
        return (
            f"the schedule '{new.expression}' never fires or cannot be read: no further run starts",
            "stopped",
        )
    factor = _number(context, "frequency_factor", 2.0)
    if was.runs_per_day >= factor * becomes.runs_per_day:
        return f"{becomes.spelled()} instead of {was.spelled()}", "stopped"
    if becomes.runs_per_day >= factor * was.runs_per_day:
        return f"{becomes.spelled()} instead of {was.spelled()}", "moved"
    if not same_days(was, becomes):
        return f"it runs on other days: '{old.expression}' becomes '{new.expression}'", "moved"
    moved = moved_by(was, becomes)
    if moved is not None and moved >= 60 * _number(context, "shift_minutes", 60.0):
        return f"its runs move by up to {spell(moved)}", "moved"
    if moved is None and old.zone != new.zone:
        return f"its time zone goes from {old.zone} to {new.zone}", "moved"
    return None


def _number(context: CheckContext, name: str, default: float) -> float:
    value = context.options.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else default
