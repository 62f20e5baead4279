"""The log file: one run with its tool, its results and what else is to be said."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from riskcheck.report.json import dumped
from riskcheck.report.safe import discreet
from riskcheck.report.sarif.results import location, result
from riskcheck.report.sarif.rules import rules_of
from riskcheck.report.selected import limit_words, limits, live, numbered, one_line, verdict_words
from riskcheck.report.verdict import notes
from riskcheck.report.waived import known, waived

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Location
    from riskcheck.report.json import Json
    from riskcheck.results import Report

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

MOST_RESULTS: Final = 5_000
"""GitHub takes 25,000 results of a run and keeps 5,000."""

MOST_NOTIFICATIONS: Final = 1_000


def render(report: Report) -> str:
    """The report as the text of a SARIF file, ending in a newline."""
    return dumped(discreet({"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report)]}))


def _run(report: Report) -> Json:
    found = [*live(report), *waived(report), *known(report)]
    kept = found[:MOST_RESULTS]
    rules = rules_of(kept)
    index = {one.code: number for number, one in enumerate(rules)}
    results: list[Json] = [
        result(finding, report, index[finding.code], number)
        for finding, number in numbered(kept, lambda one: one.fingerprint)
    ]
    notifications = list(_notifications(report, len(found) - len(kept)))
    left_out = len(notifications) - MOST_NOTIFICATIONS
    if left_out > 0:
        notifications[MOST_NOTIFICATIONS:] = [
            _notification(
                "left-out", "warning", f"{left_out} more remarks are left out (--format json has all)"
            )
        ]
    command = "lint" if report.state else "diff"
    return {
        "tool": {
            "driver": {
                "name": "riskcheck",
                "version": report.version,
                "semanticVersion": report.version,
                "rules": [one.descriptor for one in rules],
            }
        },
        # The category that tells a lint of the branch from a diff of the change; no run id.
        "automationDetails": {"id": f"riskcheck/{command}/"},
        "invocations": [
            {
                "executionSuccessful": not any(one.failed for one in report.limitations),
                "toolExecutionNotifications": notifications,
            }
        ],
        "originalUriBaseIds": {
            "%SRCROOT%": {"description": {"text": "The root of the repository, or the directory given."}}
        },
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": _properties(report),
    }


def _properties(report: Report) -> dict[str, Json]:
    assessment = report.assessment
    properties: dict[str, Json] = {
        "summary": verdict_words(report),
        "verdict": assessment.verdict,
        "level": assessment.level,
        "reasons": [one_line(reason) for reason in assessment.reasons],
        "base": report.base,
        "head": report.head,
        "as_of": report.as_of,
        "rules_digest": report.rules_digest,
    }
    if not report.state:
        advice = assessment.recommendation
        properties["score"] = assessment.score
        properties["recommendation"] = advice.action
        properties["safe_paths"] = list(advice.safe_paths)
        properties["held_paths"] = list(advice.held_paths)
    asked = report.next_steps
    if asked.plan:
        properties["plan"] = asked.plan
    if asked.acknowledge:
        properties["acknowledge"] = asked.acknowledge
    return properties


def _notifications(report: Report, left_out: int) -> Iterator[Json]:
    """What is no result: what could not be read, notes, remarks."""
    if left_out:
        yield _notification(
            "left-out", "warning", f"{left_out} more results are left out (--format json has all)"
        )
    for one, count in limits(report):
        place = _whole_line(one.path, one.line or 1) if one.path else None
        level = "error" if one.failed else "warning"
        yield _notification(f"limitation/{one.kind}", level, limit_words(one, count), place, report)
    for finding in notes(report):
        text = one_line(f"{finding.code} {finding.message}")
        yield _notification(f"note/{finding.code}", "note", text, finding.location, report)
    for remark in chain(report.notes):
        yield _notification("remark", "note", one_line(remark))


def _whole_line(path: str, line: int) -> Location:
    from riskcheck.models import Location

    return Location(path, "head", line, 1, line, 1)


def _notification(
    name: str, level: str, text: str, place: Location | None = None, report: Report | None = None
) -> Json:
    notification: dict[str, Json] = {
        "descriptor": {"id": name},
        "level": level,
        "message": {"text": text},
    }
    if place is not None and report is not None:
        notification["locations"] = [location(place, report)]
    return notification
