"""Tests rule files with their cases: what `riskcheck rules test` prints and what the test suite asserts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from riskcheck.rules.cases import Analyze, Case, CaseRunner, Cases, cases_path, read_cases
from riskcheck.rules.load import (
    RuleFile,
    builtin_folder,
    clashes,
    files_below,
    installed_files,
    readable_rules,
)
from riskcheck.rules.problems import Problem
from riskcheck.rules.quality import rule_faults, schema_problems, uncomputed_faults

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riskcheck.models import Rule
    from riskcheck.rules.evaluate import Evaluation


@dataclass(slots=True)
class FileOutcome:
    """How the test of one rule file came out. faults: about the file. case_faults: about each case that failed."""

    path: str
    cases: Cases
    faults: list[str] = field(default_factory=list)
    case_faults: list[tuple[Case, tuple[str, ...]]] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not self.faults and not self.case_faults


@dataclass(frozen=True, slots=True)
class Suite:
    """Rule files under test, and the rules that run on their cases: these and the built-in ones.

    rules: path to rule, for the files under test that can be read. problems: by path of the file, those of
    built-in rules that are not under test included.
    """

    files: tuple[RuleFile, ...]
    rules: dict[str, Rule]
    problems: dict[str, tuple[Problem, ...]]
    everything: tuple[Rule, ...]


def suite_of(places: Sequence[Path], packs: Sequence[str] = ()) -> Suite:
    """The rule files at `places` (folders of packs, packs, single files) and of the installed `packs`.

    Raises `RuleError` where a pack is not installed.
    """
    files: dict[str, RuleFile] = {}
    for place in places:
        one = () if place.is_dir() else (RuleFile(str(place), place.parent.name, place.read_bytes()),)
        files |= {file.path: file for file in one or files_below(place)}
    own = [file for file in files.values() if not _is_builtin(file.path)]
    read = [
        readable_rules(own, bounded=True),
        readable_rules([file for file in files.values() if _is_builtin(file.path)], bounded=False),
    ]
    for pack in packs:
        brought, checks = installed_files(pack)
        files |= {file.path: file for file in brought}
        read.append(readable_rules(brought, bounded=False, checks=checks))
    builtin, wrong = readable_rules(files_below(builtin_folder()), bounded=False)
    rules = {path: rule for found, _ in read for path, rule in found.items()}
    everything = (*builtin.values(), *(rule for path, rule in rules.items() if not _is_builtin(path)))
    problems: dict[str, tuple[Problem, ...]] = {}
    told = (problem for _, faults in read for problem in faults)
    for problem in dict.fromkeys((*told, *wrong, *clashes(everything))):
        problems[problem.path] = (*problems.get(problem.path, ()), problem)
    return Suite(tuple(files.values()), rules, problems, _once(everything))


def _is_builtin(path: str) -> bool:
    return Path(path).resolve().is_relative_to(builtin_folder().resolve())


def _once(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    found: dict[str, Rule] = {}
    for rule in rules:
        found.setdefault(rule.id, rule)
    return tuple(sorted(found.values(), key=lambda rule: (rule.code, rule.id)))


def file_faults(suite: Suite, file: RuleFile, cases: Cases) -> list[str]:
    """What is wrong with one rule file, apart from how its cases come out."""
    problems = [*suite.problems.get(file.path, ()), *cases.problems]
    if not problems:
        problems += schema_problems(file.path, file.data, "rule")
        path = cases_path(Path(file.path))
        if path.is_file():
            problems += schema_problems(str(path), path.read_bytes(), "rule-test")
    faults = [str(problem) for problem in problems]
    rule = suite.rules.get(file.path)
    if rule is not None:
        faults += [f"{file.path}: {fault}" for fault in rule_faults(rule, cases)]
    return faults


def cases_of(file: RuleFile) -> Cases:
    """The cases beside `file`."""
    path = cases_path(Path(file.path))
    if not path.is_file():
        return Cases(str(path), (), (Problem(str(path), 1, "the rule has no cases; write this file"),))
    return read_cases(str(path), path.read_bytes())


def run_suite(suite: Suite, analyze: Analyze, now: int) -> Iterator[FileOutcome]:
    """Tests every file of `suite`, one after the other."""
    runner = CaseRunner(analyze, suite.everything, now)
    for file in suite.files:
        cases = cases_of(file)
        tested = FileOutcome(file.path, cases, file_faults(suite, file, cases))
        rule = suite.rules.get(file.path)
        if rule is not None:
            _run_cases(runner, rule, tested)
        yield tested


def _run_cases(runner: CaseRunner, rule: Rule, tested: FileOutcome) -> None:
    on_firing: list[Evaluation] = []
    for case in tested.cases.cases:
        outcome = runner.run(rule, case)
        if outcome.faults:
            tested.case_faults.append((case, outcome.faults))
        if case.fires is not None:
            on_firing += outcome.evaluations
    tested.faults += [f"{tested.path}: {fault}" for fault in uncomputed_faults(rule, on_firing)]
