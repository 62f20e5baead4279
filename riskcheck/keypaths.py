"""Following a `KeyPath` through a resolved tree: mapping keys, and list items by their natural key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeAlias

from riskcheck.documents.scalars import scalar_value
from riskcheck.nodes import KeyPath, Mapping, Node, Reading, Scalar
from riskcheck.nodes import Sequence as SequenceNode

NaturalKeys: TypeAlias = Callable[[str], Sequence[str]]
"""Field name of a list (the last mapping key above it) to the keys its items are matched by, best first."""

GENERAL_KEYS = ("name", "key", "id")
"""Natural keys tried where the platform names none."""


def natural_key_of_items(
    items: Sequence[Node], candidates: Sequence[str], reading: Reading
) -> tuple[str, ...] | None:
    """One unique name per item, or None where the items have none.

    Each item is named by the first candidate it has (permissions name a user, a group or a service principal),
    by all it has where that is not unique (two ports 53, TCP and UDP).
    """
    for names in (candidates, GENERAL_KEYS):
        if not names:
            continue
        for whole in (False, True):
            keys = [_name(item, names, reading, whole=whole) for item in items]
            if None not in keys and len(set(keys)) == len(keys):
                return tuple(str(key) for key in keys)
    return None


def _name(item: Node, names: Sequence[str], reading: Reading, *, whole: bool) -> str | None:
    if not isinstance(item, Mapping):
        return None
    found = []
    for name in names:
        node = item.get(name)
        if isinstance(node, Scalar) and node.raw != "":
            found.append(str(scalar_value(node, reading)))
            if not whole:
                break
    return "/".join(found) or None


def descend(root: Node, path: KeyPath, natural_keys: NaturalKeys, reading: Reading) -> Node | None:
    """The node at `path` below `root`, or None where a step is missing."""
    node: Node | None = root
    field = ""
    for step in path:
        if isinstance(node, Mapping) and not step.startswith("["):
            field = step.removeprefix("\\")
            node = node.get(field)
        elif isinstance(node, SequenceNode) and step.startswith("["):
            node = _item(node, step[1:-1], natural_keys(field), reading)
        else:
            return None
        if node is None:
            return None
    return node


def _item(sequence: SequenceNode, name: str, candidates: Sequence[str], reading: Reading) -> Node | None:
    named = _named(sequence, tuple(candidates), reading)
    if named is not None:
        return named.get(name)
    for item in sequence.items:
        if isinstance(item, Scalar) and str(scalar_value(item, reading)) == name:
            return item
    if name.isdigit() and int(name) < len(sequence.items):
        return sequence.items[int(name)]
    return None


@lru_cache(maxsize=64)
def _named(sequence: SequenceNode, candidates: tuple[str, ...], reading: Reading) -> dict[str, Node] | None:
    """The items by their natural keys; remembered, since whoever asks for one item asks for the next."""
    keys = natural_key_of_items(sequence.items, candidates, reading)
    return None if keys is None else dict(zip(keys, sequence.items, strict=True))
