"""The harness that tests rules: it reads cases, runs the real pipeline, and misses nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from riskcheck.in_memory import NOW, analyze_trees
from riskcheck.models import Escalation, Match, Rule
from riskcheck.rules import registry
from riskcheck.rules.cases import Case, CaseRunner, read_cases
from riskcheck.rules.quality import rule_faults, uncomputed_faults
from riskcheck.rules.testing import FileOutcome, run_suite, suite_of
from tests.rules.samples import CASES_TEXT, RULE_TEXT, rule

FIRING, SILENT = read_cases("x.test.yaml", CASES_TEXT.encode()).cases
RULE = rule(
    ["spec.replicas"], platform="kubernetes", changes=["modified"], when="after < before", message="less"
)


def faults(one: Rule, case: Case, *others: Rule) -> tuple[str, ...]:
    return CaseRunner(analyze_trees, [one, *others], NOW).run(one, case).faults


def test_a_case_that_comes_out_as_stated_has_no_faults() -> None:
    assert faults(RULE, replace(FIRING, message="less")) == ()
    assert faults(RULE, SILENT) == ()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"fires": ("clusters/prod/web.yaml:6",)}, "expected at clusters/prod/web.yaml:6: silent"),
        (
            {"fires": ("clusters/prod/web.yaml:6",)},
            "fired at clusters/prod/web.yaml:5, where nothing was expected",
        ),
        ({"fires": ("base:clusters/prod/web.yaml:5",)}, "expected at base:clusters/prod/web.yaml:5: silent"),
        ({"fires": None}, "fired at clusters/prod/web.yaml:5: less"),
        ({"severity": "P1"}, "severity is P2, not P1"),
        ({"message": "more"}, "says 'less', not 'more'"),
    ],
)
def test_what_comes_out_otherwise_is_told(change: dict[str, object], fault: str) -> None:
    found = faults(RULE, replace(FIRING, **{"message": None, **change}))  # type: ignore[arg-type]  # by name
    assert any(one.startswith(fault) for one in found), found


def test_a_silent_rule_says_which_condition_could_not_be_computed() -> None:
    typo = RULE._replace(when="after < resource.spec.replics")
    found = faults(typo, FIRING)
    assert found[0] == "expected at clusters/prod/web.yaml:5: silent"
    assert "could not be computed: Key not found" in found[1]


@pytest.fixture
def sample_checks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Checks that always yield, and that always crash."""
    module = ModuleType(f"{registry.CHECKS}.sample")

    def always(subject: object, context: object) -> Iterator[Match]:
        yield Match(values={"path": "", "reason": ""})

    def crash(subject: object, context: object) -> Iterator[Match]:
        yield from ()
        raise ValueError

    for check in (always, crash):
        check.__module__ = module.__name__
        setattr(module, check.__name__, check)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    registry.find_check.cache_clear()
    yield
    registry.find_check.cache_clear()


def test_any_rule_that_speaks_where_nothing_changed_is_told(sample_checks: None) -> None:
    other = rule(id="other-rule", code="TST-009", check="sample.always")
    other = other._replace(match=other.match._replace(subject="run"))
    found = faults(RULE, SILENT, other)
    assert [one.partition(" fired")[0] for one in found] == [
        "base against itself: other-rule",
        "head against itself: other-rule",
    ]


def test_a_rule_that_crashes_is_told(sample_checks: None) -> None:
    found = faults(RULE._replace(check="sample.crash"), FIRING)
    assert any("size-reduced failed: ValueError" in one for one in found)


def test_a_policy_that_cannot_be_read_is_a_fault_of_the_case() -> None:
    broken = replace(FIRING, base={**FIRING.base, "riskcheck.yaml": b"version: 7\n"})
    assert "riskcheck.yaml:1" in faults(RULE, broken)[0]


def test_escalations_that_are_never_computed_are_told() -> None:
    one = RULE._replace(escalate=(Escalation("after.x > 1", "P0"), Escalation("after == 2", "P1")))
    outcome = CaseRunner(analyze_trees, [one], NOW).run(one, replace(FIRING, severity="P1", message=None))
    assert outcome.faults == ()
    (fault,) = uncomputed_faults(one, outcome.evaluations)
    assert fault.startswith("condition 'after.x > 1' could not be computed on any firing case")


BASE = "    base: {a.yaml: 'x: 1', b.yaml: 'y: 1'}\n"


def test_head_is_base_with_its_edits() -> None:
    text = (
        "cases:\n  - name: all\n    silent: it is\n"
        + BASE
        + "    edit: [{path: a.yaml, old: '1', new: '2'}]\n"
        "    delete: [b.yaml]\n    add: {c.yaml: 'z: 1'}\n    policy: 'version: 1'\n"
        "    history: [{ago: 2d, files: {a.yaml: 'x: 0', b.yaml: null}}, {ago: 1h}]\n"
    )
    (case,) = read_cases("x.test.yaml", text.encode()).cases
    policy = {"riskcheck.yaml": b"version: 1"}
    assert case.base == {"a.yaml": b"x: 1", "b.yaml": b"y: 1", **policy}
    assert case.head == {"a.yaml": b"x: 2", "c.yaml": b"z: 1", **policy}
    assert case.history == ((172800, {"a.yaml": b"x: 0", **policy}), (3600, case.base))
    assert (case.fires, case.reason, case.line) == (None, "it is", 2)


