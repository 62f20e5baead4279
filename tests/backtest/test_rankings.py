"""Rankings: which truth they find, that their intervals hold it, and what a model may have seen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from riskcheck.backtests import BacktestReport, Difference, Estimate, Ranking, Settings
from riskcheck.history.backtest import backtest
from riskcheck.history.logistic import fitted_scores
from riskcheck.history.model import ReplayedChange
from riskcheck.history.population import selected
from riskcheck.history.rankings import rankings
from riskcheck.history.resampling import drawn, estimate, mean_over
from riskcheck.history.scores import plain_scores
from tests.backtest.simulated import HOUR, row, rows, several

ROOT = Path(__file__).parents[2]
QUICK = Settings(draws=200)


def ranking(report: BacktestReport, score: str, part: str = "all") -> Ranking:
    return next(one for one in report.rankings if (one.score, one.part) == (score, part))


def difference(report: BacktestReport, score: str, baseline: str, part: str = "all") -> Difference:
    return next(
        one for one in report.differences if (one.score, one.baseline, one.part) == (score, baseline, part)
    )


def test_one_repository_has_its_own_area() -> None:
    changes = rows(2_000)
    found = ranking(backtest(changes, QUICK), "likelihood")
    labels = [one.label == "reverted" for one in changes]
    assert found.auc.value == pytest.approx(roc_auc_score(labels, [one.points for one in changes]))
    assert (found.repositories, found.changes, found.reverted) == (1, 2_000, sum(labels))
    assert found.auc_median == found.auc.value == found.auc_pooled.value


def test_several_have_the_mean_of_those_with_enough_reverts() -> None:
    changes = several(4, 600) + rows(100, repository="tiny", rate=0.02)
    found = ranking(backtest(changes, QUICK), "score")
    areas = []
    for name in range(4):
        held = [one for one in changes if one.repository == f"shop-{name}"]
        areas.append(roc_auc_score([one.label == "reverted" for one in held], [one.score for one in held]))
    assert found.repositories == 4
    assert found.auc.value == pytest.approx(np.mean(areas))
    assert found.auc_median == pytest.approx(np.median(areas))
    assert [one.auc.value for one in found.by_repository] == pytest.approx(areas)


def test_base_rates_of_repositories_do_not_make_an_area() -> None:
    """Points tell which repository it is, and nothing else: a pooled area of raw points would be high."""
    changes = [
        row(at, repository=name, reverted=at % every == 0, points=points)
        for name, every, points in (("bad", 5, 30.0), ("good", 50, 0.0))
        for at in range(1_000)
    ]
    found = ranking(backtest(changes, QUICK), "likelihood")
    assert found.auc.value == 0.5
    assert found.auc_pooled.value == 0.5


@pytest.mark.parametrize("repositories", [1, 12])
def test_intervals_hold_the_truth(repositories: int) -> None:
    """The area of a large sample is the truth; 95 of 100 intervals of small ones should hold it."""

    def area(changes: list[ReplayedChange], draws: int) -> Estimate:
        subjects = selected(changes, Settings()).subjects
        return rankings(subjects, plain_scores(subjects)[:1], "all", Settings(draws=draws))[0][0].auc

    truth = area(rows(60_000, effect=0.8, rate=0.1), 2).value
    assert truth is not None
    held = 0
    for seed in range(60):
        changes = [
            one
            for name in range(repositories)
            for one in rows(1_200 // repositories, seed=seed, repository=f"r{name}", effect=0.8, rate=0.1)
        ]
        found = area(changes, 200)
        assert found.low is not None and found.high is not None
        held += found.low <= truth <= found.high
    assert held >= 53


def test_differences_are_paired() -> None:
    """Two scores that go together differ by less than their intervals are wide."""
    report = backtest(rows(3_000), Settings(draws=400))
    found = difference(report, "likelihood", "random")
    alone = ranking(report, "likelihood").auc
    assert found.auc.value == pytest.approx((alone.value or 0) - 0.5)
    assert found.auc.low == pytest.approx((alone.low or 0) - 0.5)
    changes = [
        one._replace(points=one.points + one.lines % 2, lines=int(one.points) + 1) for one in rows(3_000)
    ]
    report = backtest(changes, Settings(draws=400))
    near = difference(report, "likelihood", "lines").auc
    wide = ranking(report, "likelihood").auc
    assert (near.high or 0) - (near.low or 0) < 0.5 * ((wide.high or 0) - (wide.low or 0))


def test_random_and_smallest_first_are_what_they_are() -> None:
    report = backtest(several(3, 500), QUICK)
    random = ranking(report, "random")
    assert random.auc.value == 0.5
    assert random.lift == pytest.approx(1.0)
    assert random.recall[1].estimate.value == pytest.approx(0.1)
    lines, smallest = ranking(report, "lines"), ranking(report, "smallest")
    assert (lines.auc.value or 0) + (smallest.auc.value or 0) == pytest.approx(1.0)
    assert (smallest.effort.value or 0) > (lines.effort.value or 0)


def test_models_of_the_own_past_are_held_against_the_same_later_changes() -> None:
    report = backtest(several(3, 900, rate=0.1), QUICK)
    later = {one.score: one for one in report.rankings if one.part == "later"}
    assert {"metadata", "history", "metadata-others", "history-others"} <= set(later)
    assert len({(one.changes, one.reverted) for one in later.values()}) == 1
    assert later["likelihood"].changes == 3 * 360
    assert "history" not in {one.score for one in report.rankings if one.part == "all"}
    assert "history-others" in {one.score for one in report.rankings if one.part == "all"}
    assert (later["history"].auc.value or 0) > 0.6 > 0.56 > (later["metadata"].auc.value or 1)


def test_a_model_knows_no_revert_that_came_after_its_past() -> None:
    changes = rows(1_000, rate=0.1)
    cut = changes[600].time
    known = [one for one in changes[:600] if one.lag is not None and one.time + one.lag * HOUR < cut]
    assert len(known) < sum(one.label == "reverted" for one in changes[:600])
    late = [
        one._replace(label="ordinary", lag=None)
        if one.lag is not None and one.number < 600 and one not in known
        else one
        for one in changes
    ]
    first, second = (
        [one.values for one in fitted_scores(selected(held, Settings()).subjects)] for held in (changes, late)
    )
    assert first == second
    assert first[0][:600] == (None,) * 600


def test_what_comes_later_changes_no_score() -> None:
    changes = rows(1_000, rate=0.1)
    turned = [one._replace(label="ordinary", lag=None) if one.number >= 600 else one for one in changes]
    first, second = (
        [one.values for one in fitted_scores(selected(held, Settings()).subjects)]
        for held in (changes, turned)
    )
    assert first == second


def test_a_repository_left_out_teaches_nothing_about_itself() -> None:
    changes = several(3, 400, rate=0.1)
    turned = [
        one._replace(label="ordinary", lag=None) if one.repository == "shop-1" else one for one in changes
    ]
    first, second = (
        next(
            one.values
            for one in fitted_scores(selected(held, Settings()).subjects)
            if one.name == "history-others"
        )
        for held in (changes, turned)
    )
    assert first[400:800] == second[400:800]
    assert first[:400] != second[:400]


def test_too_little_to_learn_from_is_no_model() -> None:
    assert fitted_scores(selected(rows(200, rate=0.005), Settings()).subjects) == []
    assert fitted_scores(()) == []
    assert (
        fitted_scores(
            selected([one._replace(metadata=(), history=()) for one in rows(900)], Settings()).subjects
        )
        == []
    )


@pytest.mark.parametrize("number", [0, 1, 2, 30])
@pytest.mark.parametrize("reverted", [False, True])
def test_one_class_only_ranks_nothing(number: int, reverted: bool) -> None:
    report = backtest([row(at, reverted=reverted) for at in range(number)], QUICK)
    assert (report.rankings, report.differences, report.curves) == ((), (), ())
    assert report.unavailable is None


def test_the_order_of_rows_does_not_count_and_nothing_is_left_to_chance() -> None:
    changes = several(3, 300)
    assert backtest(changes[::-1], QUICK) == backtest(changes, QUICK)


def test_a_draw_takes_as_many_changes_as_there_are() -> None:
    for draws in drawn((50, 20), 30, 1):
        assert (draws.times.sum(axis=0) == 2).all()
        for size, times, weights in zip((50, 20), draws.times, draws.weights, strict=True):
            assert (weights.sum(axis=0) == size * times).all()
    assert all((draws.times == 1).all() for draws in drawn((7,), 5, 1))


def test_an_interval_of_nothing_is_none() -> None:
    assert estimate(None, np.ones(5)).value is None
    assert estimate(0.5, np.full(5, np.nan)).low is None
    means = mean_over(np.array([[1.0, np.nan], [3.0, 5.0]]), np.array([[2, 1], [1, 0]]))
    assert means[0] == pytest.approx(5 / 3)
    assert np.isnan(means[1])


def test_without_the_extra_the_rest_still_works(tmp_path: Path) -> None:
    """A Python that has neither numpy nor scikit-learn."""
    for name in ("numpy", "sklearn"):
        (tmp_path / f"{name}.py").write_text(f"raise ImportError('no {name} here')\n")
    script = (
        "from tests.backtest.simulated import RULES, rows\n"
        "from riskcheck.backtests import Settings\n"
        "from riskcheck.history.backtest import backtest\n"
        "from riskcheck.report.backtest import html, json, text\n"
        "report = backtest(rows(900), Settings(rules=RULES))\n"
        "assert report.rules and report.gates and report.curves and report.calibration\n"
        "assert not report.rankings\n"
        "print(text.render(report), json.render(report), html.render(report))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("pip install") == 3
