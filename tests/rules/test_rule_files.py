"""Every rule file and every case beside it, discovered. Adding a rule adds its tests."""

from __future__ import annotations

import pytest

from riskcheck import __version__
from riskcheck.in_memory import NOW, analyze_trees
from riskcheck.models import Rule
from riskcheck.rules.cases import Case, CaseRunner, Cases
from riskcheck.rules.evaluate import Evaluation
from riskcheck.rules.load import RuleFile, builtin_folder
from riskcheck.rules.quality import uncomputed_faults
from riskcheck.rules.testing import cases_of, file_faults, suite_of

SUITE = suite_of([builtin_folder()])
CASES = {file.path: cases_of(file) for file in SUITE.files}
RUNNER = CaseRunner(analyze_trees, SUITE.everything, NOW)


def _name(file: RuleFile) -> str:
    rule = SUITE.rules.get(file.path)
    return file.path if rule is None else f"{rule.code}-{rule.id}"


@pytest.mark.parametrize("file", SUITE.files, ids=_name)
def test_rule_file_is_sound(file: RuleFile) -> None:
    assert file_faults(SUITE, file, CASES[file.path]) == []


@pytest.mark.parametrize("rule", SUITE.rules.values(), ids=lambda rule: rule.code)
def test_a_rule_names_a_version_that_there_is_and_sources_that_can_be_opened(rule: Rule) -> None:
    here = __version__.split(".")[:2]
    assert tuple(map(int, rule.since.split("."))) <= tuple(map(int, here))
    assert all(one.startswith("https://") and " " not in one for one in rule.references)


@pytest.mark.parametrize(
    ("rule", "case"),
    [
        pytest.param(rule, case, id=f"{rule.code}-{case.name}")
        for path, rule in SUITE.rules.items()
        for case in CASES[path].cases
    ],
)
def test_case(rule: Rule, case: Case) -> None:
    assert RUNNER.run(rule, case).faults == ()


@pytest.mark.parametrize(
    ("rule", "cases"),
    [
        pytest.param(rule, CASES[path], id=f"{rule.code}-{rule.id}")
        for path, rule in SUITE.rules.items()
        if rule.when is not None or rule.escalate
    ],
)
def test_conditions_can_be_computed(rule: Rule, cases: Cases) -> None:
    evaluations: list[Evaluation] = []
    for case in cases.firing:
        evaluations += RUNNER.run(rule, case).evaluations
    assert uncomputed_faults(rule, evaluations) == []


def test_ids_and_codes_are_unique() -> None:
    names = [name for rule in SUITE.rules.values() for name in (rule.id, rule.code)]
    assert len(names) == len(set(names))
