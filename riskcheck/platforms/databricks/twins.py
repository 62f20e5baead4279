"""The parts of a changed file that both sides have at the same place, as the same nodes.

A file that is the same on both sides is parsed once; one of which a line changed is not. What did not change in it
is made the same nodes here, so that what was worked out for one side holds for the other. Said to stand in head:
there it can still be edited, as for files that are the same.
"""

from __future__ import annotations

from riskcheck.nodes import MISSING, Mapping, Node, Scalar, Sequence, Source


def with_twins(new: Node, old: Node) -> Node:
    """`new`, a tree of head, with the nodes of `old`, of the same file in base, wherever they are the same."""
    if new is old or new.source.first_line != old.source.first_line:
        return new
    return _paired(new, old)


def _paired(new: Node, old: Node) -> Node:
    same = _same_place(new, old)
    if isinstance(new, Scalar):
        if same and isinstance(old, Scalar) and _same_scalar(new, old):
            old.source = new.source
            return old
        return new
    if isinstance(new, Mapping):
        if not isinstance(old, Mapping):
            return new
        known = {key.raw: (key, node) for key, node in old.entries}
        entries = []
        for key, node in new.entries:
            twin = known.get(key.raw)
            if twin is None:
                entries.append((key, node))
            else:
                paired = _paired(key, twin[0])
                assert isinstance(paired, Scalar)
                entries.append((paired, _paired(node, twin[1])))
        kept = len(entries) == len(old.entries) and all(
            one is key and other is node
            for (one, other), (key, node) in zip(entries, old.entries, strict=True)
        )
        return _kept(old, new.source) if same and kept and new.tag == old.tag else new.with_entries(entries)
    assert isinstance(new, Sequence)
    if not isinstance(old, Sequence):
        return new
    pairs = zip(new.items, old.items, strict=False)
    items = [*(_paired(one, other) for one, other in pairs), *new.items[len(old.items) :]]
    kept = len(items) == len(old.items) and all(map(_is, items, old.items))
    return _kept(old, new.source) if same and kept and new.tag == old.tag else new.with_items(items)


def _is(one: Node, other: Node) -> bool:
    return one is other


def _kept(old: Node, source: Source) -> Node:
    old.source = source
    return old


def _same_place(one: Node, other: Node) -> bool:
    return (one.line, one.column, one.end_line, one.end_column) == (
        other.line,
        other.column,
        other.end_line,
        other.end_column,
    )


def _same_scalar(new: Scalar, old: Scalar) -> bool:
    return (
        new.raw == old.raw
        and new.style == old.style
        and new.tag == old.tag
        and (new.native is MISSING) == (old.native is MISSING)
        and new.native == old.native
        and type(new.native) is type(old.native)
    )
