"""The whole text report of each example, as files.

`python -m tests.report.snapshots` writes them anew; read the diff.
"""

from __future__ import annotations

from pathlib import Path

from riskcheck.report.style import Style
from riskcheck.report.text import TextOptions, render
from tests.acceptance.test_examples import SCENARIOS, report

FOLDER = Path(__file__).parent / "snapshots"
VARIANTS = ("risky", "safe")


def text(scenario: str, variant: str) -> str:
    return render(report(scenario, variant), Style(), TextOptions(explain=variant == "risky"))


def path(scenario: str, variant: str) -> Path:
    return FOLDER / f"{scenario}-{variant}.txt"


if __name__ == "__main__":
    for scenario in SCENARIOS:
        for variant in VARIANTS:
            path(scenario, variant).write_text(text(scenario, variant), encoding="utf-8")
