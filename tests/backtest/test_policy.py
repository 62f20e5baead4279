"""The suggested policy: valid by the loader of policies, and never further than the numbers go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from riskcheck.backtests import BacktestReport, RuleFacts, Settings
from riskcheck.history.backtest import backtest
from riskcheck.history.model import FiredRule, ReplayedChange
from riskcheck.policy.load import load_policy
from riskcheck.policy.model import Gate, Policy
from riskcheck.report.backtest.policy import suggest_policy
from tests.backtest.example import example
from tests.backtest.simulated import row
from tests.backtest.test_reports import REPORTS, report
from tests.support import MemoryTree

UNSEEN = {"security", "governance", "cost"}
SEVERITIES = ("P0", "P1", "P2", "P3")


def suggested(report: BacktestReport) -> Policy:
    """By the loader of every run, which takes nothing that the schema of policies does not know."""
    return load_policy(
        MemoryTree({"riskcheck.yaml": suggest_policy(report)}, side="base", label="main"), None
    )


def changes(reverted: int, ordinary: int, of_reverted: int, of_ordinary: int) -> list[ReplayedChange]:
    """Rule ABC-001 fires on some of the reverted changes, and on some of the ordinary ones."""
    fired = (FiredRule("ABC-001", "P2"),)
    made = [row(at, reverted=True, rules=fired if at < of_reverted else ()) for at in range(reverted)]
    return made + [row(reverted + at, rules=fired if at < of_ordinary else ()) for at in range(ordinary)]


def told(severity: str, category: str = "platform", reversibility: str = "reversible") -> Settings:
    return Settings(draws=2, rules=(RuleFacts("ABC-001", "A thing went", severity, category, reversibility),))


@pytest.mark.parametrize("name", REPORTS)
def test_it_is_a_policy_that_leaves_the_gate_alone(name: str) -> None:
    policy = suggested(report(name))
    assert policy.gate == Gate()
    assert policy.rules.ignore == ()
    assert all(
        line.startswith(("#", "version: 1", "rules:", " ")) or not line
        for line in suggest_policy(report(name)).splitlines()
    )


def test_each_change_has_its_numbers() -> None:
    assert dict(suggested(example()).rules.severity) == {"UCD-001": "P3"}
    before = suggest_policy(example()).partition("    UCD-001: P3")[0]
    assert "UCD-001 (Grant widened): fired on 8 reverted and 617 ordinary changes" in before


@pytest.mark.parametrize(("severity", "lowered"), [("P0", "P1"), ("P1", "P2"), ("P2", "P3"), ("P3", None)])
def test_a_rule_that_fires_rather_on_ordinary_changes_goes_one_step_down(
    severity: str, lowered: str | None
) -> None:
    report = backtest(changes(100, 900, 2, 450), told(severity))
    assert report.rules[0].verdict == "fires rather on ordinary changes"
    assert suggested(report).rules.severity.get("ABC-001") == lowered


@pytest.mark.parametrize(("severity", "raised"), [("P0", None), ("P1", None), ("P2", "P1"), ("P3", "P2")])
def test_a_rare_rule_that_clearly_earns_its_keep_goes_one_step_up(severity: str, raised: str | None) -> None:
    report = backtest(changes(100, 900, 40, 30), told(severity))
    assert suggested(report).rules.severity.get("ABC-001") == raised


def test_one_that_fires_often_is_not_raised() -> None:
    report = backtest(changes(100, 900, 80, 300), told("P2"))
    assert report.rules[0].verdict == "earns its keep"
    assert not suggested(report).rules.severity


@pytest.mark.parametrize("category", sorted(UNSEEN))
def test_what_reverts_do_not_show_is_never_lowered(category: str) -> None:
    report = backtest(changes(100, 900, 2, 450), told("P1", category))
    assert not suggested(report).rules.severity
    assert "it guards against harm that reverts do not show" in suggest_policy(report).replace("\n# ", " ")


@given(
    some.integers(0, 60),
    some.integers(0, 400),
    some.floats(0, 1),
    some.floats(0, 1),
    some.sampled_from(SEVERITIES),
    some.sampled_from(["platform", "data", "security", "governance", "cost", "network"]),
    some.sampled_from(["reversible", "delayed", "lossy", "irreversible"]),
)
def test_whatever_the_numbers(
    reverted: int,
    ordinary: int,
    on_reverted: float,
    on_ordinary: float,
    severity: str,
    category: str,
    reversibility: str,
) -> None:
    held = changes(reverted, ordinary, round(reverted * on_reverted), round(ordinary * on_ordinary))
    report = backtest(held, told(severity, category, reversibility))
    to = suggested(report).rules.severity.get("ABC-001")
    if to is None:
        return
    assert reverted >= 10
    step = SEVERITIES.index(to) - SEVERITIES.index(severity)
    assert abs(step) == 1
    if step > 0:
        assert category not in UNSEEN and reversibility == "reversible"
        assert (report.rules[0].odds.high or 1) < 1
    else:
        assert (report.rules[0].odds.low or 1) >= 2


def test_a_gate_at_another_level_is_told() -> None:
    held = [
        row(at, reverted=at < 50, level="P2" if at < 40 or at > 480 else None, verdict="warn")
        for at in range(500)
    ]
    text = suggest_policy(backtest(held, Settings(draws=2))).replace("\n# ", " ")
    assert "With `riskcheck diff --fail-on P2` it would have stopped 80 %" in text
