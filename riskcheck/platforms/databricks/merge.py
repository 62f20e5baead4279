"""How the bundle loader puts two values into one: an included file into the root, a target over the root.

https://github.com/databricks/cli/blob/7bbe285213/libs/dyn/merge/merge.go and elements_by_key.go beside it. Null
merged with anything is the other one, so that a target cannot unset a value; mappings merge by key, lists
concatenate, a scalar is replaced by one of its own kind.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from riskcheck.documents.scalars import scalar_value
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.platforms.databricks.build import Entry, is_null, put, text_of
from riskcheck.platforms.databricks.fieldtypes import BOOLS, FLOATS, INTS, TEXTS

Conflict = Callable[[Node, str], None]
"""Told the overriding node and why it cannot be merged."""


def merge(base: Node, over: Node, conflict: Conflict, key: str = "") -> Node:
    """`over` merged into `base`. key: the mapping key both stand under.

    What the loader refuses to merge is told to `conflict`, and `over` stands.
    """
    if base is over or is_null(over):
        return base
    if is_null(base):
        return over
    if isinstance(base, Mapping) and isinstance(over, Mapping):
        return _mappings(base, over, conflict)
    if isinstance(base, Sequence) and isinstance(over, Sequence):
        return base.with_items([*base.items, *over.items])
    one, other = _kind(base, key), _kind(over, key)
    if one != other:
        conflict(over, f"{_named(key)} is {one} and cannot be merged with {other}")
    return over


def merge_all(values: list[Node], conflict: Conflict, key: str = "") -> Node:
    """`values` merged one after the other, in time that grows with what they hold and not with its square."""
    stated = [value for value in values if not is_null(value)]
    if len(stated) < 3 or not all(isinstance(value, Mapping) for value in stated):
        return reduce(lambda base, over: merge(base, over, conflict, key), values)
    places: dict[str, tuple[Scalar, list[Node]]] = {}
    for value in stated:
        assert isinstance(value, Mapping)
        for name, node in value.entries:
            known = places.get(name.raw)
            if known is None:
                places[name.raw] = (name, [node])
            else:
                known[1].append(node)
    first = stated[0]
    assert isinstance(first, Mapping)
    return first.with_entries(
        [
            (name, nodes[0] if len(nodes) == 1 else merge_all(nodes, conflict, name.raw))
            for name, nodes in places.values()
        ]
    )


def _mappings(base: Mapping, over: Mapping, conflict: Conflict) -> Mapping:
    theirs = over.index
    known = base.index
    entries: list[Entry] = []
    for key, node in base.entries:
        other = theirs.get(key.raw)
        entries.append((key, node if other is None else merge(node, other, conflict, key.raw)))
    entries.extend(pair for pair in over.entries if pair[0].raw not in known)
    return base.with_entries(entries)


def _named(key: str) -> str:
    return f"'{key}'" if key else "the value"


def _kind(node: Node, key: str) -> str:
    """The kind of a value after the loader has converted it to the type of its field."""
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    assert isinstance(node, Scalar)
    value = scalar_value(node, "databricks")
    if key in TEXTS:
        return "text"
    if isinstance(value, str) and not value.startswith("${"):
        if key in BOOLS:
            return "a boolean"
        if key in INTS or key in FLOATS:
            return "a number"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int):
        return "a number"
    if isinstance(value, float):
        return "a number" if key in INTS or key in FLOATS else "a decimal number"
    return "text"


KeyOf = Callable[[Node | None], str]


def by_key(
    items: Node,
    key: str,
    conflict: Conflict,
    *,
    key_of: KeyOf = text_of,
    ordered: bool = False,
    override: bool = False,
) -> Node:
    """A list in which items with equal `key` are merged into the first of them.

    ordered: sort the items by key afterwards. override: the later item replaces the earlier one.
    Items that are no mappings are kept as they are, at the end.
    The key is written back as `key_of` reads it (a missing cluster label becomes ``default``).
    """
    if not isinstance(items, Sequence):
        return items
    found: dict[str, Node] = {}
    others: list[Node] = []
    for item in items.items:
        if not isinstance(item, Mapping):
            others.append(item)
            continue
        name = key_of(item.get(key))
        first = found.get(name)
        found[name] = item if first is None or override else merge(first, item, conflict)
    names = sorted(found) if ordered else list(found)
    out = [*(_keyed(found[name], key, name) for name in names), *others]
    if len(out) != len(items.items):
        return items.with_items(out)
    unchanged = all(one is other for one, other in zip(out, items.items, strict=True))
    return items if unchanged else items.with_items(out)


def _keyed(item: Node, key: str, name: str) -> Node:
    if not isinstance(item, Mapping) or not name:
        return item
    written = item.get(key)
    if text_of(written) == name:
        return item
    return put(item, key, made(name, item, () if written is None else (written,)))
