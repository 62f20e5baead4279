"""One resource as its files have it, completed by what a plan knows.

What the files state stays; the plan fills in what they leave open, and adds what it changes beyond them. It never
makes a difference of the files disappear, unless the policy trusts it: a plan may raise a level, not lower one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import plain_value
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.planmerge.values import holds_mark, is_mark, is_open
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from riskcheck.nodes import Value

_DYNAMIC: Final = "dynamic"
_READING: Final = "yaml-1.2"


class Pair(NamedTuple):
    """The same thing in base and in head; None where it is absent."""

    base: Node | None
    head: Node | None


def completed(written: Pair, planned: Pair, *, trusted: bool) -> Pair:
    """What files and plan say together. A side that the plan does not know (a resource that it creates has no
    values before) is left as it is written."""
    return _completed(written, planned, trusted)


def _shape(node: Node) -> type[Node]:
    """Mapping, sequence or scalar, whatever made it."""
    return next(shape for shape in (Mapping, Sequence, Scalar, Node) if isinstance(node, shape))


def _completed(written: Pair, planned: Pair, trusted: bool) -> Pair:
    old, new = written
    if old is None and new is None:
        return _added(planned)
    kinds = {_shape(one) for one in (*written, *planned) if one is not None}
    if kinds == {Mapping}:
        return _mappings(written, planned, trusted)
    if kinds == {Sequence} and all(
        len(one.items) == 1 and isinstance(one.items[0], Mapping)
        for one in (*written, *planned)
        if isinstance(one, Sequence)
    ):
        return _single_blocks(written, planned, trusted)
    return _values(written, planned, trusted)


def _added(planned: Pair) -> Pair:
    """What no file states: only what the plan is sure to change of it."""
    before, after = planned
    if is_mark(after) or _plain(before) == _plain(after):
        return Pair(None, None)
    return planned


def _values(written: Pair, planned: Pair, trusted: bool) -> Pair:
    """Attributes, and lists of blocks: one side is never taken from the plan and the other from a file where that
    alone would make them differ."""
    old, new = written
    before = planned.base or _if_empty(old)
    after = planned.head or _if_empty(new)
    differs = _plain(old) != _plain(new)
    open_ = is_open(old) or is_open(new)
    if not open_ and (differs or _plain(before) == _plain(after)):
        return written
    if holds_mark(after) or (new is not None and after is None) or (old is not None and before is None):
        # Of an unknown value nothing is gained; what was known stays beside the same expression as it is written.
        return written
    if not open_ and _plain(after) != _plain(new):
        return written  # made of another commit
    scalars = isinstance(old, Scalar | None) and isinstance(new, Scalar | None)
    head = new
    if new is not None and (is_open(new) or (open_ and not scalars)):
        head = _placed(after, new)
    base = old
    if old is not None and (is_open(old) or not differs or (open_ and not scalars)):
        base = _placed(before, old)
    if differs and not trusted and _plain(base) == _plain(head):
        return written
    return Pair(base, head)


def _if_empty(node: Node | None) -> Node | None:
    """`node` where it is an empty list, which a plan's values leave out."""
    return node if isinstance(node, Sequence) and not node.items else None


def _placed(value: Node | None, near: Node) -> Node | None:
    """A value of the plan where a file writes the expression, or the items, that come to it."""
    if isinstance(value, Scalar):
        return made(value.native, near, (near,)) if not is_mark(value) else near  # type: ignore[arg-type]
    place = (near.source, near.line, near.column, near.end_line, near.end_column)
    if isinstance(value, Sequence):
        items = near.items if isinstance(near, Sequence) else []
        return Sequence([_at(item, _alike(item, items) or near) for item in value.items], *place)
    if isinstance(value, Mapping):
        return _at(value, near)
    return value


def _at(value: Node, near: Node) -> Node:
    """The same value, placed at `near`, its attributes at those of the same name."""
    place = (near.source, near.line, near.column, near.end_line, near.end_column)
    if isinstance(value, Mapping):
        held = near if isinstance(near, Mapping) else None
        entries = [
            (
                made(key.raw, (held.key(key.raw) if held else None) or near),
                _at(child, _below(held, key) or near),
            )
            for key, child in value.entries
        ]
        return Mapping(entries, *place)
    if isinstance(value, Sequence):
        return Sequence([_at(item, near) for item in value.items], *place)
    assert isinstance(value, Scalar)
    copy = Scalar(value.raw, *place, value.style, value.tag, value.native)
    copy.synthetic = True
    return copy


