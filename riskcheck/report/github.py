"""The report as workflow commands of GitHub Actions, which make annotations, with a summary for the log.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md: ten errors, ten warnings and ten notices of a
step are shown, 50 annotations of a job.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.phrases import many
from riskcheck.report.places import place_in_head
from riskcheck.report.safe import plain, shortened
from riskcheck.report.selected import (
    counts,
    limit_words,
    limits,
    live,
    notes,
    one_line,
    rows,
    verdict_words,
    waived,
    waiver_words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.judged import Finding
    from riskcheck.results import Report

MOST: Final = 10
"""Annotations of a kind that GitHub shows of one step."""

MOST_TITLE: Final = 120
MOST_LINES: Final = 5
TOLD: Final = ("blocks", "reaches", "canary", "rollback", "fix")


def render(report: Report) -> str:
    """Commands and lines of the log, ending in a newline."""
    found = live(report)
    shown: list[Finding] = []
    room = {"error": MOST, "warning": MOST, "notice": MOST - _asides(report)}
    for finding in found:
        kind = _kind(finding)
        if room[kind] > 0:
            room[kind] -= 1
            shown.append(finding)
    lines = [_annotation(finding, report) for finding in shown]
    lines += _limits(report)
    lines += _remarks(report)
    kept = set(map(id, shown))
    rest = [one for one in found if id(one) not in kept]
    if rest:
        words = f"{many(len(rest), 'more finding')} ({counts(rest)}) not annotated; the text report has all"
        lines += [_command("notice", {"title": "riskcheck"}, words), _logged(words)]
    lines.append(_logged(verdict_words(report)))
    lines += [_logged(f"because {reason}") for reason in report.assessment.reasons]
    return "\n".join(lines) + "\n"


def _asides(report: Report) -> int:
    """Notices that are kept free: for what was not analysed and for the sum of what is left out."""
    return 1 + bool(report.limitations)


def _kind(finding: Finding) -> str:
    """``error`` for what blocks, ``notice`` for P3, else ``warning``."""
    if finding.blocking:
        return "error"
    return "notice" if finding.level == "P3" else "warning"


def _annotation(finding: Finding, report: Report) -> str:
    place = place_in_head(finding.location, report)
    title = one_line(f"{finding.level} {finding.code}: {finding.title or finding.rule}")
    properties = {"file": place.path, "line": str(place.line), "endLine": str(place.end_line)}
    # GitHub takes columns of a single line only.
    if place.line == place.end_line and place.end_column > place.column:
        properties |= {"col": str(place.column), "endColumn": str(place.end_column)}
    remark = f", {place.remark}" if place.remark else ""
    lines = [
        f"{finding.message} ({place.name}{remark})",
        *(f"{label}: {text}" for label, text in rows(finding) if label in TOLD),
        f"riskcheck explain {finding.code} says more",
    ]
    return _command(_kind(finding), {**properties, "title": shortened(title, MOST_TITLE)}, *lines)


def _limits(report: Report) -> list[str]:
    told = [
        f"{place_name}{limit_words(one, count)}"
        for one, count in limits(report)
        for place_name in [f"{one.path}:{one.line or 1}: " if one.path else ""]
    ]
    if not told:
        return []
    more = [f"and {len(told) - MOST_LINES} more" if len(told) > MOST_LINES else ""]
    title = "riskcheck: not everything could be read"
    return [_command("notice", {"title": title}, *told[:MOST_LINES], *filter(None, more))]


def _remarks(report: Report) -> Iterator[str]:
    """What is no annotation: waived findings, notes, remarks."""
    for finding in waived(report):
        yield _logged(f"{waiver_words(finding)}: {_brief(finding, report)}")
    for finding in notes(report)[:MOST]:
        yield _logged(f"note: {_brief(finding, report)}")
    if len(notes(report)) > MOST:
        yield _logged(
            f"{len(notes(report)) - MOST} more notes; the text report has some, the JSON report all"
        )
    for remark in report.notes:
        yield _logged(f"note: {remark}")


def _brief(finding: Finding, report: Report) -> str:
    return (
        f"{finding.level} {finding.code} {finding.message} ({place_in_head(finding.location, report).name})"
    )


def _logged(text: str) -> str:
    """A line of the log: it starts with a name, so that it is no command."""
    return f"riskcheck: {one_line(text)}"


def _command(kind: str, properties: dict[str, str], *lines: str) -> str:
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    text = "\n".join(one_line(line) for line in lines)
    return f"::{kind} {told}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(plain(value)).replace(":", "%3A").replace(",", "%2C")
