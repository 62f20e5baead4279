"""Files and keys that move together, mined from what landed, and foretold for a change from what was known before.

The method is that of Rex (S. Mehta et al., NSDI 2020) with the lower end of an interval in the place of the plain
share: four of four are no proof. See docs/learn.md.
"""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING

from riskcheck.durations import DAY
from riskcheck.history.cochange_model import (
    USUAL,
    Thresholds,
    Together,
    fewest,
    lower_bound,
)
from riskcheck.history.cochange_noise import is_ordinary, may_be_partner
from riskcheck.history.cochange_window import Basket, slide, together
from riskcheck.history.siblings import Places
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from riskcheck.history.cochange_window import Window
    from riskcheck.history.model import History, LandedChange
    from riskcheck.learned import Kind, Strength

MOST_SHOWN = 3
"""Changes that are kept as evidence of a rule."""


class Foretold(NamedTuple):
    """A partner that a change was expected to edit, and whether it did."""

    rule: Together
    strength: Strength
    came: bool


class JudgedChange(NamedTuple):
    """A change with what was expected of it, from what was known strictly before it landed."""

    change: LandedChange
    foretold: tuple[Foretold, ...]

    @property
    def violations(self) -> tuple[Foretold, ...]:
        return tuple(one for one in self.foretold if not one.came)


def replay(history: History, thresholds: Thresholds = USUAL) -> Iterator[JudgedChange]:
    """Each change that people landed, oldest first; none of bots, no reverts, no empty and no very large ones."""
    places = Places()
    for change, window, is_revert in slide(history, thresholds.window):
        if is_revert or not is_ordinary(change) or not any(one.configuration for one in change.paths):
            continue
        miner = _Miner(window, thresholds, places, change.time)
        yield JudgedChange(change, tuple(_foretold(miner, change, thresholds)))


class Mined(NamedTuple):
    """What moves together, sorted by path. changes: how many of the window it was learned from."""

    found: tuple[Together, ...]
    changes: int


def mine(history: History, thresholds: Thresholds = USUAL) -> Mined:
    """What moves together at the newest change of `history`."""
    window, time = None, 0
    for change, held, _ in slide(history, thresholds.window):
        window, time = held, change.time
    if window is None:
        return Mined((), 0)
    miner = _Miner(window, thresholds, Places(), time)
    found = {(one.when, one.partner): one for one in miner.all()}
    return Mined(tuple(found[key] for key in sorted(found)), len(window))


def _foretold(miner: _Miner, change: LandedChange, thresholds: Thresholds) -> Iterator[Foretold]:
    """At most one expectation of each partner, the surest; none whose sibling is edited."""
    basket = miner.window.basket(change)
    touched = miner.window.touched(change)
    best: dict[tuple[str, str], Together] = {}
    for one in miner.of(basket):
        key = (one.partner.path, one.partner.key)
        if key not in best or one.bound > best[key].bound:
            best[key] = one
    names = {path for one in change.paths for path in (one.path, one.old_path)}
    for one in best.values():
        partner = one.partner
        if one.kind == "together" and any(miner.places.are_siblings(partner.path, path) for path in names):
            continue
        if partner.key:
            came = partner in {miner.window.item(number) for number in basket.keys}
        else:
            came = miner.window.file(partner.path) in touched
        yield Foretold(one, one.strength(thresholds), came)


