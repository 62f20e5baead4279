"""The statistics of a back-test, from replayed changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.backtests import FEW, BacktestReport, Settings
from riskcheck.history.calibration import calibration, probability
from riskcheck.history.gatecurve import curve, level_gates, share_gates
from riskcheck.history.population import by_repository, selected, was_judged
from riskcheck.history.rulestats import rule_rows
from riskcheck.history.scores import plain_scores
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.backtests import Difference, Part, Population, Ranking
    from riskcheck.history.model import ReplayedChange
    from riskcheck.history.population import Selection, Subject
    from riskcheck.history.scores import Score

GATED: Final = ("likelihood", "score", "combined")
MANY_REPOSITORIES: Final = 10
"""With fewer, drawing repositories gives intervals that are too narrow."""

MISSING: Final = (
    "The ranking and the fitted baselines are left out: they need numpy and scikit-learn. "
    "Install them with: pip install 'riskcheck[backtest]'"
)


def backtest(rows: Sequence[ReplayedChange], settings: Settings = Settings()) -> BacktestReport:  # noqa: B008
    """All that `rows` tell, of one repository or of several. Does not depend on the order of `rows`.

    Without numpy and scikit-learn the rankings are empty, and `BacktestReport.unavailable` says what to install.
    """
    chosen = selected(rows, settings)
    subjects = chosen.subjects
    plain = plain_scores(subjects)
    ranked: list[Ranking] = []
    gained: list[Difference] = []
    parts = [_Part("all", subjects, tuple(plain))]
    unavailable = None
    try:
        parts = _parts(subjects, plain)
        for part in parts:
            more_ranked, more_gained = _ranked(part, settings)
            ranked += more_ranked
            gained += more_gained
    except ImportError:
        unavailable = MISSING
    return BacktestReport(
        settings=settings,
        repositories=chosen.repositories,
        population=chosen.population,
        rules=rule_rows(subjects, settings.rules),
        gates=(
            *(level_gates(subjects) if was_judged(subjects) else ()),
            *(gate for score in plain if score.name in GATED for gate in share_gates(subjects, score)),
        ),
        curves=tuple(
            curve(part.subjects, score, part.name)
            for part in parts
            for score in part.scores
            if part.mixed and None not in score.values
        ),
        rankings=tuple(ranked),
        differences=tuple(gained),
        calibration=calibration(
            [probability(one.row.points) for one in subjects], [one.reverted for one in subjects]
        ),
        warnings=tuple(_warnings(chosen, settings)),
        unavailable=unavailable,
    )


class _Part(NamedTuple):
    """Changes that are ranked, and by what."""

    name: Part
    subjects: Sequence[Subject]
    scores: tuple[Score, ...]

    @property
    def mixed(self) -> bool:
        """Whether there is anything to tell apart."""
        return len({one.reverted for one in self.subjects}) > 1


def _parts(subjects: Sequence[Subject], plain: Sequence[Score]) -> list[_Part]:
    """All changes, and the later ones where a model of a repository's own past ranks them."""
    from riskcheck.history.logistic import first_later, fitted_scores

    scores = (*plain, *fitted_scores(subjects))
    parts = [_Part("all", subjects, tuple(one for one in scores if not one.own))]
    if len(parts[0].scores) == len(scores):
        return parts
    later: list[int] = []
    start = 0
    for held in by_repository(subjects).values():
        later += range(start + first_later(len(held)), start + len(held))
        start += len(held)
    values = (one._replace(values=tuple(one.values[at] for at in later)) for one in scores)
    return [*parts, _Part("later", [subjects[at] for at in later], tuple(values))]


def _ranked(part: _Part, settings: Settings) -> tuple[tuple[Ranking, ...], tuple[Difference, ...]]:
    from riskcheck.history.rankings import rankings

    return rankings(part.subjects, part.scores, part.name, settings) if part.mixed else ((), ())


def _warnings(chosen: Selection, settings: Settings) -> Iterator[str]:
    """What keeps the numbers from carrying a conclusion."""
    counts = chosen.population
    if counts.reverted < FEW:
        yield (
            f"Only {counts.reverted} of the judged changes were reverted; under {FEW} no conclusion is drawn. "
            "The intervals show what is open."
        )
    telling = sum(one.reverted >= FEW for one in chosen.repositories)
    if len(chosen.repositories) > 1 and telling < len(chosen.repositories):
        yield (
            f"{telling} of {len(chosen.repositories)} repositories have {FEW} reverted changes or more; means "
            "over repositories are over these."
        )
    if 1 < telling < MANY_REPOSITORIES:
        yield (
            f"Intervals over fewer than {MANY_REPOSITORIES} repositories are too narrow: other repositories may "
            "differ by more."
        )
    yield from _failures(counts)
    if counts.recent_reverted:
        yield (
            f"{counts.recent_reverted} of the changes followed for less than {settings.follow_days:g} days were "
            "reverted already; they are left out with the rest of these."
        )


def _failures(counts: Population) -> Iterator[str]:
    if counts.failed:
        yield (
            f"{counts.failed} changes could not be judged and are left out, {counts.failed_reverted} of them "
            "reverted."
        )
