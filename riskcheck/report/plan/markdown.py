"""A plan as Markdown, for a pull request or a change ticket. What comes from the repository is escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.report.markdown.writing import item, text
from riskcheck.report.plan.outline import outline

if TYPE_CHECKING:
    from riskcheck.plans import Plan


def render(plan: Plan) -> str:
    """The whole plan, ending in a newline."""
    said = outline(plan)
    lines = [f"## Plan: {text(said.headline)}", ""]
    lines.extend(item(row) for row in said.top)
    for section in said.sections:
        lines.extend(("", f"### {text(' '.join(section.title.split()))}", ""))
        lines.extend(item(row) for row in section.rows)
    return "\n".join(lines).rstrip() + "\n"