class _Miner:
    """Asks a window. time: seconds since the epoch, as of which it is asked."""

    def __init__(self, window: Window, thresholds: Thresholds, places: Places, time: int) -> None:
        self.window = window
        self.places = places
        self._by = thresholds
        self._time = time

    def of(self, basket: Basket) -> Iterator[Together]:
        """What is expected of a change that edits `basket`."""
        for file in basket.files:
            for one in self._of_file(file):
                if not one.keys or any(self.window.item(key) in one.keys for key in basket.keys):
                    yield one
        for key in basket.keys:
            yield from self._of_key(key)
        for first, second in combinations(sorted(basket.files), 2):
            yield from self._of_pair(first, second)

    def all(self) -> Iterator[Together]:
        """All that moves together in the window."""
        pairs: set[tuple[int, int]] = set()
        for number in tuple(self.window.numbers()):
            if not self.window.is_there(self.window.owner(number)):
                continue
            if self.window.is_key(number):
                yield from self._of_key(number)
                continue
            yield from self._of_file(number)
            if self.window.count(number) >= self._by.support:
                for other, count in together(self.window.baskets_of(number)).items():
                    if count > self._by.support and other > number:
                        pairs.add((number, other))
        for first, second in sorted(pairs):
            if not self.window.is_there(second):
                continue
            yield from self._of_pair(first, second)

    def _of_file(self, file: int) -> Iterator[Together]:
        if self.window.count(file) < self._by.support:
            return
        baskets = self.window.baskets_of(file)
        for partner in self._sure(baskets, {file}):
            keys = self._narrowed(file, partner, baskets)
            if keys is None:
                continue
            counted = baskets
            if keys:
                counted = [one for one in baskets if not keys.isdisjoint(one.keys)]
            yield from self._made((file,), partner, counted, keys)

    def _of_key(self, key: int) -> Iterator[Together]:
        """Files, and other keys of the same file, that follow an edit of a key; not what follows any edit of its
        file."""
        if self.window.count(key) < self._by.support:
            return
        baskets = self.window.baskets_of(key)
        file = self.window.owner(key)
        of_file = self.window.baskets_of(file)
        by_file = together(of_file)
        for partner in self._sure(baskets, {file}):
            if by_file[partner] < fewest(len(of_file), self._by.advisory, self._by.support):
                yield from self._made((key,), partner, baskets)
        counts = Counter(one for each in baskets for one in each.keys if self.window.owner(one) == file)
        keys = list(self._above(counts, len(baskets), {key}))
        if len(keys) <= self._by.partners:
            for partner in keys:
                yield from self._made((key,), partner, baskets)

    def _of_pair(self, first: int, second: int) -> Iterator[Together]:
        """What follows two files where neither alone tells it nearly as well."""
        if min(self.window.count(first), self.window.count(second)) <= self._by.support:
            return
        baskets = [one for one in self.window.baskets_of(first) if second in one.files]
        if len(baskets) <= self._by.support:
            return
        counts = together(baskets)
        alone = [(together(held), len(held)) for held in map(self.window.baskets_of, (first, second))]
        for partner in self._sure(baskets, {first, second}):
            single = max(lower_bound(each[partner], total) for each, total in alone)
            bound = lower_bound(counts[partner], len(baskets))
            # Pairs are many, and some look sure by chance: they have to be surer than a single file.
            if bound < single + self._by.gain or bound < self._by.warn:
                continue
            if not any(self._siblings(one, partner) for one in (first, second)):
                yield from self._made((first, second), partner, baskets)

    def _sure(self, baskets: list[Basket], without: set[int]) -> list[int]:
        """Files that are edited in nearly all of `baskets`, and may be partners. None where they are many: what
        they have in common is one edit of all of them, made again and again."""
        found = [
            partner
            for partner in self._above(together(baskets), len(baskets), without)
            if self.window.is_partner(partner, self._time, self._by.age)
            and may_be_partner(self.window.path(partner))
        ]
        return found if len(found) <= self._by.partners else []

    def _above(self, counts: Counter[int], times: int, without: set[int]) -> Iterator[int]:
        """Those whose share has a high lower bound, and is more than chance."""
        needed = fewest(times, self._by.advisory, self._by.support)
        for partner, count in sorted(counts.items()):
            if count < needed or partner in without:
                continue
            lift = count * len(self.window) / (times * self.window.count(partner))
            if lift >= self._by.lift:
                yield partner

    def _narrowed(self, file: int, partner: int, baskets: list[Basket]) -> set[int] | None:
        """Keys of `file` that `partner` follows, where it does not follow others that are edited as often; none
        where it follows all; None where it follows no key."""
        good: set[int] = set()
        bad = False
        for key in sorted({one for each in baskets for one in each.keys if self.window.owner(one) == file}):
            edits = self.window.baskets_of(key)
            if len(edits) < self._by.support:
                continue
            share = sum(partner in one.files for one in edits) / len(edits)
            if share > self._by.refined:
                good.add(key)
            else:
                bad = True
        if not bad:
            return set()
        return good or None

    def _siblings(self, one: int, other: int) -> bool:
        path = self.window.path
        paths = path(self.window.owner(one)), path(other)
        return self.places.are_siblings(*paths) or self.places.in_other_stages(*paths)

    def _made(
        self,
        when: tuple[int, ...],
        partner: int,
        baskets: list[Basket],
        keys: Collection[int] = (),
    ) -> Iterator[Together]:
        kind: Kind = "together"
        if not self.window.is_key(partner) and self._siblings(when[0], partner):
            kind = "parity"
            paths = self.window.path(self.window.owner(when[0])), self.window.path(partner)
            if self.places.comes_first(*paths):
                return
        both = [one for one in baskets if partner in one.files or partner in one.keys]
        days = len({one.time // DAY for one in both})
        if days < self._by.days or both[-1] is not baskets[-1]:
            # One piece of work in several changes; or it has just come to an end, as far as anybody knows.
            return
        yield Together(
            kind,
            tuple(sorted(self.window.item(one) for one in when)),
            self.window.item(partner),
            tuple(sorted(self.window.item(one) for one in keys)),
            len(both),
            len(baskets),
            lower_bound(len(both), len(baskets)),
            days,
            tuple(one.number for one in both[: -MOST_SHOWN - 1 : -1]),
        )
