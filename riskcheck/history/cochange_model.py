"""What co-change is about: what moves together, how sure that is, and the numbers that decide it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from riskcheck.history.oddsratios import wilson
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from riskcheck.history.model import Operation
    from riskcheck.learned import Kind, Strength

_Z: Final = 1.645
"""Of a normal distribution: 90 % lie within so many standard deviations."""


class Thresholds(NamedTuple):
    """When files count as moving together.

    window: days of history that count. support: changes that edited both, at least. advisory, warn: lower bounds of
    the share of edits of the one that edited the other, too. days: on which that happened, at least.
    lift: how much more often than by chance. age: days for which a partner has existed. gain: by how much a second
    file must raise the bound, to be asked for. refined: share of the edits of a key that the partner must have
    followed. partners: that one file may have.
    """

    window: int = 180
    support: int = 4
    advisory: float = 0.6
    warn: float = 0.7
    days: int = 3
    lift: float = 3.0
    age: int = 30
    gain: float = 0.1
    refined: float = 0.75
    partners: int = 5


USUAL: Final = Thresholds()


class Item(NamedTuple):
    """A file, or an edit of a key in it. key: "" for the file as a whole; names of resources and of list items are
    left out, so that the same edit of another item is the same."""

    path: str
    key: str = ""
    operation: Operation = "modified"


class Together(NamedTuple):
    """Whenever all of `when` was edited, `partner` nearly always was, too.

    kind: parity, for the same file of different environments, which is a matter of promotion.
    when: one or two files, or one key. keys: where not empty, only edits of these keys of the file count. together:
    changes that edited both; times: changes that edited `when`. bound: lower end of the 90 % interval of
    together/times. days: distinct days on which both were edited. last: positions of the newest of them, newest
    first.
    """

    kind: Kind
    when: tuple[Item, ...]
    partner: Item
    keys: tuple[Item, ...]
    together: int
    times: int
    bound: float
    days: int
    last: tuple[int, ...]

    def strength(self, thresholds: Thresholds) -> Strength:
        return "warn" if self.bound >= thresholds.warn else "advisory"


def lower_bound(hits: int, trials: int) -> float:
    """Lower end of the Wilson score interval (90 %) of a share: 4 of 4 are 0.60, 9 of 10 are 0.65.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).
    """
    return wilson(hits, trials, _Z).low or 0.0


@cache
def fewest(trials: int, bound: float, support: int) -> int:
    """The fewest hits among `trials` that have this lower bound; more than `trials` where none has."""
    return next(
        (hits for hits in range(min(support, trials), trials + 1) if lower_bound(hits, trials) >= bound),
        trials + 1,
    )
