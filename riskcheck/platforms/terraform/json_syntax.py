"""Terraform's JSON syntax in the shape that its native syntax is read into.

https://developer.hashicorp.com/terraform/language/syntax/json: texts are templates, a block that comes once
may be an object instead of a list of them, and labels are keys.
"""

from __future__ import annotations

from typing import Final

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.nodes import Mapping, Node, Scalar, Sequence

_NAMED: Final = {
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
    "module": 1,
    "variable": 1,
    "output": 1,
    "check": 1,
}
"""Block types whose blocks stand below their labels, with the number of those."""

_LISTED: Final = frozenset({"moved", "removed", "import", "terraform"})
_LABELLED: Final = frozenset({"provider", "dynamic", "backend", "provisioner"})
_SINGLE: Final = frozenset(
    {"lifecycle", "cloud", "required_providers", "content", "connection", "validation"}
)
_COMMENT: Final = "//"


def native(root: Node | None) -> Node | None:
    """The root of a ``.tf.json`` file as that of a ``.tf`` file that says the same."""
    if not isinstance(root, Mapping):
        return root
    entries: dict[str, tuple[Scalar, Node]] = {}
    for key, held in root.entries:
        kind = key.raw
        if kind == _COMMENT:
            continue
        if kind in _NAMED:
            entries[kind] = (key, _block(_merged(held, _NAMED[kind]), _NAMED[kind]))
        elif kind == "locals":
            entries[kind] = (key, _value(_merged(held, 1)))
        elif kind in _LABELLED:
            entries[kind] = (key, _labelled(held))
        elif kind in _LISTED:
            entries[kind] = (key, _list(held))
    return root.with_entries(list(entries.values()))


def _merged(node: Node, levels: int) -> Node:
    """A list of objects as one object."""
    if isinstance(node, Sequence):
        entries: dict[str, tuple[Scalar, Node]] = {}
        first: Mapping | None = None
        for item in node.items:
            if isinstance(item, Mapping):
                first = first or item
                for key, child in item.entries:
                    before = entries.get(key.raw)
                    both = (
                        before is not None and isinstance(before[1], Mapping) and isinstance(child, Mapping)
                    )
                    if both and levels > 1 and before is not None:
                        assert isinstance(before[1], Mapping) and isinstance(child, Mapping)
                        child = child.with_entries([*before[1].entries, *child.entries])
                    entries[key.raw] = (key, child)
        return node if first is None else first.with_entries(list(entries.values()))
    return node


def _block(node: Node, levels: int) -> Node:
    """Blocks below `levels` of labels."""
    if isinstance(node, Sequence) and levels == 0 and len(node.items) == 1:
        return _block(node.items[0], 0)
    if not isinstance(node, Mapping):
        return _value(node)
    if levels:
        entries = [(key, _block(child, levels - 1)) for key, child in node.entries if key.raw != _COMMENT]
        return node.with_entries(entries)
    return _body(node)


def _body(node: Mapping) -> Mapping:
    entries: list[tuple[Scalar, Node]] = []
    for key, child in node.entries:
        if key.raw == _COMMENT:
            continue
        if key.raw in _LABELLED and isinstance(child, Mapping | Sequence):
            entries.append((key, _labelled(child)))
        elif key.raw in _SINGLE and isinstance(child, Mapping):
            entries.append((key, _list(child)))
        else:
            entries.append((key, _value(child)))
    return node.with_entries(entries)


def _list(node: Node) -> Node:
    items = node.items if isinstance(node, Sequence) else [node]
    place = (node.source, node.line, node.column, node.end_line, node.end_column)
    return Sequence([_body(item) if isinstance(item, Mapping) else item for item in items], *place)


def _labelled(node: Node) -> Node:
    """Objects below one label as a list of blocks with ``__labels__``."""
    found: list[Node] = []
    for one in node.items if isinstance(node, Sequence) else [node]:
        for label, held in one.entries if isinstance(one, Mapping) else ():
            for item in held.items if isinstance(held, Sequence) else [held]:
                if isinstance(item, Mapping):
                    place = (label.source, label.line, label.column, label.end_line, label.end_column)
                    key = Scalar("__labels__", *place, "quoted", None, "__labels__")
                    body = _body(item)
                    found.append(body.with_entries([(key, Sequence([label], *place)), *body.entries]))
    return Sequence(found, node.source, node.line, node.column, node.end_line, node.end_column)


def _value(node: Node) -> Node:
    """Texts with templates in them as expressions."""
    if isinstance(node, Mapping):
        return _body(node)
    if isinstance(node, Sequence):
        return node.with_items([_value(item) for item in node.items])
    assert isinstance(node, Scalar)
    if not isinstance(node.native, str) or ("${" not in node.raw and "%{" not in node.raw):
        return node
    place = (node.source, node.line, node.column, node.end_line, node.end_column)
    return Scalar(node.raw, *place, node.style, EXPRESSION, node.raw, node.via)
