"""The service x environment matrix as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.report.markdown.writing import text
from riskcheck.report.matrix import MARKS, MOST_ROWS, WORDS, cell_of, columns_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.results import Report

ROOM: Final = 90
"""Characters of all titles together; environments that need more are counted by stage."""
LONGEST_NAME: Final = 40


def table(report: Report) -> str:
    """One row a service, one column an environment or a stage; "" where nothing is deployed."""
    services = list(dict.fromkeys(cell.service for cell in report.matrix))
    columns = columns_of(report, ROOM)
    if not services or not columns:
        return ""
    states = {(cell.service, cell.environment): cell.state for cell in report.matrix}
    lines = [_line(["service", *(text(title, LONGEST_NAME) for title, _ in columns)])]
    lines.append(_line(["---", *(":-:" for _ in columns)]))
    for service in services[:MOST_ROWS]:
        cells = (
            cell_of([states.get((service, name), "absent") for name in names], MARKS) for _, names in columns
        )
        lines.append(_line([text(service, LONGEST_NAME), *cells]))
    lines += ("", ", ".join(_legend(set(states.values()), len(services) - MOST_ROWS)))
    return "\n".join(lines)


def _legend(seen: set[str], more: int) -> Iterator[str]:
    yield from (f"{mark} {WORDS[state]}" for state, mark in MARKS.items() if state in seen)
    if more > 0:
        yield f"and {more} more services"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
