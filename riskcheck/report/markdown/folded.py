"""What is folded: each cause with its evidence and its fix; what is waived, noted, or was not read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.phrases import many
from riskcheck.report.facts import facts
from riskcheck.report.markdown.writing import code, item, text
from riskcheck.report.people import line_without_names
from riskcheck.report.rows import Row
from riskcheck.report.style import Style
from riskcheck.report.verdict import limits, notes, place, waived, worst
from riskcheck.report.waived import waived as let_be

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riskcheck.judged import Finding
    from riskcheck.results import Report

MOST_ALSO: Final = 6
MOST_LISTED: Final = 12
LONGEST_TITLE: Final = 160
_AS_CODE: Final = frozenset({"change", "resource", "copies"})
"""Values and addresses, which read better as code than as prose."""


def details(report: Report, causes: Sequence[Sequence[Finding]]) -> Iterator[str]:
    """A folded block for each cause."""
    told: set[str] = set()
    for members in causes:
        first = members[0]
        title = f"{worst(members)} {first.code} {text(first.message, LONGEST_TITLE)}"
        lines = [_excerpt(first, report)]
        lines += [_fact(row) for row in facts(first, report, Style(), known=first.code in told)]
        told.add(first.code)
        lines += [item(row) for row in _also(members[1:], told)]
        yield fold(title, lines)


def besides(report: Report) -> list[tuple[str, list[Row]]]:
    """What is said beside the findings that count: a title, which needs no escaping, and the rows."""
    held = [Row("waived", waived(finding)) for finding in let_be(report)]
    noted = [Row("note", f"{one.code} {one.message} ({place(one)})") for one in notes(report)]
    noted += [Row("note", note) for note in report.notes]
    limited = [Row("limit", line) for line in limits(report)]
    titles = (
        many(len(held), "waived finding"),
        many(len(noted), "note"),
        many(len(report.limitations), "limitation"),
    )
    return [(title, rows) for title, rows in zip(titles, (held, noted, limited), strict=True) if rows]


def _excerpt(finding: Finding, report: Report) -> str:
    """The place of a finding, with the line that stands there."""
    at = finding.location
    source = (report.excerpts or {}).get((at.path, at.side, at.line))
    quoted = f": {code(line_without_names(source.strip()), 120)}" if source and source.strip() else ""
    return f"- **place** {code(place(finding))}{' (base)' if at.side == 'base' else ''}{quoted}"


def _fact(row: Row) -> str:
    return f"- **{row.label}** {code(row.text)}" if row.label in _AS_CODE else item(row)


def _also(others: Sequence[Finding], told: set[str]) -> Iterator[Row]:
    """What else comes of the cause."""
    for finding in others[:MOST_ALSO]:
        yield Row("also", f"{finding.level} `{finding.code}` {finding.message}")
        if finding.blocking and finding.code not in told:
            yield Row("fix", finding.fix)
            told.add(finding.code)
    if len(others) > MOST_ALSO:
        yield Row("also", f"{len(others) - MOST_ALSO} more of the same cause (`--format json`)")


def folded_rows(title: str, rows: Sequence[Row]) -> str:
    """Rows folded under a title that needs no escaping."""
    return fold(title, listed_rows(rows))


def listed_rows(rows: Sequence[Row]) -> list[str]:
    """The first rows as a list, and how many more there are."""
    lines = [item(row) for row in rows[:MOST_LISTED]]
    if len(rows) > MOST_LISTED:
        lines.append(f"- {len(rows) - MOST_LISTED} more (`--format json`)")
    return lines


def fold(title: str, lines: Iterable[str]) -> str:
    """title: escaped. The empty lines make GitHub and GitLab read what is between as Markdown."""
    return "\n".join((f"<details><summary>{title}</summary>", "", *lines, "", "</details>"))
