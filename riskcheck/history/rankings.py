"""How well each score ranks, in which repositories, and by how much better than what needs no riskcheck."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from riskcheck.backtests import FEW, SHARES, At, Difference, Estimate, Ranking, RepositoryAuc
from riskcheck.history.metrics import Measures, auc, effort_of, measures, order_of
from riskcheck.history.population import by_repository
from riskcheck.history.resampling import drawn, estimate, mean_over
from riskcheck.history.scores import mid_ranks
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from riskcheck.backtests import Part, Settings
    from riskcheck.history.metrics import Order, Whole
    from riskcheck.history.population import Subject
    from riskcheck.history.scores import Score

    Floats: TypeAlias = NDArray[np.float64]

TENTH: Final = SHARES.index(0.1)


class _Repository(NamedTuple):
    """The changes of one repository. telling: enough of them were reverted to rank them."""

    name: str
    reverted: NDArray[np.bool_]
    effort: Floats
    telling: bool


class _Held(NamedTuple):
    """One score. orders: for each repository, None where it has none there. pooled: all that have it as one."""

    score: Score
    orders: tuple[Order | None, ...]
    pooled: Order | None
    has: tuple[int, ...]


class _Found(NamedTuple):
    """What came of one score: as the changes are (`value`, one column), and in all resamples.

    Rows are the repositories of `at`.
    """

    at: tuple[int, ...]
    value: dict[str, Floats]
    samples: dict[str, Floats]
    times: Whole
    pooled: float | None
    pooled_samples: Floats


def rankings(
    subjects: Sequence[Subject], scores: Sequence[Score], part: Part, settings: Settings
) -> tuple[tuple[Ranking, ...], tuple[Difference, ...]]:
    """The numbers of all `scores` that some repository has in full, in their order; then riskcheck's against the
    baselines. Every score is measured on the same resamples."""
    repositories = _repositories(subjects)
    held = [one for one in (_held(score, repositories, subjects) for score in scores) if one.has]
    found = _measured(held, repositories, settings)
    made = tuple(_ranking(one.score, what, repositories, part) for one, what in zip(held, found, strict=True))
    pairs = [
        (first, second)
        for first in range(len(held))
        for second in range(len(held))
        if held[first].score.kind == "riskcheck" and held[second].score.kind == "baseline"
    ]
    return made, tuple(
        _difference(held[first].score, found[first], held[second].score, found[second], part)
        for first, second in pairs
    )


def _repositories(subjects: Sequence[Subject]) -> list[_Repository]:
    parts = by_repository(subjects)
    made = []
    for name, held in parts.items():
        reverted = np.array([one.reverted for one in held], dtype=bool)
        hits = int(reverted.sum())
        enough = 1 if len(parts) == 1 else FEW
        made.append(
            _Repository(
                name,
                reverted,
                effort_of([one.row.lines for one in held]),
                enough <= hits < len(held),
            )
        )
    return made


def _held(score: Score, repositories: Sequence[_Repository], subjects: Sequence[Subject]) -> _Held:
    start = 0
    orders: list[Order | None] = []
    ranks: list[float] = []
    for one in repositories:
        values = score.values[start : start + len(one.reverted)]
        start += len(one.reverted)
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            orders.append(None)
            continue
        orders.append(order_of(np.asarray(known, dtype=np.float64), one.reverted))
        ranks += mid_ranks(known)
    has = tuple(at for at, order in enumerate(orders) if order is not None)
    pooled = None
    if has:
        labels = np.concatenate([repositories[at].reverted for at in has])
        pooled = order_of(np.asarray(ranks, dtype=np.float64), labels)
    return _Held(score, tuple(orders), pooled, has)


def _measured(held: Sequence[_Held], repositories: Sequence[_Repository], settings: Settings) -> list[_Found]:
    sizes = [len(one.reverted) for one in repositories]
    whole = [np.ones((size, 1), dtype=np.int64) for size in sizes]
    values = [_one(one, repositories, whole) for one in held]
    samples: list[list[tuple[dict[str, Floats], Floats]]] = [[] for _ in held]
    times = []
    for draws in drawn(sizes, settings.draws, settings.seed) if sizes else ():
        times.append(draws.times)
        for kept, one in zip(samples, held, strict=True):
            kept.append(_one(one, repositories, draws.weights))
    found = []
    for one, (value, pooled), kept in zip(held, values, samples, strict=True):
        at = _telling(one, repositories)
        found.append(
            _Found(
                at=at,
                value=value,
                samples={
                    name: np.concatenate([piece[0][name] for piece in kept], axis=-1)
                    for name in Measures._fields
                },
                times=np.concatenate(times, axis=1)[list(at)],
                pooled=float(pooled[0]) if np.isfinite(pooled[0]) else None,
                pooled_samples=np.concatenate([piece[1] for piece in kept]),
            )
        )
    return found


def _telling(one: _Held, repositories: Sequence[_Repository]) -> tuple[int, ...]:
    return tuple(at for at in one.has if repositories[at].telling)


def _one(
    one: _Held, repositories: Sequence[_Repository], weights: Sequence[Whole]
) -> tuple[dict[str, Floats], Floats]:
    """The measures of each telling repository, stacked; and the area over all repositories as one."""
    made: list[Measures] = []
    for at in _telling(one, repositories):
        order = one.orders[at]
        assert order is not None
        made.append(measures(order, weights[at], repositories[at].effort))
    columns = weights[0].shape[1]
    stacked = {
        name: np.stack([getattr(each, name) for each in made])
        if made
        else np.empty((0, len(SHARES), columns) if name in ("recall", "precision") else (0, columns))
        for name in Measures._fields
    }
    assert one.pooled is not None
    return stacked, auc(one.pooled, np.concatenate([weights[at] for at in one.has]))


def _ranking(score: Score, found: _Found, repositories: Sequence[_Repository], part: Part) -> Ranking:
    chosen = [repositories[at] for at in found.at]
    shares = [float(one.reverted.mean()) for one in chosen]
    precision = _mean(found, "average_precision")
    lifts = found.value["average_precision"][:, 0] / np.asarray(shares) if chosen else np.empty(0)
    return Ranking(
        score=score.name,
        title=score.title,
        kind=score.kind,
        part=part,
        repositories=len(chosen),
        changes=sum(len(one.reverted) for one in chosen),
        reverted=sum(int(one.reverted.sum()) for one in chosen),
        auc=_mean(found, "auc"),
        auc_median=float(np.median(found.value["auc"])) if chosen else None,
        auc_pooled=estimate(found.pooled, found.pooled_samples),
        average_precision=precision,
        lift=float(lifts.mean()) if chosen else None,
        recall=tuple(At(share, _mean(found, "recall", row)) for row, share in enumerate(SHARES)),
        precision=tuple(At(share, _mean(found, "precision", row)) for row, share in enumerate(SHARES)),
        false_alarms=_mean(found, "false_alarms").value,
        effort=_mean(found, "effort"),
        inspected=_mean(found, "inspected").value,
        by_repository=tuple(
            RepositoryAuc(one.name, len(one.reverted), int(one.reverted.sum()), _alone(found, row))
            for row, one in enumerate(chosen)
        ),
    )


def _mean(found: _Found, name: str, row: int | None = None) -> Estimate:
    value, samples = found.value[name], found.samples[name]
    if row is not None:
        value, samples = value[:, row], samples[:, row]
    if not len(value):
        return Estimate(None)
    return estimate(float(value.mean()), mean_over(samples, found.times))


def _alone(found: _Found, row: int) -> Estimate:
    """The area in one repository, over the resamples in which it was drawn once: as large as it is."""
    once = found.times[row] == 1
    return estimate(float(found.value["auc"][row, 0]), found.samples["auc"][row][once])


def _difference(score: Score, first: _Found, baseline: Score, second: _Found, part: Part) -> Difference:
    both = [at for at in first.at if at in second.at]
    rows = [first.at.index(at) for at in both], [second.at.index(at) for at in both]
    times = first.times[rows[0]]

    def less(name: str, row: int | None = None) -> Estimate:
        if not both:
            return Estimate(None)
        pairs = []
        for one, at in zip((first, second), rows, strict=True):
            value, samples = one.value[name][at], one.samples[name][at]
            pairs.append((value, samples) if row is None else (value[:, row], samples[:, row]))
        gain = float((pairs[0][0] - pairs[1][0]).mean())
        return estimate(gain, mean_over(pairs[0][1] - pairs[1][1], times))

    return Difference(score.name, baseline.name, part, len(both), less("auc"), less("recall", TENTH))
