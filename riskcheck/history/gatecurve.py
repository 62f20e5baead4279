"""What gates would have stopped: by riskcheck's own word, or the riskiest share of the changes of each repository.

Where scores are equal, a gate that cuts through them is expected to stop the same share of all of them.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from riskcheck.backtests import SHARES, Curve, Gate
from riskcheck.history.oddsratios import wilson
from riskcheck.history.population import by_repository

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from riskcheck.backtests import Part
    from riskcheck.history.population import Subject
    from riskcheck.history.scores import Score

PERCENTS: Final = 100
AT_OR_ABOVE: Final = {"P0": ("P0",), "P1": ("P0", "P1"), "P2": ("P0", "P1", "P2")}


def level_gates(subjects: Sequence[Subject]) -> tuple[Gate, ...]:
    """The gate as the policy had it, and gates that stop a level and what is worse."""
    stopped = {"block": [one for one in subjects if one.row.verdict == "block"]}
    for name, levels in AT_OR_ABOVE.items():
        stopped[name] = [one for one in subjects if one.row.level in levels]
    reverted = sum(one.reverted for one in subjects)
    return tuple(
        _gate(name, None, len(held), sum(one.reverted for one in held), reverted, len(subjects) - reverted)
        for name, held in stopped.items()
    )


def share_gates(subjects: Sequence[Subject], score: Score) -> tuple[Gate, ...]:
    """Gates that stop the riskiest `SHARES` of the changes of each repository by `score`."""
    ranked = _ranked(subjects, score)
    reverted = sum(one.reverted for one in subjects)
    gates = []
    for share in SHARES:
        caught = sum(stopped_at(groups, share) for groups in ranked)
        number = share * len(subjects)
        gate = _gate(score.name, share, number, caught, reverted, len(subjects) - reverted)
        gates.append(gate._replace(threshold=_threshold(ranked[0], share) if len(ranked) == 1 else None))
    return tuple(gates)


def curve(subjects: Sequence[Subject], score: Score, part: Part) -> Curve:
    """What a gate by `score` catches, for each share that it may stop."""
    ranked = _ranked(subjects, score)
    reverted = sum(one.reverted for one in subjects)
    caught = (
        sum(stopped_at(groups, percent / PERCENTS) for groups in ranked) / reverted if reverted else 0.0
        for percent in range(PERCENTS + 1)
    )
    return Curve(score.name, score.title, score.kind, part, tuple(caught))


def stopped_at(groups: Sequence[tuple[float, int, int]], share: float) -> float:
    """The expected number of reverted changes among the first `share` of `groups`: (score, changes, reverted),
    riskiest first."""
    room = share * sum(changes for _, changes, _ in groups)
    caught = 0.0
    for _, changes, reverted in groups:
        part = min(1.0, room / changes)
        caught += part * reverted
        room -= part * changes
        if room <= 0:
            break
    return caught


def grouped(pairs: Iterable[tuple[float, bool]]) -> list[tuple[float, int, int]]:
    """Equal scores together: (score, changes, reverted), riskiest first."""
    made = []
    for value, held in groupby(sorted(pairs, reverse=True), key=lambda pair: pair[0]):
        labels = [reverted for _, reverted in held]
        made.append((value, len(labels), sum(labels)))
    return made


def _ranked(subjects: Sequence[Subject], score: Score) -> list[list[tuple[float, int, int]]]:
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


def _threshold(groups: Sequence[tuple[float, int, int]], share: float) -> float | None:
    room = share * sum(changes for _, changes, _ in groups)
    for value, changes, _ in groups:
        room -= changes
        if room <= 0:
            return value
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
