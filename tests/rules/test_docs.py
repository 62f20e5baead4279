"""The pages under docs/rules are those that the rule files make."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskcheck.in_memory import NOW, analyze_trees
from riskcheck.rules.cases import CaseRunner
from riskcheck.rules.describing import describe
from riskcheck.rules.docs import pages
from riskcheck.rules.load import builtin_folder
from riskcheck.rules.testing import cases_of, suite_of

FOLDER = Path(__file__).parents[2] / "docs" / "rules"
SUITE = suite_of([builtin_folder()])
RUNNER = CaseRunner(analyze_trees, SUITE.everything, NOW)
DESCRIPTIONS = [
    describe(SUITE.rules[file.path], file.data, cases_of(file), RUNNER)
    for file in SUITE.files
    if file.path in SUITE.rules
]
PAGES = pages(DESCRIPTIONS)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page_is_fresh(name: str) -> None:
    assert (FOLDER / name).read_text("utf-8") == PAGES[name], "run `riskcheck rules docs docs/rules`"


def test_no_page_is_left_of_a_rule_that_went() -> None:
    assert {path.name for path in FOLDER.glob("*.md")} == set(PAGES)


@pytest.mark.parametrize("description", DESCRIPTIONS, ids=lambda one: one.rule.code)
def test_every_example_shows_its_finding(description: object) -> None:
    from riskcheck.rules.describing import Description

    assert isinstance(description, Description)
    assert description.example is not None
    assert description.example.said
    assert description.example.diff
