"""The report as a GitLab code quality report.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from riskcheck.models import Location
from riskcheck.report.json import dumped
from riskcheck.report.places import place_in_head
from riskcheck.report.safe import discreet, name_bytes
from riskcheck.report.selected import limit_kinds, live, numbered, one_line
from riskcheck.report.waived import baseline_path, known_words, waived, waiver_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.judged import Finding
    from riskcheck.models import Level
    from riskcheck.report.json import Json
    from riskcheck.results import Report

SEVERITY: Final[dict[Level, str]] = {
    "P0": "blocker",
    "P1": "critical",
    "P2": "major",
    "P3": "minor",
    "note": "info",
}


def render(report: Report) -> str:
    """The report as JSON text, ending in a newline: a list of issues, empty where there is nothing to say."""
    return dumped(discreet(list(_issues(report))))


def _issues(report: Report) -> Iterator[Json]:
    # GitLab shows one entry of those with the same fingerprint; and one resource may be in several files.
    for finding, number in numbered(live(report), lambda one: _identity(one, report)):
        yield _issue(finding, report, SEVERITY[finding.level], one_line(finding.message), number)
    for finding, number in numbered(waived(report), lambda one: _identity(one, report)):
        text = one_line(f"{waiver_words(finding)}: {finding.message}")
        yield _issue(finding, report, "info", text, number)
    told = known_words(report)
    if told:
        yield {
            "description": told,
            "check_name": "baseline",
            "fingerprint": _digest("baseline"),
            "severity": "info",
            "location": {"path": baseline_path(report), "lines": {"begin": 1}},
        }
    for one, words in limit_kinds(report):
        place = place_in_head(Location(one.path, "head", one.line or 1, 1, one.line or 1, 1), report)
        yield {
            "description": f"not analysed: {words}",
            "check_name": f"limitation/{one.kind}",
            "fingerprint": _digest("limitation", one.kind, "failed" if one.failed else ""),
            "severity": "major" if one.failed else "info",
            "location": {"path": place.path, "lines": {"begin": place.line}},
        }


def _issue(finding: Finding, report: Report, severity: str, text: str, number: int) -> Json:
    place = place_in_head(finding.location, report)
    remark = f" ({place.remark})" if place.remark else ""
    blocks = " [blocks]" if finding.blocking else ""
    return {
        "description": one_line(f"{finding.code} {text}{remark}{blocks}"),
        "check_name": finding.rule,
        "fingerprint": _digest(_identity(finding, report), "waived" if finding.waiver else "", str(number)),
        "severity": severity,
        "location": {"path": place.path, "lines": {"begin": place.line}},
    }


def _identity(finding: Finding, report: Report) -> str:
    return f"{finding.fingerprint} {place_in_head(finding.location, report).path}"


def _digest(*parts: str) -> str:
    """32 hex digits."""
    return sha256(name_bytes("\0".join(parts))).hexdigest()[:32]
