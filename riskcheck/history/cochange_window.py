"""The changes of the last months, by what they edited: slides along a history, so that what was known before each
change is looked up and never mined anew."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING, Final

from riskcheck.durations import DAY
from riskcheck.history.cochange_model import Item
from riskcheck.history.cochange_noise import is_ordinary
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.history.model import EditedKey, History, LandedChange

MOST_KEYS: Final = 60
"""Edits of keys of one change that are looked at; a change with more edits text, and no keys."""

_WITHIN: Final = regex(r"\[[^\[\]]*\]")


class Basket(NamedTuple):
    """What one change edited. files: their numbers; keys: numbers of edits of keys."""

    number: int
    time: int
    files: tuple[int, ...]
    keys: tuple[int, ...]


class Window:
    """Files and edits of keys have numbers here; a file keeps its number when it is renamed."""

    def __init__(self, days: int) -> None:
        self._length = days * DAY
        self._order: deque[int] = deque()
        self._baskets: dict[int, Basket] = {}
        self._of: dict[int, deque[int]] = {}
        self._file_of: dict[str, int] = {}
        self._paths: list[str] = []
        self._owners: list[int] = []
        self._keys: dict[tuple[int, str, str], int] = {}
        self._edits: dict[int, tuple[str, str]] = {}
        self._born: dict[int, int] = {}
        self._alive: set[int] = set()

    def __len__(self) -> int:
        return len(self._baskets)

    def baskets_of(self, number: int) -> list[Basket]:
        """The changes that edited a file or a key, oldest first."""
        return [self._baskets[one] for one in self._of.get(number, ())]

    def count(self, number: int) -> int:
        """How many changes edited it."""
        return len(self._of.get(number, ()))

    def numbers(self) -> Iterator[int]:
        """All files and keys that a change of the window edited."""
        return (number for number, held in self._of.items() if held)

    def file(self, path: str) -> int | None:
        """The number of a file that there is now."""
        return self._file_of.get(path)

    def owner(self, number: int) -> int:
        """The file of a key; a file is its own."""
        return self._owners[number]

    def is_key(self, number: int) -> bool:
        return self._owners[number] != number

    def path(self, number: int) -> str:
        return self._paths[number]

    def item(self, number: int) -> Item:
        path = self._paths[self._owners[number]]
        key, operation = self._edits.get(number, ("", "modified"))
        return Item(path, key, operation)  # type: ignore[arg-type]

    def is_there(self, file: int) -> bool:
        """Whether a file is there now."""
        return file in self._alive

    def is_partner(self, number: int, time: int, age: int) -> bool:
        """Whether a file is there, and has been for `age` days at `time`."""
        return number in self._alive and self._born.get(number, 0) <= time - age * DAY

    def advance(self, time: int) -> None:
        """Forgets the changes that are too old at `time`."""
        while self._order:
            number = self._order[0]
            basket = self._baskets.get(number)
            if basket is not None and basket.time >= time - self._length:
                return
            self._order.popleft()
            if basket is not None:
                del self._baskets[number]
                for one in (*basket.files, *basket.keys):
                    self._of[one].popleft()

    def drop(self, number: int) -> None:
        """Forgets one change: it was taken back."""
        basket = self._baskets.pop(number, None)
        if basket is not None:
            for one in (*basket.files, *basket.keys):
                self._of[one].remove(number)

    def basket(self, change: LandedChange) -> Basket:
        """What `change` edits, as known before it: files that it renames have their old names, new ones none."""
        edited = (one for one in change.paths if one.status in "MT")
        files = dict.fromkeys(number for one in edited if (number := self.file(one.path)) is not None)
        keys: Iterable[int | None] = ()
        if len(change.keys) <= MOST_KEYS:
            keys = dict.fromkeys(self._key(one) for one in change.keys)
        return Basket(change.number, change.time, tuple(files), tuple(one for one in keys if one is not None))

    def touched(self, change: LandedChange) -> set[int]:
        """All files that `change` does anything to, by the numbers that they have before it."""
        names = (name for one in change.paths for name in (one.path, one.old_path))
        return {number for name in names if (number := self.file(name)) is not None}

    def land(self, change: LandedChange, *, counts: bool) -> None:
        """`change` is there now. counts: it tells what belongs together."""
        for one in change.paths:
            if one.status == "D":
                gone = self._file_of.pop(one.path, None)
                if gone is not None:
                    self._alive.discard(gone)
            elif one.status == "R":
                self._rename(one.old_path, one.path)
            elif one.status == "A":
                self._born[self._number(one.path)] = change.time
            else:
                self._number(one.path)
        if counts and is_ordinary(change):
            self._count(change)

    def _count(self, change: LandedChange) -> None:
        files = dict.fromkeys(
            self._number(one.path) for one in change.paths if one.status in "MTA" and one.configuration
        )
        if not files:
            return
        found = Basket(change.number, change.time, tuple(files), self.basket(change).keys)
        self._order.append(change.number)
        self._baskets[change.number] = found
        for number in (*found.files, *found.keys):
            self._of.setdefault(number, deque()).append(change.number)

    def _number(self, path: str) -> int:
        number = self._file_of.get(path)
        if number is None:
            number = self._file_of[path] = len(self._paths)
            self._paths.append(path)
            self._owners.append(number)
        self._alive.add(number)
        return number

    def _rename(self, old: str, new: str) -> None:
        number = self._file_of.pop(old, None)
        if number is None:
            self._number(new)
            return
        self._file_of[new] = number
        self._paths[number] = new

    def _key(self, edited: EditedKey) -> int | None:
        """The number of an edit of a key, as general as `Item` says; None for one of a file as a whole."""
        file = self.file(edited.path)
        if file is None or not edited.key:
            return None
        key = general(edited.key)
        known = self._keys.get((file, key, edited.operation))
        if known is None:
            known = self._keys[(file, key, edited.operation)] = len(self._paths)
            self._paths.append("")
            self._owners.append(file)
            self._edits[known] = (key, edited.operation)
        return known


def general(key: str) -> str:
    """A key without the names of its resource and of items of lists: ``Deployment spec.containers[*].image``."""
    resource, space, path = key.partition(" ")
    if space and "/" in resource and "[" not in resource:
        key = f"{resource.partition('/')[0]} {path}"
    return _WITHIN.sub("[*]", key)


def together(baskets: Iterable[Basket]) -> Counter[int]:
    """How often each file was edited in `baskets`."""
    counts: Counter[int] = Counter()
    for one in baskets:
        counts.update(one.files)
    return counts


def slide(history: History, days: int) -> Iterator[tuple[LandedChange, Window, bool]]:
    """Each change of `history`, oldest first, with the window as it was before it landed, and whether the change
    is a revert. Nothing that landed later is known: a change counts until the one lands that takes it back."""
    window = Window(days)
    undone: dict[int, list[int]] = {}
    for revert in history.reverts:
        undone.setdefault(revert.by, []).append(revert.number)
    for change in history.changes:
        window.advance(change.time)
        is_revert = change.number in undone
        yield change, window, is_revert
        window.land(change, counts=not is_revert)
        for number in undone.get(change.number, ()):
            window.drop(number)
