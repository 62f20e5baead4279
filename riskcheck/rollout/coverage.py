"""Whether every production cell that receives a change has evidence of its own, and which one has not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.judged import PRIOR_EXPOSURE, CanaryEvidence

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from riskcheck.models import CanaryKind, Environment

_MOST_NAMES: Final = 3


def with_coverage(
    found: Sequence[CanaryEvidence], production: Iterable[Environment], asked: Collection[CanaryKind]
) -> tuple[CanaryEvidence, ...]:
    """`found` without what is neither declared nor `asked` for, nor found after all; after each cell's own, whether
    it is covered."""
    cells = list(production)
    covering = {one.environment: one for one in reversed(found) if one.found and one.kind in PRIOR_EXPOSURE}
    listed: list[CanaryEvidence] = []
    for cell in cells:
        own = [one for one in found if one.environment == cell.name]
        proved = {one.kind for one in own if one.found}
        listed.extend(
            one
            for one in own
            if one.found or (one.kind not in proved and (not one.absent or one.kind in asked))
        )
        listed.append(_coverage(cell, cells, covering))
    return tuple(listed)


def _coverage(
    cell: Environment, cells: Sequence[Environment], covering: dict[str, CanaryEvidence]
) -> CanaryEvidence:
    own = covering.get(cell.name)
    if own is not None:
        return CanaryEvidence("coverage", True, cell.name, f"{cell.cell} is covered: {own.detail}")
    others = [
        f"{other.cell} is, {covering[other.name].kind}: {covering[other.name].detail}"
        for other in cells
        if other.name in covering
    ]
    if not others:
        return CanaryEvidence("coverage", False, cell.name, f"nothing stands for {cell.cell}")
    more = f"; and {len(others) - _MOST_NAMES} more" if len(others) > _MOST_NAMES else ""
    detail = f"{cell.cell} is not covered; {'; '.join(others[:_MOST_NAMES])}{more}"
    return CanaryEvidence("coverage", False, cell.name, detail)
