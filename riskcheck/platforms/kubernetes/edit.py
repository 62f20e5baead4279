"""Edits of immutable nodes: each returns a new container that shares what did not change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made

if TYPE_CHECKING:
    from collections.abc import Callable

Create = Literal["scalar", "mapping"]

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
"""How a null is written; one of JSON or TOML has no text."""


def text(node: Node | None) -> str:
    """A scalar as written, else ``""``; a plain ``null`` is ``""`` too."""
    if not isinstance(node, Scalar) or (node.raw in _NULLS and is_null(node)):
        return ""
    return node.raw


def is_null(node: Node | None) -> bool:
    """An explicit YAML null. An absent node is not null."""
    if not isinstance(node, Scalar):
        return False
    if node.style == "native":
        return node.native is None
    return node.style == "plain" and node.tag is None and node.raw in _NULLS


def is_true(node: Node | None) -> bool:
    """A boolean true, as JSON and YAML 1.2 write it."""
    return (
        isinstance(node, Scalar)
        and node.raw in ("true", "True", "TRUE")
        and node.style in ("plain", "native")
    )


def as_text(node: Scalar) -> Scalar:
    """The same scalar, read as text whatever it looks like."""
    place = (node.source, node.line, node.column, node.end_line, node.end_column)
    return Scalar(node.raw, *place, "quoted", via=node.via)


def key_at(name: str, near: Node) -> Scalar:
    """A mapping key that no file states, placed at `near`."""
    return made(name, near)


def mapping_at(entries: list[tuple[Scalar, Node]], near: Node) -> Mapping:
    """A mapping that no file states, placed at `near`."""
    made_here = Mapping(entries, near.source, near.line, near.column, near.end_line, near.end_column)
    made_here.synthetic = True
    return made_here


def put(mapping: Mapping, key: str, value: Node, near: Node | None = None) -> Mapping:
    """`mapping` with `key` set to `value`, in place where it exists, else at the end."""
    entries = list(mapping.entries)
    for number, (present, node) in enumerate(entries):
        if present.raw == key:
            if node is value:
                return mapping
            entries[number] = (present, value)
            return mapping.with_entries(entries)
    entries.append((key_at(key, near or value), value))
    return mapping.with_entries(entries)


def drop(mapping: Mapping, key: str) -> Mapping:
    """`mapping` without `key`."""
    if key not in mapping.index:
        return mapping
    return mapping.with_entries([entry for entry in mapping.entries if entry[0].raw != key])


def put_at(mapping: Mapping, path: tuple[str, ...], value: Node) -> Mapping:
    """`mapping` with the value below mapping keys `path` set; mappings on the way are made where missing."""
    if len(path) == 1:
        return put(mapping, path[0], value)
    child = mapping.get(path[0])
    inner = child if isinstance(child, Mapping) else mapping_at([], value)
    return put(mapping, path[0], put_at(inner, path[1:], value), value)


def update(
    node: Node,
    path: tuple[str, ...],
    change: Callable[[Node | None], Node | None],
    create: Create | None = None,
    near: Node | None = None,
    depth: int = 0,
) -> Node:
    """`node` with `change` applied to every value at `path`.

    Lists on the way are entered, each element with the rest of the path. A step that ends in ``[]`` is never
    created. create: what the last step is made as where it is missing, None to leave missing paths alone; `change`
    then gets None (``scalar``) or an empty mapping. `change` returns None to leave a value as it is.
    """
    if depth == len(path):
        return change(node) or node
    if isinstance(node, Sequence):
        items = [update(item, path, change, create, near, depth) for item in node.items]
        if all(new is old for new, old in zip(items, node.items, strict=True)):
            return node
        return node.with_items(items)
    if not isinstance(node, Mapping):
        return node
    step = path[depth]
    listed = step.endswith("[]")
    name = step[:-2] if listed else step
    last = depth + 1 == len(path)
    child = node.get(name)
    if child is None or (is_null(child) and create is not None and not listed):
        if create is None or listed or near is None:
            return node
        if last and create == "scalar":
            value = change(None)
            return node if value is None else put(node, name, value, near)
        child = mapping_at([], near)
    changed = update(child, path, change, create, near, depth + 1)
    return node if changed is child and node.get(name) is child else put(node, name, changed, near)


def values_at(node: Node, path: tuple[str, ...], depth: int = 0) -> list[Node]:
    """All values at `path`, lists on the way entered."""
    if depth == len(path):
        return [node]
    if isinstance(node, Sequence):
        return [found for item in node.items for found in values_at(item, path, depth)]
    if isinstance(node, Mapping):
        child = node.get(path[depth].removesuffix("[]"))
        return [] if child is None else values_at(child, path, depth + 1)
    return []
