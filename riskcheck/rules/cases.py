"""The cases of a rule: two trees, and what must be said about them. Read, run, and judged here.

The same functions serve `riskcheck rules test`, the test suite, the documentation and `riskcheck explain`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from riskcheck.documents.scalars import plain_value
from riskcheck.durations import parse_duration
from riskcheck.errors import RunError
from riskcheck.nodes import Mapping as MappingNode
from riskcheck.nodes import Node, Value
from riskcheck.nodes import Sequence as SequenceNode
from riskcheck.rules.evaluate import Evaluation, watched_conditions
from riskcheck.rules.problems import Problem
from riskcheck.rules.reading import parse_document

if TYPE_CHECKING:
    from pathlib import Path

    from riskcheck.judged import Finding
    from riskcheck.models import Rule
    from riskcheck.results import Report

POLICY: Final = "riskcheck.yaml"

Files = Mapping[str, bytes]


class Analyze(Protocol):
    """The whole pipeline over two trees held in memory: `riskcheck.in_memory.analyze_trees`."""

    def __call__(
        self,
        base: Files,
        head: Files,
        rules: Sequence[Rule],
        *,
        history: Sequence[tuple[int, Files]] = ...,
        now: int = ...,
        state: bool = ...,
        plans: Mapping[str, bytes] = ...,
    ) -> Report: ...


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One case. fires: places that must be named, exactly; None where the rule must be silent.

    history: (seconds ago, all files then), oldest first. line: of the case in its file, 1-based. state: there is no
    change to judge, `head` is judged as it is. plans: what `databricks bundle plan` or `terraform show -json`
    wrote, by target or environment.
    """

    name: str
    line: int
    base: Files
    head: Files
    fires: tuple[str, ...] | None
    reason: str
    severity: str | None
    message: str | None
    history: tuple[tuple[int, Files], ...]
    state: bool = False
    plans: Files = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """The cases of one file, and what keeps others of it from being read."""

    path: str
    cases: tuple[Case, ...]
    problems: tuple[Problem, ...]

    @property
    def firing(self) -> tuple[Case, ...]:
        return tuple(case for case in self.cases if case.fires is not None)


def cases_path(rule_path: Path) -> Path:
    """Where the cases of a rule file are."""
    return rule_path.with_name(f"{rule_path.stem}.test.yaml")


def read_cases(path: str, data: bytes) -> Cases:
    """The cases in the file `path`."""
    root, problems = parse_document(path, data)
    listed = root.get("cases") if root is not None else None
    if root is not None and not isinstance(listed, SequenceNode):
        problems.append(Problem(path, 1, "cases must be a list"))
    cases: list[Case] = []
    for node in listed.items if isinstance(listed, SequenceNode) else ():
        line = node.file_line
        try:
            cases.append(_case(node, line))
        except _CaseError as error:
            problems.append(Problem(path, line, str(error)))
    return Cases(path, tuple(cases), tuple(problems))


class _CaseError(Exception):
    """A case that cannot be run; the message says why."""


def _case(node: Node, line: int) -> Case:
    value = plain_value(node, "yaml-1.2") if isinstance(node, MappingNode) else None
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        raise _CaseError("a case is a mapping with a name")
    unknown = sorted(value.keys() - _KEYS)
    if unknown:
        raise _CaseError(f"unknown key {', '.join(unknown)} in a case; there are {', '.join(sorted(_KEYS))}")
    if ("fires" in value) == ("silent" in value):
        raise _CaseError("a case either fires (places) or is silent (the reason)")
    state = "state" in value
    if state and value.keys() & _OF_CHANGES:
        raise _CaseError("a case has a state, or base with head or edits")
    base = _files(value["state"], "state") if state else _files(value.get("base"), "base")
    policy = value.get("policy")
    if isinstance(policy, str):
        base[POLICY] = policy.encode()
    places = value.get("fires")
    return Case(
        name=str(value["name"]),
        line=line,
        base=base,
        head=base if state else _head(value, base),
        fires=tuple(str(place) for place in places) if isinstance(places, list) else None,
        reason=str(value.get("silent", "")),
        severity=_text(value, "severity"),
        message=_text(value, "message"),
        history=_history(value.get("history"), base),
        state=state,
        plans=_files(value.get("plans", {}), "plans"),
    )


_KEYS: Final = frozenset(
    {
        "name",
        "base",
        "head",
        "edit",
        "add",
        "delete",
        "fires",
        "silent",
        "severity",
        "message",
        "policy",
        "history",
        "state",
        "plans",
    }
)
_OF_CHANGES: Final = frozenset({"base", "head", "edit", "add", "delete", "history", "plans"})


def _text(value: Mapping[str, Value], name: str) -> str | None:
    found = value.get(name)
    return None if found is None else str(found)


def _files(value: Value, where: str) -> dict[str, bytes]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise _CaseError(f"{where} must be a mapping of paths to their text")
    return {path: str(text).encode() for path, text in value.items()}


