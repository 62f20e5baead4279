"""From a rule's severity to a finding's level: one sum of named steps, then floors and ceilings.

Each environment is judged alone; a finding takes the worst of its environments.
"""

from __future__ import annotations

from typing import cast

from riskcheck.judged import Step
from riskcheck.models import LEVELS, Environment, Level, Reversibility, Rule, Service, Severity, Stage
from riskcheck.records import dataclass

STAGE_STEPS: dict[Stage, int] = {"dev": -2, "staging": -1, "canary": -1, "prod": 0, "unknown": 0}
"""How far below its production severity a finding stands in each stage."""

FACT_PACKS = frozenset({"delivery", "graph", "governance"})
"""Packs whose rules are about reach and evidence themselves: they take no step for either."""

SENSITIVE_SCOPES = frozenset({"sox", "pii"})
PREMIUM_SUPPORT = frozenset({"premium", "enterprise"})


@dataclass(frozen=True, slots=True)
class LevelFacts:
    """What the steps are taken from, for one hit in one environment.

    uncovered: production cells reached at once that no canary covers. dependant: a critical service within two
    hops and why it is one (``orders is tier-1``), or None. canary_listed: evidence of a kind the rule lists, on
    every production cell reached. rollback_measured: rollback evidence of a kind the rule lists, measured within
    the RTO. neither: no canary and no rollback evidence of any kind. guard_with_target: a deletion guard goes
    together with what it guards.
    """

    service: Service
    uncovered: int = 0
    dependant: str | None = None
    canary_listed: bool = False
    rollback_measured: bool = False
    neither: bool = False
    guard_with_target: bool = False
    environment_gone: bool = False
    """The whole environment is removed: outside production one finding for all of it, at most P3."""
    capped: str | None = None
    """Why the level is at most P2 (no promotion order), for canary findings."""


def level_of(
    rule: Rule, severity: Severity, environment: Environment, facts: LevelFacts
) -> tuple[Level, tuple[Step, ...]]:
    """The level of a hit of `rule` in `environment`, and every step that led there."""
    steps = [Step(f"{environment.name} is {_stage_words(environment)}", STAGE_STEPS[environment.stage])]
    if environment.stage == "prod":
        steps.extend(_production_steps(rule, facts))
    steps = [step for number, step in enumerate(steps) if step.delta or number == 0]
    total = LEVELS.index(severity) + sum(step.delta for step in steps)
    at = max(0, min(total, len(LEVELS) - 1))
    bound, reason = _bounded(at, rule.reversibility, environment, facts)
    if bound != at:
        # From the sum itself: the steps that are printed must lead to the level.
        steps.append(Step(reason, bound - total))
    return LEVELS[bound], tuple(steps)


def _stage_words(environment: Environment) -> str:
    return "production" if environment.stage == "prod" else f"{environment.stage} stage"


def _production_steps(rule: Rule, facts: LevelFacts) -> list[Step]:
    steps = []
    reach = _criticality(facts.service)
    if rule.pack not in FACT_PACKS:
        if reach is None and facts.uncovered > 1:
            reach = f"{facts.uncovered} production cells at once, covered by no canary"
        if reach is None and facts.dependant:
            reach = f"{facts.dependant} and depends on it within two hops"
        if facts.neither:
            steps.append(Step("neither canary nor rollback evidence", 1))
    if reach is not None:
        steps.insert(0, Step(reach, 1))
    if facts.canary_listed:
        steps.append(Step("canary evidence on every production cell reached", -1))
    if facts.rollback_measured:
        steps.append(Step("rollback measured within the RTO", -1))
    return steps


def _criticality(service: Service) -> str | None:
    if service.criticality == "tier-1":
        return f"{service.name} is a tier-1 service"
    scopes = sorted(SENSITIVE_SCOPES.intersection(scope.lower() for scope in service.scopes))
    if scopes:
        return f"{service.name} is in scope of {', '.join(scopes).upper()}"
    if service.support and service.support.lower() in PREMIUM_SUPPORT:
        return f"{service.name} has {service.support} support"
    return None


def _bounded(
    at: int, reversibility: Reversibility, environment: Environment, facts: LevelFacts
) -> tuple[int, str]:
    final = reversibility in ("lossy", "irreversible")
    p3, p2, p0 = (LEVELS.index(level) for level in ("P3", "P2", "P0"))
    if environment.stage == "prod":
        if facts.guard_with_target:
            return p0, "a deletion guard is removed together with what it guards"
        if facts.capped and at > p2:
            return p2, facts.capped
        if final and at < p2:
            return p2, f"{reversibility} in production is never under P2"
    elif facts.environment_gone and at > p3:
        return p3, "the environment is removed as a whole, outside production"
    if environment.stage == "unknown" and at > p2 and not (final and at == p0):
        return p2, "the stage is unknown: at most P2 where nothing is lost"
    return at, ""


def worst(levels: tuple[Level, ...]) -> Level:
    """The worst of `levels`, ``note`` for none."""
    return cast("Level", max(levels, key=LEVELS.index, default="note"))


def at_least(level: Level, floor: Level) -> bool:
    """Whether `level` is `floor` or worse."""
    return LEVELS.index(level) >= LEVELS.index(floor)
