"""The score, 0 to 100: expected bad minutes of the change, so that changes can be ranked.

    B = p * sum over cells of  w * x * s * [ k*f*(Tc + Trb) + (1-k)*g*(Td + Trb) ]
    score = 100 * (1 - exp(-B / B_ref))

Summed over causes, the worst finding of each; so more reach, less canary and a slower rollback never score
lower. The score ranks. It decides nothing: a sum of small things can neither hide nor make a catastrophe.
All constants are priors; without calibration on a repository's own history they say which change is worse, not
how likely harm is.
"""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING, Final

from riskcheck.judged import Finding, Term

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from riskcheck.models import Environment, Level, Reversibility, Service, Stage

BASE_ODDS: Final = 0.013 / 0.987
"""A landed human configuration change is reverted in 1.3 % of cases (median of 28 public repositories)."""

LEVEL_POINTS: Final[Mapping[Level, int]] = {"P0": 60, "P1": 40, "P2": 20, "P3": 5, "note": 0}
"""Likelihood, in points: 10 points double the odds that the change does harm."""

LEVEL_SHARE: Final[Mapping[Level, float]] = {"P0": 1.0, "P1": 0.5, "P2": 0.2, "P3": 0.05, "note": 0.0}
"""s: share of a service that is bad when the finding comes true (complete outage, half the jobs, one team)."""

STAGE_WEIGHT: Final[Mapping[Stage, float]] = {
    "prod": 1.0,
    "unknown": 0.5,
    "canary": 0.1,
    "staging": 0.05,
    "dev": 0.01,
}
CRITICALITY_WEIGHT: Final[Mapping[str, float]] = {"tier-1": 4.0, "tier-2": 1.0, "tier-3": 0.5, "tier-4": 0.25}
REACH_WEIGHT: Final = 1.0
"""x counts the service itself once and every service that hangs off it by the strength of its path."""

CANARY_CATCH: Final = 0.6
"""k: chance that a canary with evidence catches it."""
CANARY_SHARE: Final = 0.1
"""f: share exposed while the canary runs."""
CANARY_MINUTES: Final = 30.0
"""Tc: minutes to a canary verdict."""
FULL_SHARE: Final = 1.0
"""g: share exposed after the canary, or at once without one."""
DETECT_MINUTES: Final = 45.0
"""Td: minutes to detection without a canary."""
ROLLBACK_MINUTES: Final[Mapping[Reversibility, float]] = {
    "reversible": 15.0,
    "delayed": 60.0,
    "lossy": 240.0,
    "irreversible": 1_440.0,
}
"""Trb by class where nothing was measured; twice that where there is no rollback evidence."""
REFERENCE_MINUTES: Final = 43.2
"""B_ref: the monthly error budget of a 99.9 % service."""


def score(
    findings: Sequence[Finding], services: Mapping[str, Service], reach: Mapping[str, float]
) -> tuple[float, tuple[Term, ...]]:
    """The score and its terms, worst first. Waived findings count towards nothing.

    reach: service name to x - 1, the summed strength of the paths by which others hang off it.
    """
    worst: dict[str, Term] = {}
    for finding in findings:
        if finding.waiver is None:
            term = _loss(finding, services, reach)
            known = worst.get(finding.cause)
            if known is None or term.value > known.value:
                worst[finding.cause] = term
    terms = tuple(sorted(worst.values(), key=lambda term: (-term.value, term.name)))
    minutes = sum(term.value for term in terms)
    return round(100 * (1 - exp(-minutes / REFERENCE_MINUTES)), 1), terms


def _loss(finding: Finding, services: Mapping[str, Service], reach: Mapping[str, float]) -> Term:
    p = _likelihood(finding.level)
    service = services.get(finding.service or "")
    back = _rollback_minutes(finding, service)
    x = REACH_WEIGHT + reach.get(finding.service or "", 0.0)
    k = CANARY_CATCH if finding.canary_covered else 0.0
    exposed = k * CANARY_SHARE * (CANARY_MINUTES + back) + (1 - k) * FULL_SHARE * (DETECT_MINUTES + back)
    weight = _weight(finding.environments, service)
    minutes = p * weight * x * LEVEL_SHARE[finding.level] * exposed
    detail = (
        f"p {p:.3f} x weight {weight:.2f} x reach {x:.2f} x share {LEVEL_SHARE[finding.level]:.2f} "
        f"x {exposed:.0f} min (canary catches {k:.0%}, rollback {back:.0f} min)"
    )
    return Term(f"{finding.code} {finding.resource}", minutes, detail)


def _likelihood(level: Level) -> float:
    odds = BASE_ODDS * 2 ** (LEVEL_POINTS[level] / 10)
    return odds / (1 + odds)


def _weight(environments: Iterable[Environment], service: Service | None) -> float:
    criticality = CRITICALITY_WEIGHT.get((service and service.criticality) or "tier-2", 1.0)
    return criticality * sum(STAGE_WEIGHT[environment.stage] for environment in environments)


def _rollback_minutes(finding: Finding, service: Service | None) -> float:
    if service is not None and service.runbook_duration is not None and finding.rollback_ready:
        return min(service.runbook_duration / 60, ROLLBACK_MINUTES[finding.reversibility])
    return ROLLBACK_MINUTES[finding.reversibility] * (1 if finding.rollback_ready else 2)
