"""Which item of one list is which item of another.

Named items match by their natural key, so that reordering is no change and dropping the first of three is
one removal. What has no name matches by value first, and only what is then left over by likeness.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from riskcheck.documents.scalars import plain_value
from riskcheck.keypaths import natural_key_of_items
from riskcheck.nodes import Mapping, Node, Reading, Scalar, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Pair: TypeAlias = tuple[str, Node | None, Node | None]
"""(path segment, item in base, item in head)."""

ORDERED_FIELDS = frozenset({"args", "command", "entrypoint", "primary_key_columns", "stepWeights"})
"""Lists of scalars whose order is their meaning: argv is read left to right, weights are gone through in turn, keys
are compared column by column."""

IN_TURN = frozenset({"setWeight"})
"""Keys that tell a list of steps which are gone through in turn: the same ones in another order are a change."""

MOST_LIKENESS_PAIRS = 12
"""Leftover items a side up to which likeness is computed: it is quadratic, and each pair is a DeepDiff."""

ALIKE = 0.5
"""DeepDiff's deep distance (0 same, 1 nothing in common) under which two unnamed items are one edited item."""


def match_items(
    before: Sequence[Node], after: Sequence[Node], candidates: Sequence[str], reading: Reading, ordered: bool
) -> Iterator[Pair]:
    """Pairs the items of two lists; pairs that are equal by value may be left out.

    candidates: natural keys, best first. ordered: position is meaning, for lists of scalars only.
    """
    if all(isinstance(item, Scalar) for item in (*before, *after)):
        yield from _by_value(before, after, reading, ordered)
        return
    keys_before = natural_key_of_items(before, candidates, reading)
    keys_after = natural_key_of_items(after, candidates, reading)
    if keys_before is None or keys_after is None:
        yield from _by_likeness(before, after, reading)
        return
    index_before = dict(zip(keys_before, before, strict=True))
    index_after = dict(zip(keys_after, after, strict=True))
    for key, item in index_after.items():
        yield f"[{key}]", index_before.get(key), item
    for key, item in index_before.items():
        if key not in index_after:
            yield f"[{key}]", item, None


def _by_value(
    before: Sequence[Node], after: Sequence[Node], reading: Reading, ordered: bool
) -> Iterator[Pair]:
    old = [plain_value(item, reading) for item in before]
    new = [plain_value(item, reading) for item in after]
    if ordered and len(old) == len(new):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield f"[{number}]", one, other
        return
    left_old = _unmatched(old, new)
    left_new = _unmatched(new, old)
    for number in sorted(left_old & left_new):
        yield f"[{number}]", before[number], after[number]
    for number in sorted(left_new - left_old):
        yield f"[{new[number]}]", None, after[number]
    for number in sorted(left_old - left_new):
        yield f"[{old[number]}]", before[number], None


def _unmatched(values: Sequence[Value], others: Sequence[Value]) -> set[int]:
    """Positions in `values` that `others` holds no equal for, counting repetitions."""
    counts: dict[tuple[type, Value], int] = {}
    for value in others:
        counts[(type(value), value)] = counts.get((type(value), value), 0) + 1
    left = set()
    for number, value in enumerate(values):
        key = (type(value), value)
        if counts.get(key, 0):
            counts[key] -= 1
        else:
            left.add(number)
    return left


def _by_likeness(before: Sequence[Node], after: Sequence[Node], reading: Reading) -> Iterator[Pair]:
    old = [_canonical(plain_value(item, reading)) for item in before]
    new = [_canonical(plain_value(item, reading)) for item in after]
    left_old = sorted(_unmatched(list(old), list(new)))
    left_new = sorted(_unmatched(list(new), list(old)))
    if not left_old and not left_new:
        pairs = [(at, at) for at in range(len(new)) if old[at] != new[at]] if _in_turn(after) else []
    elif len(left_old) == 1 and len(left_new) == 1:
        pairs = [(left_old[0], left_new[0])]
    elif max(len(left_old), len(left_new)) <= MOST_LIKENESS_PAIRS:
        pairs = _closest(before, after, left_old, left_new, reading)
    else:
        pairs = [(one, other) for one, other in zip(left_old, left_new, strict=False) if one == other]
    taken_old = {one for one, _ in pairs}
    taken_new = {other for _, other in pairs}
    for one, other in pairs:
        yield f"[{other}]", before[one], after[other]
    for number in left_new:
        if number not in taken_new:
            yield f"[{number}]", None, after[number]
    for number in left_old:
        if number not in taken_old:
            yield f"[{number}]", before[number], None


def _in_turn(items: Sequence[Node]) -> bool:
    return any(isinstance(item, Mapping) and not IN_TURN.isdisjoint(item.index) for item in items)


def _canonical(value: Value) -> str:
    import json

    return json.dumps(value, sort_keys=True, default=str)


def _closest(
    before: Sequence[Node],
    after: Sequence[Node],
    left_old: Sequence[int],
    left_new: Sequence[int],
    reading: Reading,
) -> list[tuple[int, int]]:
    if not left_old or not left_new:
        return []
    distance = _distance()
    values = {number: plain_value(before[number], reading) for number in left_old}
    others = {number: plain_value(after[number], reading) for number in left_new}
    ranked = sorted(
        (distance(value, other), abs(one - two), one, two)
        for one, value in values.items()
        for two, other in others.items()
    )
    pairs: list[tuple[int, int]] = []
    for far, _, one, two in ranked:
        if far >= ALIKE:
            break
        if all(one != taken and two != also for taken, also in pairs):
            pairs.append((one, two))
    return pairs


def _distance() -> Callable[[Value, Value], float]:
    from deepdiff import DeepDiff

    def distance(one: Value, other: Value) -> float:
        found = DeepDiff(one, other, get_deep_distance=True, ignore_order=False)
        return float(found.get("deep_distance", 0.0))

    return distance
