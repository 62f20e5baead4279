"""The report for people, in the manner of a good compiler: the line, what is wrong, what to do.

Readable at 80 columns, without colour, and on a terminal that knows only ASCII.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from riskcheck.records import NamedTuple
from riskcheck.report.safe import plain, shortened
from riskcheck.report.verdict import (
    ACKNOWLEDGE,
    advice,
    because,
    headline,
    limits,
    notes,
    place,
    shown,
    waived,
    worst,
)
from riskcheck.report.waived import known_words
from riskcheck.report.waived import waived as let_be
from riskcheck.report.wrap import hanging

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.judged import Finding
    from riskcheck.report.style import Style
    from riskcheck.results import Report

LABEL_WIDTH = 10
MOST_LINES_OF_LIST = 8
MOST_ALSO = 6


class TextOptions(NamedTuple):
    """width: columns. explain: print the steps to each level and the terms of the score. quiet: findings only."""

    width: int = 80
    explain: bool = False
    quiet: bool = False


def render(report: Report, style: Style, options: TextOptions) -> str:
    """The whole report, ending in a newline; empty where there is nothing to say and `quiet` is asked for."""
    lines: list[str] = []
    findings = shown(report)
    told: set[str] = set()
    for _, members in groupby(findings, key=lambda finding: finding.cause):
        lines.extend(_cause(list(members), report, style, options, told))
        lines.append("")
    aside = list(_aside(report, style, options))
    if options.quiet and not lines and not aside:
        return ""
    lines += [*aside, ""] if aside else []
    lines.extend(_summary(report, findings, style, options))
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _cause(
    members: Sequence[Finding], report: Report, style: Style, options: TextOptions, told: set[str]
) -> Iterator[str]:
    """One cause: what changed in full, what else comes of it in a line each. told: codes explained before."""
    level = worst(members)
    first, others = members[0], members[1:]
    head = style.level(level, f"{level} {first.code}")
    yield from hanging(
        f"{head}  ", plain(first.message), options.width, len(first.level) + len(first.code) + 3
    )
    yield from _excerpt(first, report, style)
    if level == "P3" and not options.explain:
        if first.code not in told:
            yield from _row("fix", first.fix, style, options)
    else:
        yield from _facts(first, report, style, options, told)
    told.add(first.code)
    for finding in others[:MOST_ALSO]:
        title = f"{finding.level} {finding.code} {plain(finding.message)}"
        yield from _row("also", title, style, options)
        if finding.blocking and finding.code not in told:
            yield from _row("fix", finding.fix, style, options)
            told.add(finding.code)
    if len(others) > MOST_ALSO:
        yield from _row(
            "also", f"{len(others) - MOST_ALSO} more of the same cause (--format json)", style, options
        )


def _excerpt(finding: Finding, report: Report, style: Style) -> Iterator[str]:
    from riskcheck.report.people import line_without_names

    at = finding.location
    side = " (base)" if at.side == "base" else ""
    number = str(at.line)
    yield style.dim(f"{' ' * len(number)}{style.arrow} {plain(at.path)}:{at.line}:{at.column}{side}")
    source = (report.excerpts or {}).get((at.path, at.side, at.line))
    if source is None:
        return
    text = plain(line_without_names(source))
    indent = len(text) - len(text.lstrip())
    text = text[min(indent, 12) :]
    yield f"{style.dim(number + ' ' + style.bar)} {shortened(text, 74 - len(number))}"


def _facts(
    finding: Finding, report: Report, style: Style, options: TextOptions, told: set[str]
) -> Iterator[str]:
    from riskcheck.report.facts import facts

    for row in facts(finding, report, style, known=finding.code in told):
        mark = "" if row.found is None else style.mark(row.found)
        yield from _row(row.label, row.text, style, options, mark)
    if options.explain:
        if finding.recovery is not None:
            text = f"class {finding.recovery.kind}: {finding.recovery.because}"
            yield from _row("back", text, style, options)
        for step in finding.steps:
            yield from _row("step", f"{step.delta:+d}  {step.reason}", style, options)
        yield from _row(
            "severity", f"{finding.severity} by rule, {finding.level} after the steps", style, options
        )
        yield from _row("rule", f"{finding.rule}, fingerprint {finding.fingerprint}", style, options)


def _aside(report: Report, style: Style, options: TextOptions) -> Iterator[str]:
    noted = notes(report)
    for finding in let_be(report):
        yield from _row("waived", waived(finding), style, options)
    if options.quiet:
        return
    known = known_words(report)
    if known:
        yield from _row("baseline", known, style, options)
    for finding in noted[:MOST_LINES_OF_LIST]:
        yield from _row("note", f"{finding.code} {plain(finding.message)} ({place(finding)})", style, options)
    if len(noted) > MOST_LINES_OF_LIST:
        yield from _row(
            "note", f"{len(noted) - MOST_LINES_OF_LIST} more notes (--format json)", style, options
        )
    rows = limits(report)
    for row in rows[:MOST_LINES_OF_LIST]:
        yield from _row("limit", row, style, options)
    if len(rows) > MOST_LINES_OF_LIST:
        more = len(rows) - MOST_LINES_OF_LIST
        yield from _row("limit", f"{more} more kinds of limits (--format json)", style, options)
    for note in report.notes:
        yield from _row("note", plain(note), style, options)


def _summary(
    report: Report, findings: Sequence[Finding], style: Style, options: TextOptions
) -> Iterator[str]:
    already = [cell for cell in report.matrix if cell.state == "already" and cell.since]
    if report.matrix and (findings or already):
        from riskcheck.report.matrix import matrix_lines

        yield from matrix_lines(report, style, options.width)
        for cell in already[:MOST_LINES_OF_LIST]:
            yield from _row(
                "already", f"{plain(cell.environment)} runs it since {cell.since}", style, options
            )
        yield ""
    assessment = report.assessment
    verdict, words = headline(report, findings)
    yield from hanging(
        style.verdict(assessment.verdict, verdict) + "  ", words, options.width, len(verdict) + 2
    )
    reasons = because(report)
    for reason in reasons[:MOST_LINES_OF_LIST]:
        yield from _row("because", reason, style, options)
    if len(reasons) > MOST_LINES_OF_LIST:
        more = f"{len(reasons) - MOST_LINES_OF_LIST} more reasons (--format json)"
        yield from _row("because", more, style, options)
    if report.response is not None and (options.explain or assessment.verdict == "block"):
        from riskcheck.response import told

        told_to = f"if {report.response.level} comes true: {told(report.response)}"
        yield from _row("respond", told_to, style, options)
    recommendation = assessment.recommendation
    if assessment.verdict != "pass" and not report.state:
        yield from _row("advice", advice(report), style, options)
    if recommendation.safe_paths:
        from riskcheck.report.facts import names

        yield from _row("merge now", names(recommendation.safe_paths), style, options)
        yield from _row("hold back", names(recommendation.held_paths), style, options)
    for line in recommendation.proof:
        yield from _row("checked", plain(line), style, options)
    if report.next_steps.plan:
        yield from _command("in order", "", report.next_steps.plan, style, options)
    if report.next_steps.acknowledge:
        yield from _command("if meant", ACKNOWLEDGE, report.next_steps.acknowledge, style, options)
    yield from _likelihood(report, style, options)
    if options.explain:
        for term in assessment.terms:
            yield from _row(
                "term", f"{term.value:.4g} bad minutes: {term.name} = {term.detail}", style, options
            )
        if assessment.terms:
            from riskcheck.priors import REFERENCE_MINUTES

            minutes = sum(term.value for term in assessment.terms)
            sum_up = f"{assessment.score:.1f} = 100 x (1 - exp(-{minutes:.4g} / {REFERENCE_MINUTES}))"
            yield from _row("score", f"{sum_up}; {_basis(report)}", style, options)


def _likelihood(report: Report, style: Style, options: TextOptions) -> Iterator[str]:
    """What the history of the repository says: all of it where asked for, else only what is out of the way."""
    if report.likelihood is None:
        return
    from riskcheck.report.likelihood import MUCH, explained, summary

    if options.explain:
        for line in explained(report.likelihood):
            yield from _row("likely", line, style, options)
    elif report.likelihood.times >= MUCH and report.findings:
        yield from _row("history", summary(report.likelihood), style, options)


def _basis(report: Report) -> str:
    """Where the numbers of the score are from."""
    if report.likelihood is not None and report.likelihood.calibrated:
        return "the base rate is calibrated, all else are priors"
    return "priors, uncalibrated"


def _command(label: str, words: str, command: str, style: Style, options: TextOptions) -> Iterator[str]:
    """`words`, and `command` below them so that it can be copied: a line that is too long goes on behind ``\\``."""
    if words:
        yield from _row(label, words, style, options)
    prefix = f"  {'' if words else label:<{LABEL_WIDTH}}"
    if "'" in command:  # What is quoted may hold spaces that must stay as they are.
        yield f"{style.label(prefix)} {plain(command)}"
        return
    lines = list(hanging(style.label(prefix), f" {plain(command)}", options.width - 2, len(prefix)))
    yield from (f"{line} \\" for line in lines[:-1])
    yield lines[-1]


def _row(label: str, text: str, style: Style, options: TextOptions, mark: str = "") -> Iterator[str]:
    """`text` behind its label, made harmless whoever wrote it; `mark` stands before it and may hold colour."""
    prefix = f"  {label:<{LABEL_WIDTH}}"
    harmless = plain(" ".join(text.split()))
    yield from hanging(style.label(prefix), f"{mark} {harmless}", options.width, len(prefix))
