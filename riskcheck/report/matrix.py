"""The service x environment matrix, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.report.safe import plain, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.report.style import Style
    from riskcheck.results import MatrixCell, Report

MARKS = {"changed": "●", "already": "◐", "unchanged": "○", "absent": "·"}
ASCII_MARKS = {"changed": "X", "already": "=", "unchanged": "o", "absent": "."}
WORDS = {"changed": "changed", "already": "runs it already", "unchanged": "unchanged", "absent": "absent"}

MOST_ROWS = 12
MOST_NAME_WIDTH = 28


def matrix_lines(report: Report, style: Style, width: int) -> Iterator[str]:
    """One row a service, one column an environment, lowest stage first; cut to what fits, and that said."""
    marks = MARKS if style.unicode else ASCII_MARKS
    names = _columns(report)
    services = list(dict.fromkeys(cell.service for cell in report.matrix))
    cells: dict[tuple[str, str], MatrixCell] = {
        (cell.service, cell.environment): cell for cell in report.matrix
    }
    name_width = min(MOST_NAME_WIDTH, max(map(len, services), default=0) + 2)
    room = max(width - name_width, 20)
    shown: list[str] = []
    used = 0
    for name in names:
        used += len(name) + (2 if shown else 0)
        if used > room and shown:
            break
        shown.append(name)
    yield " " * name_width + "  ".join(style.label(plain(name)) for name in shown)
    for service in services[:MOST_ROWS]:
        row = "  ".join(
            f"{marks[cells[(service, name)].state] if (service, name) in cells else ' ':<{len(name)}}"
            for name in shown
        )
        yield f"{shortened(plain(service), name_width - 2):<{name_width}}{row}"
    left = len(names) - len(shown)
    if left > 0 or len(services) > MOST_ROWS:
        rows = max(len(services) - MOST_ROWS, 0)
        parts = [f"{left} more environments"] * (left > 0) + [f"{rows} more services"] * (rows > 0)
        yield style.dim(f"and {' and '.join(parts)} (--format json)")
    states = [state for state in MARKS if any(cell.state == state for cell in report.matrix)]
    yield style.dim("  ".join(f"{marks[state]} {WORDS[state]}" for state in states))


def _columns(report: Report) -> list[str]:
    present = {cell.environment for cell in report.matrix}
    ordered = [environment.name for environment in report.environments if environment.name in present]
    return list(dict.fromkeys([*ordered, *sorted(present)]))
