"""What a tree lacks as it stands: rules of subject ``state``, for `riskcheck lint`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.durations import parse_moment, spell
from riskcheck.environments import stands_for
from riskcheck.globs import matches_any, wildcard
from riskcheck.models import Location, Match, Related, location_of
from riskcheck.nodes import render_path
from riskcheck.phrases import listed
from riskcheck.rules.checks.delivery import unlike
from riskcheck.runbooks import EXERCISE_DAYS, runbook_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Environment, Pipeline, Service
    from riskcheck.rules.context import CheckContext
    from riskcheck.states import ServiceState, StateFacts

HIGHEST: Final = "tier-1"


def no_canary_cell(subject: StateFacts, context: CheckContext) -> Iterator[Match]:
    """Production cells of a tier-1 service that nothing of their own tier comes before (LNT-001)."""
    for state in subject.services:
        if state.service.criticality != HIGHEST:
            continue
        bare = [one for one in state.production if not _tried_before(one, state, subject)]
        if bare:
            names = tuple(one.name for one in bare)
            yield Match(
                {
                    "service": state.service.name,
                    "cells": ", ".join(names),
                    "reason": _what_there_is(bare[0], state),
                },
                location=_place(state, subject),
                environments=names,
                resources=(f"service:{state.service.name}",),
            )


def _tried_before(production: Environment, state: ServiceState, facts: StateFacts) -> bool:
    """Whether a lower cell stands for `production`, a gated pipeline leads to it, or all that runs there is
    delivered step by step."""
    if any(stands_for(low, production) for low in state.lower):
        return True
    if any(_is_gated(pipeline, production) for pipeline in facts.pipelines):
        return True
    return any(
        (production.name, one.address) in facts.governed
        for one in state.resources
        if one.environment.name == production.name
    )


def _is_gated(pipeline: Pipeline, production: Environment) -> bool:
    return production.name in pipeline.gated and pipeline.stages.index(production.name) > 0


def _what_there_is(production: Environment, state: ServiceState) -> str:
    others = [f"{one.name} is {one.tier}" for one in state.lower if one.tier]
    if others and production.tier:
        return f"{', '.join(others)}, and it is {production.tier}"
    return "no lower environment holds this service"


def rollback_not_exercised(subject: StateFacts, context: CheckContext) -> Iterator[Match]:
    """Services with a promise to keep and no rollback that was walked through of late (LNT-002)."""
    days = context.options.get("exercised_within_days")
    limit = int(days) if isinstance(days, int | float) and not isinstance(days, bool) else EXERCISE_DAYS
    for state in subject.services:
        service = state.service
        if service.criticality != HIGHEST and service.rto is None:
            continue
        reason = _unproven(service, subject, limit)
        if reason is not None:
            yield Match(
                {
                    "service": service.name,
                    "reason": reason,
                    "tier_1": service.criticality == HIGHEST,
                },
                location=_place(state, subject),
                resources=(f"service:{service.name}",),
            )


def _unproven(service: Service, facts: StateFacts, limit: int) -> str | None:
    """Why the rollback of `service` is a hope; None where it was exercised in time."""
    problem = runbook_problem(service, facts.now, facts.has_path, limit)
    if problem is not None:
        return problem
    took, rto = service.runbook_duration, service.rto
    if rto is not None and took is not None and took > rto:
        return f"{service.runbook_url} took {spell(took)}, longer than the RTO of {spell(rto)}"
    return None


def owner_missing(subject: StateFacts, context: CheckContext) -> Iterator[Match]:
    """Declared services that run in production and that no team owns (LNT-003)."""
    for state in subject.services:
        if state.location is None or state.service.owner or not state.production:
            continue
        yield Match(
            {"service": state.service.name, "tier_1": state.service.criticality == HIGHEST},
            location=state.location,
            resources=(f"service:{state.service.name}",),
        )


def catalogs_contradict(subject: StateFacts, context: CheckContext) -> Iterator[Match]:
    """A field of a service of which two sources say different things (LNT-004). Values: service, field, value (the
    one that holds), others; weighty: it decides who is called or how strictly a change is judged."""
    for conflict in subject.conflicts:
        (value, place), *others = conflict.values
        said = [f"{other} at {where.path}:{where.line}" for other, where in others]
        yield Match(
            {
                "service": conflict.service,
                "field": conflict.field,
                "value": value,
                "others": listed(said),
                "weighty": HIGHEST in (one for one, _ in conflict.values),
            },
            location=place,
            related=tuple(Related("contradicts", where) for _, where in others),
            resources=(f"service:{conflict.service}",),
        )


def circle_declared(subject: StateFacts, context: CheckContext) -> Iterator[Match]:
    """Services that declare to need each other (LNT-008)."""
    for cycle in subject.cycles:
        names = [name.partition(":")[2] for name in cycle.names]
        places = [edge.location for edge in cycle.edges if edge.location is not None]
        if places:
            yield Match(
                {"circle": " needs ".join((*names, names[0]))},
                location=places[0]._replace(side="head"),
                related=tuple(Related("partner", place._replace(side="head")) for place in places[1:]),
                resources=tuple(f"service:{name}" for name in names),
            )


def parity_gap(subject: StateFacts, context: CheckContext) -> Iterator[Match]:
    """What decides whether traffic and logins work, other in production than in all that proves it (LNT-007)."""
    exceptions = context.options.get("exceptions")
    reviewed = exceptions if isinstance(exceptions, list) else []
    for service, resource, gap in subject.parity:
        names = (render_path(gap.path), gap.what)
        if any(wildcard(str(one), name) for one in reviewed for name in names):
            continue
        yield Match(
            {
                "service": service.name,
                "lower": gap.lower,
                "difference": unlike(gap),
                "production": gap.environment,
                "tier_1": service.criticality == HIGHEST,
            },
            location=location_of(gap.node),
            environments=(gap.environment,),
            resources=(resource.address,),
        )


def order_undeclared(subject: StateFacts, context: CheckContext) -> Iterator[Match]:
    """Production and lower environments, and nothing that says which comes first (LNT-005)."""
    if subject.declared_order or any(pipeline.gated for pipeline in subject.pipelines):
        return
    production = [one for one in subject.environments if one.stage == "prod"]
    lower = [one for one in subject.environments if one.stage in ("dev", "staging", "canary")]
    if production and lower:
        path = subject.policy_source or "riskcheck.yaml"
        yield Match(
            {
                "lower": listed(one.name for one in lower),
                "production": listed(one.name for one in production),
            },
            location=Location(path, "head", 1, 1, 1, 1),
            resources=(path,),
        )


def waiver_lapsed(subject: StateFacts, context: CheckContext) -> Iterator[Match]:
    """Waivers of the policy that waive nothing any more, or will not for much longer (LNT-006)."""
    for waiver in subject.waivers:
        end = parse_moment(waiver.until, end=True) if waiver.until else None
        if end is not None and end <= subject.now:
            path, _, line = waiver.source.rpartition(":")
            number = int(line) if line.isdecimal() else 1
            yield Match(
                {"rule": waiver.rule, "where": waiver.where, "until": waiver.until},
                location=Location(path or waiver.source, "head", number, 1, number, 1),
                resources=(waiver.where,),
            )


RESOLVED: Final = frozenset({"cloudformation", "compose", "databricks", "kubernetes", "terraform"})
"""Platforms of whose resources all are read where files can be read."""


def waiver_about_nothing(subject: StateFacts, context: CheckContext) -> Iterator[Match]:
    """Waivers of the policy whose resource or files are no longer there (LNT-009)."""
    for waiver in subject.waivers:
        gone = _gone(waiver.where, subject)
        if gone is not None:
            path, _, line = waiver.source.rpartition(":")
            number = int(line) if line.isdecimal() else 1
            yield Match(
                {"rule": waiver.rule, "where": waiver.where, "gone": gone},
                location=Location(path or waiver.source, "head", number, 1, number, 1),
                resources=(waiver.where,),
            )


def _gone(where: str, subject: StateFacts) -> str | None:
    """What `where` names and the tree lacks, None where it has it or where that cannot be told."""
    platform, colon, name = where.partition(":")
    if colon and platform in RESOLVED:
        unread = platform == "terraform" and "module." in name
        there = unread or any(wildcard(where, address) for address in subject.addresses)
        return None if there else "resource"
    if colon and platform.replace("-", "").isalnum():
        return None
    return None if any(matches_any(path, (where,)) for path in subject.paths) else "file"


def _place(state: ServiceState, facts: StateFacts) -> Location:
    """Where the service is declared, else the first file of it."""
    if state.location is not None:
        return state.location
    first = min((one.origin.source.path for one in state.resources), default=facts.policy_source)
    return Location(first, "head", 1, 1, 1, 1)
