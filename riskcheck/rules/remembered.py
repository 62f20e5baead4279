"""Rules out of the cache: what most runs start from. The shape of what is cached is left to those who write it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.models import Escalation, Rule, Selector

if TYPE_CHECKING:
    from riskcheck.rules.compiled import Entry


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
            platforms=frozenset(match["platforms"]),
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
