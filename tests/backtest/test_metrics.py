"""Ranking numbers, against scikit-learn and by properties."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from riskcheck.backtests import SHARES
from riskcheck.history.gatecurve import caught_at, grouped
from riskcheck.history.metrics import Measures, auc, effort_of, measures, order_of

PAIRS = some.lists(some.tuples(some.integers(-5, 5), some.booleans()), min_size=2, max_size=60)


def arrays(pairs: list[tuple[int, bool]]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    return np.array([value for value, _ in pairs], dtype=float), np.array([label for _, label in pairs])


def measured(
    values: NDArray[np.float64],
    labels: NDArray[np.bool_],
    weights: NDArray[Any] | None = None,
    lines: int = 10,
) -> Measures:
    columns = np.ones((len(values), 1), dtype=np.int64) if weights is None else weights
    return measures(order_of(values, labels), columns, effort_of([lines] * len(values)))


@given(PAIRS)
def test_area_and_average_precision_are_those_of_scikit_learn(pairs: list[tuple[int, bool]]) -> None:
    values, labels = arrays(pairs)
    found = measured(values, labels)
    if len(set(labels)) < 2:
        assert np.isnan(found.auc[0])
        return
    assert found.auc[0] == pytest.approx(roc_auc_score(labels, values))
    assert found.average_precision[0] == pytest.approx(average_precision_score(labels, values))


@given(PAIRS, some.integers(0, 2**32 - 1))
def test_a_resample_is_its_changes_written_out(pairs: list[tuple[int, bool]], seed: int) -> None:
    values, labels = arrays(pairs)
    dice = np.random.default_rng(seed)
    weights = dice.integers(0, 4, (len(pairs), 3))
    found = measured(values, labels, weights)
    for column in range(3):
        picked = np.repeat(np.arange(len(pairs)), weights[:, column])
        if len(set(labels[picked])) < 2:
            assert np.isnan(found.auc[column])
            continue
        alone = measured(values[picked], labels[picked])
        for name in Measures._fields:
            assert getattr(found, name)[..., column] == pytest.approx(getattr(alone, name)[..., 0]), name


@given(PAIRS)
def test_only_the_order_of_scores_counts(pairs: list[tuple[int, bool]]) -> None:
    values, labels = arrays(pairs)
    one, other = measured(values, labels), measured(np.exp(values / 3) * 7 - 2, labels)
    for name in Measures._fields:
        assert getattr(one, name) == pytest.approx(getattr(other, name), nan_ok=True), name


@given(PAIRS, some.randoms(use_true_random=False))
def test_the_order_of_changes_does_not_count(pairs: list[tuple[int, bool]], dice: Any) -> None:
    turned = list(pairs)
    dice.shuffle(turned)
    one, other = measured(*arrays(pairs)), measured(*arrays(turned))
    for name in Measures._fields:
        assert getattr(one, name) == pytest.approx(getattr(other, name), nan_ok=True), name


@given(PAIRS)
def test_turned_round_the_area_is_what_is_left(pairs: list[tuple[int, bool]]) -> None:
    values, labels = arrays(pairs)
    total = measured(values, labels).auc[0] + measured(-values, labels).auc[0]
    assert total == pytest.approx(1.0) or np.isnan(total)


@given(PAIRS)
def test_recall_is_expected_over_the_orders_of_equal_scores(pairs: list[tuple[int, bool]]) -> None:
    values, labels = arrays(pairs)
    if len(set(labels)) < 2:
        return
    found = measured(values, labels)
    assert [row[0] * labels.sum() for row in found.recall] == pytest.approx(caught_at(grouped(pairs), SHARES))


def test_a_score_that_says_nothing_is_chance() -> None:
    labels = np.array([True] * 5 + [False] * 45)
    found = measured(np.zeros(50), labels)
    assert found.auc[0] == 0.5
    assert found.recall[:, 0] == pytest.approx(SHARES)
    assert found.precision[:, 0] == pytest.approx([0.1] * len(SHARES))
    assert found.average_precision[0] == pytest.approx(0.1)
    assert found.false_alarms[0] == pytest.approx(45 / 6)
    assert found.effort[0] == pytest.approx(0.2)
    assert found.inspected[0] == pytest.approx(0.2)


def test_false_alarms_are_ordinary_changes_before_the_first_reverted_one() -> None:
    values = np.array([9.0, 8, 7, 7, 7, 1])
    labels = np.array([False, False, True, False, False, True])
    assert measured(values, labels).false_alarms[0] == pytest.approx(2 + 2 / 2)


def test_effort_is_capped_and_small_changes_cost_something() -> None:
    assert effort_of([0, 5, 300, 100_000]).tolist() == [10, 15, 310, 310]
    labels = np.array([True, True, False])
    lines = effort_of([0, 0, 1_000])
    found = measures(order_of(np.array([0.0, 0, -1]), labels), np.ones((3, 1), dtype=np.int64), lines)
    assert found.effort[0] == 1.0
    assert found.inspected[0] == pytest.approx((2 + (0.2 * 330 - 20) / 310) / 3)


def test_the_area_alone_is_the_same() -> None:
    values, labels = arrays([(1, True), (2, False), (2, True), (0, False), (3, True)])
    weights = np.ones((5, 2), dtype=np.int64)
    order = order_of(values, labels)
    assert auc(order, weights) == pytest.approx(measures(order, weights, effort_of([1] * 5)).auc)
