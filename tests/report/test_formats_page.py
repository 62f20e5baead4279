"""The page about formats states what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from riskcheck.commands import FORMATS
from riskcheck.models import LEVELS
from riskcheck.report import github
from riskcheck.report.gitlab import SEVERITY
from riskcheck.report.sarif.results import GITHUB_FINGERPRINT, MOST_RELATED, OWN_FINGERPRINT
from riskcheck.report.sarif.rules import BLOCKING_SEVERITY, OTHER_SEVERITY, sarif_level
from riskcheck.report.sarif.run import MOST_RESULTS
from tests.findings import finding
from tests.report import format_snapshots

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text("utf-8")
KIND = {"error": "error", "warning": "warning", "note": "notice"}


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_is_listed(format_: str) -> None:
    assert f"| `{format_}` |" in PAGE


@pytest.mark.parametrize("level", [one for one in LEVELS if one != "note"])
@pytest.mark.parametrize("blocking", ["it blocks", None])
def test_the_table_of_levels_is_that_of_the_code(level: str, blocking: str | None) -> None:
    one = finding(level=level, blocking=blocking)
    number = (BLOCKING_SEVERITY if blocking else OTHER_SEVERITY)[one.level]
    word = (
        "critical"
        if float(number) > 9
        else "high"
        if float(number) >= 7
        else "medium"
        if float(number) >= 4
        else "low"
    )
    outcome = "failure" if blocking else "skipped"
    told = sarif_level(one)
    assert github._kind([one]) == KIND[told]
    name = f"{level} that blocks" if blocking else level
    row = f"| {name} | `{told}` | {word} ({number}) | {KIND[told]} | {outcome} | `{SEVERITY[one.level]}` |"
    assert row in PAGE


def test_limits_and_names_are_those_of_the_code() -> None:
    for said in (
        f"first {MOST_RESULTS:,} results",
        f"{MOST_RELATED} related places",
        OWN_FINGERPRINT,
        GITHUB_FINGERPRINT,
    ):
        assert said in " ".join(PAGE.split())


def test_the_snippets_are_yaml() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 5
    for block in blocks:
        assert YAML(typ="safe", pure=True).load(block)
        for output in re.findall(r"--output (\w+):", block):
            assert output in FORMATS


@pytest.mark.parametrize("format_", format_snapshots.FILES)
def test_an_example_reads_as_it_did(format_: str) -> None:
    """`python -m tests.report.format_snapshots` writes them anew where the change is meant."""
    kept = (format_snapshots.FOLDER / format_snapshots.FILES[format_]).read_text("utf-8")
    assert format_snapshots.text(format_) == kept
