"""Tables of two by two: odds ratios, exact tests, many tests at once.

Sources: Mantel and Haenszel 1959 (the common odds ratio of strata); Robins, Breslow and Greenland 1986 (its
variance); Haldane 1956 and Anscombe 1956 (a half in each cell); Zelen 1971 (the exact test over strata, which for
one of them is Fisher's); Holm 1979; Wilson 1927.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from riskcheck.backtests import Estimate
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

NORMAL: Final = 1.959963984540054
"""The quantile of the normal distribution for 95 %, both sides."""

_TIED: Final = 1 + 1e-7
"""Outcomes of equal probability differ in their last digits; R counts them as equal by the same factor."""


class Table(NamedTuple):
    """One stratum: changes on which a rule fired or not, that were reverted or not."""

    fired_reverted: float
    fired_ordinary: float
    other_reverted: float
    other_ordinary: float

    @property
    def total(self) -> float:
        return sum(self)


def odds_ratio(tables: Sequence[Table]) -> Estimate:
    """The odds ratio that `tables` have in common, with half a change added to each cell.

    Over several strata the halves are divided among them by size: a half for each would drown the few reverts that
    there are. Strata that lack a row or a column tell nothing and are left out.
    """
    held = _informative(tables)
    total = sum(one.total for one in held)
    return mantel_haenszel(
        [Table(*(cell + 0.5 * one.total / total for cell in one)) for one in held] if held else []
    )


def mantel_haenszel(tables: Sequence[Table]) -> Estimate:
    """The common odds ratio of Mantel and Haenszel, as `tables` are; no number where one of its sums is 0."""
    terms = [
        (
            one.fired_reverted * one.other_ordinary / one.total,
            one.fired_ordinary * one.other_reverted / one.total,
            (one.fired_reverted + one.other_ordinary) / one.total,
            (one.fired_ordinary + one.other_reverted) / one.total,
        )
        for one in tables
        if one.total
    ]
    for_it = sum(term[0] for term in terms)
    against = sum(term[1] for term in terms)
    if not for_it or not against:
        return Estimate(None)
    variance = (
        sum(r * p for r, _, p, _ in terms) / (2 * for_it**2)
        + sum(p * s + q * r for r, s, p, q in terms) / (2 * for_it * against)
        + sum(s * q for _, s, _, q in terms) / (2 * against**2)
    )
    middle = math.log(for_it / against)
    reach = NORMAL * math.sqrt(variance)
    return Estimate(math.exp(middle), math.exp(middle - reach), math.exp(middle + reach))


def exact_p(tables: Sequence[Table]) -> float | None:
    """How likely, with no relation within any stratum, an outcome is that is no likelier than the one seen.

    None where no stratum tells anything. Cells must be whole numbers.
    """
    held = _informative(tables)
    if not held:
        return None
    chances = [1.0]
    lowest = 0
    for one in held:
        start, stratum = _hypergeometric(one)
        lowest += start
        chances = _convolved(chances, stratum)
    seen = chances[int(sum(one.fired_reverted for one in held)) - lowest]
    return min(1.0, math.fsum(chance for chance in chances if chance <= seen * _TIED))


def holm(values: Sequence[float]) -> list[float]:
    """`values` of p, adjusted for how many they are."""
    adjusted = [0.0] * len(values)
    highest = 0.0
    for rank, at in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        highest = max(highest, min(1.0, (len(values) - rank) * values[at]))
        adjusted[at] = highest
    return adjusted


def wilson(hits: float, of: float, deviations: float = NORMAL) -> Estimate:
    """A share with the interval of Wilson's score; `hits` may be an expected number. deviations: half of its width
    in standard deviations, 95 % unless given."""
    if of <= 0:
        return Estimate(None)
    share = hits / of
    square = deviations**2
    middle = (share + square / (2 * of)) / (1 + square / of)
    reach = deviations / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of**2))
    return Estimate(share, min(share, max(0.0, middle - reach)), max(share, min(1.0, middle + reach)))


def _informative(tables: Sequence[Table]) -> list[Table]:
    return [
        one
        for one in tables
        if one.fired_reverted + one.fired_ordinary
        and one.other_reverted + one.other_ordinary
        and one.fired_reverted + one.other_reverted
        and one.fired_ordinary + one.other_ordinary
    ]


def _hypergeometric(table: Table) -> tuple[int, list[float]]:
    """The chances of each number of reverted changes among those it fired on, from the least possible one."""
    fired = int(table.fired_reverted + table.fired_ordinary)
    reverted = int(table.fired_reverted + table.other_reverted)
    total = int(table.total)
    least, most = max(0, fired + reverted - total), min(fired, reverted)
    ways = _log_ways(total, fired)
    chances = [
        math.exp(_log_ways(reverted, hits) + _log_ways(total - reverted, fired - hits) - ways)
        for hits in range(least, most + 1)
    ]
    whole = math.fsum(chances)
    return least, [chance / whole for chance in chances]


def _log_ways(total: int, chosen: int) -> float:
    return math.lgamma(total + 1) - math.lgamma(chosen + 1) - math.lgamma(total - chosen + 1)


def _convolved(first: Sequence[float], second: Sequence[float]) -> list[float]:
    """The chances of sums. The longer one is walked inside, which is quicker."""
    if len(first) < len(second):
        first, second = second, first
    made = [0.0] * (len(first) + len(second) - 1)
    for shift, weight in enumerate(second):
        if weight:
            for at, chance in enumerate(first, shift):
                made[at] += weight * chance
    return made
