"""What is said of rules and gates, where the truth is known."""

from __future__ import annotations

import pytest

from riskcheck.backtests import SHARES, BacktestReport, RuleRow, Settings
from riskcheck.history.backtest import backtest
from riskcheck.history.gatecurve import caught_at, grouped
from riskcheck.history.model import FiredRule
from riskcheck.history.population import selected
from riskcheck.history.rulestats import rule_rows
from tests.backtest.simulated import RULES, row, rows, several

QUICK = Settings(draws=50, rules=RULES)


def found(report: BacktestReport, code: str) -> RuleRow:
    return next(one for one in report.rules if one.code == code)


def test_a_rule_with_an_effect_earns_its_keep_and_one_without_does_not() -> None:
    report = backtest(rows(4_000, odds={"K8S-001": 4.0, "UCD-001": 0.2}), QUICK)
    assert found(report, "K8S-001").verdict == "earns its keep"
    assert found(report, "UCD-001").verdict == "fires rather on ordinary changes"
    assert found(report, "K8S-002").verdict == "no evidence either way"
    assert found(report, "TFP-001").verdict == "never fired"


def test_the_interval_of_a_rule_holds_the_truth() -> None:
    held = 0
    for seed in range(100):
        changes = rows(1_000, seed=seed, effect=0.0, odds={"K8S-001": 3.0})
        odds = rule_rows(selected(changes, Settings()).subjects, RULES)[0].odds
        assert odds.low is not None and odds.high is not None
        held += odds.low <= 3.0 <= odds.high
    assert held >= 90


def test_over_repositories_of_different_rates_nothing_is_made_up() -> None:
    """A rule that fires more where more is reverted, and within each repository for no reason."""
    changes = []
    for name, rate, fires in (("busy", 4, 2), ("calm", 40, 10)):
        changes += [
            row(
                at,
                repository=name,
                reverted=at % rate == 0,
                rules=(FiredRule("K8S-001", "P2"),) if (at // rate) % fires == 0 else (),
            )
            for at in range(2_000)
        ]
    odds = found(backtest(changes, QUICK), "K8S-001").odds
    assert odds.value == pytest.approx(1.0, abs=0.05)


def test_few_reverts_carry_no_verdict() -> None:
    changes = [
        row(at, reverted=at < 9, rules=(FiredRule("K8S-001", "P1"),) if at < 9 else ()) for at in range(500)
    ]
    report = backtest(changes, QUICK)
    one = found(report, "K8S-001")
    assert (one.adjusted or 1) < 1e-6
    assert one.verdict == "no evidence either way"
    assert not report.conclusive
    assert any(told.startswith("Only 9 of the judged changes were reverted") for told in report.warnings)


def test_many_rules_are_held_against_chance() -> None:
    """Of a hundred rules that mean nothing about five have a p under 0.05; none earns its keep."""
    base = rows(2_000, effect=0.0)
    changes = [
        one._replace(
            rules=tuple(
                FiredRule(f"ABC-{code:03}", "P2")
                for code in range(100)
                if hash((at * 7919 + code * 104729) % 997) < 100
            )
        )
        for at, one in enumerate(base)
    ]
    report = backtest(changes, QUICK)
    assert {one.verdict for one in report.rules if one.fired} == {"no evidence either way"}


def test_what_reverts_cannot_speak_against() -> None:
    report = backtest(rows(500), QUICK)
    assert [one.code for one in report.rules if one.kept] == ["NET-001", "TFP-001"]
    assert found(backtest(rows(500), Settings(draws=50)), "K8S-001").kept


def test_gates_by_level() -> None:
    changes = [
        row(at, reverted=at < 20, level=level, verdict="block" if level == "P0" else "pass")
        for at, level in enumerate(["P0"] * 10 + ["P1"] * 20 + ["P2"] * 30 + ["P3"] * 20 + [None] * 20)
    ]
    gates = {one.name: one for one in backtest(changes, QUICK).gates if one.share is None}
    assert {name: (one.number, one.caught.value, one.stopped.value) for name, one in gates.items()} == {
        "block": (10, 0.5, 0.0),
        "P0": (10, 0.5, 0.0),
        "P1": (30, 1.0, 10 / 80),
        "P2": (60, 1.0, 40 / 80),
    }
    assert gates["P1"].precision == pytest.approx(20 / 30)
    assert (gates["P1"].odds.low or 0) > 1


def test_gates_by_share_are_expected_over_equal_scores() -> None:
    changes = [row(at, reverted=at % 10 == 0, points=20.0 if at < 10 else 0.0) for at in range(100)]
    gates = [one for one in backtest(changes, QUICK).gates if one.name == "likelihood"]
    assert [one.share for one in gates] == list(SHARES)
    assert [one.number * (one.precision or 0) for one in gates] == pytest.approx([0.5, 1.0, 2.0])
    assert [one.threshold for one in gates] == [20.0, 20.0, None]


def test_the_riskiest_are_ranked_within_each_repository() -> None:
    """The points of one repository are all higher than those of the other."""
    changes = [
        row(at, repository=name, reverted=at < 20, points=float(base + (at < 20)))
        for name, base in (("low", 0), ("high", 100))
        for at in range(200)
    ]
    gate = next(one for one in backtest(changes, QUICK).gates if (one.name, one.share) == ("likelihood", 0.1))
    assert gate.caught.value == 1.0
    assert gate.threshold is None


def test_a_curve_rises_from_nothing_to_all() -> None:
    report = backtest(several(3, 400), QUICK)
    assert {one.part for one in report.curves} == {"all", "later"}
    for one in report.curves:
        assert len(one.caught) == 101
        assert one.caught[0] == 0.0
        assert one.caught[-1] == pytest.approx(1.0)
        assert list(one.caught) == sorted(one.caught)


def test_the_curve_is_what_the_gate_catches() -> None:
    groups = grouped([(3.0, True), (2.0, False), (2.0, True), (1.0, False), (1.0, False)])
    assert caught_at(groups, [0.0, 0.2, 0.4, 0.6, 1.0]) == pytest.approx([0.0, 1.0, 1.5, 2.0, 2.0])
    assert caught_at([], [0.5]) == [0.0]
