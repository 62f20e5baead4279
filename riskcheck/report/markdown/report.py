"""The report as the comment under a pull request: the verdict and what to do, the matrix, the worst findings; the
rest folded."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from riskcheck.phrases import listed, many
from riskcheck.report.markdown.folded import besides, details, fold, folded_rows, listed_rows
from riskcheck.report.markdown.matrix import table
from riskcheck.report.markdown.page import Page
from riskcheck.report.markdown.writing import code, item, prose, text
from riskcheck.report.rollout import duration, split_words
from riskcheck.report.rows import Row
from riskcheck.report.verdict import ACKNOWLEDGE, advice, because, headline, place, shown, worst
from riskcheck.report.waived import known, known_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.judged import Finding
    from riskcheck.models import Verdict
    from riskcheck.results import Report, RolloutWave

MARKER: Final = "<!-- riskcheck:report -->"
"""The first line, by which a comment is found again and updated."""
MOST_LINES: Final = 6
MOST_PATHS: Final = 10
MOST_WAVES: Final = 6
MOST_MISSING: Final = 2
LONGEST_MESSAGE: Final = 240
_SIGNS: dict[Verdict, str] = {"block": "🛑", "warn": "⚠️", "pass": "✅"}


def render(report: Report) -> str:
    """The whole comment, ending in a newline. At most `page.LARGEST` bytes."""
    findings = shown(report)
    causes = [list(members) for _, members in groupby(findings, key=lambda finding: finding.cause)]
    verdict, words = headline(report, findings)
    sign = _SIGNS[report.assessment.verdict]
    page = Page(f"{MARKER}\n{sign} **riskcheck: {verdict}** · {prose(words)}")
    if report.assessment.verdict == "pass":
        if causes or besides(report) or known(report):
            page.add(_quietly(report, causes), "list of what is worth a note")
        return page.whole()
    page.add("\n".join(map(item, [*_said(report), *_known(report)])), "list of reasons")
    matrix = table(report)
    if matrix:
        page.add(matrix, "matrix")
    if causes:
        page.add("\n".join(_grave(causes)), "list of findings")
    for block in _next(report):
        page.add(block, "part of what to do next")
    for block in details(report, causes):
        page.add(block, "folded cause")
    for title, rows in besides(report):
        page.add(folded_rows(title, rows), f"list of {title.partition(' ')[2]}")
    return page.whole()


def _quietly(report: Report, causes: Sequence[Sequence[Finding]]) -> str:
    """What a change that passes is worth noting for, in one folded block."""
    titles = [many(len(causes), "minor finding")] if causes else []
    lines = list(_worst(causes))
    for row in _known(report):
        titles.append(f"{many(len(known(report)), 'finding')} known already")
        lines.append(item(row))
    for title, rows in besides(report):
        titles.append(title)
        lines += listed_rows(rows)
    return fold(", ".join(titles), lines)


def _grave(causes: Sequence[Sequence[Finding]]) -> Iterator[str]:
    """The worst of those above P3; those of P3 alone are counted, unless there is nothing else."""
    grave = [members for members in causes if worst(members) != "P3" or any(one.blocking for one in members)]
    yield from _worst(grave or causes)
    if grave and len(grave) < len(causes):
        yield f"- and {many(len(causes) - len(grave), 'minor cause')} (P3), folded below"


def _worst(causes: Sequence[Sequence[Finding]]) -> Iterator[str]:
    yield from (_line(members) for members in causes[:MOST_LINES])
    if len(causes) > MOST_LINES:
        yield f"- and {many(len(causes) - MOST_LINES, 'more cause')}"


def _said(report: Report) -> Iterator[Row]:
    """Why, whom to call, what to merge and what to hold back."""
    assessment = report.assessment
    reasons = because(report)
    yield from (Row("because", reason) for reason in reasons[:MOST_LINES])
    if len(reasons) > MOST_LINES:
        yield Row("because", f"{len(reasons) - MOST_LINES} more reasons")
    if report.response is not None and assessment.verdict == "block":
        from riskcheck.response import told

        yield Row("respond", f"if {report.response.level} comes true: {told(report.response)}")
    if report.state:
        return
    yield Row("advice", advice(report))
    recommendation = assessment.recommendation
    if recommendation.safe_paths:
        yield Row("merge now", _paths(recommendation.safe_paths))
        yield Row("hold back", _paths(recommendation.held_paths))
    yield from (Row("checked", line) for line in recommendation.proof)


def _next(report: Report) -> Iterator[str]:
    """The order in which it can go out, and the commands to go on with."""
    held, asked = report.rollout, report.next_steps
    rows = []
    if held is not None and (len(held.waves) > 1 or held.split):
        lines = [f"{number}. {_wave(one)}" for number, one in enumerate(held.waves[:MOST_WAVES], 1)]
        if len(held.waves) > MOST_WAVES:
            lines.append(f"- and {many(len(held.waves) - MOST_WAVES, 'more wave')}")
        lines += ["", *(item(Row("split", split_words(*one))) for one in held.split[:MOST_PATHS])]
        lines += [f"- **more** {code(asked.plan)}"] if asked.plan else []
        yield fold(f"In which order: {many(len(held.waves), 'wave')}", lines)
    elif asked.plan:
        rows.append(f"- **in order** {code(asked.plan)}")
    if asked.acknowledge:
        rows.append(f"- **if meant** {ACKNOWLEDGE} {code(asked.acknowledge)}")
    if rows:
        yield "\n".join(rows)


def _wave(one: RolloutWave) -> str:
    said = [f"**{text(listed(one.environments))}**"]
    said += [prose(_paths(one.paths))] if one.paths else []
    said.append(f"watch it for {duration(one.soak_seconds)}")
    said += [f"missing: {prose(missing)}" for missing in one.missing[:MOST_MISSING]]
    return " · ".join(said)


def _known(report: Report) -> Iterator[Row]:
    if known(report):
        yield Row("baseline", known_words(report))


def _paths(paths: Sequence[str]) -> str:
    """As prose that shows each as code, where it has no backtick of its own."""
    shown_ = ", ".join(one if "`" in one else f"`{one}`" for one in paths[:MOST_PATHS])
    more = len(paths) - MOST_PATHS
    return f"{shown_} and {more} more" if more > 0 else shown_


def _line(members: Sequence[Finding]) -> str:
    """The worst finding of a cause in a line."""
    first = members[0]
    production = sum(one.stage == "prod" for one in first.environments)
    said = [f"- **{worst(members)}** `{first.code}` {prose(first.message, LONGEST_MESSAGE)}"]
    said.append(code(place(first)) + (" (base)" if first.location.side == "base" else ""))
    if first.environments:
        reach = many(len(first.environments), "environment")
        said.append(f"reaches {reach}{f', {production} in production' if production else ''}")
    if len(members) > 1:
        said.append(f"{len(members) - 1} more of the same cause")
    return " · ".join(said)
