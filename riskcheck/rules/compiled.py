"""Rules as JSON holds them, between their files and a run: what is cached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict

from riskcheck.models import (
    CanaryKind,
    Category,
    ChangeKind,
    Confidence,
    Escalation,
    Reversibility,
    RollbackKind,
    Rule,
    Selector,
    Severity,
)

if TYPE_CHECKING:
    from riskcheck.nodes import Value

Subject: TypeAlias = Literal["change", "finding", "run", "state"]


class CompiledMatch(TypedDict):
    """`Selector` as JSON holds it."""

    platform: str | None
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


class Batch(TypedDict):
    """Rules of one origin as they are cached. digest: of them alone."""

    digest: str
    entries: list[Entry]


def rule_of(entry: Entry, bounded: bool = False, checks: tuple[str, str] | None = None) -> Rule:
    """The rule of `entry`. checks: name of an installed pack, and the module its ``<pack>.<function>`` are in."""
    compiled = entry["rule"]
    match = compiled["match"]
    check = compiled["check"]
    if check is not None and checks is not None and check.startswith(f"{checks[0]}."):
        check = f"{checks[1]}:{check.partition('.')[2]}"
    return Rule(
        id=compiled["id"],
        code=compiled["code"],
        title=compiled["title"],
        pack=entry["pack"],
        severity=compiled["severity"],
        confidence=compiled["confidence"],
        reversibility=compiled["reversibility"],
        category=compiled["category"],
        match=Selector(
            platform=match["platform"],
            kinds=frozenset(match["kinds"]),
            paths=None if match["paths"] is None else tuple(map(tuple, match["paths"])),
            changes=frozenset(match["changes"]),
            subject=match["subject"],
        ),
        message=compiled["message"],
        why=compiled["why"],
        fix=compiled["fix"],
        when=compiled["when"],
        check=check,
        escalate=tuple(Escalation(one["when"], one["to"]) for one in compiled["escalate"]),
        options=compiled["options"],
        canary=frozenset(compiled["canary"]),
        rollback=frozenset(compiled["rollback"]),
        false_positives=tuple(compiled["false_positives"]),
        references=tuple(compiled["references"]),
        since=compiled["since"],
        source=entry["path"],
        bounded=bounded,
    )
