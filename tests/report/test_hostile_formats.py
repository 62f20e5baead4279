"""Whatever a repository holds: each format is read as it was meant, and nothing in it is carried out."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskcheck.judged import Finding, Waiver
from riskcheck.models import Environment, Limitation, Location, Related
from riskcheck.report.github import render as github
from riskcheck.report.gitlab import render as gitlab
from riskcheck.report.json import render as render_json
from riskcheck.report.junit import render as junit
from riskcheck.report.safe import BIDI, plain
from riskcheck.report.sarif import render as sarif
from riskcheck.report.style import Style
from riskcheck.report.text import TextOptions, render
from riskcheck.results import Assessment, Recommendation, Report
from tests.findings import finding
from tests.report.formats import KINDS, read_github, read_gitlab, read_junit, read_sarif, report_of

NASTY = (
    "::error::x",
    "\n::add-mask::x",
    "\r::stop-commands::x",
    " ::set-output name=a::b",
    "##[error]x",
    "##vso[task.complete]",
    "####[group]",
    "%0A::error::x",
    "%",
    "::",
    ",line=1::x",
    "]]>",
    "</failure></testcase>",
    "<script>",
    "&#0;",
    "&amp;",
    '"',
    "'",
    "--",
    "[x](https://evil.example)",
    "\\",
    "\x00",
    "\x1b[2J",
    "\x85",
    "\u2028",
    "\u202e",
    "\ufffe",
    "\udcff",
    "\ud800",
    "\U0001f600",
    "../..",
    "/etc/passwd",
    "C:\\x",
    " ",
    "\t",
)
TEXT = st.lists(
    st.one_of(st.sampled_from(NASTY), st.text(st.characters(exclude_categories=()), max_size=6)), max_size=4
).map("".join)
SIDE = st.sampled_from(["base", "head"])
PLACE = st.builds(
    Location, TEXT, SIDE, st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50)
)
WAIVER = st.builds(Waiver, TEXT, TEXT, TEXT, TEXT, TEXT, inline=st.booleans())
LIMIT = st.builds(Limitation, TEXT, TEXT, TEXT, st.none() | st.integers(0, 9), SIDE, st.booleans())


@st.composite
def findings(draw: Any) -> Finding:
    return finding(
        **{name: draw(TEXT) for name in ("message", "why", "fix", "resource", "cause", "title")},
        code=draw(st.sampled_from(["ABC-001", "ABC-002"])),
        level=draw(st.sampled_from(["P0", "P1", "P2", "P3", "note"])),
        blocking=draw(st.none() | TEXT),
        waiver=draw(st.none() | WAIVER),
        location=draw(PLACE),
        related=tuple(draw(st.lists(st.builds(Related, TEXT, PLACE), max_size=2))),
        before=draw(TEXT),
        environments=(Environment(draw(TEXT), "prod"),),
        references=tuple(draw(st.lists(TEXT, max_size=2))),
        false_positives=tuple(draw(st.lists(TEXT, max_size=2))),
        fingerprint=draw(st.sampled_from(["0" * 16, "1" * 16])),
    )


@st.composite
def reports(draw: Any) -> Report:
    advice = Recommendation("delay", (draw(TEXT),), (draw(TEXT),), (draw(TEXT),))
    return report_of(
        *draw(st.lists(findings(), max_size=3)),
        assessment=Assessment(
            draw(st.sampled_from(["block", "warn", "pass"])), "P1", 1.0, advice, (draw(TEXT),)
        ),
        limitations=tuple(draw(st.lists(LIMIT, max_size=3))),
        notes=tuple(draw(st.lists(TEXT, max_size=2))),
        base=draw(TEXT),
    )


hostile = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(reports())
@hostile
def test_sarif_stays_valid(report: Report) -> None:
    text = sarif(report)
    run = read_sarif(text)
    assert read_github(text) == []
    for result in run["results"]:
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"(?:[\w.~/-]|%[0-9A-F]{2})+", uri, re.ASCII), uri
        assert not uri.startswith("/")
        assert not BIDI & set(result["message"]["text"])


@given(reports())
@hostile
def test_junit_stays_valid(report: Report) -> None:
    text = junit(report)
    root = read_junit(text)
    assert len(list(root.iter("testcase"))) == 2 + sum(
        one.level != "note" or one.waiver is not None for one in report.findings
    )
    assert read_github(text) == []


@given(reports())
@hostile
def test_gitlab_stays_valid(report: Report) -> None:
    text = gitlab(report)
    issues = read_gitlab(text)
    assert len({one["fingerprint"] for one in issues}) == len(issues)
    assert read_github(text) == []


@given(reports())
@hostile
def test_only_annotations_are_carried_out(report: Report) -> None:
    text = github(report)
    text.encode()
    commands = read_github(text)
    assert {one.name for one in commands} <= set(KINDS)
    causes = {one.cause for one in report.findings if one.waiver is None and one.level != "note"}
    assert len(commands) == len(causes)
    for command in commands:
        assert set(command.properties) <= {"file", "line", "endLine", "col", "endColumn", "title"}
        assert read_github(command.data) == []
        if "line" in command.properties:
            assert int(command.properties["line"]) >= 1


@given(reports())
@hostile
def test_reports_for_people_and_json_are_no_commands_either(report: Report) -> None:
    assert read_github(render(report, Style(), TextOptions(explain=True))) == []
    text = render_json(report)
    assert read_github(text) == []
    json.loads(text)


@pytest.mark.parametrize("text", ["::1", "fe80::1 and ::ffff:10.0.0.1", "std::string", "a # b", "key::value"])
def test_what_is_no_command_is_left_alone(text: str) -> None:
    assert plain(text) == text
