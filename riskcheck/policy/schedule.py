"""The parts of a policy about time: deploy windows, and how soon who answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from riskcheck.durations import parse_duration
from riskcheck.errors import suggestion
from riskcheck.nodes import Mapping, Scalar, Sequence
from riskcheck.policy.model import Window
from riskcheck.policy.windows import DAYS, time_zones, zone
from riskcheck.response import DEFAULTS, Escalation, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.nodes import Node
    from riskcheck.response import Notice

    FaultAt = Callable[[Node, str, str], None]

FULL_DAY = 24 * 60


def window_of(node: Mapping, where: str, source: str, fault: FaultAt) -> Window:
    """The deploy window that `node` states. What is wrong is told to `fault`."""
    start, end = _minutes(node, "from"), _minutes(node, "to")
    if start is not None and start == end:
        fault(
            node.get("to") or node, f"{where}.to", "is the same as `from`; write 24:00 for the end of the day"
        )
    if start == FULL_DAY:
        fault(node.get("from") or node, f"{where}.from", "is the end of a day; write 00:00")
    named = node.get("timezone")
    timezone = named.raw if isinstance(named, Scalar) and named.raw else "UTC"
    if named is not None and zone(timezone) is None:
        hint = suggestion(timezone, time_zones()).partition("; known")[0] or "; write one like Europe/Berlin"
        fault(named, f"{where}.timezone", f'"{timezone[:60]}" is no time zone{hint}')
    days = [DAYS.index(word) for word in _words(node, "days") if word in DAYS]
    return Window(
        name=_word(node, "name") or "",
        days=frozenset(days or range(len(DAYS))),
        start=start or 0,
        end=FULL_DAY if end is None else end,
        timezone=timezone,
        services=_words(node, "services"),
        environments=_words(node, "environments"),
        source=source,
    )


def response_of(
    level: str, node: Mapping, source: str, fault: FaultAt, is_person: Callable[[str], bool]
) -> Response:
    """The response to `level`: what `node` says, the default for the rest. is_person: whether a role names one."""
    usual = DEFAULTS[level]
    where = f"response.{level}"
    steps: list[Escalation] = []
    for number, (item, after, role) in enumerate(_steps(node)):
        if steps and after <= steps[-1].after:
            fault(item, f"{where}.escalate[{number}].after", "is not after the step before it")
        steps.append(Escalation(after, role))
    for holder in (node, *(item for item, _, _ in _steps(node))):
        named = holder.get("to")
        if isinstance(named, Scalar) and is_person(named.raw):
            fault(named, f"{where}.to", "names a person; name the role or the team")
    notice = cast("Notice", _word(node, "notice") or usual.notice)
    within, first = _seconds(node, "within"), _seconds(node, "answer")
    if notice == "next-business-day":
        if within is not None:
            fault(node.get("within") or node, f"{where}.within", "says nothing on the next business day")
        within = None
    elif within is None:
        within = usual.within if usual.within is not None else DEFAULTS["P2"].within
    return Response(
        level,
        notice,
        within,
        usual.first_response if first is None else first,
        _word(node, "to") or usual.responder,
        tuple(steps) if node.get("escalate") is not None else usual.escalation,
        source,
    )


def _steps(node: Mapping) -> Iterator[tuple[Mapping, int, str]]:
    found = node.get("escalate")
    for item in found.items if isinstance(found, Sequence) else ():
        if isinstance(item, Mapping):
            yield item, _seconds(item, "after") or 0, _word(item, "to") or ""


def _minutes(node: Mapping, key: str) -> int | None:
    """``09:30`` as minutes after midnight."""
    hours, colon, minutes = (_word(node, key) or "").partition(":")
    if not colon or not (hours.isdecimal() and minutes.isdecimal() and len(hours + minutes) < 5):
        return None
    return int(hours) * 60 + int(minutes)


def _seconds(node: Mapping, key: str) -> int | None:
    return parse_duration(_word(node, key) or "")


def _word(node: Mapping, key: str) -> str | None:
    found = node.get(key)
    return found.raw if isinstance(found, Scalar) and found.raw else None


def _words(node: Mapping, key: str) -> tuple[str, ...]:
    found = node.get(key)
    items = found.items if isinstance(found, Sequence) else ()
    return tuple(item.raw for item in items if isinstance(item, Scalar))
