"""Edits of the rules that a repository brings itself, and of its sets of what must change together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import LEVELS
from riskcheck.rules.checks.gate_values import Weakening, at, rank

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.checks.gate_values import Plain

_CONFIDENCE: Final = ("low", "medium", "high")
_WHAT_IT_FINDS: Final = ("match", "when", "check", "options")


def weakenings(before: Plain, after: Plain) -> Iterator[Weakening]:
    """A rule that is gone, weighs less, or finds something else. A new rule takes nothing away."""
    if not before:
        return
    if "anchor" in before:
        from riskcheck.rules.checks.gate_sets import weakenings as of_sets

        yield from of_sets(before, after)
        return
    if "version" in before and ("rules" in before or "dropped" in before):
        from riskcheck.rules.checks.gate_learned import weakenings as of_learned

        yield from of_learned(before, after)
        return
    name = before.get("code") or before.get("id") or "a rule"
    if not after:
        yield Weakening((), f"rule {name} is removed")
        return
    for key, order in (("severity", LEVELS), ("confidence", _CONFIDENCE)):
        if rank(order, after.get(key)) < rank(order, before.get(key)):
            yield Weakening(at(key), f"{key} of {name} falls from {before.get(key)} to {after.get(key)}")
    if before.get("escalate") and after.get("escalate") != before.get("escalate"):
        yield Weakening(
            at("escalate"), f"when {name} is more severe changes; whether it still is, is not known"
        )
    for key in _WHAT_IT_FINDS:
        if after.get(key) != before.get(key):
            yield Weakening(at(key), f"{key} of {name} changes; whether it still finds the same is not known")
