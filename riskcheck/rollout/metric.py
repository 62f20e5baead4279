"""Evidence that a metric can stop this change by itself, with or without a split of the traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.judged import CanaryEvidence, CanaryStrength
from riskcheck.rollout.governing import described, governs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.models import Change
    from riskcheck.progressive.model import ProblemCode, ProgressiveDelivery
    from riskcheck.rollout.canary import CanaryFacts

_EXPLAINING: Final[tuple[ProblemCode, ...]] = (
    "dry-run",
    "no-condition",
    "failures-unlimited",
    "failures-unreachable",
    "analysis-never-runs",
    "template-unread",
    "no-analysis",
)
"""Problems that say why nothing can fail, the most telling first."""


def evidence(changes: Sequence[Change], facts: CanaryFacts) -> CanaryEvidence:
    """Whether a metric gate that base declares, and head leaves alone, covers all of `changes`.

    changes: one edit in one environment, in every resource that it reaches there.
    """
    found = governs("metric", changes, facts.deliveries, unmeasured)
    if isinstance(found, CanaryEvidence):
        return found
    strength = CanaryStrength(abort="automatic", verdict_seconds=found.abort_seconds)
    detail = f"{described(found)}, which aborts by itself"
    return CanaryEvidence("metric", True, changes[0].environment.name, detail, strength=strength)


def unmeasured(delivery: ProgressiveDelivery) -> str | None:
    """Why no metric can stop a change in `delivery` by itself; None where one can."""
    if any(metric.failing for metric in delivery.metrics) and delivery.abort == "automatic":
        return None
    problem = next(filter(None, (delivery.problem(code) for code in _EXPLAINING)), None)
    if problem is not None and problem.code == "template-unread":
        return problem.text
    reason = problem.text if problem else "no analysis is declared"
    who = "a person decides, no metric" if delivery.abort == "manual" else "no metric can fail"
    return f"{who}: {reason}"
