"""What the history of the repository says about a change, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.results import ChangeLikelihood

MUCH: Final = 2.0
"""Times the usual odds from which on it is said without being asked for."""

_NAMED: Final = 3
"""Reasons that are named then."""


def summary(one: ChangeLikelihood) -> str:
    """One line: how much more or less likely than usual, and the main reasons."""
    reasons = "; ".join(term.words for term in one.terms[:_NAMED])
    return f"{one.times:.1f} times the usual odds of being reverted: {reasons}" if reasons else ""


def explained(one: ChangeLikelihood) -> Iterator[str]:
    """Each term, what they add up to, and what that is made of."""
    for term in one.terms:
        yield f"+{term.points:.1f} points: {term.words} (strength {term.strength:.2f})"
    total = sum(term.points for term in one.terms)
    capped = "" if abs(total - one.points) < 0.1 * (len(one.terms) + 1) else ", families capped"
    yield (
        f"{one.points:.1f} points{capped}, {one.usual:.1f} are usual, 10 double the odds: {one.times:.2f} times "
        f"the usual odds, {100 * one.chance:.1f} % to be reverted; {basis(one)}"
    )


def basis(one: ChangeLikelihood) -> str:
    """What the chance is taken from."""
    if one.calibrated:
        return f"calibrated on {one.reverted} reverts among {one.judged} changes of this repository"
    if one.judged:
        return f"uncalibrated: {one.reverted} reverts among {one.judged} changes are too few"
    return "uncalibrated: points and base rate are those of other repositories"
