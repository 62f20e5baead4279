"""Workflow commands, read as the runner of GitHub Actions reads them."""

from __future__ import annotations

from collections import Counter

import pytest

from riskcheck.judged import Waiver
from riskcheck.models import Limitation, Location
from riskcheck.report.github import MOST, render
from riskcheck.results import Assessment, Recommendation
from tests.acceptance.test_examples import SCENARIOS, report
from tests.findings import finding
from tests.report.formats import KINDS, read_github, report_of


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("variant", ["risky", "safe"])
def test_every_example_annotates_what_blocks_as_errors(scenario: str, variant: str) -> None:
    found = report(scenario, variant)
    text = render(found)
    commands = read_github(text)
    assert {one.name for one in commands} <= set(KINDS)
    assert ("error" in {one.name for one in commands}) == any(one.blocking for one in found.findings)
    assert f"\nriskcheck: {found.assessment.verdict.upper()}" in f"\n{text}"


def test_a_cause_is_one_annotation_at_its_place() -> None:
    place = Location("a:b,c%d.yaml", "head", 6, 13, 6, 15)
    found = report_of(
        finding(location=place, message="replicas go from 12 to 6, 50%", title="Replicas: fewer, or none"),
        finding(code="CAN-001", level="P1", message="was never tried", blocking="no canary"),
        verdict="block",
    )
    (command,) = read_github(render(found))
    assert command.name == "error"
    assert command.properties == {
        "file": "a:b,c%d.yaml",
        "line": "6",
        "endLine": "6",
        "col": "13",
        "endColumn": "15",
        "title": "P1 ABC-001: Replicas: fewer, or none",
    }
    lines = command.data.split("\n")
    assert lines[0] == "replicas go from 12 to 6, 50% (a:b,c%d.yaml:6)"
    assert "also: P1 CAN-001 was never tried" in lines


def test_ten_of_a_kind_are_shown_worst_first_and_the_rest_is_counted() -> None:
    findings = [
        finding(
            cause=f"x:{level}{number}{blocking}",
            level=level,
            message=f"{level} number {number}",
            blocking=blocking,
        )
        for level, blocking in (
            ("P3", None),
            ("P2", None),
            ("P1", None),
            ("P1", "it blocks"),
            ("P0", "it blocks"),
        )
        for number in range(7)
    ]
    limits = (
        Limitation("b.yaml", "unresolved-template", "a template", 2),
        Limitation("a.yaml", "parse-error", "a bracket does not end", 3, failed=True),
    )
    text = render(report_of(*findings, verdict="block", limitations=limits))
    commands = read_github(text)
    assert max(Counter(one.name for one in commands).values()) <= MOST
    errors = [one.data for one in commands if one.name == "error"]
    assert [one[:2] for one in errors] == ["P0"] * 7 + ["P1"] * 3
    warnings = [one.data for one in commands if one.name == "warning"]
    assert [one[:2] for one in warnings] == ["P1"] * 7 + ["P2"] * 3
    last = commands[-1]
    assert (last.name, last.data) == (
        "notice",
        "8 more causes (4 P1, 4 P2) not annotated; the text report has all",
    )
    assert f"riskcheck: {last.data}" in text.splitlines()
    assert "riskcheck: not analysed: a.yaml:3: a bracket does not end" in text.splitlines()
    assert "riskcheck: not analysed: b.yaml:2: a template" in text.splitlines()


def test_what_is_no_annotation_is_in_the_log() -> None:
    waiver = Waiver("ABC-001", "x", "team-data", "retired", "2027-01-31")
    found = report_of(
        finding(level="P0", message="is waived", waiver=waiver),
        finding(level="note", message="is a note"),
        notes=("a waiver has lapsed",),
        assessment=Assessment("pass", None, 0.0, Recommendation("proceed")),
    )
    text = render(found)
    assert read_github(text) == []
    assert text.splitlines() == [
        "riskcheck: waived by team-data until 2027-01-31: retired: P0 ABC-001 is waived (x.yaml:1)",
        "riskcheck: note: ABC-001 is a note (x.yaml:1)",
        "riskcheck: note: a waiver has lapsed",
        "riskcheck: PASS, score 0.0: 1 file changed, 1 file read as configuration, nothing risky",
    ]


def test_a_removed_line_is_annotated_where_it_was() -> None:
    gone = Location("a.yaml", "base", 9, 3, 9, 8)
    (command,) = read_github(render(report_of(finding(location=gone), head_lines={("a.yaml", 9): 7})))
    assert (command.properties["line"], "col" in command.properties) == ("7", False)
    assert "(a.yaml:7, line 9 of the base version)" in command.data
