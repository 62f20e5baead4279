"""Who counts in a back-test, and who does not and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.backtests import Population, Replayed
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.backtests import Settings
    from riskcheck.history.model import ReplayedChange

HOURS: Final = 24


class Subject(NamedTuple):
    """A change that is judged, and whether it counts as reverted."""

    row: ReplayedChange
    reverted: bool


class Selection(NamedTuple):
    """The changes that are judged, by repository, time and position; and the count of all others."""

    subjects: tuple[Subject, ...]
    population: Population
    repositories: tuple[Replayed, ...]


def selected(rows: Sequence[ReplayedChange], settings: Settings) -> Selection:
    """Who counts. Recent changes are left out whatever became of them: with the reverted ones alone, what is recent
    would look worse than it is."""
    counts = dict.fromkeys(Population._fields, 0)
    subjects: list[Subject] = []
    for row in ordered(rows):
        reverted, late = _label(row, settings.within_days)
        reason = _left_out(row, settings.follow_days)
        if reason is None:
            subjects.append(Subject(row, reverted))
            counts["late"] += late
        else:
            counts[reason] += 1
            if reverted and reason in ("recent", "failed"):
                counts[f"{reason}_reverted"] += 1
    counts["replayed"] = len(rows)
    counts["judged"] = len(subjects)
    counts["reverted"] = sum(one.reverted for one in subjects)
    counts["ordinary"] = counts["judged"] - counts["reverted"]
    return Selection(tuple(subjects), Population(**counts), _repositories(rows, subjects))


def was_judged(subjects: Sequence[Subject]) -> bool:
    """Whether the engine came to a verdict at all: with likelihood alone it is not asked."""
    return any(one.row.verdict is not None for one in subjects)


def ordered(rows: Sequence[ReplayedChange]) -> list[ReplayedChange]:
    """`rows` in one order, however they came."""
    return sorted(rows, key=lambda row: (row.repository, row.time, row.number, row.commit))


def by_repository(subjects: Sequence[Subject]) -> dict[str, list[Subject]]:
    """`subjects` of each repository, in their order."""
    found: dict[str, list[Subject]] = {}
    for one in subjects:
        found.setdefault(one.row.repository, []).append(one)
    return found


def _label(row: ReplayedChange, within_days: float | None) -> tuple[bool, bool]:
    """Whether `row` counts as reverted, and whether it does not because that came too late."""
    if row.label != "reverted":
        return False, False
    late = within_days is not None and row.lag is not None and row.lag > within_days * HOURS
    return not late, late


def _left_out(row: ReplayedChange, follow_days: float) -> str | None:
    """The field of `Population` that counts `row`; None where it is judged."""
    if not row.human:
        return "other"
    if row.label == "planned":
        return "planned"
    if row.followed < follow_days:
        return "recent"
    if row.error is not None:
        return "failed"
    return None


def _repositories(rows: Sequence[ReplayedChange], subjects: Sequence[Subject]) -> tuple[Replayed, ...]:
    replayed: dict[str, list[ReplayedChange]] = {}
    for row in ordered(rows):
        replayed.setdefault(row.repository, []).append(row)
    judged = by_repository(subjects)
    return tuple(
        Replayed(
            name=name,
            first=held[0].commit,
            last=held[-1].commit,
            since=held[0].time,
            until=held[-1].time,
            replayed=len(held),
            judged=len(judged.get(name, ())),
            reverted=sum(one.reverted for one in judged.get(name, ())),
        )
        for name, held in replayed.items()
    )
