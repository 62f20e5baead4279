"""The report as JUnit XML, by the schema of the Ant task, which CI servers read.

What blocks is a failure. What only warns is a skipped test: servers show it and stay green, as the exit code says.
The first test is the verdict, so that a run without findings is not a run without tests.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape, quoteattr

from riskcheck.records import NamedTuple
from riskcheck.report.places import place_in_head
from riskcheck.report.safe import plain
from riskcheck.report.selected import (
    limit_words,
    limits,
    live,
    numbered,
    one_line,
    rows,
    verdict_words,
)
from riskcheck.report.verdict import ACKNOWLEDGE, notes
from riskcheck.report.waived import baseline_path, known, known_words, waived, waiver_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.judged import Finding
    from riskcheck.results import Report

ROOT: Final = "riskcheck"
MOST_KNOWN: Final = 50
"""Findings of the baseline that are named; all of them are counted."""


class Case(NamedTuple):
    """One test. outcome: None where it passed, else ``failure`` or ``skipped`` with its kind, message and text."""

    suite: str
    classname: str
    name: str
    outcome: tuple[str, str, str, str] | None = None


def render(report: Report) -> str:
    """The report as an XML document, ending in a newline."""
    cases = [*_own(report), *_found(report)]
    suites = [
        (name, list(members))
        for name, members in groupby(
            sorted(cases, key=lambda one: (one.suite != ROOT, one.suite)), lambda one: one.suite
        )
    ]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>"]
    for number, (name, members) in enumerate(suites):
        lines += _suite(number, name, members, report)
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _own(report: Report) -> Iterator[Case]:
    """The verdict, whether all could be read, and what was known before."""
    assessment = report.assessment
    words = verdict_words(report)
    if assessment.verdict == "block":
        asked = report.next_steps
        told = [*(assessment.reasons or (words,))]
        told += [f"in which order it can go out: {asked.plan}"] if asked.plan else []
        told += [f"if it is meant, {ACKNOWLEDGE} {asked.acknowledge}"] if asked.acknowledge else []
        yield Case(ROOT, ROOT, "verdict", ("failure", "block", words, "\n".join(map(one_line, told))))
    else:
        yield Case(ROOT, ROOT, "verdict")
    told = [f"{_at(one.path, one.line)}{limit_words(one, count)}" for one, count in limits(report)]
    if told:
        text = "\n".join(told)
        yield Case(
            ROOT, ROOT, "analysis", ("skipped", "incomplete", f"{len(told)} not analysed: {told[0]}", text)
        )
    else:
        yield Case(ROOT, ROOT, "analysis")
    words = known_words(report)
    if words:
        listed = [f"{one.level} {one.code} {one.message}" for one in known(report)[:MOST_KNOWN]]
        more = [f"and {len(known(report)) - MOST_KNOWN} more"] if len(known(report)) > MOST_KNOWN else []
        text = "\n".join(one_line(line) for line in (f"in {baseline_path(report)}", *listed, *more))
        yield Case(ROOT, ROOT, "baseline", ("skipped", "known", words, text))


def _found(report: Report) -> Iterator[Case]:
    shown = [*live(report), *waived(report)]
    for finding, number in numbered(
        shown, lambda one: f"{_suite_of(one, report)} {one.code} {_name(one, report)}"
    ):
        again = f" ({number})" if number > 1 else ""
        name = f"{_name(finding, report)}{again}"
        suite = _suite_of(finding, report)
        yield Case(suite, f"{ROOT}.{finding.code}", name, _outcome(finding, report))


def _outcome(finding: Finding, report: Report) -> tuple[str, str, str, str]:
    place = place_in_head(finding.location, report)
    head = one_line(f"{finding.level} {finding.code} {finding.message}")
    remark = f" ({place.remark})" if place.remark else ""
    text = "\n".join(
        [
            head,
            one_line(f"at: {place.name}{remark}"),
            *(one_line(f"{label}: {words}") for label, words in rows(finding)),
            one_line(f"rule: {finding.rule}, fingerprint {finding.fingerprint}"),
        ]
    )
    if finding.waiver is not None:
        return "skipped", finding.level, f"{waiver_words(finding)}: {head}", text
    return ("failure" if finding.blocking else "skipped"), finding.level, head, text


def _suite_of(finding: Finding, report: Report) -> str:
    # A file may be called by a blank, a suite may not.
    return one_line(place_in_head(finding.location, report).path) or "(blank)"


def _name(finding: Finding, report: Report) -> str:
    return one_line(
        f"{finding.level} {finding.message} (line {place_in_head(finding.location, report).line})"
    )


def _suite(number: int, name: str, cases: Sequence[Case], report: Report) -> Iterator[str]:
    kinds = [one.outcome[0] if one.outcome else "passed" for one in cases]
    attributes = {
        "name": name,
        "package": ROOT,
        "id": str(number),
        "timestamp": report.as_of.removesuffix("Z"),
        # The name of the machine says nothing of the change.
        "hostname": "localhost",
        "tests": str(len(cases)),
        "failures": str(kinds.count("failure")),
        "errors": "0",
        "skipped": str(kinds.count("skipped")),
        "time": "0",
    }
    yield f"  <testsuite{_attributes(attributes)}>"
    yield "    <properties>"
    if number == 0:
        yield from (
            f"      <property{_attributes({'name': key, 'value': value})}/>" for key, value in _facts(report)
        )
    yield "    </properties>"
    for one in cases:
        yield from _case(one)
    yield f"    <system-out>{_text(_told(report)) if number == 0 else ''}</system-out>"
    yield "    <system-err></system-err>"
    yield "  </testsuite>"


def _facts(report: Report) -> Iterator[tuple[str, str]]:
    assessment = report.assessment
    yield "version", report.version
    yield "verdict", assessment.verdict
    yield "level", assessment.level or "none"
    if not report.state:
        yield "score", f"{assessment.score:.1f}"
        yield "recommendation", assessment.recommendation.action
    yield "base", report.base
    yield "head", report.head


def _told(report: Report) -> str:
    """The verdict, notes and remarks, a line each."""
    remarks = [
        f"note: {one.code} {one.message} ({place_in_head(one.location, report).name})"
        for one in notes(report)
    ]
    remarks += [f"remark: {one}" for one in report.notes]
    return "\n".join([verdict_words(report), *(one_line(one) for one in remarks)])


def _case(one: Case) -> Iterator[str]:
    opening = f"    <testcase{_attributes({'classname': one.classname, 'name': one.name, 'time': '0'})}"
    if one.outcome is None:
        yield f"{opening}/>"
        return
    kind, of_type, message, text = one.outcome
    attributes = {"message": message} if kind == "skipped" else {"type": of_type, "message": message}
    yield f"{opening}>"
    yield f"      <{kind}{_attributes(attributes)}>{_text(text)}</{kind}>"
    yield "    </testcase>"


def _at(path: str, line: int | None) -> str:
    place = plain(path) + (f":{line}" if line else "")
    return f"{place}: " if place else ""


def _attributes(values: dict[str, str]) -> str:
    return "".join(f" {name}={_quoted(value)}" for name, value in values.items())


def _quoted(value: str) -> str:
    return quoteattr(one_line(value))


def _text(text: str) -> str:
    """`text`, harmless line by line: what XML cannot hold is spelled out, and no line is a command for a CI log."""
    return "\n".join(escape(plain(line)) for line in text.split("\n"))
