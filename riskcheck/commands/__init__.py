"""The commands, one module each; imported when called."""

from __future__ import annotations

from typing import Final

FORMATS: Final = {
    "text": "riskcheck.report.text",
    "html": "riskcheck.report.html",
    "json": "riskcheck.report.json",
    "sarif": "riskcheck.report.sarif",
    "junit": "riskcheck.report.junit",
    "github": "riskcheck.report.github",
    "gitlab": "riskcheck.report.gitlab",
    "markdown": "riskcheck.report.markdown.report",
}
"""What a report can be written as, and the module that does: ``render(report) -> str``. That of text, which asks
what the terminal can show, takes more."""
