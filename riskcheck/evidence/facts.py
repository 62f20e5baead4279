"""What a statement is made of, apart from the report: facts about a run that no report prints."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from riskcheck.policy.gate import GATE_WEAKENED
from riskcheck.policy.holding import GATE_SCOPE, is_approved
from riskcheck.records import NamedTuple
from riskcheck.report.json import strings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.engine import JudgedRun
    from riskcheck.policy.model import Approval, ApprovalNeed, Policy
    from riskcheck.report.json import Json
    from riskcheck.sources.identity import Identities
    from riskcheck.trees import Comparison


class Asked(NamedTuple):
    """How the run was asked for, as far as it matters to what came out. fail_on: None for the default rules."""

    fail_on: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    waivers: bool = True
    hook: bool = False
    exit_zero: bool = False


class Given(NamedTuple):
    """A file that the run was given. digest: ``sha256:…`` of its bytes. name: target or environment it is of."""

    kind: str
    digest: str
    name: str | None = None


class Facts(NamedTuple):
    """Where everything of one run came from. approvals: those in the file that CI gave. private: absolute paths
    that may stand in a message, each with what is written in its place."""

    comparison: Comparison
    identities: Identities
    policy: Policy
    rules_digest: str
    packs: tuple[str, ...]
    asked: Asked
    given: tuple[Given, ...] = ()
    approvals: tuple[Approval, ...] = ()
    run: JudgedRun | None = None
    private: tuple[tuple[str, str], ...] = ()


def policy_document(facts: Facts) -> Json:
    """Which policy decided; None where there is none and the defaults hold. Raises `UnreadableError`, `OSError`."""
    source = facts.policy.source
    if not source:
        return None
    in_tree = not os.path.isabs(source)
    if in_tree:
        data = facts.comparison.deciding.read(source)
    else:
        with open(source, "rb") as file:
            data = file.read()
    return {
        "read_from": "deciding" if in_tree else "file",
        "path": source if in_tree else os.path.basename(source),
        "digest": _digests(data, facts),
    }


def baseline_document(facts: Facts) -> Json:
    """Which baseline was read, from the deciding tree; None where there is none. Raises `UnreadableError`."""
    baseline = facts.policy.baseline
    if baseline is None:
        return None
    return {"path": baseline.path, "digest": _digests(facts.comparison.deciding.read(baseline.path), facts)}


def _digests(data: bytes, facts: Facts) -> Json:
    """Of one file, as git names it in the deciding tree, and by SHA-256."""
    from hashlib import sha256

    from riskcheck.sources.disk import blob_id

    algorithm = "sha256" if len(facts.identities.deciding.tree) == 64 else "sha1"
    return {"gitBlob": blob_id(data, algorithm), "sha256": sha256(data).hexdigest()}


def approvals_document(facts: Facts) -> list[Json]:
    """The approvals that the policy asks for this change, and by which teams they were given."""
    return [
        {
            "scope": need.scope,
            "teams": strings(sorted(need.teams)),
            "source": need.source,
            "given": is_approved(need, facts.approvals, facts.comparison.lands),
            "given_by": strings(sorted({one.team for one in _counting(need, facts)})),
        }
        for need in sorted(_asked(facts), key=lambda need: (need.scope, need.source))
    ]


def _counting(need: ApprovalNeed, facts: Facts) -> Iterator[Approval]:
    for one in facts.approvals:
        if one.team in need.teams and is_approved(need, (one,), facts.comparison.lands):
            yield one


def _asked(facts: Facts) -> Iterator[ApprovalNeed]:
    run, needs = facts.run, facts.policy.approvals
    if run is None or not needs:
        return
    from riskcheck.governing import holds_of

    servicemap = run.given.servicemap
    held = holds_of(run.given.changes, servicemap.service, facts.policy, (), facts.comparison.lands)
    places = {f"{one.source.path}:{one.source.line}" for one in held if one.role == "approval"}
    weakened = any(one.code == GATE_WEAKENED for one in run.report.findings)
    for need in needs:
        if need.source in places or (need.scope == GATE_SCOPE and weakened):
            yield need


def changed_files(facts: Facts) -> Sequence[Json]:
    """The paths that differ, sorted, with the blobs of both sides where they are known."""
    return [
        {
            "path": one.path,
            "old_path": one.old_path,
            "status": one.status,
            "before": one.base.blob if one.base else None,
            "after": one.head.blob if one.head else None,
        }
        for one in sorted(facts.comparison.changes, key=lambda one: (one.path, one.old_path))
    ]
