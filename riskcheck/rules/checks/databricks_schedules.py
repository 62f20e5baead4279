"""When bundle resources run: what starts them, how often, by which clock (DAB-022)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.cadence.bodies import Start, started_by
from riskcheck.cadence.rate import moved_by, same_days
from riskcheck.durations import spell
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.phrases import listed
from riskcheck.rules.checks.databricks_values import number, subject
from riskcheck.rules.checks.weaknesses import Weakness, matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.cadence.rate import Cadence
    from riskcheck.models import Change, Match, Resource
    from riskcheck.rules.context import CheckContext

_WAITS: Final = ("min_time_between_triggers_seconds", "wait_after_last_change_seconds")
_EVENTS: Final = {"file_arrival": "arriving files", "table_update": "updates of tables", "model": "models"}


def rescheduled(change: Change, context: CheckContext) -> Iterator[Match]:
    """What starts by itself starts at other times, or on another event. Values: ``subject``, ``reason``.

    Silent where nothing started it before, where nothing does any more, and where it is held on one side.
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None:
        return
    yield from matches(change, context, lambda: _differences(before, after, context), subject(after))


def _differences(before: Resource, after: Resource, context: CheckContext) -> Iterator[Weakness]:
    old, new = started_by(before.body), started_by(after.body)
    if old is None or new is None or old.paused or new.paused:
        return
    if old.cadence is not None and new.cadence is not None:
        what = _other_times(old, new, old.cadence, new.cadence, context)
    elif old.block == new.block == "trigger" and old.cadence is None and new.cadence is None:
        yield from _other_events(old.node, new.node)
        return
    elif _said(old) != _said(new):
        what = f"{_told(new)} instead of {_told(old)}"
    else:
        return
    if what:
        yield Weakness(what, *_places(old, new))


def _other_times(old: Start, new: Start, was: Cadence, becomes: Cadence, context: CheckContext) -> str:
    factor = number(context.options.get("frequency_factor")) or 2.0
    most, least = max(was.runs_per_day, becomes.runs_per_day), min(was.runs_per_day, becomes.runs_per_day)
    if most != least and (most >= least * factor or was.continuous or becomes.continuous):
        return f"{becomes.spelled()} instead of {was.spelled()}"
    if most == least and not same_days(was, becomes):
        return f"it runs on other days: '{_said(old)}' becomes '{_said(new)}'"
    moved = moved_by(was, becomes)
    allowed = context.service.sla or 60 * (number(context.options.get("shift_minutes")) or 60.0)
    if was.zone != becomes.zone and was.times and becomes.times and moved != 0 and _other_clock(was, becomes):
        by = f", which moves its runs by up to {spell(moved)}" if moved else ""
        return f"its time zone goes from {was.zone} to {becomes.zone}{by}"
    if moved is not None and moved >= allowed:
        return f"its runs move by {spell(moved)}: '{_said(old)}' becomes '{_said(new)}'"
    return ""


def _other_clock(was: Cadence, becomes: Cadence) -> bool:
    """Whether two time zones ever differ; True where that is not known."""
    from riskcheck.cadence.clock import offsets

    pairs = offsets(was.zone, becomes.zone)
    return pairs is None or any(one != other for one, other in pairs)


def _places(old: Start, new: Start) -> tuple[Node | None, Node | None]:
    """What is written differently: the expression, else the time zone beside it."""
    if _said(old) != _said(new) or not (isinstance(old.node, Scalar) and isinstance(new.node, Scalar)):
        return old.node, new.node
    return old.zone or old.node, new.zone or new.node


def _said(start: Start) -> str:
    """The expression as it is written; what it starts on for an event."""
    if isinstance(start.node, Scalar):
        return start.node.raw
    return _event(start.node) or start.block


def _event(block: Node) -> str:
    named = [name for name in _EVENTS if isinstance(block, Mapping) and name in block.index]
    return named[0] if named else ""


def _told(start: Start) -> str:
    if start.cadence is not None:
        return start.cadence.spelled()
    if isinstance(start.node, Scalar):
        known = "" if "${" in start.node.raw else " (no Quartz expression that ever fires)"
        return f"'{start.node.raw}'{known}"
    return f"starting on {_EVENTS.get(_event(start.node), 'another event')}"


def _other_events(old: Node, new: Node) -> Iterator[Weakness]:
    kind, other = _event(old), _event(new)
    if kind != other:
        if kind and other:
            yield Weakness(f"it starts on {_EVENTS[other]} instead of {_EVENTS[kind]}", old, new)
        return
    was = old.get(kind) if isinstance(old, Mapping) else None
    becomes = new.get(kind) if isinstance(new, Mapping) else None
    if not isinstance(was, Mapping) or not isinstance(becomes, Mapping):
        return
    for field in ("url", "condition"):
        one, two = was.get(field), becomes.get(field)
        if isinstance(one, Scalar) and isinstance(two, Scalar) and one.raw.rstrip("/") != two.raw.rstrip("/"):
            yield Weakness(f"the {field} that it waits for goes from {one.raw} to {two.raw}", one, two)
    yield from _fewer_tables(was.get("table_names"), becomes.get("table_names"))
    for field in _WAITS:
        yield from _longer_wait(field, was.get(field), becomes.get(field))


def _fewer_tables(was: Node | None, becomes: Node | None) -> Iterator[Weakness]:
    kept = (
        {item.raw for item in becomes.items if isinstance(item, Scalar)}
        if isinstance(becomes, Sequence)
        else ()
    )
    gone = [
        item
        for item in (was.items if isinstance(was, Sequence) else ())
        if isinstance(item, Scalar) and item.raw not in kept
    ]
    if gone and kept:
        yield Weakness(
            f"it no longer starts on updates of {listed([one.raw for one in gone])}", gone[0], None
        )


def _longer_wait(field: str, was: Node | None, becomes: Node | None) -> Iterator[Weakness]:
    old, new = _seconds(was), _seconds(becomes)
    if becomes is not None and new >= 2 * max(old, 60):
        text = f"{field} goes from {spell(old) if was is not None else 'unset'} to {spell(new)}"
        yield Weakness(text, was, becomes)


def _seconds(node: Node | None) -> int:
    text = node.raw if isinstance(node, Scalar) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
