"""Values of a plan as positioned nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.planfiles.masking import MARKS

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingOf

    from riskcheck.nodes import Value

_NOTHING: Final[tuple[Value, ...]] = (None, [], {})


def body_of(values: MappingOf[str, Value], near: Node, lines: Mapping | None) -> Mapping:
    """The body of a resource: what is null or empty is unset, as in a file. Each attribute stands where `lines`,
    the block or call in a file, has one of its name; else all of it stands at `near`."""
    entries: list[tuple[Scalar, Node]] = []
    for name, value in values.items():
        if value in _NOTHING:
            continue
        below = lines.get(name) if lines is not None else None
        key = (lines.key(name) if lines is not None else None) or near
        entries.append((made(name, key), node_of(value, below or key)))
    return Mapping(entries, near.source, near.line, near.column, near.end_line, near.end_column)


def node_of(value: Value, near: Node) -> Node:
    """`value` at `near`, the items of a block that comes once at its attributes."""
    place = (near.source, near.line, near.column, near.end_line, near.end_column)
    if isinstance(value, dict):
        lines = near if isinstance(near, Mapping) else None
        return body_of(value, near, lines)
    if isinstance(value, list):
        written = near.items if isinstance(near, Sequence) and len(near.items) == len(value) == 1 else []
        return Sequence([node_of(item, written[0] if written else near) for item in value], *place)
    if isinstance(value, str) and value in MARKS:
        return Scalar(value, *place, "native", EXPRESSION, value)
    return made(value, near)


def is_mark(node: Node | None) -> bool:
    """Whether a node stands for what the plan does not tell."""
    return isinstance(node, Scalar) and node.tag == EXPRESSION and node.raw in MARKS


def holds_mark(node: Node | None) -> bool:
    if isinstance(node, Mapping):
        return any(holds_mark(child) for _, child in node.entries)
    if isinstance(node, Sequence):
        return any(map(holds_mark, node.items))
    return is_mark(node)


def is_open(node: Node | None) -> bool:
    """Whether `node` holds an expression that could not be evaluated."""
    if isinstance(node, Mapping):
        return any(is_open(child) for _, child in node.entries)
    if isinstance(node, Sequence):
        return any(map(is_open, node.items))
    return isinstance(node, Scalar) and node.tag == EXPRESSION
