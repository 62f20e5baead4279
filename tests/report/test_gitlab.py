"""GitLab code quality: valid, and no two issues share a fingerprint."""

from __future__ import annotations

import pytest

from riskcheck.judged import Waiver
from riskcheck.models import Limitation, Location
from riskcheck.report.gitlab import render
from tests.acceptance.test_examples import SCENARIOS, report
from tests.findings import finding
from tests.report.formats import read_gitlab, report_of


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("variant", ["risky", "safe"])
def test_every_example_is_valid(scenario: str, variant: str) -> None:
    issues = read_gitlab(render(report(scenario, variant)))
    assert len({one["fingerprint"] for one in issues}) == len(issues)


def test_nothing_found_is_an_empty_list() -> None:
    assert render(report_of(verdict="pass", level=None)) == "[]\n"


def test_levels_are_severities() -> None:
    waiver = Waiver("ABC-001", "x", "team-data", "retired", "2027-01-31")
    findings = [finding(level=level, fingerprint=level) for level in ("P0", "P1", "P2", "P3", "note")]
    limits = (
        Limitation("a.yaml", "parse-error", "a bracket does not end", 3, failed=True),
        Limitation("b.yaml", "unresolved-template", "a template"),
        Limitation("c.yaml", "unresolved-template", "another template"),
    )
    issues = read_gitlab(render(report_of(*findings, finding(level="P0", waiver=waiver), limitations=limits)))
    assert [one["severity"] for one in issues] == [
        *("blocker", "critical", "major", "minor"),
        *("info", "major", "info"),
    ]
    assert "waived by team-data" in issues[4]["description"]
    assert issues[6]["description"] == (
        "not analysed: b.yaml: a template (and 1 more of the kind unresolved-template)"
    )
    assert issues[5]["location"] == {"path": "a.yaml", "lines": {"begin": 3}}


def test_findings_of_one_fingerprint_are_told_apart_and_stay_the_same() -> None:
    place = Location("y.yaml", "head", 3, 1, 3, 2)
    same = [finding(), finding(), finding(location=place)]
    first = [one["fingerprint"] for one in read_gitlab(render(report_of(*same)))]
    assert len(set(first)) == 3
    moved = [finding(location=Location("x.yaml", "head", 7, 1, 7, 2)), *same]
    again = [one["fingerprint"] for one in read_gitlab(render(report_of(*moved)))]
    assert set(first) < set(again), "neither a line nor another finding changes them"
