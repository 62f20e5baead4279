"""Baselines that are fitted: ridge logistic regression on what a log tells of a change, without riskcheck.

Within a repository a model learns from the first 60 % of the changes, and of reverts only what was known then.
Across repositories it learns from all others: that is what a repository gets that has no history of its own yet.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from riskcheck.durations import HOUR
from riskcheck.history.population import by_repository
from riskcheck.history.scores import Score
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from riskcheck.history.model import ReplayedChange
    from riskcheck.history.population import Subject

LEARNED: Final = 0.6
"""Share of a repository's changes, the oldest, that a model of its own is fitted on."""
LEAST: Final = 5
"""Fewer reverted changes to learn from, and there is no model."""
STEPS: Final = 1_000


class _Features(NamedTuple):
    name: str
    title: str
    of: Callable[[ReplayedChange], tuple[float, ...]]


FEATURES: Final = (
    _Features("metadata", "metadata logistic", lambda row: row.metadata),
    _Features("history", "metadata + history logistic", lambda row: (*row.metadata, *row.history)),
)


def first_later(number: int) -> int:
    """The place of the first of `number` changes that no model of their own repository learns from."""
    return math.floor(LEARNED * number)


def fitted_scores(subjects: Sequence[Subject]) -> list[Score]:
    """The scores of all models that there is enough to learn from. Raises `ImportError` without scikit-learn."""
    made = []
    several = len(by_repository(subjects)) > 1
    for features in FEATURES:
        wide = {len(features.of(one.row)) for one in subjects}
        if len(wide) != 1 or not max(wide):
            continue
        made.append(
            Score(
                features.name,
                features.title,
                "baseline",
                _within(subjects, features),
                own=True,
            )
        )
        if several:
            values = _across(subjects, features)
            made.append(Score(f"{features.name}-others", f"{features.title} (others)", "baseline", values))
    return [one for one in made if any(value is not None for value in one.values)]


def _within(subjects: Sequence[Subject], features: _Features) -> tuple[float | None, ...]:
    values: list[float | None] = []
    for held in by_repository(subjects).values():
        cut = first_later(len(held))
        past, later = held[:cut], held[cut:]
        labels = [_known_at(one, later[0].row.time) for one in past] if later else []
        values += [None] * len(past)
        values += _predicted(past, labels, later, features)
    return tuple(values)


def _across(subjects: Sequence[Subject], features: _Features) -> tuple[float | None, ...]:
    values: list[float | None] = []
    for name, held in by_repository(subjects).items():
        others = [one for one in subjects if one.row.repository != name]
        values += _predicted(others, [one.reverted for one in others], held, features)
    return tuple(values)


def _known_at(one: Subject, time: int) -> bool:
    """Whether it had been reverted before `time`."""
    return one.reverted and one.row.lag is not None and one.row.time + one.row.lag * HOUR < time


def _predicted(
    past: Sequence[Subject], labels: Sequence[bool], later: Sequence[Subject], features: _Features
) -> list[float | None]:
    """The log-odds of `later` by a model of `past`; None where that is too little."""
    if not later or sum(labels) < LEAST or sum(labels) == len(labels):
        return [None] * len(later)
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    known, asked = (
        np.nan_to_num(np.asarray([features.of(one.row) for one in side], dtype=np.float64))
        for side in (past, later)
    )
    model = make_pipeline(
        StandardScaler(), LogisticRegression(C=1.0, solver="newton-cholesky", max_iter=STEPS)
    )
    model.fit(known, np.asarray(labels))
    return [float(value) for value in model.decision_function(asked)]
