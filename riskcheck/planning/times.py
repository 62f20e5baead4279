"""When each wave may begin: soak of the wave before, freezes, approvals, the gates of pipelines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from riskcheck.plans import Approval, Freeze, Soak

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from riskcheck.models import Change, Environment, Pipeline, Service
    from riskcheck.planning.facts import Cell, FreezeFact, PlanInput


class Draft(NamedTuple):
    """A wave in the making. changes: what it gets; services: those that change; pairs: where each of them does."""

    number: int
    environments: tuple[Environment, ...]
    changes: tuple[Change, ...]
    services: Mapping[str, Service]
    pairs: frozenset[tuple[Cell, str]]


class Start(NamedTuple):
    """After how many seconds from now, at the earliest; held: by which freezes it came later."""

    after: int
    held: tuple[FreezeFact, ...]


def soak_of(draft: Draft, given: PlanInput) -> Soak:
    """The longest soak that anything in the wave asks for."""
    asked = {given.soak(change.resource, change.environment) for change in draft.changes}
    return max(asked, key=lambda one: (one.seconds, one.reason))


def starts(drafts: Sequence[Draft], soaks: Sequence[Soak], given: PlanInput) -> tuple[Start, ...]:
    """The earliest start of each wave: when the one before has soaked and no freeze holds."""
    found = []
    after = 0
    for draft, soak in zip(drafts, soaks, strict=True):
        held = []
        for freeze in sorted(given.freezes, key=lambda one: (one.start, one.end)):
            if freeze.start <= given.now + after < freeze.end and _touches(freeze, draft, given):
                after = freeze.end - given.now
                held.append(freeze)
        found.append(Start(after, tuple(held)))
        after += soak.seconds
    return tuple(found)


def _touches(freeze: FreezeFact, draft: Draft, given: PlanInput) -> bool:
    return any(freeze.reaches(one.environment, given.service(one.resource)) for one in draft.changes)


def freezes(
    drafts: Sequence[Draft], begin: Sequence[Start], end: int, given: PlanInput
) -> tuple[Freeze, ...]:
    """The freezes that hold now, or begin before the plan ends `end` seconds from now."""
    found = []
    for one in given.freezes:
        touched = [draft for draft in drafts if _touches(one, draft, given)]
        if not touched or not (one.start < given.now + max(end, 1) and one.end > given.now):
            continue
        names = sorted(
            {
                given.service(change.resource).name
                for draft in touched
                for change in draft.changes
                if one.reaches(change.environment, given.service(change.resource))
            }
        )
        held = tuple(draft.number for draft, start in zip(drafts, begin, strict=True) if one in start.held)
        now = one.start <= given.now < one.end
        found.append(Freeze(one.name, stamp(one.start), stamp(one.end), now, tuple(names), held, one.source))
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
                if need.reaches(change.environment, service):
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
