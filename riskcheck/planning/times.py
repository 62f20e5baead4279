"""When each wave may begin: soak of the wave before, freezes, approvals, the gates of pipelines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from riskcheck.plans import Approval, Freeze, Soak, Window
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from riskcheck.models import Change, Environment, Pipeline, Service
    from riskcheck.planning.facts import Cell, FreezeFact, PlanInput, WindowFact


class Draft(NamedTuple):
    """A wave in the making. changes: what it gets; services: those that change; pairs: where each of them does."""

    number: int
    environments: tuple[Environment, ...]
    changes: tuple[Change, ...]
    services: Mapping[str, Service]
    pairs: frozenset[tuple[Cell, str]]


class Start(NamedTuple):
    """After how many seconds from now, at the earliest; freezes, windows: which made it later."""

    after: int
    freezes: tuple[FreezeFact, ...] = ()
    windows: tuple[WindowFact, ...] = ()


MOST_MOVES: Final = 100
"""Freezes and windows that a start is moved behind; the start that is then shown is the last one tried."""


def soak_of(draft: Draft, given: PlanInput) -> Soak:
    """The longest soak that anything in the wave asks for."""
    asked = {given.soak(change.resource, change.environment) for change in draft.changes}
    return max(asked, key=lambda one: (one.seconds, one.reason))


def starts(drafts: Sequence[Draft], soaks: Sequence[Soak], given: PlanInput) -> tuple[Start, ...]:
    """The earliest start of each wave: when the one before has soaked, no freeze holds and its windows are open."""
    found = []
    after = 0
    for draft, soak in zip(drafts, soaks, strict=True):
        start = _start(draft, after, given)
        found.append(start)
        after = start.after + soak.seconds
    return tuple(found)


def _start(draft: Draft, after: int, given: PlanInput) -> Start:
    freezes = [one for one in given.freezes if _touches(one, draft)]
    windows = {tuple(one for one in given.windows if one.reaches(change)) for change in draft.changes}
    moment = given.now + after
    behind: dict[FreezeFact, None] = {}
    waited: dict[WindowFact, None] = {}
    for _ in range(MOST_MOVES):
        held = next((one for one in freezes if one.start <= moment < one.end), None)
        closed = next((some for some in windows if some and not any(one.is_open(moment) for one in some)), ())
        if held is not None:
            moment = held.end
            behind[held] = None
        elif closed:
            opens = [opening for one in closed if (opening := one.opens(moment)) is not None]
            waited.update(dict.fromkeys(closed))
            if not opens:
                break
            moment = min(opens)
        else:
            break
    return Start(moment - given.now, tuple(behind), tuple(waited))


def _touches(fact: FreezeFact | WindowFact, draft: Draft) -> bool:
    return any(fact.reaches(change) for change in draft.changes)


def _reached(fact: FreezeFact | WindowFact, drafts: Sequence[Draft], given: PlanInput) -> tuple[str, ...]:
    """Names of the services that `fact` is about."""
    changes = (change for draft in drafts for change in draft.changes)
    return tuple(sorted({given.service(one.resource).name for one in changes if fact.reaches(one)}))


def freezes(
    drafts: Sequence[Draft], begin: Sequence[Start], end: int, given: PlanInput
) -> tuple[Freeze, ...]:
    """The freezes that hold now, or begin before the plan ends `end` seconds from now."""
    found = []
    for one in given.freezes:
        services = _reached(one, drafts, given)
        if services and one.start < given.now + max(end, 1) and one.end > given.now:
            waves = tuple(
                draft.number for draft, start in zip(drafts, begin, strict=True) if one in start.freezes
            )
            holds = one.start <= given.now
            found.append(
                Freeze(one.name, stamp(one.start), stamp(one.end), holds, services, waves, one.source)
            )
    return tuple(found)


def windows(drafts: Sequence[Draft], begin: Sequence[Start], given: PlanInput) -> tuple[Window, ...]:
    """The deploy windows that something in the plan has to keep to."""
    found = []
    for one in given.windows:
        services = _reached(one, drafts, given)
        if services:
            waves = tuple(
                draft.number for draft, start in zip(drafts, begin, strict=True) if one in start.windows
            )
            found.append(Window(one.name, services, waves, one.source))
    return tuple(found)


def approvals(drafts: Sequence[Draft], given: PlanInput) -> tuple[Approval, ...]:
    """Every approval that something in some wave needs, given or not."""
    found = []
    for need in given.approvals:
        services: set[str] = set()
        waves: set[int] = set()
        for draft in drafts:
            for change in draft.changes:
                service = given.service(change.resource)
                if need.reaches(change):
                    services.add(service.name)
                    waves.add(draft.number)
        if waves:
            found.append(
                Approval(
                    need.scope,
                    need.teams,
                    tuple(sorted(services)),
                    tuple(sorted(waves)),
                    need.source,
                    need.given,
                )
            )
    return tuple(found)


def gates(environments: Iterable[Environment], number: int, pipelines: Sequence[Pipeline]) -> tuple[str, ...]:
    """What CI definitions do before they deploy to the wave's environments."""
    found: dict[str, None] = {}
    for one in environments:
        for pipeline in pipelines:
            if one.name in pipeline.gated:
                found[f"{_place(pipeline)} waits before it deploys {one.name}"] = None
            elif one.name in pipeline.stages and number > 1:
                found[
                    f"{_place(pipeline)} deploys {one.name} without waiting: nothing but the merge holds it"
                ] = None
    return tuple(found)


def _place(pipeline: Pipeline) -> str:
    return f"{pipeline.location.path}:{pipeline.location.line}"


def stamp(seconds: int) -> str:
    """Seconds since the epoch in UTC, ISO-8601."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
