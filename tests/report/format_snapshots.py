"""One example in each format for programs, as files: what a reader of the code sees of them.

`python -m tests.report.format_snapshots` writes them anew; read the diff.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final

from riskcheck.commands import FORMATS
from riskcheck.results import Report
from tests.acceptance.test_examples import report

FOLDER = Path(__file__).parent / "snapshots" / "formats"
SCENARIO: Final = "jobs-control-plane"
FILES: Final = {
    "sarif": "report.sarif",
    "junit": "report.junit.xml",
    "github": "report.github.txt",
    "gitlab": "report.gitlab.json",
}


@cache
def example() -> Report:
    """The report, without what every edit of a rule changes."""
    return report(SCENARIO, "risky")._replace(
        version="0.0.0", rules_digest="sha256:0", as_of="2026-11-20T12:00:00Z"
    )


def text(format_: str) -> str:
    rendered = import_module(FORMATS[format_]).render(example())
    assert isinstance(rendered, str)
    return rendered


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for format_, name in FILES.items():
        (FOLDER / name).write_text(text(format_), encoding="utf-8")
