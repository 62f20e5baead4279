"""The report of a back-test in each format, and the policy that follows from it, as files.

`python -m tests.backtest.snapshots` writes them anew; read the diff.
"""

from __future__ import annotations

from pathlib import Path

from riskcheck.report.backtest import html, json, text
from riskcheck.report.backtest.policy import suggest_policy
from tests.backtest.example import example

FOLDER = Path(__file__).parent / "snapshots"
NAMES = ("backtest.html", "backtest.json", "backtest.txt", "policy.yaml")


def made() -> dict[str, str]:
    """File to content."""
    report = example()
    return {
        "backtest.txt": text.render(report),
        "backtest.json": json.render(report),
        "backtest.html": _body(html.render(report)),
        "policy.yaml": suggest_policy(report),
    }


def _body(page: str) -> str:
    """Without the style sheet, which other pages share, and its digest."""
    return page[page.index("<body") :]


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, content in made().items():
        (FOLDER / name).write_text(content, encoding="utf-8")
