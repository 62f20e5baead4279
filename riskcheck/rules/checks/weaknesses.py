"""Ways in which one resource promises less than before, each reported at the change that brings it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from riskcheck.models import Match
from riskcheck.nodes import Node, walk
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from riskcheck.models import Change
    from riskcheck.nodes import Value
    from riskcheck.rules.context import CheckContext, ResourceView

MOST_REMEMBERED: Final = 32
"""Questions of one run whose answers are kept: all changes of a resource are looked at one after the other."""


class Weakness(NamedTuple):
    """what: in words. before, after: where it stood and stands, None where it does not. grade: a word that a rule's
    `escalate` knows."""

    what: str
    before: Node | None
    after: Node | None
    grade: str = ""

    @property
    def node(self) -> Node | None:
        return self.after if self.after is not None else self.before


def matches(
    change: Change,
    context: CheckContext,
    find: Callable[[], Iterable[Weakness]],
    subject: str | None = None,
) -> Iterator[Match]:
    """One match with the weaknesses that `change` is the first to bring. find: gives all of the change's
    resource; it is asked once, although every change of the resource is looked at. subject: one more value of
    the match, where given."""
    own = _answer(_Asked(context.changes_of(change.resource), find), context.base).get(id(change), ())
    if own:
        what = "; ".join(dict.fromkeys(one.what for one in own))
        grades: list[Value] = [*dict.fromkeys(one.grade for one in own if one.grade)]
        values: dict[str, Value] = {"what": what, "reason": what, "grades": grades}
        if subject is not None:
            values["subject"] = subject
        yield Match(values=values, node=own[0].node)


class _Asked:
    """The changes of a resource and who asks, as a key that is equal to itself only: there may be thousands.

    asker: the code of `find`. Several rules ask about one resource, each with a closure made anew for each change.
    """

    __slots__ = ("asker", "changes", "find")

    def __init__(self, changes: Sequence[Change], find: Callable[[], Iterable[Weakness]]) -> None:
        self.changes = changes
        self.find = find
        self.asker: object = getattr(find, "__code__", find)

    def __hash__(self) -> int:
        return hash((id(self.changes), id(self.asker)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and other.changes is self.changes and other.asker is self.asker


_known: WeakKeyDictionary[ResourceView, dict[_Asked, Mapping[int, Sequence[Weakness]]]] = WeakKeyDictionary()
"""By the view of base, of which each run has its own: changes hold the trees and git of their run."""


def _answer(asked: _Asked, view: ResourceView) -> Mapping[int, Sequence[Weakness]]:
    """What `_placed` gives, worked out once for all changes of a resource."""
    answers = _known.setdefault(view, {})
    if asked not in answers:
        if len(answers) == MOST_REMEMBERED:
            del answers[next(iter(answers))]
        answers[asked] = _placed(asked)
    return answers[asked]


def _placed(asked: _Asked) -> Mapping[int, Sequence[Weakness]]:
    """Weaknesses by the id of the first change that one of their nodes is part of. Where there is none, of the
    first change that brings another one, else of the first of all."""
    before: dict[int, int] = {}
    after: dict[int, int] = {}
    for number, change in enumerate(asked.changes):
        _index(before, change.node_before, number)
        _index(after, change.node_after, number)
    weaknesses = list(asked.find()) if asked.changes else []
    placed: list[int | None] = [
        min([*_numbers(before, one.before), *_numbers(after, one.after)], default=None) for one in weaknesses
    ]
    first = min((place for place in placed if place is not None), default=0)
    found: dict[int, list[Weakness]] = {}
    for one, at in zip(weaknesses, placed, strict=True):
        found.setdefault(id(asked.changes[first if at is None else at]), []).append(one)
    # The question is kept as a key; its closure would keep the context with it, and so the view it is kept by.
    del asked.find
    return found


def _index(numbers: dict[int, int], node: Node | None, number: int) -> None:
    for _, part in walk(node) if node is not None else ():
        numbers.setdefault(id(part), number)


def _numbers(numbers: Mapping[int, int], node: Node | None) -> Iterator[int]:
    for _, part in walk(node) if node is not None else ():
        if id(part) in numbers:
            yield numbers[id(part)]
