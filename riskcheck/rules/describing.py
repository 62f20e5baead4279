"""A rule as people read about it: what `riskcheck explain` prints and the documentation pages are made of."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import unified_diff
from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import plain_value
from riskcheck.records import NamedTuple
from riskcheck.rules.cases import Case, CaseRunner, Cases, place
from riskcheck.rules.reading import parse_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from riskcheck.models import Rule
    from riskcheck.nodes import Value

MOST_DIFF_LINES: Final = 60
"""Lines of an example's diff that are shown."""

REVERSIBILITY: Final = {
    "reversible": "a revert suffices",
    "delayed": "a revert works, after re-provisioning or a time to live",
    "lossy": "a revert brings the state back, but not all data or history",
    "irreversible": "a revert does not bring it back",
}

CANARY: Final = {
    "promoted": "every lower stage already ran the value for the soak time",
    "pipeline": "a pipeline deploys the commit to stages in order, behind a gate",
    "split": "a traffic split with a metric gate governs this very change",
    "subset": "one representative unit in the target tier runs it first",
    "shadow": "a plan or dry run",
    "metric": "a metric gate with a failing threshold covers the component",
    "coverage": "each cell that receives it has a canary of its own tier",
}

ROLLBACK: Final = {
    "revert": "the inverse diff hits nothing lossy or irreversible",
    "previous": "the old version is still deployable",
    "backup": "a backup newer than the RPO, and a step that restores it",
    "guard": "a deletion guard still stands",
    "window": "UNDROP, time travel or soft delete outlasts detection and recovery",
    "runbook": "a linked runbook, exercised lately, within the RTO",
}


class Fact(NamedTuple):
    """One thing that must hold for a rule to fire. code: what is quoted from the file."""

    words: str
    code: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """What a finding of the example says, and where."""

    place: str
    severity: str
    message: str


@dataclass(frozen=True, slots=True)
class Example:
    """The first firing case of a rule. diff: unified, without line ends."""

    name: str
    diff: tuple[str, ...]
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Description:
    """A rule with what its file says about its selection, and an example. silent: (case, reason)."""

    rule: Rule
    match: Mapping[str, Value]
    example: Example | None
    silent: tuple[tuple[str, str], ...]

    def fires(self) -> list[Fact]:
        """When it fires."""
        return list(_selection(self.match, self.rule))

    def severities(self) -> list[str]:
        """Its severity, then each escalation."""
        return [self.rule.severity, *(f"{one.to} when {one.when}" for one in self.rule.escalate)]


def describe(rule: Rule, data: bytes, cases: Cases, runner: CaseRunner) -> Description:
    """Describes `rule`, whose file holds `data`."""
    root, _ = parse_document(rule.source, data)
    match = plain_value(root.index["match"], "yaml-1.2") if root is not None and root.get("match") else {}
    first = next(iter(cases.firing), None)
    return Description(
        rule,
        match if isinstance(match, dict) else {},
        example_of(rule, first, runner) if first is not None else None,
        tuple((case.name, case.reason) for case in cases.cases if case.fires is None),
    )


def example_of(rule: Rule, case: Case, runner: CaseRunner) -> Example:
    """`case` as an example: its diff, and what `rule` says about it."""
    findings = [finding for finding in runner.report(case).findings if finding.rule == rule.id]
    said = tuple(Said(place(one), one.severity, one.message) for one in findings)
    return Example(case.name, tuple(_diff(case)), said)


def _diff(case: Case) -> Iterator[str]:
    lines: list[str] = []
    if case.state:
        for path, data in sorted(case.head.items()):
            lines += [f" # {path}", *(f" {line}" for line in data.decode().splitlines())]
    for path in sorted(case.base.keys() | case.head.keys()):
        before, after = (side.get(path, b"").decode().splitlines() for side in (case.base, case.head))
        if before != after:
            old = f"a/{path}" if path in case.base else "/dev/null"
            new = f"b/{path}" if path in case.head else "/dev/null"
            lines += unified_diff(before, after, old, new, n=2, lineterm="")
    yield from lines[:MOST_DIFF_LINES]
    if len(lines) > MOST_DIFF_LINES:
        yield f"… {len(lines) - MOST_DIFF_LINES} more lines"


def _selection(match: Mapping[str, Value], rule: Rule) -> Iterator[Fact]:
    if rule.match.subject == "finding":
        yield Fact("beside another rule's finding of P2 or worse")
    elif rule.match.subject == "run":
        yield Fact("on the comparison as a whole")
    elif rule.match.subject == "state":
        yield Fact("on a tree as it is, in `riskcheck lint`")
    platforms, kinds = _texts(match.get("platform")), _texts(match.get("kind"))
    named = f"{' or '.join(platforms)} resources" if platforms else "resources"
    if kinds:
        yield Fact(f"{named} of kind", kinds)
    elif platforms:
        yield Fact(named)
    paths = _texts(match.get("path"))
    if paths == ("",):
        yield Fact("the resource as a whole")
    elif paths:
        whole = "the resource as a whole, or at" if "" in paths else "at"
        yield Fact(whole, tuple(path for path in paths if path))
    changes = _texts(match.get("change"))
    if changes:
        yield Fact(" or ".join(changes))
    if rule.when is not None:
        yield Fact("when", (" ".join(rule.when.split()),))
    if rule.check is not None:
        yield Fact("as decided by the check", (rule.check,))


def _texts(value: Value) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(str(item) for item in value) if isinstance(value, list) else (str(value),)
