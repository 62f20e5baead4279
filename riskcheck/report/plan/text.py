"""A plan for people, at a terminal: readable at 80 columns, without colour, and in ASCII."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.report.plan.outline import outline
from riskcheck.report.safe import plain
from riskcheck.report.wrap import hanging

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.plans import Plan
    from riskcheck.report.plan.words import Row
    from riskcheck.report.style import Style

LABEL_WIDTH = 10


def render(plan: Plan, style: Style, width: int = 80) -> str:
    """The whole plan, ending in a newline."""
    said = outline(plan)
    lines = list(hanging("PLAN  ", plain(said.headline), width, 6))
    lines.extend(line for row in said.top for line in _row(row, style, width))
    for section in said.sections:
        lines.append("")
        lines.extend(hanging("", plain(section.title), width, 2))
        lines.extend(line for row in section.rows for line in _row(row, style, width))
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _row(row: Row, style: Style, width: int) -> Iterator[str]:
    prefix = f"  {row.label:<{LABEL_WIDTH}}"
    mark = "" if row.found is None else f"{style.mark(row.found)} "
    text = plain(row.text) if style.unicode else plain(row.text).replace("…", "...")
    yield from hanging(style.label(prefix), mark + text, width, len(prefix))
