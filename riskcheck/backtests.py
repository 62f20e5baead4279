"""The vocabulary of `riskcheck backtest`: what replaying landed changes comes to.

Apart from `riskcheck.results` because no other command needs it. Shares are from 0 to 1. Every interval is one of
95 %. None stands for what the data cannot tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.models import Rule

FEW: Final = 10
"""Fewer reverted changes than that carry no conclusion, and a repository with fewer has no part in a mean."""

FOLLOW_DAYS: Final = 60.0
"""Days that a change must have been followed: 98 % of the reverts of public repositories come within 90."""

SHARES: Final = (0.05, 0.1, 0.2)
"""Shares of changes that a gate by rank stops."""

EFFORT_SHARE: Final = 0.2
"""Share of the effort of reviewing everything, for recall by effort."""

RuleVerdict: TypeAlias = Literal[
    "earns its keep", "no evidence either way", "fires rather on ordinary changes", "never fired"
]
Kind: TypeAlias = Literal["riskcheck", "baseline"]
Part: TypeAlias = Literal["all", "later"]
"""all: every change that is judged. later: of each repository the last 40 % by time, which no model that was fitted
on the repository itself has seen."""


class Estimate(NamedTuple):
    """A number with its 95 % interval."""

    value: float | None
    low: float | None = None
    high: float | None = None


class RuleFacts(NamedTuple):
    """What a rule says of itself, as far as the report needs it."""

    code: str
    title: str
    severity: str
    category: str
    reversibility: str


def facts_of(rules: Iterable[Rule]) -> tuple[RuleFacts, ...]:
    """The facts of compiled rules, by code."""
    return tuple(
        sorted(RuleFacts(one.code, one.title, one.severity, one.category, one.reversibility) for one in rules)
    )


class Origin(NamedTuple):
    """What judged. as_of: UTC, ISO-8601."""

    version: str = ""
    rules_digest: str = ""
    as_of: str = ""


class Settings(NamedTuple):
    """How a back-test is made.

    follow_days: changes that were followed for less are left out. within_days: reverts that came later count as
    none; None for all that were seen. draws, seed: of the bootstrap. rules: all that judged, also those that never
    fired.
    """

    follow_days: float = FOLLOW_DAYS
    within_days: float | None = None
    draws: int = 1_000
    seed: int = 1
    rules: tuple[RuleFacts, ...] = ()
    origin: Origin = Origin()


class Replayed(NamedTuple):
    """One repository: its oldest and newest replayed commit, seconds since the epoch, and what came of it."""

    name: str
    first: str
    last: str
    since: int
    until: int
    replayed: int
    judged: int
    reverted: int


class Population(NamedTuple):
    """Who counts. replayed = other + planned + recent + failed + judged.

    other: of bots, reverts themselves, or without configuration. planned: taken back as it was meant to be. recent:
    followed for too short; of them `recent_reverted` were reverted already. failed: riskcheck came to no verdict.
    judged = reverted + ordinary. late: reverted, but later than asked for, and so ordinary.
    """

    replayed: int
    other: int
    planned: int
    recent: int
    recent_reverted: int
    failed: int
    failed_reverted: int
    judged: int
    reverted: int
    ordinary: int
    late: int


class RuleRow(NamedTuple):
    """What one rule did. facts: None for a rule that is not known any more.

    fired, reverted, ordinary: changes that it fired on, in all and of each label. odds: that a change is reverted
    where it fires, against where it does not (within each repository, where there are several). p: exact,
    two-sided; adjusted: for the number of rules, by Holm.
    """

    code: str
    facts: RuleFacts | None
    fired: int
    reverted: int
    ordinary: int
    odds: Estimate
    p: float | None
    adjusted: float | None
    verdict: RuleVerdict

    @property
    def kept(self) -> bool:
        """Whether reverts cannot speak against it: it guards against what no revert mends, or whom it lets in."""
        return self.facts is None or (
            self.facts.category == "security" or self.facts.reversibility != "reversible"
        )


class Gate(NamedTuple):
    """What a gate would have done. name: ``block``, ``P1``, or the name of a score.

    share: of changes that a gate by score stops, None for one by level. number: changes stopped, an expected number
    where scores are equal. caught: share of reverted changes that it stops. stopped: share of ordinary ones.
    precision: share of those stopped that were reverted. threshold: the score from which on it stops, where there
    is one repository. odds: that a change is reverted where the gate stops it, against where it does not; of gates
    by level.
    """

    name: str
    share: float | None
    number: float
    caught: Estimate
    stopped: Estimate
    precision: float | None
    threshold: float | None = None
    odds: Estimate = Estimate(None)


class Curve(NamedTuple):
    """Share of reverted changes caught, for each whole percent of changes stopped (101 points)."""

    score: str
    title: str
    kind: Kind
    part: Part
    caught: tuple[float, ...]


class At(NamedTuple):
    """A number at a share of changes stopped."""

    share: float
    estimate: Estimate


class RepositoryAuc(NamedTuple):
    """How one repository is ranked."""

    repository: str
    changes: int
    reverted: int
    auc: Estimate


class Ranking(NamedTuple):
    """How well a score puts reverted changes before ordinary ones, in one part of the changes.

    repositories: with enough reverted changes; all numbers but `auc_pooled` are means over them, `auc_median` their
    median. auc_pooled: over percentile ranks within repositories. average_precision, and lift: that over the share
    of reverted changes. false_alarms: ordinary changes before the first reverted one. effort: share of reverted
    changes found in `EFFORT_SHARE` of the effort (10 + lines, at most 310, a change); inspected: the share of
    changes that one looks at for it.
    """

    score: str
    title: str
    kind: Kind
    part: Part
    repositories: int
    changes: int
    reverted: int
    auc: Estimate
    auc_median: float | None
    auc_pooled: Estimate
    average_precision: Estimate
    lift: float | None
    recall: tuple[At, ...]
    precision: tuple[At, ...]
    false_alarms: float | None
    effort: Estimate
    inspected: float | None
    by_repository: tuple[RepositoryAuc, ...]


class Difference(NamedTuple):
    """By how much a score of riskcheck is better than a baseline, draw by draw on the same changes."""

    score: str
    baseline: str
    part: Part
    repositories: int
    auc: Estimate
    recall: Estimate
    """At the riskiest tenth."""


class Bin(NamedTuple):
    """Changes of about the same stated probability, and the share of them that was reverted."""

    changes: int
    reverted: int
    stated: float
    observed: Estimate


class Calibration(NamedTuple):
    """Whether changes are reverted as often as riskcheck says. brier: mean squared error; reference: of stating the
    observed share for every change; slope: 1 is ideal, less is overconfident."""

    changes: int
    reverted: int
    stated: float
    observed: float
    brier: float
    reference: float
    slope: float | None
    bins: tuple[Bin, ...]


class BacktestReport(NamedTuple):
    """All that a back-test tells. rankings, differences: empty where `unavailable` says what is to be installed."""

    settings: Settings
    repositories: tuple[Replayed, ...]
    population: Population
    rules: tuple[RuleRow, ...]
    gates: tuple[Gate, ...]
    curves: tuple[Curve, ...]
    rankings: tuple[Ranking, ...]
    differences: tuple[Difference, ...]
    calibration: Calibration | None
    warnings: tuple[str, ...]
    unavailable: str | None = None

    @property
    def conclusive(self) -> bool:
        """Whether there are enough reverted changes for any conclusion."""
        return self.population.reverted >= FEW
