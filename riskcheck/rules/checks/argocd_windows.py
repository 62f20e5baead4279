"""Sync windows of Argo CD that let more through than before.

Deny windows override allow windows. An application with allow windows syncs inside of one only; one without any
window syncs at any time. What a window selects by is or-ed unless `andOperator` is set; `manualSync` lets people
sync while a window says no. https://argo-cd.readthedocs.io/en/stable/user-guide/sync_windows/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import plain_value
from riskcheck.models import Match, location_of
from riskcheck.nodes import Mapping, Node, Sequence
from riskcheck.records import NamedTuple
from riskcheck.rules.functions import seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import Value

SELECTORS: Final = ("applications", "namespaces", "clusters")
FREE: Final = frozenset({"dev", "staging", "canary"})
"""Stages whose windows guard no production."""


class SyncWindow(NamedTuple):
    """One window. selects: (field, pattern). duration: seconds, None where it cannot be read."""

    kind: str
    schedule: str
    timezone: str
    duration: float | None
    selects: frozenset[tuple[str, str]]
    all_of: bool
    manual: bool
    node: Node

    @property
    def name(self) -> str:
        return f"{self.kind} window {self.schedule or 'without schedule'}"


def loosened(changes: Iterable[Change]) -> Iterator[Match]:
    """Each project whose windows let more through: the first way in which they do, at its place.

    A project that came or went whole, and one outside of production, is left alone.
    """
    told: set[tuple[str, str, str]] = set()
    for change in changes:
        before, after = change.resource_before, change.resource_after
        if before is None or after is None or after.key in told or after.environment.stage in FREE:
            continue
        told.add(after.key)
        old, new = _windows(before), _windows(after)
        if old is None or new is None:
            continue
        for what, node in _ways(old, new):
            place = location_of(node)
            yield Match(
                {"what": f"{after.name}: {what}", "cause": f"{place.path}:{place.line}"},
                node=node,
                environments=(after.environment.name,),
                resources=(after.address,),
            )


def _ways(old: list[SyncWindow], new: list[SyncWindow]) -> Iterator[tuple[str, Node]]:
    for was, becomes in _pairs(old, new):
        if was.kind == "deny":
            yield from _deny(was, becomes)
        elif was.kind == "allow" and becomes is None:
            unbound = was.selects - {one for other in new if other.kind == "allow" for one in other.selects}
            if unbound:
                names = ", ".join(sorted(pattern for _, pattern in unbound))
                yield f"{was.name} is removed, so that {names} may sync at any time", was.node
        if becomes is not None and becomes.manual and not was.manual:
            yield f"{becomes.name} lets people sync while it says no", becomes.node


def _deny(was: SyncWindow, becomes: SyncWindow | None) -> Iterator[tuple[str, Node]]:
    if becomes is None:
        yield f"{was.name} is removed", was.node
        return
    gone = was.selects - becomes.selects
    if gone:
        names = ", ".join(sorted(pattern for _, pattern in gone))
        yield f"{was.name} does not hold {names} any more", becomes.node
    elif becomes.all_of and not was.all_of and len(was.selects) > 1:
        yield f"{was.name} holds only what all of its selectors fit", becomes.node
    elif was.duration is not None and becomes.duration is not None and becomes.duration < was.duration:
        yield f"{was.name} is shortened", becomes.node
    elif (was.schedule, was.timezone) != (becomes.schedule, becomes.timezone):
        yield f"{was.name} moves to {becomes.schedule} {becomes.timezone}".rstrip(), becomes.node


def _pairs(old: list[SyncWindow], new: list[SyncWindow]) -> Iterator[tuple[SyncWindow, SyncWindow | None]]:
    """Each window of base with what became of it: the same in all, else of the same times, else over the same."""
    left = list(new)
    partners: dict[int, SyncWindow] = {}
    for parts in (_all, _times, _selection):
        for number, was in enumerate(old):
            if number in partners:
                continue
            found = next((one for one in left if one.kind == was.kind and parts(one) == parts(was)), None)
            if found is not None:
                left.remove(found)
                partners[number] = found
    for number, was in enumerate(old):
        yield was, partners.get(number)


def _all(one: SyncWindow) -> tuple[object, ...]:
    return (*_times(one), one.selects)


def _times(one: SyncWindow) -> tuple[object, ...]:
    return (one.schedule, one.timezone)


def _selection(one: SyncWindow) -> tuple[object, ...]:
    return (one.selects,)


def _windows(project: Resource) -> list[SyncWindow] | None:
    """None where they cannot be read: nothing is said then."""
    node = project.body.at("spec", "syncWindows")
    if node is None:
        return []
    value = plain_value(node, project.reading)
    if value is None:
        return []
    if not isinstance(node, Sequence) or not isinstance(value, list):
        return None
    found = []
    for item, held in zip(node.items, value, strict=True):
        if not isinstance(item, Mapping) or not isinstance(held, dict):
            return None
        found.append(_window(held, item))
    return found


def _window(held: dict[str, Value], node: Node) -> SyncWindow:
    selects = frozenset(
        (field, pattern)
        for field in SELECTORS
        for patterns in [held.get(field)]
        for pattern in (patterns if isinstance(patterns, list) else ())
        if isinstance(pattern, str)
    )
    duration = held.get("duration")
    return SyncWindow(
        str(held.get("kind") or ""),
        str(held.get("schedule") or ""),
        str(held.get("timeZone") or ""),
        seconds(duration) if isinstance(duration, str) else None,
        selects,
        held.get("andOperator") is True,
        held.get("manualSync") is True,
        node,
    )
