"""What is known of files and keys when a change lands: who touched them, and what was taken back there.

Only what landed before counts. A revert counts from when it landed itself, whatever is known of it today.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.history.model import History, LandedChange, Revert

Kind: TypeAlias = Literal["key", "file", "folder", "component"]
"""component: the first two folders of a path, which is how most repositories part what they run."""


class Touches(NamedTuple):
    """How many changes touched something, and when the last one did, seconds since the epoch; None for none."""

    number: int
    last: int | None


class Past(Protocol):
    """What was known at one moment."""

    def reverts(self, kind: Kind, name: str) -> Sequence[int]:
        """When changes of it were taken back, seconds since the epoch, oldest first."""

    def touches(self, kind: Kind, name: str) -> Touches:
        """Changes of it that landed; those of keys are not counted."""

    def totals(self) -> tuple[int, int]:
        """Changes of configuration by people, and those among them that were taken back so far."""


def folder_of(path: str) -> str:
    return path.rpartition("/")[0]


def component_of(path: str) -> str:
    return "/".join(path.split("/")[:2])


def key_of(path: str, key: str) -> str:
    return f"{path}\t{key}"


class Places(NamedTuple):
    """What a change touches: configuration files, by name, folder and component, and keys. All sorted."""

    key: tuple[str, ...]
    file: tuple[str, ...]
    folder: tuple[str, ...]
    component: tuple[str, ...]

    def of(self, kind: Kind) -> tuple[str, ...]:
        found: tuple[str, ...] = getattr(self, kind)
        return found


def places_of(change: LandedChange) -> Places:
    files = {one.path for one in change.paths if one.configuration}
    return Places(
        tuple(sorted({key_of(one.path, one.key) for one in change.keys if one.key})),
        tuple(sorted(files)),
        tuple(sorted({folder_of(path) for path in files})),
        tuple(sorted({component_of(path) for path in files})),
    )


def is_judged(change: LandedChange) -> bool:
    """Whether it belongs to the population: configuration, by a person, and itself no revert."""
    return (
        not change.bot and "revert" not in change.signals and any(one.configuration for one in change.paths)
    )


KINDS: tuple[Kind, ...] = ("key", "file", "folder", "component")


class Recollection:
    """A `Past` that grows with each change that is added, oldest first."""

    def __init__(self) -> None:
        self._reverts: dict[Kind, dict[str, list[int]]] = {kind: {} for kind in KINDS}
        self._touches: dict[Kind, dict[str, Touches]] = {kind: {} for kind in KINDS}
        self._judged = 0
        self._reverted = 0

    def reverts(self, kind: Kind, name: str) -> Sequence[int]:
        return self._reverts[kind].get(name, ())

    def touches(self, kind: Kind, name: str) -> Touches:
        return self._touches[kind].get(name, _NEVER)

    def totals(self) -> tuple[int, int]:
        return self._judged, self._reverted

    def add(self, change: LandedChange, taken_back: Sequence[LandedChange] = ()) -> None:
        """`change` landed, and took `taken_back` back: what it is the first revert of."""
        for one in taken_back:
            if one.bot:
                continue
            self._reverted += is_judged(one)
            places = places_of(one)
            for kind in KINDS:
                for name in places.of(kind):
                    self._reverts[kind].setdefault(name, []).append(change.time)
        self._judged += is_judged(change)
        places = places_of(change)
        for kind in KINDS[1:]:
            known = self._touches[kind]
            for name in places.of(kind):
                known[name] = Touches(known.get(name, _NEVER).number + 1, change.time)


_NEVER = Touches(0, None)


def walked(history: History) -> Iterator[tuple[LandedChange, Recollection, Revert | None]]:
    """Each change with what was known before it landed, and the revert that is known of it today."""
    first = {one.number: one for one in history.reverts}
    by: dict[int, list[LandedChange]] = {}
    position = {change.number: change for change in history.changes}
    for revert in history.reverts:
        if revert.number in position:
            by.setdefault(revert.by, []).append(position[revert.number])
    past = Recollection()
    for change in history.changes:
        yield change, past, first.get(change.number)
        past.add(change, by.get(change.number, ()))
