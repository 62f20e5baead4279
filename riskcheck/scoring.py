"""The score, 0 to 100: expected bad minutes of the change, so that changes can be ranked.

    B = p * s * x * sum over cells of  w * [ k*f*(Tc + Trb) + (1-k)*g*(Td + Trb) ]
    score = 100 * (1 - exp(-B / B_ref))

Summed over causes, the worst finding of each; so more reach, less canary and a slower rollback never score
lower. The score ranks. It decides nothing: a sum of small things can neither hide nor make a catastrophe.
"""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

from riskcheck.catching import Catch, catch
from riskcheck.judged import DECLARED_CLASS, Finding, Term
from riskcheck.priors import (
    BASE_RATE,
    CLASS_MINUTES,
    CRITICALITY_WEIGHT,
    DETECT_MINUTES,
    FULL_SHARE,
    LEVEL_POINTS,
    LEVEL_SHARE,
    NO_EVIDENCE_FACTOR,
    REFERENCE_MINUTES,
    STAGE_WEIGHT,
)
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riskcheck.judged import RecoveryClass
    from riskcheck.models import Environment, Level, Service


def score(
    findings: Sequence[Finding],
    services: Mapping[str, Service],
    reach: Mapping[str, float],
    detect_minutes: float | None = None,
    chance: float | None = None,
) -> tuple[float, tuple[Term, ...]]:
    """The score and its terms, worst first. Waived findings count towards nothing.

    reach: service name to x - 1, the summed strength of the paths by which others hang off it. detect_minutes:
    until somebody notices, where the policy states it. chance: that a change like this one has to be taken back,
    where the history of the repository tells it; else that of any change.
    """
    detect = DETECT_MINUTES if detect_minutes is None else detect_minutes
    worst: dict[str, Term] = {}
    for finding in findings:
        if finding.waiver is None:
            term = _loss(finding, services, reach, detect, BASE_RATE if chance is None else chance)
            known = worst.get(finding.cause)
            if known is None or (-term.value, term.name, term.detail) < (
                -known.value,
                known.name,
                known.detail,
            ):
                worst[finding.cause] = term
    terms = tuple(sorted(worst.values(), key=lambda term: (-term.value, term.name, term.detail)))
    minutes = sum(term.value for term in terms)
    return round(100 * (1 - exp(-minutes / REFERENCE_MINUTES)), 1), terms


class _Cells(NamedTuple):
    """Cells that are alike: how many, the weight of one, and what their canaries catch."""

    number: int
    weight: float
    catch: Catch


def _loss(
    finding: Finding,
    services: Mapping[str, Service],
    reach: Mapping[str, float],
    detect: float,
    chance: float,
) -> Term:
    p = _likelihood(finding.level, chance)
    share = LEVEL_SHARE[finding.level]
    x = 1 + reach.get(finding.service or "", 0.0)
    kind = finding.recovery.kind if finding.recovery is not None else DECLARED_CLASS[finding.reversibility]
    back, said = _rollback(finding, kind)
    cells = _alike(finding, services.get(finding.service or ""), detect)
    exposed = [_exposed(cell.catch, detect, back) for cell in cells]
    weighted = sum(cell.number * cell.weight * minutes for cell, minutes in zip(cells, exposed, strict=True))
    value = p * share * x * weighted
    worst_back = CLASS_MINUTES[kind] * NO_EVIDENCE_FACTOR
    bare = p * share * x * sum(cell.number * cell.weight for cell in cells)
    bare *= FULL_SHARE * (detect + worst_back)
    mitigated = max(1 - value / bare, 0.0) if bare else 0.0
    parts = [
        f"p {p:.4g} x share {share:.4g} x reach {x:.4g} x {weighted:.4g} weighted minutes",
        *(_told(cell, minutes, detect, back) for cell, minutes in zip(cells, exposed, strict=True)),
        f"Trb {back:.4g} min: {said}",
        f"canary and rollback take off {mitigated:.0%}",
    ]
    return Term(f"{finding.code} {finding.resource}", value, "; ".join(parts))


def _exposed(caught: Catch, detect: float, back: float) -> float:
    """Bad minutes in one cell, as if all of it were bad."""
    k = caught.chance
    return k * caught.share * (caught.minutes + back) + (1 - k) * FULL_SHARE * (detect + back)


def _told(cell: _Cells, minutes: float, detect: float, back: float) -> str:
    """The sum of `_exposed` as a reader can do it again."""
    k, f, tc = cell.catch
    one = "cell" if cell.number == 1 else "cells"
    without = f"{FULL_SHARE:.4g} x ({detect:.4g} + {back:.4g})"
    how = without if k == 0 else f"{k:.4g} x {f:.4g} x ({tc:.4g} + {back:.4g}) + {1 - k:.4g} x {without}"
    return f"{cell.number} {one} x weight {cell.weight:.4g} x {minutes:.4g} min = {how}"


def _likelihood(level: Level, chance: float) -> float:
    odds = chance / (1 - chance) * 2 ** (LEVEL_POINTS[level] / 10)
    return odds / (1 + odds)


def _alike(finding: Finding, service: Service | None, detect: float) -> list[_Cells]:
    """The cells of a finding, those together whose numbers are the same; the heaviest first."""
    criticality = CRITICALITY_WEIGHT.get((service and service.criticality) or "tier-2", 1.0)
    counts: dict[tuple[float, Catch], int] = {}
    for environment in finding.environments:
        weight = criticality * _weight(environment)
        key = (weight, catch(finding.canary, environment.name, detect))
        counts[key] = counts.get(key, 0) + 1
    return [
        _Cells(count, weight, caught)
        for (weight, caught), count in sorted(counts.items(), key=lambda item: (-item[0][0], item[0][1]))
    ]


def _weight(environment: Environment) -> float:
    return STAGE_WEIGHT[environment.stage] * (1.0 if environment.share is None else environment.share)


def _rollback(finding: Finding, kind: RecoveryClass) -> tuple[float, str]:
    """Minutes to take it back, and where they are from."""
    minutes = float(CLASS_MINUTES[kind])
    said = f"class {kind}"
    if not finding.rollback_ready:
        return minutes * NO_EVIDENCE_FACTOR, f"{said}, no rollback evidence"
    measured = finding.recovery.measured_seconds if finding.recovery is not None else None
    if measured is not None and measured / 60 < minutes:
        return measured / 60, "measured when the runbook was exercised"
    return minutes, said
