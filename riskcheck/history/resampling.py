"""The bootstrap: first repositories are drawn, with replacement, then changes of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from riskcheck.backtests import Estimate
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Whole: TypeAlias = NDArray[np.integer[Any]]

CELLS: Final = 8_000_000
"""Weights that are held at once."""
LIMITS: Final = (2.5, 97.5)


class Draws(NamedTuple):
    """Some resamples. times: how often each repository was drawn, repositories by resamples. weights: how often
    each change was, for each repository."""

    times: Whole
    weights: tuple[Whole, ...]


def drawn(sizes: Sequence[int], draws: int, seed: int) -> Iterator[Draws]:
    """`draws` resamples of repositories with so many changes, in pieces. One repository is always itself."""
    random = np.random.default_rng(seed)
    step = max(1, min(draws, CELLS // max(1, sum(sizes))))
    for start in range(0, draws, step):
        number = min(step, draws - start)
        times = np.ones((1, number), dtype=np.int64)
        if len(sizes) > 1:
            picked = random.integers(0, len(sizes), (number, len(sizes)))
            times = np.stack([np.bincount(row, minlength=len(sizes)) for row in picked], axis=1)
        yield Draws(times, tuple(_weights(random, size, row) for size, row in zip(sizes, times, strict=True)))


def _weights(random: np.random.Generator, size: int, times: Whole) -> Whole:
    made = np.empty((size, len(times)), dtype=np.int32)
    for column, often in enumerate(times):
        made[:, column] = np.bincount(random.integers(0, size, size * int(often)), minlength=size)
    return made


def estimate(value: float | None, samples: Floats) -> Estimate:
    """`value` with the middle 95 % of `samples`; those that are no number say nothing."""
    held = samples[np.isfinite(samples)]
    if value is None or not np.isfinite(value):
        return Estimate(None)
    if len(held) < len(samples) / 2 or len(held) < 2:
        return Estimate(float(value))
    low, high = np.percentile(held, LIMITS)
    return Estimate(float(value), float(low), float(high))


def mean_over(values: Floats, times: Whole) -> Floats:
    """The mean of each column over repositories, as often as each was drawn; no number where none has one."""
    known = np.isfinite(values) & (times > 0)
    weight = np.where(known, times, 0)
    total = weight.sum(axis=0)
    summed = np.where(known, values * weight, 0.0).sum(axis=0)
    result: Floats = np.where(total > 0, summed / np.maximum(total, 1), np.nan)
    return result
