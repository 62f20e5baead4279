"""Whether changes are reverted as often as their points say."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from riskcheck.backtests import Bin, Calibration
from riskcheck.history.oddsratios import wilson
from riskcheck.priors import BASE_RATE

if TYPE_CHECKING:
    from collections.abc import Sequence

BINS: Final = 10
DOUBLING: Final = 10
"""Points that double the odds."""
STEPS: Final = 50


def probability(points: float) -> float:
    """How likely a change is reverted, by its points."""
    odds = BASE_RATE / (1 - BASE_RATE) * 2 ** (points / DOUBLING)
    return odds / (1 + odds)


def calibration(stated: Sequence[float], reverted: Sequence[bool]) -> Calibration | None:
    """How `stated` probabilities hold; None where there is no change."""
    if not stated:
        return None
    number, hits = len(stated), sum(reverted)
    share = hits / number
    return Calibration(
        changes=number,
        reverted=hits,
        stated=math.fsum(stated) / number,
        observed=share,
        brier=math.fsum((p - label) ** 2 for p, label in zip(stated, reverted, strict=True)) / number,
        reference=share * (1 - share),
        slope=_slope(stated, reverted),
        bins=_bins(stated, reverted),
    )


def _bins(stated: Sequence[float], reverted: Sequence[bool]) -> tuple[Bin, ...]:
    """At most `BINS` of about equal size; equal probabilities are never parted."""
    pairs = sorted(zip(stated, reverted, strict=True))
    made: list[Bin] = []
    start = 0
    while start < len(pairs):
        end = min(len(pairs), start + max(1, math.ceil((len(pairs) - start) / (BINS - len(made)))))
        while end < len(pairs) and pairs[end][0] == pairs[end - 1][0]:
            end += 1
        held = pairs[start:end]
        hits = sum(label for _, label in held)
        made.append(Bin(len(held), hits, math.fsum(p for p, _ in held) / len(held), wilson(hits, len(held))))
        start = end
    return tuple(made)


def _slope(stated: Sequence[float], reverted: Sequence[bool]) -> float | None:
    """Of the observed log-odds along the stated ones: a logistic regression by Newton's method."""
    logits = [math.log(p / (1 - p)) for p in stated if 0 < p < 1]
    if len(logits) < len(stated) or max(logits) == min(logits) or sum(reverted) in (0, len(reverted)):
        return None
    middle = math.fsum(logits) / len(logits)
    spread = math.sqrt(math.fsum((one - middle) ** 2 for one in logits) / len(logits))
    places = [(one - middle) / spread for one in logits]
    level, slope = 0.0, 0.0
    for _ in range(STEPS):
        chances = [1 / (1 + math.exp(-max(-30.0, min(30.0, level + slope * x)))) for x in places]
        errors = [label - p for p, label in zip(chances, reverted, strict=True)]
        weights = [p * (1 - p) for p in chances]
        gradient = math.fsum(errors), math.fsum(e * x for e, x in zip(errors, places, strict=True))
        whole = math.fsum(weights)
        mixed = math.fsum(w * x for w, x in zip(weights, places, strict=True))
        square = math.fsum(w * x * x for w, x in zip(weights, places, strict=True))
        det = whole * square - mixed**2
        if det < 1e-12:
            return None
        steps = (
            (square * gradient[0] - mixed * gradient[1]) / det,
            (whole * gradient[1] - mixed * gradient[0]) / det,
        )
        level, slope = level + steps[0], slope + steps[1]
        if abs(steps[0]) + abs(steps[1]) < 1e-10:
            return slope / spread
    return None
