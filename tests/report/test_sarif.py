"""SARIF: valid by the OASIS schema, and what code scanning makes of it is what the verdict says."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from riskcheck.judged import Waiver
from riskcheck.models import Limitation, Location, Related
from riskcheck.report.sarif import render
from riskcheck.report.sarif.results import uri
from riskcheck.report.sarif.run import MOST_RESULTS
from tests.acceptance.test_examples import SCENARIOS, report
from tests.findings import finding
from tests.report.formats import read_sarif, report_of


def place(path: str, line: int, side: Any = "head") -> Location:
    return Location(path, side, line, 3, line, 9)


def region(result: Any) -> tuple[str, int]:
    there = result["locations"][0]["physicalLocation"]
    return there["artifactLocation"]["uri"], there["region"]["startLine"]


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("variant", ["risky", "safe"])
def test_every_example_is_valid(scenario: str, variant: str) -> None:
    found = report(scenario, variant)
    run = read_sarif(render(found))
    shown = [one for one in found.findings if one.level != "note"]
    assert len(run["results"]) == len(shown)
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert len({rule["name"] for rule in rules}) == len(rules)
    for rule in rules:
        for field in ("shortDescription", "fullDescription", "help"):
            assert rule[field]["text"]
        assert len(rule["fullDescription"]["text"]) <= 1024
        assert len(rule["properties"]["tags"]) <= 10
    names = set()
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["partialFingerprints"]["primaryLocationLineHash"]
        path, line = region(result)
        assert path and not path.startswith("/") and line >= 1
        names.add((result["ruleId"], path, result["partialFingerprints"]["primaryLocationLineHash"]))
    assert len(names) == len(run["results"]), "two alerts would be taken for one"
    assert run["properties"]["verdict"] == found.assessment.verdict


def test_what_blocks_is_an_error_and_nothing_else_fails_the_check_of_code_scanning() -> None:
    levels = [
        ("P0", "P0 in production"),
        ("P1", "evidence"),
        ("P0", None),
        ("P1", None),
        ("P2", None),
        ("P3", None),
    ]
    findings = [
        finding(
            code=f"ABC-00{number}",
            rule=f"rule-{number}",
            level=level,
            blocking=blocking,
            fingerprint=str(number),
        )
        for number, (level, blocking) in enumerate(reversed(levels))
    ]
    run = read_sarif(render(report_of(*findings, verdict="block")))
    assert [one["level"] for one in run["results"]] == [
        "error",
        "error",
        "warning",
        "warning",
        "warning",
        "note",
    ]
    by_rule = {one["id"]: one["properties"] for one in run["tool"]["driver"]["rules"]}
    severities = [float(by_rule[one["ruleId"]]["security-severity"]) for one in run["results"]]
    assert severities == sorted(severities, reverse=True)
    assert len(set(severities)) == len(severities)
    # GitHub: over 9.0 critical, from 7.0 high, from 4.0 medium, else low; the check fails from high on.
    assert [number >= 7.0 for number in severities] == [True, True, False, False, False, False]
    assert [by_rule[one["ruleId"]]["problem.severity"] for one in run["results"]] == [
        *("error", "error", "warning", "warning", "warning", "recommendation")
    ]


def test_a_rule_is_sorted_by_the_worst_of_what_it_found() -> None:
    run = read_sarif(
        render(report_of(finding(level="P3"), finding(level="P0", blocking="P0", fingerprint="1" * 16)))
    )
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["properties"]["security-severity"] == "9.5"
    assert [one["level"] for one in run["results"]] == ["error", "note"]


def test_findings_of_one_fingerprint_are_told_apart() -> None:
    run = read_sarif(render(report_of(finding(), finding(location=place("y.yaml", 4)))))
    hashes = [one["partialFingerprints"]["primaryLocationLineHash"] for one in run["results"]]
    assert hashes == ["0" * 16 + ":1", "0" * 16 + ":2"]


def test_a_place_of_base_is_where_it_stood_in_head() -> None:
    gone = place("a.yaml", 9, "base")
    deleted = place("old dir/ä#?.yaml", 4, "base")
    found = report_of(
        finding(location=gone, related=(Related("guard", place("a.yaml", 12, "base")),)),
        finding(location=deleted, fingerprint="1" * 16),
        finding(location=Location("", "head", 1, 1, 1, 1), fingerprint="2" * 16),
        finding(location=place("/home/ci/plan.json", 1), fingerprint="3" * 16),
        head_lines={("a.yaml", 9): 7, ("a.yaml", 12): 8},
    )
    first, second, third, fourth = read_sarif(render(found))["results"]
    assert region(first) == ("a.yaml", 7)
    assert "line 9 of the base version" in first["message"]["text"]
    assert "[guard: a.yaml:8](1)" in first["message"]["text"]
    assert first["relatedLocations"][0]["physicalLocation"]["region"]["startLine"] == 8
    assert region(second) == ("old%20dir/%C3%A4%23%3F.yaml", 4)
    assert "the file is gone" in second["message"]["text"]
    assert region(third) == ("riskcheck.yaml", 1)
    assert region(fourth) == ("riskcheck.yaml", 1)
    assert "plan.json" in fourth["message"]["text"]


def test_what_takes_several_lines_is_at_its_first() -> None:
    (result,) = read_sarif(render(report_of(finding(location=Location("a.yaml", "head", 3, 5, 90, 2)))))[
        "results"
    ]
    there = result["locations"][0]["physicalLocation"]["region"]
    assert there == {"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 5}


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("a:b/c.yaml", "a%3Ab/c.yaml"),
        ("100%/x y.yaml", "100%25/x%20y.yaml"),
        ("caf\udce9.yaml", "caf%E9.yaml"),
        ("Users/jo@people.example/x.yaml", "Users/%5Bmail%20address%5D/x.yaml"),
    ],
)
def test_paths_are_relative_references(path: str, said: str) -> None:
    assert uri(path) == said


def test_a_waived_finding_is_a_suppressed_note() -> None:
    waiver = Waiver("ABC-001", "x", "team-data", "retired", "2027-01-31", source="riskcheck.yaml:9")
    found = report_of(
        finding(level="P0", waiver=waiver),
        finding(
            level="P1",
            waiver=Waiver("x", "x", "team-a", "b", "2027-01-01", inline=True),
            fingerprint="1" * 16,
        ),
    )
    run = read_sarif(render(found))
    assert [one["level"] for one in run["results"]] == ["note", "note"]
    (first,), (second,) = (one["suppressions"] for one in run["results"])
    assert (first["kind"], second["kind"]) == ("external", "inSource")
    for part in ("team-data", "2027-01-31", "retired"):
        assert part in first["justification"]
    assert "security-severity" not in run["tool"]["driver"]["rules"][0]["properties"]


def test_what_is_no_result_is_a_notification() -> None:
    found = report_of(
        finding(level="note", code="ABC-009", message="only in dev"),
        limitations=(
            Limitation("a.yaml", "parse-error", "a bracket does not end", 3, failed=True),
            Limitation("b.yaml", "unresolved-template", "a template", 1),
            Limitation("b.yaml", "unresolved-template", "another template", 2),
        ),
        notes=("a waiver has lapsed",),
    )
    run = read_sarif(render(found))
    (invocation,) = run["invocations"]
    assert run["results"] == []
    assert invocation["executionSuccessful"] is False
    told = [(one["level"], one["message"]["text"]) for one in invocation["toolExecutionNotifications"]]
    assert told == [
        ("error", "a bracket does not end"),
        ("warning", "a template (1 more of this kind in the file)"),
        ("note", "ABC-009 only in dev"),
        ("note", "a waiver has lapsed"),
    ]


def test_a_state_has_its_own_category_and_no_score() -> None:
    assert read_sarif(render(report_of()))["automationDetails"]["id"] == "riskcheck/diff/"
    run = read_sarif(render(report_of(finding(), state=True)))
    assert run["automationDetails"]["id"] == "riskcheck/lint/"
    assert "score" not in run["properties"]


def test_messages_hold_no_links_of_others() -> None:
    run = read_sarif(render(report_of(finding(message="image [click](https://evil.example) goes"))))
    assert "[click](" not in run["results"][0]["message"]["text"]
    run = read_sarif(
        render(report_of(finding(why="[click](https://evil.example) <img src=x>", fix="`x` _y_")))
    )
    help_text = run["tool"]["driver"]["rules"][0]["help"]["markdown"]
    assert "[click](" not in help_text.replace("\\[", "")
    assert "\\<img" in help_text


def test_a_very_large_report_is_within_what_github_takes() -> None:
    findings = [
        finding(
            fingerprint=f"{number:016x}",
            location=place(f"dir{number % 97}/{number}.yaml", 1),
            why="why " * 50,
        )
        for number in range(MOST_RESULTS + 7)
    ]
    findings.append(finding(level="P0", blocking="P0 in production", fingerprint="f" * 16))
    text = render(report_of(*findings))
    run = json.loads(text)["runs"][0]
    assert len(run["results"]) == MOST_RESULTS
    assert run["results"][0]["level"] == "error", "what blocks is never left out"
    assert (
        "8 more results are left out"
        in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    )
    assert len(gzip.compress(text.encode())) < 10 * 1024 * 1024


def test_the_validator_of_the_format_has_no_error(tmp_path: Path) -> None:
    """The rules of Microsoft's validator, those of GitHub included; it needs the npm package."""
    multitool = shutil.which("sarif-multitool")
    if multitool is None:
        pytest.skip("sarif-multitool is not installed (npm install -g @microsoft/sarif-multitool)")
    log = tmp_path / "report.sarif"
    log.write_text(render(report("quiet-model-change", "risky")), encoding="utf-8")
    done = subprocess.run(
        [
            multitool,
            "validate",
            str(log),
            "--rule-kind",
            "Sarif;Gh;Ghas",
            "--output",
            str(tmp_path / "out.sarif"),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
    )
    assert ": error " not in done.stdout, done.stdout
    assert "Done. 1 files scanned." in done.stdout, done.stdout + done.stderr