def _below(held: Mapping | None, key: Scalar) -> Node | None:
    return held.get(key.raw) if held is not None else None


def _alike(item: Node, written: list[Node]) -> Node | None:
    """The item of a file that states most of what `item` holds, and nothing else."""
    best, most = None, 0
    for one in written[:200]:
        count = _shared(item, one)
        if count > most:
            best, most = one, count
    return best


def _shared(item: Node, one: Node) -> int:
    if not isinstance(item, Mapping) or not isinstance(one, Mapping):
        return int(_plain(item) == _plain(one))
    count = 0
    for key, child in one.entries:
        if not is_open(child):
            if _plain(item.get(key.raw)) != _plain(child):
                return 0
            count += 1
    return count


def _single_blocks(written: Pair, planned: Pair, trusted: bool) -> Pair:
    """A block that comes once on every side."""
    inner = _mappings(Pair(*map(_only, written)), Pair(*map(_only, planned)), trusted)
    return Pair(
        *(
            outer.with_items([item]) if isinstance(outer, Sequence) and item is not None else outer
            for outer, item in zip(written, inner, strict=True)
        )
    )


def _only(node: Node | None) -> Node | None:
    return node.items[0] if isinstance(node, Sequence) else None


def _mappings(written: Pair, planned: Pair, trusted: bool) -> Pair:
    labels = {label for side in written for label in _dynamic(side)}
    entries: tuple[list[tuple[Scalar, Node]], list[tuple[Scalar, Node]]] = ([], [])
    told = [{label for label in labels if _knows(side, label)} for side in planned]
    filled = told[0] & told[1] if None not in written else told[0] | told[1]
    for name in _names(written, planned):
        mine = Pair(*(_get(side, name) for side in written))
        theirs = Pair(*(_get(side, name) for side in planned))
        if (
            name == _DYNAMIC
            and labels
            and labels <= filled
            and (trusted or _plain(mine[0]) == _plain(mine[1]))
        ):
            continue
        if name in filled:
            result = Pair(*(_near_dynamic(*both) for both in zip(theirs, written, strict=True)))
        else:
            result = _completed(mine, theirs, trusted)
        for number, node in enumerate(result):
            holder = written[number]
            if node is not None and isinstance(holder, Mapping):
                entries[number].append((holder.key(name) or made(name, node), node))
    return Pair(
        *(
            side.with_entries(entries[number]) if isinstance(side, Mapping) else side
            for number, side in enumerate(written)
        )
    )


def _names(written: Pair, planned: Pair) -> dict[str, None]:
    sides = (written.head, written.base, planned.head, planned.base)
    return {key.raw: None for side in sides if isinstance(side, Mapping) for key, _ in side.entries}


def _get(side: Node | None, name: str) -> Node | None:
    return side.get(name) if isinstance(side, Mapping) else None


def _dynamic(side: Node | None) -> list[str]:
    """Names of the blocks that dynamic ones stand for."""
    held = _get(side, _DYNAMIC)
    found = []
    for block in held.items if isinstance(held, Sequence) else ():
        labels = block.get("__labels__") if isinstance(block, Mapping) else None
        if isinstance(labels, Sequence) and labels.items and isinstance(labels.items[0], Scalar):
            found.append(labels.items[0].raw)
    return found


def _knows(side: Node | None, label: str) -> bool:
    return isinstance(side, Mapping) and not holds_mark(side.get(label))


def _near_dynamic(value: Node | None, side: Node | None) -> Node | None:
    """Blocks of the plan at those of the file, or at the dynamic block that makes them."""
    held = _get(side, _DYNAMIC)
    if value is None or not isinstance(held, Sequence) or not held.items:
        return value
    return _at(value, held.items[0]) if not isinstance(value, Sequence) else _placed(value, held)


def _plain(node: Node | None) -> Value:
    return None if node is None else plain_value(node, _READING)
