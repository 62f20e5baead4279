"""Evidence that a metric can stop this change by itself, with or without a split of the traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.judged import CanaryEvidence, CanaryStrength
from riskcheck.rollout.governing import described

if TYPE_CHECKING:
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


def evidence(change: Change, facts: CanaryFacts) -> CanaryEvidence:
    """Whether a metric gate that base declares, and head leaves alone, covers what `change` is in."""
    name = change.environment.name
    reasons = []
    for one in facts.deliveries.beside(change):
        fault = one.fault(unmeasured)
        if fault is None and one.before is not None:
            detail = f"{described(one.before)}, which aborts by itself"
            strength = CanaryStrength(abort="automatic", verdict_seconds=one.before.abort_seconds)
            return CanaryEvidence("metric", True, name, detail, strength=strength)
        reasons.append(fault or "")
    if not reasons:
        return CanaryEvidence("metric", False, name, "no metric gate is declared for it", absent=True)
    return CanaryEvidence("metric", False, name, reasons[0])


def unmeasured(delivery: ProgressiveDelivery) -> str | None:
    """Why no metric can stop a change in `delivery` by itself; None where one can."""
    if any(metric.failing for metric in delivery.metrics) and delivery.abort == "automatic":
        return None
    problem = next(filter(None, (delivery.problem(code) for code in _EXPLAINING)), None)
    reason = problem.text if problem else "no analysis is declared"
    who = "a person decides, no metric" if delivery.abort == "manual" else "no metric can fail"
    return f"{who}: {reason}"
