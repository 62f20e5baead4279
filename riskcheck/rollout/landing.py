"""Since when a cell has been running what it runs, read from the first-parent history of its branch.

The unit of the cell is resolved again behind each commit that touched any file it is read from, newest first, until
the resolved value is another: what counts is the unbroken run up to now, wherever the value came from on the way. A
unit takes a few milliseconds, and most values were given by the first or second such commit.
"""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING, Final, Protocol

from riskcheck.records import NamedTuple
from riskcheck.rollout.sought import Past, Snapshot, Sought, sought_of
from riskcheck.trees import CutOffError, Footprint, History

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from riskcheck.models import Resource
    from riskcheck.trees import Landing

MOST_COMMITS: Final = 250
"""Commits of one unit that are read back for one question."""

MOST_SECONDS: Final = 5.0
"""Computing time for all questions of one run, so that a busy machine says the same. What was not reached is
unknown, or known to be at least so old."""

LONG_ENOUGH: Final = 30 * 86_400
"""Seconds after which a value counts as old without looking for its very first commit."""


NEVER: Final = "it never had it"
CUT_OFF: Final = "the history is cut off (shallow clone)"


class Answers(Protocol):
    """What earlier runs found out."""

    def recall(self, question: tuple[str, ...]) -> Landed | None: ...

    def keep(self, question: tuple[str, ...], answer: Landed) -> None: ...

    def save(self) -> None: ...


class Landed(NamedTuple):
    """time: seconds since the epoch at which the value landed; None where it cannot be told, for the reason in
    `detail`. at_least: the value is at least as old as `time` (it was not followed further)."""

    time: int | None
    commit: str | None
    detail: str = ""
    at_least: bool = False


class Run(NamedTuple):
    """A run that ended. start, end: seconds since the epoch at which the value landed and another one did.
    went_back: what came next is what had been before."""

    start: int
    end: int
    at_least: bool = False
    went_back: bool = False