def _head(value: Mapping[str, Value], base: Files) -> dict[str, bytes]:
    if "head" in value:
        if value.keys() & {"edit", "add", "delete"}:
            raise _CaseError("head is given as a whole, or by edit, add and delete")
        policy = {POLICY: base[POLICY]} if POLICY in base else {}
        return policy | _files(value["head"], "head")
    head = dict(base)
    for edit in _list(value, "edit"):
        if not isinstance(edit, dict) or edit.keys() != {"path", "old", "new"}:
            raise _CaseError("each edit has path, old and new")
        path, old, new = (str(edit[name]) for name in ("path", "old", "new"))
        text = head.get(path, b"").decode()
        if text.count(old) != 1:
            raise _CaseError(f"{old!r} occurs {text.count(old)} times in {path}, not once")
        head[path] = text.replace(old, new).encode()
    for gone in _list(value, "delete"):
        if head.pop(str(gone), None) is None:
            raise _CaseError(f"delete: base has no file {gone}")
    head |= _files(value.get("add", {}), "add")
    if head == base:
        raise _CaseError("head is the same as base; that every rule is silent then is tested anyway")
    return head


def _list(value: Mapping[str, Value], name: str) -> list[Value]:
    found = value.get(name, [])
    if not isinstance(found, list):
        raise _CaseError(f"{name} must be a list")
    return found


def _history(value: Value, base: Files) -> tuple[tuple[int, Files], ...]:
    states: list[tuple[int, Files]] = []
    for state in value if isinstance(value, list) else []:
        ago = parse_duration(str(state.get("ago"))) if isinstance(state, dict) else None
        changed = state.get("files") or {} if isinstance(state, dict) else None
        if ago is None or not isinstance(changed, dict):
            raise _CaseError("each state of the history has `ago`, such as 3d, and may have files")
        files = dict(base)
        for path, text in changed.items():
            if text is None:
                files.pop(path, None)
            else:
                files[path] = str(text).encode()
        states.append((ago, files))
    return tuple(states)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is wrong with one case; nothing where `faults` is empty. evaluations: of the rule's conditions."""

    faults: tuple[str, ...]
    evaluations: tuple[Evaluation, ...] = ()


class CaseRunner:
    """Runs cases through the pipeline with all `rules`. Trees that were found silent once are not run again."""

    def __init__(self, analyze: Analyze, rules: Sequence[Rule], now: int) -> None:
        self._analyze = analyze
        self._rules = tuple(rules)
        self._now = now
        self._silent: set[frozenset[tuple[str, bytes]]] = set()

    def run(self, rule: Rule, case: Case) -> Outcome:
        """Whether `rule` says about `case` exactly what it must, and nobody says anything about no change."""
        try:
            with watched_conditions() as seen:
                report = self.report(case)
        except RunError as error:
            return Outcome((str(error),))
        evaluations = tuple(one for one in seen if one.rule == rule.id)
        faults = list(_failures(report))
        found = [finding for finding in report.findings if finding.rule == rule.id]
        if case.fires is None:
            faults += [f"fired at {place(one)}: {one.message}" for one in found]
        else:
            faults += _compared(case, found, evaluations)
        return Outcome((*faults, *self.unchanged(case)), evaluations)

    def report(self, case: Case) -> Report:
        """The report on `case`."""
        history = [(self._now - ago, files) for ago, files in case.history]
        return self._analyze(
            case.base,
            case.head,
            self._rules,
            history=history,
            now=self._now,
            state=case.state,
            plans=case.plans,
        )

    def unchanged(self, case: Case) -> list[str]:
        """What any rule says where base is compared with itself, or head with itself."""
        faults: list[str] = []
        for name, files in (("base", case.base), ("head", case.head)):
            key = frozenset(files.items())
            if key in self._silent:
                continue
            report = self._analyze(files, files, self._rules, now=self._now)
            faults += [f"{name} against itself: {one.rule} fired at {place(one)}" for one in report.findings]
            faults += [f"{name} against itself: {fault}" for fault in _failures(report)]
            if not faults:
                self._silent.add(key)
        return faults


def place(finding: Finding) -> str:
    """``path:line`` in head, ``base:path:line`` in base."""
    location = finding.location
    side = "base:" if location.side == "base" else ""
    return f"{side}{location.path}:{location.line}"


def _failures(report: Report) -> list[str]:
    return [one.message for one in report.limitations if one.kind == "rule-failed"]


def _compared(case: Case, found: Sequence[Finding], evaluations: Sequence[Evaluation]) -> list[str]:
    assert case.fires is not None
    places = sorted(place(finding) for finding in found)
    faults = [f"expected at {missing}: silent" for missing in sorted({*case.fires} - {*places})]
    faults += [
        f"fired at {place(one)}, where nothing was expected: {one.message}"
        for one in found
        if place(one) not in case.fires
    ]
    if not found:
        reasons = dict.fromkeys(
            f"{one.source!r} could not be computed: {one.fault}" for one in evaluations if one.fault
        )
        faults += reasons
    elif len(places) != len(set(places)):
        faults.append(f"fired more than once at one place: {', '.join(places)}")
    if case.severity is not None:
        faults += [
            f"severity is {one.severity}, not {case.severity}"
            for one in found
            if one.severity != case.severity
        ]
    if case.message is not None:
        faults += [
            f"says {one.message!r}, not {case.message!r}" for one in found if one.message != case.message
        ]
    return faults
