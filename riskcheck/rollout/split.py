"""Evidence that a live split of the traffic gives a part of the users this very change first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.judged import CanaryEvidence, CanaryStrength
from riskcheck.priors import LIVE_SOAK_SECONDS
from riskcheck.progressive.limits import TOLERANCE, Limits
from riskcheck.progressive.power import requests_needed
from riskcheck.progressive.values import percent
from riskcheck.rollout.governing import described, governs
from riskcheck.rollout.metric import unmeasured

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.models import Change
    from riskcheck.progressive.model import ProgressiveDelivery
    from riskcheck.rollout.canary import CanaryFacts


def evidence(changes: Sequence[Change], facts: CanaryFacts) -> CanaryEvidence:
    """Whether a split that base declares, and head leaves alone, governs all of `changes`; else what is missing.

    changes: one edit in one environment, in every resource that it reaches there.
    """
    found = governs("split", changes, facts.deliveries, lambda delivery: weakness(delivery, facts.limits))
    if isinstance(found, CanaryEvidence):
        return found
    name, detail = changes[0].environment.name, f"{described(found)}{_power(found)}"
    return CanaryEvidence("split", True, name, detail, strength=_strength(found))


def _strength(delivery: ProgressiveDelivery) -> CanaryStrength:
    waits = any(step.soak_seconds is None for step in delivery.steps)
    return CanaryStrength(
        share=delivery.first_share,
        soak_seconds=None if waits else delivery.soak_seconds,
        needed_seconds=LIVE_SOAK_SECONDS,
        abort=delivery.abort,
        verdict_seconds=delivery.abort_seconds,
    )


def weakness(delivery: ProgressiveDelivery, limits: Limits) -> str | None:
    """Why a change that goes through `delivery` is not held back by it; None where it is."""
    return _too_much(delivery, limits) or _too_fast(delivery) or unmeasured(delivery)


def _too_much(delivery: ProgressiveDelivery, limits: Limits) -> str | None:
    if delivery.strategy == "blue-green":
        return "it moves all traffic at once, so nobody gets the change first"
    if delivery.strategy == "ab-test":
        return "it splits by request headers, whose share nobody knows"
    if delivery.strategy == "rolling":
        return "it has no steps, so it behaves like a rolling update"
    first = delivery.first_share
    if first > limits.first + TOLERANCE:
        return f"its first step exposes {percent(first)}, and at most {percent(limits.first)} counts"
    before = first
    for share in delivery.weights:
        if share - before > limits.step + TOLERANCE:
            points = f"{round(limits.step * 100)} points"
            return (
                f"it goes from {percent(before)} to {percent(share)} in one step, and at most {points} count"
            )
        before = max(before, share)
    return None


def _too_fast(delivery: ProgressiveDelivery) -> str | None:
    """Steps that last no time at all show nothing, whatever is measured beside them."""
    held = [step for step in delivery.steps if step.share and step.share < 1]
    if not held or any(step.soak_seconds for step in held):
        return None
    unknown = [step for step in held if step.soak_seconds is None]
    if unknown:
        ended = delivery.manual or any(step.analysis for step in unknown)
        return None if ended else "how long its steps hold cannot be read"
    if delivery.problem("zero-pause") is None and any(step.analysis for step in held):
        return None
    return "its steps hold for no time, so nothing can be seen in between"


def _power(delivery: ProgressiveDelivery) -> str:
    """How much traffic the thresholds take for granted. How much there is, no repository says."""
    claims = [metric.detects_share for metric in delivery.metrics if metric.failing and metric.detects_share]
    share = min(claims, default=None)
    needed = requests_needed(share) if share is not None else None
    if share is None or needed is None:
        return ""
    return f"; to see {percent(share)} errors it needs {needed:,} requests per arm"
