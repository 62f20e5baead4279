"""How well a score ranks, for many resamples at once.

A resample is a column of weights: how often each change is in it. Equal scores share their places: every number is
what is expected of a random order among them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from riskcheck.backtests import EFFORT_SHARE, SHARES
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Whole: TypeAlias = NDArray[np.integer[Any]]
    Truths: TypeAlias = NDArray[np.bool_]

LEAST_EFFORT: Final = 10
MOST_LINES: Final = 300
"""Nobody reads the ten-thousandth line: without a cap the largest 1 % of changes would be half of all effort."""


class Order(NamedTuple):
    """Changes from the riskiest, in blocks: equal scores with a reverted change among them, or what lies between.

    What lies between reverted changes moves none of the numbers by its own order. at: the changes; starts: of each
    block. of_reverted: the reverted among `at`; their_starts: of the blocks that have some, which `blocks` names.
    """

    at: Whole
    starts: Whole
    of_reverted: Whole
    their_starts: Whole
    blocks: Whole


class Measures(NamedTuple):
    """One number for each resample; not a number where it has no reverted or no ordinary change.

    recall, precision: a row for each of `SHARES`. false_alarms: ordinary changes before the first reverted one.
    effort: recall in `EFFORT_SHARE` of the effort; inspected: share of changes looked at for it.
    """

    auc: Floats
    average_precision: Floats
    recall: Floats
    precision: Floats
    false_alarms: Floats
    effort: Floats
    inspected: Floats


def order_of(values: Floats, reverted: Truths) -> Order:
    """The order by `values`, riskiest first."""
    at = np.argsort(-values, kind="stable")
    ranked, hits = values[at], reverted[at]
    new = np.empty(len(at), dtype=bool)
    new[:1] = True
    new[1:] = ranked[1:] != ranked[:-1]
    group = np.cumsum(new) - 1
    telling = np.zeros(int(group[-1]) + 1 if len(group) else 0, dtype=bool)
    telling[group[hits]] = True
    told = telling[group]
    begins = new & told
    begins[:1] = True
    begins[1:] |= told[1:] != told[:-1]
    block = np.cumsum(begins) - 1
    theirs = block[hits]
    their_starts = (
        np.flatnonzero(np.concatenate(([True], theirs[1:] != theirs[:-1]))) if len(theirs) else theirs
    )
    return Order(at, np.flatnonzero(begins), at[hits], their_starts, theirs[their_starts])


def effort_of(lines: Sequence[int]) -> Floats:
    """What it takes to review each change: something to begin with, and its lines up to a cap."""
    return LEAST_EFFORT + np.minimum(np.asarray(lines, dtype=np.float64), MOST_LINES)


def measures(order: Order, weights: Whole, effort: Floats) -> Measures:
    """All numbers. weights: changes by resamples. effort: of each change."""
    counts, hits, misses = _sums(order, weights)
    total, found = np.cumsum(counts, axis=0), np.cumsum(hits, axis=0)
    spent = np.cumsum(
        np.add.reduceat(weights[order.at] * effort[order.at, None], order.starts, axis=0), axis=0
    )
    columns = np.arange(weights.shape[1])
    first = np.argmax(hits > 0, axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        reverted, ordinary = found[-1], total[-1] - found[-1]
        reached = [_along(total, found, share * total[-1]) for share in SHARES]
        goal = EFFORT_SHARE * spent[-1]
        none = np.where((reverted > 0) & (ordinary > 0), 0.0, np.nan)
        before = (total - found - misses)[first, columns]
        return Measures(
            auc=_auc(hits, misses) + none,
            average_precision=np.nansum(hits * (found / total), axis=0) / reverted + none,
            recall=np.stack([caught / reverted + none for caught in reached]),
            precision=np.stack(
                [caught / (share * total[-1]) + none for caught, share in zip(reached, SHARES, strict=True)]
            ),
            false_alarms=before + misses[first, columns] / (hits[first, columns] + 1) + none,
            effort=_along(spent, found, goal) / reverted + none,
            inspected=_along(spent, total, goal) / total[-1] + none,
        )


def auc(order: Order, weights: Whole) -> Floats:
    """The area under the ROC curve, alone."""
    _, hits, misses = _sums(order, weights)
    return _auc(hits, misses)


def _auc(hits: Floats, misses: Floats) -> Floats:
    ordinary = misses.sum(axis=0)
    below = ordinary - np.cumsum(misses, axis=0) + misses / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        area: Floats = (hits * below).sum(axis=0) / (hits.sum(axis=0) * ordinary)
    return area


def _sums(order: Order, weights: Whole) -> tuple[Floats, Floats, Floats]:
    """Changes, reverted and ordinary ones in each block."""
    counts = np.add.reduceat(weights[order.at], order.starts, axis=0).astype(np.float64)
    hits = np.zeros_like(counts)
    if len(order.blocks):
        hits[order.blocks] = np.add.reduceat(weights[order.of_reverted], order.their_starts, axis=0)
    return counts, hits, counts - hits


def _along(steps: Floats, heights: Floats, goals: Floats) -> Floats:
    """The height at each of `goals` of a line through (0, 0) and (steps, heights), both rising."""
    at = np.minimum((steps < goals).sum(axis=0), len(steps) - 1)
    columns = np.arange(steps.shape[1])
    before = np.maximum(at - 1, 0)
    step0 = np.where(at > 0, steps[before, columns], 0.0)
    height0 = np.where(at > 0, heights[before, columns], 0.0)
    width = steps[at, columns] - step0
    part = np.where(width > 0, np.minimum(1.0, (goals - step0) / np.where(width > 0, width, 1.0)), 0.0)
    result: Floats = height0 + part * (heights[at, columns] - height0)
    return result
