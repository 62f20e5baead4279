"""Two states of compute compared: of one resource, and of everything that runs beside it."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from riskcheck.compute.prices import hours_a_day
from riskcheck.compute.usage import Part, Usage, usage_of
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.models import Resource
    from riskcheck.pricetable import Prices


class Delta(NamedTuple):
    """What becomes of the compute of one resource. size: new over old of what runs at a time; frequency: of how
    often it runs; None for either where that is unknown. unknown: names of the parts that are in neither sum."""

    size: float | None
    frequency: float | None
    unknown: tuple[str, ...] = ()

    @property
    def ratio(self) -> float | None:
        """New over old in all."""
        return None if self.size is None or self.frequency is None else self.size * self.frequency


def delta_of(old: Usage, new: Usage) -> Delta:
    """The compute of `new` over that of `old`, each run taken to last as long as before."""
    before, after = old.parts, new.parts
    alike = [part for part in before if part in after]
    open_parts = {part.name for part in (*before, *after) if part.size(by_vcpus=False) is None}
    if any(part.name in open_parts and part not in alike for part in (*before, *after)):
        size = None
    else:
        size = _ratio([_known(before, open_parts), _known(after, open_parts)])
    return Delta(size, _frequency(old.runs, new.runs), tuple(sorted(open_parts)))


def _known(parts: Iterable[Part], open_parts: set[str]) -> list[Part]:
    return [part for part in parts if part.name not in open_parts]


def _ratio(sides: list[list[Part]]) -> float | None:
    """By vCPUs, or by machines where the size of one is unknown. Nothing on both sides has not changed."""
    by_vcpus = all(part.size(by_vcpus=True) is not None for side in sides for part in side)
    old, new = (sum(part.size(by_vcpus=by_vcpus) or 0.0 for part in side) for side in sides)
    if old == 0:
        return 1.0 if new == 0 else None
    return new / old


def _frequency(old: float | None, new: float | None) -> float | None:
    if old == new:
        return 1.0
    if old is None or new is None or inf in (old, new) or old == 0:
        return None
    return new / old


class Share(NamedTuple):
    """The compute of an estate, before and after. counted, left_out: how many resources are in it, and are not.

    hours: whether it is told in hours that are stated; else each run of a schedule counts alike.
    """

    before: float
    after: float
    counted: int
    left_out: int
    hours: bool

    @property
    def increase(self) -> float | None:
        """What is added, as a share of what there was; None where nothing is known."""
        return None if not self.before else (self.after - self.before) / self.before


def share_of(before: Iterable[Resource], after: Iterable[Resource], prices: Prices | None = None) -> Share:
    """The compute of all resources of two states, vCPUs times what they run a day.

    With hours that `prices` states it counts hours; without any it counts runs of schedules, each taken to last as
    long as any other, and leaves out what does not run on a schedule.
    """
    sides = [{one.key: (one, usage) for one in side if (usage := usage_of(one))} for side in (before, after)]
    hours = prices is not None and any(
        usage.runs != inf and hours_a_day(prices, one.address, usage)
        for side in sides
        for one, usage in side.values()
    )
    sums = [0.0, 0.0]
    counted = left_out = 0
    for key in sorted({*sides[0], *sides[1]}):
        loads = [_load(side.get(key), prices if hours else None) for side in sides]
        if None in loads:
            left_out += 1
            continue
        counted += 1
        for number, load in enumerate(loads):
            sums[number] += load or 0.0
    return Share(sums[0], sums[1], counted, left_out, hours)


def _load(found: tuple[Resource, Usage] | None, prices: Prices | None) -> float | None:
    """vCPUs times hours, or runs, a day; nothing for what is not there."""
    if found is None:
        return 0.0
    resource, usage = found
    times = usage.runs if prices is None else hours_a_day(prices, resource.address, usage)
    if times is None or times == inf:
        return None
    if times == 0:
        return 0.0
    total = 0.0
    for part in usage.parts:
        size = part.size(by_vcpus=True) if part.cluster is not None else None
        if size is None:
            return None
        total += size * times
    return total
