"""Canary and rollback evidence of a finding, as one table: what was looked for, where, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.phrases import listed
from riskcheck.report.html.markup import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.judged import Finding

MOST_ROWS: Final = 16
MOST_CELLS: Final = 3


def evidence(finding: Finding) -> Iterator[str]:
    """The table, found before missing; nothing where no rule asked for any."""
    rows = [*_canary(finding), *_back(finding)]
    if not rows:
        return
    left_out = len(rows) - MOST_ROWS
    yield (
        '<table class="evidence"><caption class="vh">Evidence</caption><thead><tr>'
        '<th scope="col">Evidence</th><th scope="col">Found</th><th scope="col">Kind</th><th scope="col">For</th>'
        '<th scope="col">What was seen</th></tr></thead><tbody>'
    )
    yield from rows[:MOST_ROWS]
    yield "</tbody></table>"
    if left_out > 0:
        yield f'<p class="faint">{left_out} more rows are left out; <code>--format json</code> has all.</p>'


def _canary(finding: Finding) -> list[str]:
    """What is said of several cells in one row. `coverage` repeats the others for people."""
    said: dict[tuple[bool, str, str, str], list[str]] = {}
    told = {one.detail for one in finding.canary if not one.absent}
    for one in finding.canary:
        if one.kind == "coverage" or (one.absent and one.detail in told):
            continue
        cells = said.setdefault((one.found, one.kind, one.detail, one.since or ""), [])
        if one.environment not in cells:
            cells.append(one.environment)
    rows = sorted(said.items(), key=lambda item: not item[0][0])
    return [
        _row(
            "canary", found, kind, listed(cells, MOST_CELLS), f"{detail}, since {since}" if since else detail
        )
        for (found, kind, detail, since), cells in rows
    ]


def _back(finding: Finding) -> list[str]:
    rows = sorted(finding.rollback, key=lambda one: not one.found)
    return [_row("rollback", one.found, one.kind, "", one.detail) for one in rows]


def _row(what: str, found: bool, kind: str, cells: str, detail: str) -> str:
    mark = "✓" if found else "✗"
    word = "found" if found else "missing"
    return (
        f'<tr class="{word}"><td>{what}</td><td class="mark"><i aria-hidden="true">{mark}</i> {word}</td>'
        f"<td>{text(kind)}</td><td>{text(cells)}</td><td>{text(detail, 500)}</td></tr>"
    )
