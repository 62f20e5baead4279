"""The report as one file for a browser: no network, nothing inline, everything escaped.

The page is whole without a script. Its scripts add filters, keys and a graph that can be walked; the policy in the
page allows these scripts and its style sheet, by digest, and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskcheck.results import Report


def render(report: Report) -> str:
    """The whole page, ending in a newline."""
    from riskcheck.report.html.page import page

    return "\n".join(page(report)) + "\n"
