"""Command lines that ask further about a run: the same range, judged by the same options."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from riskcheck.report.safe import plain
from riskcheck.results import NextSteps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.commands.running import RunRequest
    from riskcheck.judged import Finding
    from riskcheck.trees import Comparison

SHORT: Final = 12
"""Digits of a commit that people are shown."""


def next_steps(request: RunRequest, comparison: Comparison, findings: Sequence[Finding]) -> NextSteps:
    """What to run after a block. No acknowledgement where none of what blocks can be waived."""
    asked = _range(request, comparison)
    if asked is None:
        return NextSteps()
    options = list(_options(request))
    behind = ["--", *request.spec.paths] if request.spec.paths else []
    said = ["--owner", "TEAM", "--reason", "WHY", "--until", "DATE"]
    possible = request.waivers and _may_be_waived(findings)
    return NextSteps(
        _command("acknowledge", [*asked, *options, *said, *behind]) if possible else "",
        _command("plan", [*asked, *options, *behind]),
    )


def _may_be_waived(findings: Sequence[Finding]) -> bool:
    from riskcheck.policy.gate import NOT_WAIVED

    return any(one.blocking and one.waiver is None and one.code not in NOT_WAIVED for one in findings)


def _command(name: str, words: Sequence[str]) -> str:
    from shlex import join

    return plain(join(["riskcheck", name, *words]))


def _range(request: RunRequest, comparison: Comparison) -> list[str] | None:
    """What was compared, as it was asked for; where a hook or CI said it, by commits. None where no command line
    can say it."""
    spec = request.spec
    if spec.revision is not None:
        return [spec.revision]
    if spec.base is not None:
        return ["--base", spec.base, *(["--head", spec.head] if spec.head is not None else [])]
    if spec.from_dir is not None and spec.to_dir is not None:
        return ["--from", os.fspath(spec.from_dir), "--to", os.fspath(spec.to_dir)]
    base, head = comparison.base.label, comparison.head.label
    if head == "INDEX":
        return ["--staged"]
    if head == "WORKTREE":
        return []
    return None if base == "EMPTY" else [f"{base[:SHORT]}..{head[:SHORT]}"]


def _options(request: RunRequest) -> Iterator[str]:
    """What changes the judgement. The level at which a run fails is one of it."""
    for name, value in (
        ("--config", request.config),
        ("--fail-on", request.fail_on),
        ("--approvals", request.approvals),
    ):
        if value is not None:
            yield from (name, value)
    for name, values in (
        ("--select", request.select),
        ("--ignore", request.ignore),
        ("--databricks-plan", request.databricks_plans),
        ("--terraform-plan", request.terraform_plans),
    ):
        for value in values:
            yield from (name, value)
