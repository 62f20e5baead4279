"""Which landed changes are judged again, and what is known of them without judging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.backtests import FOLLOW_DAYS
from riskcheck.durations import DAY, HOUR
from riskcheck.history.model import ReplayedChange
from riskcheck.history.past import is_judged
from riskcheck.records import NamedTuple
from riskcheck.replaying.foretelling import foretold
from riskcheck.replaying.model import Asked

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from riskcheck.history.model import History, Label, LandedChange
    from riskcheck.replaying.foretelling import Foretold
    from riskcheck.replaying.labels import GivenLabel
    from riskcheck.replaying.model import JudgedChange


LAST: Final = 1_000
"""Changes that are judged unless somebody asks for others."""


class Wanted(NamedTuple):
    """Which changes count.

    commits: only these, None for all. since: landed at this time or later, seconds since the epoch. last: the
    newest that can be judged, None for all. follow_days: changes that were followed for less are not judged, since
    they may still be reverted. labels: what was reverted, by commit, instead of what the log tells.
    """

    commits: Collection[str] | None = None
    since: int | None = None
    last: int | None = LAST
    follow_days: float = FOLLOW_DAYS
    labels: Mapping[str, GivenLabel] | None = None


class Selected(NamedTuple):
    """What counts.

    rows: of all changes that landed since the oldest that is judged, oldest first; nothing in them is judged yet.
    judged: positions in `rows` of those that are to be. bases: what each is compared with. unknown: commits of the
    labels that are none of the changes.
    """

    rows: tuple[ReplayedChange, ...]
    judged: tuple[int, ...]
    bases: tuple[str, ...]
    unknown: int = 0

    def asked(self) -> list[Asked]:
        """What is to be judged."""
        return [Asked(self.rows[at].commit, self.bases[at], self.rows[at].probability) for at in self.judged]

    def with_judged(self, judged: Sequence[JudgedChange]) -> list[ReplayedChange]:
        """The rows with what was said of those that were to be judged."""
        rows = list(self.rows)
        for at, one in zip(self.judged, judged, strict=True):
            rows[at] = rows[at]._replace(
                verdict=one.verdict, level=one.level, score=one.score, rules=one.rules, error=one.error
            )
        return rows


def selected(history: History, wanted: Wanted, repository: str) -> Selected:
    """The changes of `history` that count. repository: the name that they are reported by."""
    changes = history.changes
    outcomes = _given(wanted.labels) if wanted.labels is not None else _found(history)
    newest = changes[-1].time if changes else 0
    told = foretold(history)
    rows: list[ReplayedChange] = []
    bases: list[str] = []
    judged: list[int] = []
    for change in reversed(changes):
        if wanted.since is not None and change.time < wanted.since:
            break
        if wanted.commits is not None and change.commit not in wanted.commits:
            continue
        label, lag = outcomes.get(change.commit, ("ordinary", None))
        row = _row(change, told[change.number], repository, label, lag, (newest - change.time) / DAY)
        if row.human and label != "planned" and row.followed >= wanted.follow_days:
            if len(judged) == wanted.last:
                break
            judged.append(len(rows))
        rows.append(row)
        bases.append(_base(history, change))
    count = len(rows)
    return Selected(
        tuple(reversed(rows)),
        tuple(count - 1 - at for at in reversed(judged)),
        tuple(reversed(bases)),
        len(set(wanted.labels or ()) - {one.commit for one in changes}),
    )


def _base(history: History, change: LandedChange) -> str:
    """What a change is compared with: the one under it. Of the oldest in a shallow clone git knows the parent."""
    if change.number:
        return history.changes[change.number - 1].commit
    return f"{change.commit}^1" if history.cut else ""


def _row(
    change: LandedChange, told: Foretold, repository: str, label: Label, lag: float | None, followed: float
) -> ReplayedChange:
    return ReplayedChange(
        repository=repository,
        commit=change.commit,
        number=change.number,
        time=change.time,
        label=label,
        human=is_judged(change),
        lag=lag,
        followed=followed,
        files=change.files,
        lines=change.added + change.removed,
        verdict=None,
        level=None,
        score=None,
        rules=(),
        points=told.points,
        metadata=told.metadata,
        history=told.history,
        probability=told.probability,
    )


def _found(history: History) -> dict[str, tuple[Label, float | None]]:
    """Commit to how it ended, as the log tells."""
    changes = history.changes
    return {
        changes[one.number].commit: (
            "planned" if one.planned else "reverted",
            (changes[one.by].time - changes[one.number].time) / HOUR,
        )
        for one in history.reverts
    }


def _given(labels: Mapping[str, GivenLabel]) -> dict[str, tuple[Label, float | None]]:
    return {commit: (one.label, one.hours) for commit, one in labels.items()}
