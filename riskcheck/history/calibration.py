"""Points of likelihood into chances, by what came of the changes of one repository."""

from __future__ import annotations

import json
from math import exp, log
from typing import TYPE_CHECKING, Final

from riskcheck.durations import DAY
from riskcheck.history.likelihood import POINTS, base_rate, likelihood, probability
from riskcheck.history.past import is_judged, walked
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from riskcheck.history.model import History, LandedChange, Revert

FEWEST: Final = 30
"""Reverted changes from which on a repository speaks for itself."""

FOLLOWED: Final = 60
"""Days that there have to be after a change before it counts as one that was not taken back: of 2,328 reverts of
28 public repositories, 95 % came within 30 days."""

PRIOR_SLOPE_WEIGHT: Final = 20.0
"""How firmly the slope is held to 1: as if so many units of information spoke for it."""

USUAL_POINTS: Final = 14.0
"""Points of the usual change, where a repository has too few reverts to tell: mean of the odds over the changes of
six public repositories (docs/evaluation.md)."""


class Calibration(NamedTuple):
    """usual: points at which a change is as likely to be taken back as the average one. slope: how much the points
    count for in this repository. judged, reverted: changes that were followed long enough, and those of them that
    were taken back. calibrated: there were enough."""

    usual: float = USUAL_POINTS
    slope: float = 1.0
    judged: int = 0
    reverted: int = 0
    calibrated: bool = False

    def chance(self, points: float) -> float:
        """p of a change with `points`."""
        return probability(base_rate(self.judged, self.reverted), points, self.usual, self.slope)


def calibration(history: History) -> Calibration:
    """What the changes of `history` that were followed long enough say. Planned reverts count as neither."""
    if not history.changes:
        return Calibration()
    outcomes = [
        outcome(change, likelihood(change, past).points, revert)
        for change, past, revert in walked(history)
        if is_judged(change)
    ]
    newest = history.changes[-1]
    return calibration_at(outcomes, newest.number + 1, newest.time)


class Outcome(NamedTuple):
    """What became of a change. time: when it landed. by: number of the change that took it back, None for none that
    is known today."""

    time: int
    points: float
    by: int | None
    planned: bool


def outcome(change: LandedChange, points: float, revert: Revert | None) -> Outcome:
    """What became of `change`, which had `points` when it landed."""
    by, planned = (None, False) if revert is None else (revert.by, revert.planned)
    return Outcome(change.time, points, by, planned)


def calibration_at(outcomes: Iterable[Outcome], number: int, now: int) -> Calibration:
    """By what had become of `outcomes` before change `number` landed, at `now`. Planned reverts are left out."""
    known = []
    for one in outcomes:
        back = one.by is not None and one.by < number
        if (back and not one.planned) or (not back and now - one.time >= FOLLOWED * DAY):
            known.append((one.points, back))
    return calibrated(known)


def calibrated(outcomes: Sequence[tuple[float, bool]]) -> Calibration:
    """The calibration by (points, taken back) of changes."""
    judged, reverted = len(outcomes), sum(back for _, back in outcomes)
    if reverted < FEWEST or judged == reverted:
        return Calibration(judged=judged, reverted=reverted)
    slope = _slope(outcomes)
    mean = sum(exp(points * slope / POINTS) for points, _ in outcomes) / judged
    usual = log(mean) * POINTS / slope if slope else 0.0
    return Calibration(usual, slope, judged, reverted, calibrated=True)


def _slope(outcomes: Sequence[tuple[float, bool]]) -> float:
    """Slope of a logistic regression on points, held to 1, never below 0. Newton's method."""
    slope = 1.0
    intercept = 0.0
    rows = [(points / POINTS, float(back)) for points, back in outcomes]
    for _ in range(30):
        gradient = [0.0, -PRIOR_SLOPE_WEIGHT * (slope - 1)]
        curvature = [1e-9, 0.0, PRIOR_SLOPE_WEIGHT]
        for x, y in rows:
            p = 1 / (1 + exp(-(intercept + slope * x)))
            gradient[0] += y - p
            gradient[1] += (y - p) * x
            weight = p * (1 - p)
            curvature[0] += weight
            curvature[1] += weight * x
            curvature[2] += weight * x * x
        determinant = curvature[0] * curvature[2] - curvature[1] ** 2
        step = (
            (curvature[2] * gradient[0] - curvature[1] * gradient[1]) / determinant,
            (curvature[0] * gradient[1] - curvature[1] * gradient[0]) / determinant,
        )
        intercept += max(min(step[0], 2.0), -2.0)
        slope += max(min(step[1], 2.0), -2.0)
        if max(map(abs, step)) < 1e-9:
            break
    return max(slope, 0.0)


def written(found: Calibration) -> str:
    """As the store holds it."""
    return json.dumps(list(found))


def read(text: str | None) -> Calibration:
    """What `written` wrote; the priors where it is nothing of that kind."""
    try:
        match json.loads(text or "null"):
            case [float(usual), float(slope), int(judged), int(reverted), bool(enough)]:
                return Calibration(usual, slope, judged, reverted, enough)
    except ValueError:
        pass
    return Calibration()