@pytest.mark.parametrize(
    ("rest", "problem"),
    [
        ("", "a case either fires (places) or is silent (the reason)"),
        ("    silent: a\n    fires: [b]\n", "a case either fires (places) or is silent (the reason)"),
        ("    silent: a\n", "head is the same as base"),
        (
            "    silent: a\n    edit: [{path: a.yaml, old: q, new: r}]\n",
            "'q' occurs 0 times in a.yaml, not once",
        ),
        ("    silent: a\n    edit: [{path: a.yaml, old: q}]\n", "each edit has path, old and new"),
        ("    silent: a\n    delete: [q.yaml]\n", "delete: base has no file q.yaml"),
        (
            "    silent: a\n    head: {}\n    add: {}\n",
            "head is given as a whole, or by edit, add and delete",
        ),
        ("    silent: a\n    head: [1]\n", "head must be a mapping of paths to their text"),
        ("    silent: a\n    head: {}\n    history: [{ago: soon}]\n", "each state of the history has `ago`"),
        ("    silent: a\n    hade: {}\n", "unknown key hade in a case"),
    ],
)
def test_cases_that_cannot_be_run_are_problems(rest: str, problem: str) -> None:
    read = read_cases("x.test.yaml", f"cases:\n  - name: a\n{BASE}{rest}".encode())
    assert read.cases == ()
    (found,) = read.problems
    assert (found.path, found.line) == ("x.test.yaml", 2)
    assert found.message.startswith(problem)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the file is empty"),
        ("cases: 1", "cases must be a list"),
        ("cases: [1]", "a case is a mapping with a name"),
    ],
)
def test_files_without_cases_are_problems(text: str, problem: str) -> None:
    assert read_cases("x.test.yaml", text.encode()).problems[0].message.startswith(problem)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"message": "{typo}"}, "nothing fills the placeholder {typo} of the message"),
        ({"when": "aftr < before"}, "undeclared reference to 'aftr'"),
        ({"check": "nowhere.thing"}, "there is no check nowhere.thing"),
        ({"title": "Less."}, "the title ends with a full stop"),
        ({"why": "Less"}, "why does not end with a full stop"),
        ({"false_positives": ()}, "false_positives is missing"),
        ({"references": ()}, "references is missing"),
        ({"references": ("http://example.com",)}, "reference http://example.com is not https"),
    ],
)
def test_what_a_rule_must_have(fields: dict[str, object], fault: str) -> None:
    good = RULE._replace(false_positives=("None.",), references=("https://example.com",))
    cases = read_cases("x.test.yaml", CASES_TEXT.encode())
    assert rule_faults(good, cases) == []
    assert any(fault in one for one in rule_faults(good._replace(**fields), cases))  # type: ignore[arg-type]  # by name


def test_a_rule_without_a_change_has_no_variables_of_one() -> None:
    one = rule(check="delivery.missing_cell", escalate=(Escalation("after == 1", "P0"),))
    one = one._replace(match=one.match._replace(subject="finding"))
    cases = read_cases("x.test.yaml", CASES_TEXT.encode())
    assert any("a rule of subject finding has no after" in fault for fault in rule_faults(one, cases))


def write(folder: Path, rule_text: str = RULE_TEXT, cases_text: str | None = CASES_TEXT) -> Path:
    pack = folder / "test"
    pack.mkdir(parents=True)
    (pack / "size-reduced.yaml").write_text(rule_text)
    if cases_text is not None:
        (pack / "size-reduced.test.yaml").write_text(cases_text)
    return pack


def outcome_of(folder: Path) -> FileOutcome:
    (one,) = run_suite(suite_of([folder]), analyze_trees, NOW)
    return one


def test_a_folder_of_own_packs_is_tested_beside_the_built_in_rules(tmp_path: Path) -> None:
    write(tmp_path)
    suite = suite_of([tmp_path])
    assert [rule.bounded for rule in suite.rules.values()] == [True]
    assert {"TST-001", "K8S-001"} <= {rule.code for rule in suite.everything}
    assert outcome_of(tmp_path).passed


@pytest.mark.parametrize(
    ("rule_text", "cases_text", "fault"),
    [
        (RULE_TEXT, None, "the rule has no cases; write this file"),
        (RULE_TEXT, CASES_TEXT.partition("  - name: more")[0], "no case is silent"),
        (RULE_TEXT, "cases:" + CASES_TEXT.partition("test:1.4.2}]}\n")[2], "no case fires"),
        (RULE_TEXT.replace("P2", "P9"), CASES_TEXT, ":4: severity 'P9' is unknown"),
        (RULE_TEXT, CASES_TEXT.replace("name: more", "name: less"), "two cases are called 'less'"),
        (RULE_TEXT, CASES_TEXT + "    severity: P7\n", "size-reduced.test.yaml:"),
        (
            RULE_TEXT.replace("https:", "ftp:"),
            CASES_TEXT,
            "size-reduced.yaml:21: 'ftp://example.com/size' does not match",
        ),
    ],
)
def test_faults_of_files_are_told_with_their_place(
    tmp_path: Path, rule_text: str, cases_text: str | None, fault: str
) -> None:
    write(tmp_path, rule_text, cases_text)
    one = outcome_of(tmp_path)
    assert not one.passed
    assert any(fault in found for found in one.faults), one.faults


def test_an_own_rule_cannot_take_a_built_in_name(tmp_path: Path) -> None:
    write(tmp_path, RULE_TEXT.replace("TST-001", "K8S-001"))
    assert any("the code K8S-001 is taken by" in fault for fault in outcome_of(tmp_path).faults)
