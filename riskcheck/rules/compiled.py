"""Rules as JSON holds them, between their files and a run: what is cached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict

if TYPE_CHECKING:
    from riskcheck.models import (
        CanaryKind,
        Category,
        ChangeKind,
        Confidence,
        Reversibility,
        RollbackKind,
        Severity,
    )
    from riskcheck.nodes import Value

Subject: TypeAlias = Literal["change", "finding", "run", "state"]


class CompiledMatch(TypedDict):
    """`Selector` as JSON holds it."""

    platforms: list[str]
    kinds: list[str]
    paths: list[list[str]] | None
    changes: list[ChangeKind]
    subject: Subject


class CompiledEscalation(TypedDict):
    """`Escalation` as JSON holds it."""

    when: str
    to: Severity


class Compiled(TypedDict):
    """`Rule` as JSON holds it: what its file says, with the paths parsed."""

    id: str
    code: str
    title: str
    severity: Severity
    confidence: Confidence
    reversibility: Reversibility
    category: Category
    match: CompiledMatch
    message: str
    why: str
    fix: str
    when: str | None
    check: str | None
    escalate: list[CompiledEscalation]
    options: dict[str, Value] | None
    canary: list[CanaryKind]
    rollback: list[RollbackKind]
    false_positives: list[str]
    references: list[str]
    since: str


class Entry(TypedDict):
    """One rule as it is cached. content: SHA-256 of its file."""

    path: str
    pack: str
    content: str
    rule: Compiled


class Head(TypedDict):
    """What tells whether a rule is needed."""

    code: str
    id: str
    subject: Subject
    platforms: list[str]
    kinds: list[str]


class Batch(TypedDict):
    """Rules of one origin as they are cached. digest: of them alone. entries: each as JSON, so that one that is not
    needed is not decoded; heads: of the same rules."""

    digest: str
    heads: list[Head]
    entries: list[str]
