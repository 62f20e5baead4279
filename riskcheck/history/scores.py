"""The scores that changes are ranked by: riskcheck's own, and those that need no riskcheck."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.history.population import by_repository, was_judged
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.backtests import Kind
    from riskcheck.history.population import Subject

LEVELS: Final = ("note", "P3", "P2", "P1", "P0")


class Score(NamedTuple):
    """A number for each change, the riskier the higher; None where a change has none. own: fitted on the past of
    the same repository, so that only its later changes have one."""

    name: str
    title: str
    kind: Kind
    values: tuple[float | None, ...]
    own: bool = False


def plain_scores(subjects: Sequence[Subject]) -> list[Score]:
    """All scores that nothing is fitted for, riskcheck's first."""
    rows = [one.row for one in subjects]
    likelihood = tuple(row.points for row in rows)
    score = tuple(row.score or 0.0 for row in rows)
    own = [
        Score("likelihood", "riskcheck: likelihood points", "riskcheck", likelihood),
        Score("score", "riskcheck: score", "riskcheck", score),
        Score(
            "combined",
            "riskcheck: both, as ranks",
            "riskcheck",
            tuple(
                (first + second) / 2
                for first, second in zip(
                    percentiles(subjects, likelihood), percentiles(subjects, score), strict=True
                )
            ),
        ),
        Score(
            "level",
            "riskcheck: worst level",
            "riskcheck",
            tuple(float(LEVELS.index(row.level or "note")) for row in rows),
        ),
        Score(
            "rules", "number of rules that fired", "baseline", tuple(float(len(row.rules)) for row in rows)
        ),
    ]
    plain = [
        Score("random", "random", "baseline", (0.0,) * len(rows)),
        Score("lines", "lines changed", "baseline", tuple(float(row.lines) for row in rows)),
        Score("files", "files changed", "baseline", tuple(float(row.files) for row in rows)),
        Score("smallest", "smallest first", "baseline", tuple(-float(row.lines) for row in rows)),
    ]
    # Without a verdict all but the first would be the same for every change.
    return [*(own if was_judged(subjects) else own[:1]), *plain]


def percentiles(subjects: Sequence[Subject], values: Sequence[float]) -> tuple[float, ...]:
    """The rank of each value among those of its repository, from 0 to 1; equal values share one."""
    ranks: list[float] = []
    start = 0
    for held in by_repository(subjects).values():
        ranks += mid_ranks(values[start : start + len(held)])
        start += len(held)
    return tuple(ranks)


def mid_ranks(values: Sequence[float]) -> list[float]:
    """The share of `values` that is below each, those that equal it counted half."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for at in order[start:end]:
            ranks[at] = (start + end) / 2 / len(values)
        start = end
    return ranks
