"""Which environments get a change at once, and in which order: few users and little at stake first."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from riskcheck.environments import order_of
from riskcheck.planning.facts import cell_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riskcheck.models import Environment
    from riskcheck.planning.facts import Cell

TIERS: Final = {"free": 0, "standard": 1, "premium": 2, "enterprise": 3}
UNTIERED: Final = 4
"""An environment without a tier serves all of them."""

WITHOUT_USERS: Final = frozenset({"dev", "staging"})
"""Stages that are one wave each, whatever their regions: nobody is served from there."""


def grouped(environments: Iterable[Environment], regions_at_once: int) -> tuple[tuple[Environment, ...], ...]:
    """`environments` in waves: by stage, then in the declared order, else by share, tier and region.

    With users behind them, no wave takes more than `regions_at_once` regions, nor more than one tier in production.
    An environment whose region is unknown counts as a region of its own.
    """
    distinct = {cell_of(one): one for one in environments}
    ordered = sorted(distinct.values(), key=_rank)
    found: list[tuple[Environment, ...]] = []
    for stage, members in groupby(ordered, key=lambda one: one.stage):
        if stage in WITHOUT_USERS:
            found.append(tuple(members))
            continue
        for _, alike in groupby(members, key=lambda one: None if stage == "canary" else one.tier):
            found.extend(_by_region(tuple(alike), regions_at_once))
    return tuple(found)


def _rank(one: Environment) -> tuple[int, int, int, float, tuple[int, int], str, str, str]:
    declared = one.order is not None
    return (
        order_of(one.stage),
        0 if declared else 1,
        one.order if one.order is not None else 0,
        1.0 if one.share is None else one.share,
        tier_rank(one.tier),
        one.region or "",
        one.name,
        one.cell,
    )


def tier_rank(tier: str | None) -> tuple[int, int]:
    """Rings by number, then free, standard, premium, enterprise, other names, none at all."""
    number = (tier or "").removeprefix("ring").removeprefix("-")
    if (tier or "").startswith("ring") and number.isdecimal() and len(number) < 5:
        return (-1, int(number))
    return (UNTIERED if tier is None else TIERS.get(tier, UNTIERED - 1), 0)


def _by_region(members: Sequence[Environment], regions_at_once: int) -> Iterator[tuple[Environment, ...]]:
    wave: list[Environment] = []
    regions: set[str | Cell] = set()
    for one in members:
        region = one.region or cell_of(one)
        if wave and region not in regions and len(regions) >= max(regions_at_once, 1):
            yield tuple(wave)
            wave, regions = [], set()
        wave.append(one)
        regions.add(region)
    if wave:
        yield tuple(wave)
