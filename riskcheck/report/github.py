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
from riskcheck.report.selected import causes, limit_kinds, one_line, rows, verdict_words
from riskcheck.report.verdict import ACKNOWLEDGE, because, notes, worst
from riskcheck.report.waived import counts, known_words, waived, waiver_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.judged import Finding
    from riskcheck.results import Report

MOST: Final = 10
"""Annotations of a kind that GitHub shows of one step."""

MOST_TITLE: Final = 120
MOST_LINES: Final = 5
TOLD: Final = ("blocks", "reaches", "canary", "rollback", "fix")


def render(report: Report) -> str:
    """Commands and lines of the log, ending in a newline."""
    room = {"error": MOST, "warning": MOST, "notice": MOST - 1}
    lines: list[str] = []
    rest: list[list[Finding]] = []
    for members in causes(report):
        kind = _kind(members)
        if room[kind] > 0:
            room[kind] -= 1
            lines.append(_annotation(kind, members, report))
        else:
            rest.append(members)
    lines += _limits(report)
    lines += _remarks(report)
    if rest:
        count = counts([one for members in rest for one in members])
        words = f"{many(len(rest), 'more cause')} ({count}) not annotated; the text report has all"
        lines += [_command("notice", {"title": "riskcheck"}, words), _logged(words)]
    lines.append(_logged(verdict_words(report)))
    reasons = because(report)
    lines += [_logged(f"because {reason}") for reason in reasons[:MOST]]
    if len(reasons) > MOST:
        lines.append(_logged(f"and for {len(reasons) - MOST} more reasons"))
    if report.next_steps.plan:
        lines.append(_logged(f"in which order it can go out: {report.next_steps.plan}"))
    if report.next_steps.acknowledge:
        lines.append(_logged(f"if it is meant, {ACKNOWLEDGE} {report.next_steps.acknowledge}"))
    return "\n".join(lines) + "\n"


def _kind(members: Sequence[Finding]) -> str:
    """``error`` for a cause that blocks, ``notice`` for P3, else ``warning``."""
    if any(one.blocking for one in members):
        return "error"
    return "notice" if worst(members) == "P3" else "warning"


def _annotation(kind: str, members: Sequence[Finding], report: Report) -> str:
    """One cause: what changed in full, what else comes of it in a line each."""
    finding, others = members[0], members[1:]
    place = place_in_head(finding.location, report)
    title = one_line(f"{worst(members)} {finding.code}: {finding.title or finding.rule}")
    properties = {"file": place.path, "line": str(place.line), "endLine": str(place.line)}
    if place.end_column > place.column:
        properties |= {"col": str(place.column), "endColumn": str(place.end_column)}
    remark = f", {place.remark}" if place.remark else ""
    lines = [
        f"{finding.message} ({place.name}{remark})",
        *(f"{label}: {text}" for label, text in rows(finding) if label in TOLD),
        *_beside(others[:MOST_LINES]),
        *([f"also: {len(others) - MOST_LINES} more"] if len(others) > MOST_LINES else []),
        f"riskcheck explain {finding.code} says more",
    ]
    return _command(kind, {**properties, "title": shortened(title, MOST_TITLE)}, *lines)


def _beside(others: Sequence[Finding]) -> Iterator[str]:
    """What else comes of a cause, with the fix where that is what blocks."""
    told: set[str] = set()
    for one in others:
        yield f"also: {one.level} {one.code} {one.message}"
        if one.blocking and one.code not in told:
            told.add(one.code)
            yield f"blocks: {one.blocking}"
            yield f"fix: {one.fix}"


def _limits(report: Report) -> Iterator[str]:
    """What could not be read, in the log: changed input that was not analysed is a finding of its own."""
    told = list(limit_kinds(report))
    for _, words in told[:MOST]:
        yield _logged(f"not analysed: {words}")
    if len(told) > MOST:
        yield _logged(f"not analysed: {len(told) - MOST} more kinds; the JSON report has all")


def _remarks(report: Report) -> Iterator[str]:
    """What is no annotation: waived findings, notes, remarks."""
    for finding in waived(report):
        yield _logged(f"{waiver_words(finding)}: {finding.level} {_brief(finding, report)}")
    if known_words(report):
        yield _logged(f"baseline: {known_words(report)}")
    for finding in notes(report)[:MOST]:
        yield _logged(f"note: {_brief(finding, report)}")
    if len(notes(report)) > MOST:
        yield _logged(
            f"{len(notes(report)) - MOST} more notes; the text report has some, the JSON report all"
        )
    for remark in report.notes:
        yield _logged(f"note: {remark}")


def _brief(finding: Finding, report: Report) -> str:
    return f"{finding.code} {finding.message} ({place_in_head(finding.location, report).name})"


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
