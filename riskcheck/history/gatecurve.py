"""What gates would have stopped: by riskcheck's own word, or the riskiest share of the changes of each repository.

Where scores are equal, a gate that cuts through them is expected to stop the same share of all of them.
"""

from __future__ import annotations

import math
from itertools import groupby
from typing import TYPE_CHECKING, Final

from riskcheck.backtests import SHARES, Curve, Gate
from riskcheck.history.oddsratios import Table, odds_ratio, wilson
from riskcheck.history.population import by_repository
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from riskcheck.backtests import Part
    from riskcheck.history.population import Subject
    from riskcheck.history.scores import Score

PERCENTS: Final = 100
AT_OR_ABOVE: Final = {"P0": ("P0",), "P1": ("P0", "P1"), "P2": ("P0", "P1", "P2")}


class Group(NamedTuple):
    """Changes of equal score."""

    value: float
    changes: int
    reverted: int


def level_gates(subjects: Sequence[Subject]) -> tuple[Gate, ...]:
    """The gate as the policy had it, and gates that stop a level and what is worse."""
    stopped = {"block": [one for one in subjects if one.row.verdict == "block"]}
    for name, levels in AT_OR_ABOVE.items():
        stopped[name] = [one for one in subjects if one.row.level in levels]
    reverted = sum(one.reverted for one in subjects)
    return tuple(
        _gate(
            name, None, len(held), sum(one.reverted for one in held), reverted, len(subjects) - reverted
        )._replace(odds=odds_ratio(_tables(subjects, held)))
        for name, held in stopped.items()
    )


def _tables(subjects: Sequence[Subject], stopped: Sequence[Subject]) -> list[Table]:
    """Stopped and reverted, in each repository."""
    inside = by_repository(stopped)
    made = []
    for name, held in by_repository(subjects).items():
        theirs = inside.get(name, [])
        caught, reverted = (sum(one.reverted for one in part) for part in (theirs, held))
        made.append(
            Table(
                caught, len(theirs) - caught, reverted - caught, len(held) - len(theirs) - reverted + caught
            )
        )
    return made


def share_gates(subjects: Sequence[Subject], score: Score) -> tuple[Gate, ...]:
    """Gates that stop the riskiest `SHARES` of the changes of each repository by `score`."""
    ranked = _ranked(subjects, score)
    reverted = sum(one.reverted for one in subjects)
    gates = []
    for share, caught in zip(SHARES, _caught(ranked, SHARES), strict=True):
        number = share * len(subjects)
        gate = _gate(score.name, share, number, caught, reverted, len(subjects) - reverted)
        gates.append(gate._replace(threshold=_threshold(ranked[0], share) if len(ranked) == 1 else None))
    return tuple(gates)


def curve(subjects: Sequence[Subject], score: Score, part: Part) -> Curve:
    """What a gate by `score` catches, for each share that it may stop."""
    ranked = _ranked(subjects, score)
    reverted = sum(one.reverted for one in subjects)
    shares = [percent / PERCENTS for percent in range(PERCENTS + 1)]
    caught = [number / reverted if reverted else 0.0 for number in _caught(ranked, shares)]
    return Curve(score.name, score.title, score.kind, part, tuple(caught))


def caught_at(groups: Sequence[Group], shares: Sequence[float]) -> list[float]:
    """The expected number of reverted changes among the first of `groups`, riskiest first, for each of `shares`,
    which rise."""
    total = sum(group.changes for group in groups)
    made: list[float] = []
    before = caught = 0
    for group in groups:
        while len(made) < len(shares) and shares[len(made)] * total <= before + group.changes:
            part = (shares[len(made)] * total - before) / group.changes
            made.append(caught + part * group.reverted)
        before += group.changes
        caught += group.reverted
    return made + [float(caught)] * (len(shares) - len(made))


def grouped(pairs: Iterable[tuple[float, bool]]) -> list[Group]:
    """Equal scores together, riskiest first."""
    made = []
    for value, held in groupby(sorted(pairs, reverse=True), key=lambda pair: pair[0]):
        labels = [reverted for _, reverted in held]
        made.append(Group(value, len(labels), sum(labels)))
    return made


def _ranked(subjects: Sequence[Subject], score: Score) -> list[list[Group]]:
    """The groups of each repository, of changes that have the score."""
    ranked = []
    start = 0
    for held in by_repository(subjects).values():
        values = score.values[start : start + len(held)]
        start += len(held)
        ranked.append(
            grouped(
                (value, one.reverted) for value, one in zip(values, held, strict=True) if value is not None
            )
        )
    return ranked


def _caught(ranked: Sequence[Sequence[Group]], shares: Sequence[float]) -> list[float]:
    """Over all repositories."""
    found = [caught_at(one, shares) for one in ranked]
    return [math.fsum(numbers[at] for numbers in found) for at in range(len(shares))]


def _threshold(groups: Sequence[Group], share: float) -> float | None:
    room = share * sum(group.changes for group in groups)
    for group in groups:
        room -= group.changes
        if room <= 0:
            return group.value
    return None


def _gate(name: str, share: float | None, number: float, caught: float, reverted: int, ordinary: int) -> Gate:
    return Gate(
        name=name,
        share=share,
        number=number,
        caught=wilson(caught, reverted),
        stopped=wilson(number - caught, ordinary),
        precision=caught / number if number else None,
    )
