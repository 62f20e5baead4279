"""How likely the canaries of a cell catch a bad change, how many they expose, and how soon they tell."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from riskcheck.priors import (
    ABORT_FACTOR,
    CANARY_MINUTES,
    CANARY_SHARE,
    CATCH,
    FULL_SHARE,
    MOST_CATCH,
    NO_CANARY_SHARE,
    SHARED_FATE_FACTOR,
    SMALL_SHARE,
    UNKNOWN_ABORT_FACTOR,
)
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from riskcheck.judged import CanaryEvidence, CanaryStrength


class Catch(NamedTuple):
    """chance: k, 0..1. share: f, exposed meanwhile, 0..1. minutes: Tc, to the verdict."""

    chance: float
    share: float
    minutes: float


NOTHING = Catch(0.0, FULL_SHARE, 0.0)
"""Without evidence nothing is caught; share and minutes then count for nothing."""


def catch(evidence: Iterable[CanaryEvidence], cell: str, detect_minutes: float) -> Catch:
    """What the evidence that was found for production environment `cell` comes to.

    More evidence never lowers the chance, nor raises share or minutes. detect_minutes: Td, which bounds Tc.
    """
    found = [one for one in evidence if one.found and one.environment == cell]
    promoted = {name for one in found if one.kind == "promoted" for name in one.lower}
    chances: dict[str, float] = {}
    share, minutes = FULL_SHARE, detect_minutes
    for one in found:
        chance = CATCH[one.kind] * _quality(one)
        if chance <= 0:
            continue
        group = _mechanism(one, promoted)
        chances[group] = max(chance, chances.get(group, 0.0))
        strength = one.strength
        stated = strength.share if strength is not None else None
        share = min(share, CANARY_SHARE if stated is None else stated)
        verdict = strength.verdict_seconds if strength is not None else None
        minutes = min(minutes, CANARY_MINUTES if verdict is None else verdict / 60)
    if not chances:
        return NOTHING
    missed = prod(1 - chances[group] for group in sorted(chances))
    return Catch(min(1 - missed, MOST_CATCH), share, minutes)


def _mechanism(one: CanaryEvidence, promoted: Container[str]) -> str:
    """What is one canary however many kinds of evidence tell of it."""
    if one.kind in ("split", "metric"):
        return "live"
    if one.kind == "subset" and one.lower and all(name in promoted for name in one.lower):
        return "promoted"
    return one.kind


def _quality(one: CanaryEvidence) -> float:
    """0..1: how much of what its kind can see it sees, by what is known of it."""
    strength = one.strength
    if strength is None or strength.abort is None:
        factor = UNKNOWN_ABORT_FACTOR if one.kind == "split" else 1.0
    else:
        factor = ABORT_FACTOR[strength.abort]
    if strength is None:
        return factor
    if strength.independent is False:
        factor *= SHARED_FATE_FACTOR
    return factor * _of_soak(strength) * _of_share(strength.share)


def _of_soak(strength: CanaryStrength) -> float:
    ran, needed = strength.soak_seconds, strength.needed_seconds
    if ran is None or not needed:
        return 1.0
    return max(0.0, min(1.0, ran / needed))


def _of_share(share: float | None) -> float:
    if share is None or 0 < share <= SMALL_SHARE:
        return 1.0
    if share <= 0:
        return 0.0
    return max(0.0, (NO_CANARY_SHARE - share) / (NO_CANARY_SHARE - SMALL_SHARE))
