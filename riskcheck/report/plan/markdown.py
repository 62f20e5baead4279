"""A plan as Markdown, for a pull request or a change ticket. What comes from the repository is escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.report.plan.outline import outline
from riskcheck.report.safe import plain

if TYPE_CHECKING:
    from riskcheck.plans import Plan
    from riskcheck.report.plan.words import Row

SPECIAL = frozenset("\\`*_{}[]<>#|~!&@")
"""Characters that Markdown or HTML would take for its own; ``@`` would notify somebody."""


def render(plan: Plan) -> str:
    """The whole plan, ending in a newline."""
    said = outline(plan)
    lines = [f"## Plan: {_escaped(said.headline)}", ""]
    lines.extend(_row(row) for row in said.top)
    for section in said.sections:
        lines.extend(("", f"### {_escaped(' '.join(section.title.split()))}", ""))
        lines.extend(_row(row) for row in section.rows)
    return "\n".join(lines).rstrip() + "\n"


def _row(row: Row) -> str:
    mark = "" if row.found is None else ("✓ " if row.found else "✗ ")
    return f"- **{row.label}** {mark}{_escaped(row.text)}"


def _escaped(text: str) -> str:
    return "".join(f"&#{ord(one)};" if one in SPECIAL else one for one in plain(text))
