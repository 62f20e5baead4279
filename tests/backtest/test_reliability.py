"""Whether what was said happens, where the truth is known."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss

from riskcheck.backtests import Settings
from riskcheck.history.backtest import backtest
from riskcheck.history.likelihood import PRIOR_RATE
from riskcheck.history.population import selected
from riskcheck.history.reliability import calibration, stated
from tests.backtest.simulated import row, rows


def happened(said: list[float], seed: int = 1) -> list[bool]:
    dice = random.Random(seed)
    return [dice.random() < one for one in said]


def test_what_is_said_right_has_slope_one() -> None:
    dice = random.Random(2)
    said = [1 / (1 + math.exp(3 - dice.gauss(0, 1))) for _ in range(20_000)]
    found = calibration(said, happened(said))
    assert found is not None and found.slope is not None
    assert found.slope == pytest.approx(1.0, abs=0.1)
    assert found.stated == pytest.approx(found.observed, abs=0.005)
    assert found.brier < found.reference
    held = sum((one.observed.low or 0) <= one.stated <= (one.observed.high or 1) for one in found.bins)
    assert len(found.bins) == 10 and held >= 8


def test_overconfidence_has_a_slope_under_one() -> None:
    dice = random.Random(3)
    logits = [dice.gauss(-3, 1) for _ in range(20_000)]
    labels = happened([1 / (1 + math.exp(-one)) for one in logits])
    found = calibration([1 / (1 + math.exp(3 - 2 * (one + 3))) for one in logits], labels)
    assert found is not None and found.slope == pytest.approx(0.5, abs=0.05)


def test_the_numbers_are_those_of_scikit_learn() -> None:
    dice = random.Random(4)
    said = [dice.uniform(0.01, 0.6) for _ in range(500)]
    labels = happened(said)
    found = calibration(said, labels)
    logits = [[math.log(one / (1 - one))] for one in said]
    fitted = LogisticRegression(C=1e12, max_iter=10_000).fit(logits, labels)
    assert found is not None
    assert found.brier == pytest.approx(brier_score_loss(labels, said))
    assert found.slope == pytest.approx(fitted.coef_[0][0], rel=1e-3)


@given(some.lists(some.tuples(some.sampled_from([0.01, 0.02, 0.1, 0.5, 0.9]), some.booleans()), max_size=60))
def test_bins_hold_each_change_once_and_never_part_equals(pairs: list[tuple[float, bool]]) -> None:
    found = calibration([one for one, _ in pairs], [label for _, label in pairs])
    if found is None:
        assert not pairs
        return
    assert sum(one.changes for one in found.bins) == len(pairs)
    assert sum(one.reverted for one in found.bins) == sum(label for _, label in pairs)
    assert len(found.bins) <= 10
    means = [one.stated for one in found.bins]
    assert means == sorted(set(means))


def test_what_was_said_counts_where_it_is_known() -> None:
    known = [row(at, probability=0.25, reverted=at % 4 == 0) for at in range(40)]
    found = backtest(known, Settings(draws=2)).calibration
    assert found is not None and not found.by_points
    assert found.stated == found.observed == 0.25


def test_else_points_at_the_prior_rate_stand_for_it() -> None:
    changes = selected(rows(500), Settings()).subjects
    said = stated(changes)
    odds = [one / (1 - one) for one in said]
    assert sum(odds) / len(odds) == pytest.approx(PRIOR_RATE / (1 - PRIOR_RATE))
    by_points = {one.row.points: value for one, value in zip(changes, odds, strict=True)}
    assert by_points[10.0] / by_points[0.0] == pytest.approx(2.0)
