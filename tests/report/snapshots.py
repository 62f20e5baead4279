"""The whole text report of each example, as files.

`python -m tests.report.snapshots` writes them anew; read the diff.
"""

from __future__ import annotations

from pathlib import Path

from riskcheck.report.style import Style
from riskcheck.report.text import TextOptions, render
from riskcheck.results import NextSteps
from tests.acceptance.test_examples import SCENARIOS, report

FOLDER = Path(__file__).parent / "snapshots"
RANGE = "--from examples/jobs-control-plane/base --to examples/jobs-control-plane/risky"
VARIANTS = ("risky", "safe")


def text(scenario: str, variant: str) -> str:
    return render(report(scenario, variant), Style(), TextOptions(explain=variant == "risky"))


def demo() -> str:
    """What `make demo` shows first."""
    asked = f"{RANGE} --owner TEAM --reason WHY --until DATE"
    steps = NextSteps(f"riskcheck acknowledge {asked}", f"riskcheck plan {RANGE}")
    return render(report("jobs-control-plane", "risky")._replace(next_steps=steps), Style(), TextOptions())


def path(scenario: str, variant: str) -> Path:
    return FOLDER / f"{scenario}-{variant}.txt"


if __name__ == "__main__":
    for scenario in SCENARIOS:
        for variant in VARIANTS:
            path(scenario, variant).write_text(text(scenario, variant), encoding="utf-8")
    readme = Path(__file__).parents[2] / "README.md"
    before, _, rest = readme.read_text("utf-8").partition("<!-- demo -->")
    lines = [f"$ riskcheck diff {RANGE}", "", *demo().rstrip("\n").splitlines()]
    block = "\n".join(f"    {line}".rstrip() for line in lines)
    after = rest.partition("<!-- /demo -->")[2]
    readme.write_text(f"{before}<!-- demo -->\n\n{block}\n\n<!-- /demo -->{after}", encoding="utf-8")
