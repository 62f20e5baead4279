"""Rules about a change as a whole: how their findings are levelled, and what follows when one fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from riskcheck.in_memory import analyze_trees
from riskcheck.models import Match
from riskcheck.results import Report
from riskcheck.rules.checks import whole_run
from riskcheck.rules.load import load_rules
from riskcheck.rules.registry import find_check
from tests.manifests import WEB

TOKEN = "glpat-" + "q8Zt4LmXv2Rk9PwBn7Jd"


def report(policy: str = "", stage: str = "prod", token: str = TOKEN) -> Report:
    path = f"apps/web/{stage}/web.yaml"
    base = {"riskcheck.yaml": policy.encode()} if policy else {}
    head = WEB.replace("name: web, namespace", f"annotations: {{token: {token}}}, name: web, namespace")
    return analyze_trees(base | {path: WEB.encode()}, base | {path: head.encode()}, load_rules().rules)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def broken(subject: object, context: object) -> Iterator[Match]:
        if subject is not None:
            raise ValueError(TOKEN)
        yield Match()

    broken.__module__ = whole_run.__name__
    monkeypatch.setattr(whole_run, "not_approved", broken)
    find_check.cache_clear()
    yield
    find_check.cache_clear()


@pytest.mark.usefixtures("failing")
def test_one_that_fails_ends_nothing_and_never_reads_as_a_pass() -> None:
    found = report(token="plain")
    assert found.assessment.verdict == "block"
    (finding,) = found.findings
    assert (finding.code, finding.level) == ("GOV-010", "P1")
    assert "rule approval-missing failed: ValueError at tests/rules" not in finding.message
    assert "rule approval-missing failed: ValueError" in finding.message
    assert TOKEN not in finding.message
    assert [one.kind for one in found.limitations] == ["rule-failed"]


@pytest.mark.parametrize(
    ("stage", "policy", "level"),
    [
        ("prod", "", "P1"),
        ("staging", "", "P2"),
        ("dev", "", "P3"),
        ("prod", "version: 1\nservices: [{name: web, criticality: tier-1, paths: ['apps/**']}]\n", "P0"),
    ],
)
def test_what_is_about_a_value_is_judged_where_it_lands(stage: str, policy: str, level: str) -> None:
    (finding,) = [one for one in report(policy, stage).findings if one.code == "GOV-007"]
    assert finding.level == level
    assert [one.stage for one in finding.environments] == [stage]
    assert sum(step.delta for step in finding.steps) == {"P0": 1, "P1": 0, "P2": -1, "P3": -2}[level]


def test_a_hold_is_at_its_rules_severity_whoever_it_holds() -> None:
    policy = (
        "version: 1\n"
        "services: [{name: web, criticality: tier-1, scopes: [sox], paths: ['apps/**']}]\n"
        "freezes: [{name: quarter-end, from: 2027-01-10, to: 2027-01-20}]\n"
        "approvals: [{scope: sox, teams: [team-controls]}]\n"
    )
    found = report(policy, token="plain")
    assert [(one.code, one.level) for one in found.findings] == [("GOV-001", "P1"), ("GOV-002", "P1")]
    assert len(found.assessment.reasons) == 2
    assert found.assessment.score == 0.0
