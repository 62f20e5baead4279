"""JUnit XML: valid by the schema of the Ant task, red where the exit code is 1 and nowhere else."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from riskcheck.judged import Waiver
from riskcheck.models import Limitation, Location
from riskcheck.report.junit import render
from riskcheck.results import Assessment, Recommendation
from tests.acceptance.test_examples import SCENARIOS, report
from tests.findings import finding
from tests.report.formats import read_junit, report_of


def cases(root: ElementTree.Element) -> dict[str, str]:
    """Outcome of each test by its name."""
    found = [
        (case.attrib["name"], next((child.tag for child in case), "passed")) for case in root.iter("testcase")
    ]
    assert len({(one.attrib["classname"], one.attrib["name"]) for one in root.iter("testcase")}) == len(found)
    return dict(found)


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("variant", ["risky", "safe"])
def test_every_example_is_valid_and_as_red_as_its_verdict(scenario: str, variant: str) -> None:
    found = report(scenario, variant)
    root = read_junit(render(found))
    outcomes = cases(root)
    blocked = found.assessment.verdict == "block"
    assert outcomes["verdict"] == ("failure" if blocked else "passed")
    assert ("failure" in outcomes.values()) == blocked
    for suite in root:
        own = list(suite.iter("testcase"))
        assert int(suite.attrib["tests"]) == len(own)
        for tag, count in (("failure", "failures"), ("skipped", "skipped")):
            assert int(suite.attrib[count]) == sum(one.find(tag) is not None for one in own)


def test_a_run_without_findings_is_not_without_tests() -> None:
    assert cases(read_junit(render(report_of(verdict="pass", level=None)))) == {
        "verdict": "passed",
        "analysis": "passed",
    }


def test_warnings_are_skipped_and_what_blocks_fails() -> None:
    waiver = Waiver("ABC-001", "x", "team-data", "retired", "2027-01-31")
    found = report_of(
        finding(message="blocks it", level="P0", blocking="P0 in production"),
        finding(message="warns"),
        finding(message="is small", level="P3"),
        finding(message="is waived", level="P0", waiver=waiver),
        finding(message="is a note", level="note"),
        verdict="block",
        notes=("a waiver has lapsed",),
    )
    root = read_junit(render(found))
    assert cases(root) == {
        "verdict": "failure",
        "analysis": "passed",
        "P0 blocks it (line 1)": "failure",
        "P2 warns (line 1)": "skipped",
        "P3 is small (line 1)": "skipped",
        "P0 is waived (line 1)": "skipped",
    }
    told = root.findtext("testsuite/system-out")
    assert told is not None
    assert "note: ABC-001 is a note (x.yaml:1)" in told
    assert "remark: a waiver has lapsed" in told
    (skipped,) = [one for one in root.iter("skipped") if "team-data" in one.attrib["message"]]
    assert "waived by team-data until 2027-01-31: retired" in skipped.attrib["message"]


def test_a_hold_without_a_blocking_finding_fails_too() -> None:
    held = Assessment("block", "P2", 1.0, Recommendation("delay"), ("freeze quarter-end until 2027-01-03",))
    (failure,) = read_junit(render(report_of(finding(), assessment=held))).iter("failure")
    assert failure.text == "freeze quarter-end until 2027-01-03"


def test_limitations_are_told() -> None:
    limits = tuple(Limitation("a.yaml", f"kind-{number}", "a template", number) for number in range(1, 4))
    root = read_junit(render(report_of(limitations=limits, verdict="pass", level=None)))
    (skipped,) = root.iter("skipped")
    assert skipped.attrib["message"].startswith("3 not analysed: a.yaml:1: a template")
    assert skipped.text is not None
    assert len(skipped.text.splitlines()) == 3
    assert cases(root)["analysis"] == "skipped"


def test_suites_are_files_and_tests_of_one_name_are_numbered() -> None:
    twice = finding(location=Location("a b/<x>&.yaml", "head", 3, 1, 3, 2), message='says "a" & <b>')
    root = read_junit(render(report_of(twice, twice)))
    assert [suite.attrib["name"] for suite in root] == ["riskcheck", "a b/<x>&.yaml"]
    assert [suite.attrib["id"] for suite in root] == ["0", "1"]
    names = [case.attrib["name"] for case in root[1].iter("testcase")]
    assert names == ['P2 says "a" & <b> (line 3)', 'P2 says "a" & <b> (line 3) (2)']