class Landings:
    """Answers for one run. now: seconds since the epoch. answers: those of earlier runs, where they are kept."""

    def __init__(self, history: History, past: Past, now: int, answers: Answers | None = None) -> None:
        self._answers = answers
        self._history = history
        self._past = past
        self._now = now
        self._spent = 0.0
        self._hurried = False

    def present(self, sought: Sought) -> Resource | None:
        """The resource as base has it. Raises `CutOffError`."""
        return sought.among(self._past.unit(sought.platform, sought.unit, 0).resources)

    def since(
        self,
        sought: Sought,
        holds: Callable[[Resource | None], bool],
        question: tuple[str, ...] = (),
        need: int = 0,
    ) -> Landed:
        """Since when `holds` has been true without a break of the resource `sought`. It holds at base.

        question: tells `holds` from others that are asked of the same resource. need: seconds of soak asked for.
        """
        return self._asked(sought, holds, self._oldest(need), question)

    def lost(self, sought: Sought) -> Landed:
        """Since when the resource `sought` has been gone, however long. It is not there at base."""
        landed = self._asked(sought, lambda resource: resource is None, 0, ("lost",))
        never = landed.at_least and landed.commit is None
        return Landed(None, None, NEVER) if never else landed

    def save(self) -> None:
        """Keeps the answers for later runs."""
        if self._answers is not None:
            self._answers.save()

    def _asked(
        self,
        sought: Sought,
        holds: Callable[[Resource | None], bool],
        oldest: int,
        question: tuple[str, ...],
    ) -> Landed:
        if self._answers is None or not question:
            return self._told(sought, holds, oldest)
        name = (sought.platform, sought.unit, sought.kind, sought.address, *sought.environment[:4], *question)
        whole = tuple(str(part) for part in name)
        known = self._answers.recall(whole)
        if known is None:
            known = self._told(sought, holds, oldest)
            bounded = known.at_least and known.commit is not None
            if known.time is not None and not (bounded and self._hurried):
                # The rest depends on what this clone holds and on how much time there was.
                self._answers.keep(whole, known)
        return known

    def earlier(
        self,
        sought: Sought,
        read: Callable[[Resource | None], object],
        wanted: Callable[[object], bool],
        need: int = 0,
    ) -> Run | Landed | None:
        """The latest run of a value that the cell has moved on from since; None where there was none lately, and
        with a reason (a `Landed` without time) where that cannot be told.

        read: the value of the resource. wanted: whether it is the one; it is not at base.
        """
        begun = process_time()
        oldest = self._oldest(need)
        end: Landing | None = None
        newer: object = read(self.present(sought))
        after = newer
        try:
            for landing, before, unread in self._steps(sought, oldest):
                if unread is not None:
                    return Landed(None, None, _unreadable(unread))
                value = read(before)
                if end is None and wanted(value):
                    end, after = landing, newer
                elif end is not None and not wanted(value):
                    return Run(landing.time, end.time, went_back=value == after)
                newer = value
        except CutOffError:
            return Landed(None, None, CUT_OFF)
        except _TooLongError as error:
            if end is None:
                return Landed(None, None, "its history is too long to be read back further")
            return Run(error.landing.time, end.time, at_least=True)
        finally:
            self._spent += process_time() - begun
        return None if end is None else Run(oldest, end.time, at_least=True)

    def is_all_known(self, need: int = 0) -> bool:
        """Whether the history that is looked at goes back to its very beginning."""
        return self._history.begins_after(self._oldest(need))

    def _oldest(self, need: int) -> int:
        return self._now - max(LONG_ENOUGH, 2 * need)

    def _told(self, sought: Sought, holds: Callable[[Resource | None], bool], oldest: int) -> Landed:
        begun = process_time()
        try:
            for landing, before, unread in self._steps(sought, oldest):
                held = holds(before)
                if unread is not None and (before is None or not held):
                    return Landed(None, None, _unreadable(unread))
                if not held:
                    return Landed(landing.time, landing.commit)
        except CutOffError:
            return Landed(None, None, CUT_OFF)
        except _TooLongError as error:
            return Landed(error.landing.time, error.landing.commit, at_least=True)
        finally:
            self._spent += process_time() - begun
        return Landed(oldest, None, at_least=True)

    def _steps(self, sought: Sought, oldest: int) -> Iterator[tuple[Landing, Resource | None, str | None]]:
        """Each commit that touched what the resource is read from, newest first; the resource before it; and the
        path that could not be read there. Raises `CutOffError` and `_TooLongError`."""
        begun = process_time()
        snapshot = self._past.unit(sought.platform, sought.unit, 0)
        start, steps = 0, 0
        while (landing := self._history.latest(snapshot.footprint, start, oldest)) is not None:
            self._hurried = self._hurried or self._spent + process_time() - begun > MOST_SECONDS
            if steps == MOST_COMMITS or self._hurried:
                raise _TooLongError(landing)
            start, steps = landing.number + 1, steps + 1
            before, snapshot, sought = self._before(sought, snapshot, landing)
            yield landing, before, snapshot.unread

    def _before(
        self, sought: Sought, snapshot: Snapshot, landing: Landing
    ) -> tuple[Resource | None, Snapshot, Sought]:
        """The resource before `landing`, with the unit that held it: another one, where its files were moved."""
        number = landing.number + 1
        before = self._past.unit(sought.platform, sought.unit, number)
        found = sought.among(before.resources)
        if found is None and (old := self._old_names(snapshot.footprint, landing.number)):
            for unit in sorted(self._past.units_reading(sought.platform, old, number)):
                there = self._past.unit(sought.platform, unit, number)
                moved = sought.moved_among(there.resources)
                if moved is not None:
                    return moved, there, sought_of(moved)
        return found, before, sought

    def _old_names(self, footprint: Footprint, number: int) -> frozenset[str]:
        names: Mapping[str, str] = self._history.old_names(number)
        return frozenset(old for path, old in names.items() if path in footprint.paths)


class _TooLongError(Exception):
    """Not all of the history was read. landing: the last commit that was reached; up to it, nothing was missed."""

    def __init__(self, landing: Landing) -> None:
        super().__init__()
        self.landing = landing


def _unreadable(path: str) -> str:
    return f"what {path} held cannot be read in this clone"
