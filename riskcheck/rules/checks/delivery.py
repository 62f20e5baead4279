"""Canary coverage: rules that stand beside a risky finding and ask where the change ran before production."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.environments import stands_for
from riskcheck.judged import PRIOR_EXPOSURE
from riskcheck.models import Environment, Match, Related, location_of
from riskcheck.nodes import render_path
from riskcheck.phrases import listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.judged import CanaryEvidence, Exposure, ParityGap, RiskyEdit
    from riskcheck.rules.context import CheckContext

MOST_NAMES: Final = 3


def not_exposed_before(subject: RiskyEdit, context: CheckContext) -> Iterator[Match]:
    """Production cells that get the change although nothing before them ran it (CAN-001)."""
    exposure = subject.exposure
    holes = {environment.name for environment in _holes(exposure)}
    bare = [one for one in _uncovered(exposure) if one.name not in holes]
    if bare and not exposure.whole:
        yield _match(bare, exposure)


def missing_cell(subject: RiskyEdit, context: CheckContext) -> Iterator[Match]:
    """Production cells without a canary of their own, where others have one (CAN-002)."""
    exposure = subject.exposure
    holes = _holes(exposure)
    if holes and not exposure.whole:
        covered = listed(sorted(_covered(exposure)))
        own = "has no canary of its own" if len(holes) == 1 else "have no canary of their own"
        gap = f"{listed([one.name for one in holes])} {own}"
        others = f", {covered} {'has' if len(_covered(exposure)) == 1 else 'have'}" if covered else ""
        yield _match(holes, exposure, gap=gap + others)


def several_at_once(subject: RiskyEdit, context: CheckContext) -> Iterator[Match]:
    """More production regions in one step than a wave may have, or every workspace tier (CAN-003)."""
    exposure = subject.exposure
    bare = _uncovered(exposure)
    limit = context.options.get("max_regions_per_wave", 1)
    regions = sorted({one.region for one in bare if one.region})
    tiers = sorted({one.tier for one in bare if one.tier})
    if exposure.whole:
        return
    if isinstance(limit, int | float) and len(regions) > limit:
        yield _match(bare, exposure, what=f"{len(regions)} regions ({', '.join(regions)})")
    elif len(tiers) > 1:
        yield _match(bare, exposure, what=f"{len(tiers)} workspace tiers ({', '.join(tiers)})")


def shared_layer(subject: RiskyEdit, context: CheckContext) -> Iterator[Match]:
    """One line in a shared layer that several production cells read and none of them overrides (CAN-004)."""
    exposure = subject.exposure
    bare = _uncovered(exposure)
    if len(bare) > 1 and exposure.shared and not exposure.whole:
        yield _match(bare, exposure, place=", ".join(exposure.shared))


def not_representative(subject: RiskyEdit, context: CheckContext) -> Iterator[Match]:
    """Cells that canaried the change and are unlike the production that gets it (CAN-016)."""
    found = subject.exposure.parity
    if not found:
        return
    cells = tuple(dict.fromkeys(gap.environment for gap in found))
    said = dict.fromkeys(f"{gap.lower} {unlike(gap)}" for gap in found)
    yield Match(
        {"cells": listed(cells), "differences": listed(said, MOST_NAMES, "; ")},
        related=tuple(dict.fromkeys(Related("partner", location_of(gap.node)) for gap in found[:MOST_NAMES])),
        environments=cells,
    )


def unlike(gap: ParityGap) -> str:
    """What the lower cell lacks or has instead, in words."""
    at = f" at {render_path(gap.path)}" if gap.path else ""
    if gap.there == "lacking":
        return f"lacks {gap.here}{at}"
    if gap.there == "none":
        return f"has none of the {gap.here} {gap.what}{at}"
    return f"has {gap.what} {gap.there}{at}, not {gap.here}"


def _covered(exposure: Exposure) -> frozenset[str]:
    return frozenset(one.environment for one in exposure.canary if one.found and one.kind in PRIOR_EXPOSURE)


def _uncovered(exposure: Exposure) -> list[Environment]:
    covered = _covered(exposure)
    return [one for one in exposure.production if one.name not in covered]


def _holes(exposure: Exposure) -> list[Environment]:
    """Uncovered cells of a matrix that covers others: with canaries in place, but none of the cell's own tier."""
    bare = _uncovered(exposure)
    if _covered(exposure):
        return bare
    if not exposure.lower:
        return []
    return [one for one in bare if not any(stands_for(low, one) for low in exposure.lower)]


def _match(cells: Sequence[Environment], exposure: Exposure, **values: str) -> Match:
    names = tuple(one.name for one in cells)
    return Match(
        {"cells": listed(names), "missing": _missing(exposure.canary, names), **values}, environments=names
    )


def _missing(evidence: Sequence[CanaryEvidence], names: Sequence[str]) -> str:
    """What was looked for and not found, the most telling kind first."""
    details = [
        one.detail
        for one in evidence
        if not one.found and one.environment in names and one.kind in PRIOR_EXPOSURE and not one.absent
    ]
    return "; ".join(dict.fromkeys(details)) or "no evidence of any kind"
