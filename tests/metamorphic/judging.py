"""What riskcheck says about a case, without the lines, and which cases a run of the tests takes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Final, NamedTuple
from zlib import crc32

from riskcheck.in_memory import NOW, analyze_trees
from riskcheck.models import Rule
from riskcheck.results import Report
from riskcheck.rules.cases import Case
from riskcheck.rules.load import builtin_folder
from riskcheck.rules.testing import cases_of, suite_of

SHARE: Final = int(os.environ.get("RISKCHECK_METAMORPHIC_SHARE", "40"))
"""One case of so many is taken for each property; 1 takes all."""

SUITE: Final = suite_of([builtin_folder()])
PACKS: Final = tuple(sorted({file.pack for file in SUITE.files}))

Files = Mapping[str, bytes]


class Named(NamedTuple):
    """A case with the rule that it is about."""

    pack: str
    rule: Rule
    case: Case

    @property
    def name(self) -> str:
        return f"{self.rule.code} {self.case.name}"


@cache
def every_case(pack: str) -> tuple[Named, ...]:
    """All cases of the rules of `pack`, but those about a tree without a change."""
    return tuple(
        Named(pack, SUITE.rules[file.path], case)
        for file in SUITE.files
        if file.pack == pack
        for case in cases_of(file).cases
        if not case.state
    )


BROKEN_ONCE: Final = frozenset(
    {
        ("keys", "CAN-014 a fault that was there is left in place"),
        ("keys", "DAB-031 an environment variable changes and one goes"),
        ("keys", "DAB-054 the declaration loses a column"),
        ("keys", "GOV-006 a deployment waits for nothing any more"),
        ("keys", "K8S-035 a rule moves into a policy of its own"),
        ("flow style", "GOV-001 all windows are removed"),
        ("flow style", "K8S-019 a cluster is raised past what a manifest states"),
        ("renamed with its edit", "K8S-032 a Kustomization is split by directory"),
        ("renamed with its edit", "TFP-012 one more call of a module that others call"),
        ("split alone", "TFP-011 a check goes"),
        ("split with its edit", "TFP-011 a validation goes"),
    }
)
"""Laws and cases that were found to break them: tried in each run."""


def sample(law: str, pack: str) -> Sequence[Named]:
    """The cases of `pack` that `law` is tried on: always the same ones, at least one."""
    drawn = sorted((crc32(f"{law}/{one.name}".encode()), one.name, one) for one in every_case(pack))
    taken = [one for number, name, one in drawn if number % SHARE == 0 or (law, name) in BROKEN_ONCE]
    return taken or [one for _, _, one in drawn[:1]]


def all_names() -> frozenset[str]:
    """The names of all cases."""
    return frozenset(one.name for pack in PACKS for one in every_case(pack))


def rewritten(case: Case, change: Callable[[Files], Files]) -> Case:
    """`case` with all of its trees changed in the same way."""
    return replace(
        case,
        base=change(case.base),
        head=change(case.head),
        history=tuple((ago, change(files)) for ago, files in case.history),
    )


def judged(case: Case) -> Report:
    """The report on `case`, with all rules."""
    return analyze_trees(
        case.base,
        case.head,
        SUITE.everything,
        history=[(NOW - ago, files) for ago, files in case.history],
        plans=case.plans,
    )


class Said(NamedTuple):
    """What a report says, without lines and columns."""

    verdict: str
    level: str | None
    score: float
    findings: tuple[tuple[object, ...], ...]
    changed: tuple[tuple[object, ...], ...]


def said(report: Report) -> Said:
    """What must stay the same where only the writing changes."""
    return Said(
        report.assessment.verdict,
        report.assessment.level,
        report.assessment.score,
        tuple(
            sorted(
                (
                    one.code,
                    one.resource,
                    one.level,
                    ",".join(sorted(cell.name for cell in one.environments)),
                    one.fingerprint,
                )
                for one in report.findings
            )
        ),
        tuple(
            sorted(
                (
                    one.resource,
                    one.change,
                    one.action,
                    ",".join(sorted(one.environments)),
                    "|".join(sorted(one.fields)),
                )
                for one in report.changed
            )
        ),
    )


def difference(before: Said, after: Said) -> str:
    """What is said otherwise, in one line."""
    parts = [
        f"{name} {one} -> {other}"
        for name, one, other in zip(Said._fields[:3], before[:3], after[:3], strict=True)
        if one != other
    ]
    for name, one, other in (
        ("findings", before.findings, after.findings),
        ("changed", before.changed, after.changed),
    ):
        lost, new = sorted({*one} - {*other}), sorted({*other} - {*one})
        if lost or new or len(one) != len(other):
            parts.append(f"{name}: lost {lost}, new {new}")
    return "; ".join(parts)
