"""Since when a cell has been running what it runs, read from the first-parent history of its branch.

The unit of the cell is resolved again behind each commit that touched any file it is read from, newest first, until
the resolved value is another: what counts is the unbroken run up to now, wherever the value came from on the way. A
unit takes a few milliseconds, and most values were given by the first or second such commit.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from riskcheck.cells import canonical
from riskcheck.trees import CutOffError, Footprint, History

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from riskcheck.models import Environment, Resource
    from riskcheck.trees import Landing

MOST_COMMITS: Final = 250
"""Commits of one unit that are read back for one question."""

MOST_SECONDS: Final = 5.0
"""Time for all questions of one run. What was not reached is unknown, or known to be at least so old."""

LONG_ENOUGH: Final = 30 * 86_400
"""Seconds after which a value counts as old without looking for its very first commit."""


NEVER: Final = "it never had it"


class Snapshot(NamedTuple):
    """One unit behind one commit. unread: a path that could not be read there, so that what it held is unknown."""

    resources: tuple[Resource, ...]
    footprint: Footprint
    unread: str | None


class Past(Protocol):
    """Units as they were behind earlier commits; `number` as in `riskcheck.trees.Landing`."""

    def unit(self, platform: str, unit: str, number: int) -> Snapshot:
        """Raises `CutOffError`."""

    def units_reading(self, platform: str, paths: Collection[str], number: int) -> frozenset[str]:
        """The units that read any of `paths`. Raises `CutOffError`."""


class Sought(NamedTuple):
    """A resource in one environment, there or not. identity: as in `Resource`."""

    platform: str
    kind: str
    address: str
    identity: str
    unit: str
    environment: Environment

    def among(self, resources: Collection[Resource]) -> Resource | None:
        """The resource of this name in this environment; of several, the one of this very address."""
        found = None
        for one in resources:
            if one.kind != self.kind or one.environment.name != self.environment.name:
                continue
            if one.address == self.address:
                return one
            if self.identity and one.identity == self.identity:
                found = one
        return found

    def moved_among(self, resources: Collection[Resource]) -> Resource | None:
        """The same in another folder, which may spell the environment otherwise."""
        name = canonical(self.environment.name)
        there = [
            one
            for one in resources
            if one.kind == self.kind
            and one.address == self.address
            and canonical(one.environment.name) == name
        ]
        return there[0] if len(there) == 1 else None


class Landed(NamedTuple):
    """time: seconds since the epoch at which the value landed; None where it cannot be told, for the reason in
    `detail`. at_least: the value is at least as old as `time` (it was not followed further)."""

    time: int | None
    commit: str | None
    detail: str = ""
    at_least: bool = False


class Landings:
    """Answers for one run. now: seconds since the epoch."""

    def __init__(self, history: History, past: Past, now: int) -> None:
        self._history = history
        self._past = past
        self._now = now
        self._spent = 0.0

    def present(self, sought: Sought) -> Resource | None:
        """The resource as base has it. Raises `CutOffError`."""
        return sought.among(self._past.unit(sought.platform, sought.unit, 0).resources)

    def since(self, sought: Sought, holds: Callable[[Resource | None], bool]) -> Landed:
        """Since when `holds` has been true without a break of the resource `sought`. It holds at base."""
        return self._asked(sought, holds, self._now - LONG_ENOUGH)

    def lost(self, sought: Sought) -> Landed:
        """Since when the resource `sought` has been gone, however long. It is not there at base."""
        landed = self._asked(sought, lambda resource: resource is None, 0)
        never = landed.at_least and landed.commit is None
        return Landed(None, None, NEVER) if never else landed

    def _asked(self, sought: Sought, holds: Callable[[Resource | None], bool], oldest: int) -> Landed:
        begun = monotonic()
        try:
            return self._back(sought, holds, oldest, begun)
        except CutOffError:
            return Landed(None, None, "the history is cut off (shallow clone)")
        finally:
            self._spent += monotonic() - begun

    def _back(
        self, sought: Sought, holds: Callable[[Resource | None], bool], oldest: int, begun: float
    ) -> Landed:
        snapshot = self._past.unit(sought.platform, sought.unit, 0)
        start = 0
        landing: Landing | None = None
        for _ in range(MOST_COMMITS):
            landing = self._history.latest(snapshot.footprint, start, oldest)
            if landing is None:
                return Landed(oldest, None, at_least=True)
            if self._spent + monotonic() - begun > MOST_SECONDS:
                break
            start = landing.number + 1
            before, snapshot, sought = self._before(sought, snapshot, landing)
            held = holds(before)
            if snapshot.unread is not None and (before is None or not held):
                return Landed(None, None, f"what {snapshot.unread} held cannot be read in this clone")
            if not held:
                return Landed(landing.time, landing.commit)
        assert landing is not None
        return Landed(landing.time, landing.commit, at_least=True)

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


def sought_of(resource: Resource) -> Sought:
    """`resource` itself."""
    return Sought(
        resource.platform,
        resource.kind,
        resource.address,
        resource.identity,
        resource.unit,
        resource.environment,
    )
