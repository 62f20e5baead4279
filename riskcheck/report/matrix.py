"""The service x environment matrix, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.report.safe import elided, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.report.style import Style
    from riskcheck.results import Report

MARKS = {"changed": "●", "already": "◐", "unchanged": "○", "absent": "·"}
ASCII_MARKS = {"changed": "X", "already": "=", "unchanged": "o", "absent": "."}
WORDS = {"changed": "changed", "already": "runs it already", "unchanged": "unchanged", "absent": "absent"}

MOST_ROWS = 12
LEAST_NAME_WIDTH = 28
"""What long names get where the columns would have all the room."""


def matrix_lines(report: Report, style: Style, width: int) -> Iterator[str]:
    """One row a service, one column an environment, lowest stage first; one column a stage with counts where the
    environments do not fit."""
    marks = MARKS if style.unicode else ASCII_MARKS
    services = list(dict.fromkeys(cell.service for cell in report.matrix))
    states = {(cell.service, cell.environment): cell.state for cell in report.matrix}
    services_shown = [plain(service) for service in services[:MOST_ROWS]]
    wanted = max(map(len, services_shown), default=0) + 2
    columns = columns_of(report, width - min(LEAST_NAME_WIDTH, wanted))
    taken = sum(len(title) + 2 for title, _ in columns)
    name_width = min(wanted, max(LEAST_NAME_WIDTH, width - taken))
    yield " " * name_width + "  ".join(style.label(plain(title)) for title, _ in columns)
    for service, shown in zip(services, services_shown, strict=False):
        cells = (
            cell_of([states.get((service, name), "absent") for name in names], marks) for _, names in columns
        )
        row = "  ".join(f"{cell:<{len(title)}}" for cell, (title, _) in zip(cells, columns, strict=True))
        yield f"{elided(shown, name_width - 2):<{name_width}}{row}"
    if len(services) > MOST_ROWS:
        yield style.dim(f"and {len(services) - MOST_ROWS} more services (--format json)")
    seen = [state for state in MARKS if state in states.values()]
    yield style.dim("  ".join(f"{marks[state]} {WORDS[state]}" for state in seen))


def columns_of(report: Report, room: int) -> list[tuple[str, list[str]]]:
    """Title and environments of each column."""
    present = {cell.environment for cell in report.matrix}
    stages = {one.name: one.stage for one in report.environments}
    ordered = [one.name for one in report.environments if one.name in present]
    names = list(dict.fromkeys([*ordered, *sorted(present)]))
    if sum(len(name) + 2 for name in names) - 2 <= room:
        return [(name, [name]) for name in names]
    by_stage: dict[str, list[str]] = {}
    for name in names:
        by_stage.setdefault(stages.get(name, "unknown"), []).append(name)
    return [
        (members[0], members) if len(members) == 1 else (f"{stage} ({len(members)})", members)
        for stage, members in by_stage.items()
    ]


def cell_of(states: list[str], marks: dict[str, str]) -> str:
    """``●`` for one environment or where all are alike, else how many are in which state: ``8● 2○``."""
    counts = {state: states.count(state) for state in MARKS if state in states}
    if len(counts) == 1:
        return marks[states[0]]
    return " ".join(f"{count}{marks[state]}" for state, count in counts.items())
