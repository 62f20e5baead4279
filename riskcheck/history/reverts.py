"""Which landed change took back which: the first revert of each."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from riskcheck.history.model import Revert
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from riskcheck.history.model import RevertSource


class Claim(NamedTuple):
    """Landed change `number` says that it takes `what` back: see `riskcheck.history.messages.Told.reverts`."""

    number: int
    source: RevertSource
    what: str


class Subject(NamedTuple):
    """What a landed change can be meant by. planned: its text speaks of what is only for a while."""

    number: int
    titles: tuple[str, ...]
    pull: int | None
    planned: bool


_ORDER: Final[tuple[RevertSource, ...]] = ("commit", "branch", "pull", "title")
"""The surest first: where it finds something, the others are not asked."""


def reverts(
    subjects: Sequence[Subject], claims: Iterable[Claim], commits: Mapping[str, int]
) -> tuple[Revert, ...]:
    """The first revert of each change that was taken back, by the order of the changes.

    subjects: all landed changes, oldest first. commits: id of each commit, also of those that a merge brought, to
    the number of the change that it landed with.
    """
    index = _Index(subjects, commits)
    by_change: dict[int, list[Claim]] = {}
    for claim in claims:
        by_change.setdefault(claim.number, []).append(claim)
    planned = {subject.number for subject in subjects if subject.planned}
    first: dict[int, Revert] = {}
    for by in sorted(by_change):
        for source in _ORDER:
            found = [index.find(claim) for claim in by_change[by] if claim.source == source]
            numbers = [number for number in found if number is not None]
            for number in numbers:
                first.setdefault(number, Revert(number, by, source, bool(planned & {number, by})))
            if numbers:
                break
    return tuple(first[number] for number in sorted(first))


class _Index:
    def __init__(self, subjects: Sequence[Subject], commits: Mapping[str, int]) -> None:
        self._commits = commits
        self._sorted = sorted(commits)
        self._titles: dict[str, list[int]] = {}
        self._pulls: dict[int, list[int]] = {}
        for subject in subjects:
            for title in set(subject.titles):
                self._titles.setdefault(title, []).append(subject.number)
            if subject.pull is not None:
                self._pulls.setdefault(subject.pull, []).append(subject.number)

    def find(self, claim: Claim) -> int | None:
        """The change that is meant: the newest one before the change that says so."""
        if claim.source == "commit":
            number = self._commit(claim.what)
            return number if number is not None and number < claim.number else None
        if claim.source == "title":
            candidates = self._titles.get(claim.what, [])
        else:
            candidates = self._pulls.get(int(claim.what), [])
        at = bisect_left(candidates, claim.number)
        return candidates[at - 1] if at else None

    def _commit(self, name: str) -> int | None:
        """A commit by its id, or by a beginning of it that only one has."""
        found = self._commits.get(name)
        if found is not None:
            return found
        at = bisect_left(self._sorted, name)
        matching = [one for one in self._sorted[at : at + 2] if one.startswith(name)]
        return self._commits[matching[0]] if len(matching) == 1 else None
