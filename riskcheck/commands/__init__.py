"""The commands, one module each; imported when called."""

from __future__ import annotations

from typing import Final

FORMATS: Final = {
    "text": "riskcheck.report.text",
    "json": "riskcheck.report.json",
    "markdown": "riskcheck.report.markdown.report",
}
"""What a report can be written as, and the module that does: ``render(report) -> str``. That of text, which asks
what the terminal can show, takes more."""
