"""Values of Terraform as nodes: what is known of them, what they convert to, and new ones.

https://developer.hashicorp.com/terraform/language/expressions/types
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.documents.scalars import scalar_value
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, arrived, made

if TYPE_CHECKING:
    from collections.abc import Iterable

Plain = str | int | float | bool

MOST: Final = 10**21
"""Numbers of more digits are not reckoned with."""


class Failure(Exception):
    """An expression that Terraform refuses, such as a key that a map does not have."""


class Set(Sequence):
    """A set: its items are in Terraform's order and come once."""

    __slots__ = ()

    def with_items(self, items: list[Node]) -> Set:
        copy = Set(
            items, self.source, self.line, self.column, self.end_line, self.end_column, self.tag, self.via
        )
        copy.synthetic = self.synthetic
        return copy


def through(node: Node, reference: Node) -> Node:
    """`node` as what `reference` comes to."""
    via = (*node.via, reference)
    if isinstance(node, Set):
        return Set(
            node.items, node.source, node.line, node.column, node.end_line, node.end_column, node.tag, via
        )
    return arrived(node, via)


def is_symbol(node: Node | None) -> bool:
    """Whether it is an expression that is not known."""
    return isinstance(node, Scalar) and node.tag == EXPRESSION


def is_null(node: Node | None) -> bool:
    """Whether it is ``null``, which is known."""
    if not isinstance(node, Scalar) or node.tag == EXPRESSION:
        return False
    return scalar_value(node, "yaml-1.2") is None


def plain(node: Node | None) -> Plain | None:
    """The value of a scalar that is known; None for everything else."""
    if not isinstance(node, Scalar) or node.tag == EXPRESSION:
        return None
    value = scalar_value(node, "yaml-1.2")
    return value if isinstance(value, str | int | float | bool) else None


def text_of(node: Node | None) -> str | None:
    """What a known scalar reads as inside of a text."""
    value = plain(node)
    return None if value is None else written(value)


def written(value: Plain) -> str:
    """A value converted to text: no exponents, and no decimals of a whole number."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value == int(value) and abs(value) < MOST:
            return str(int(value))
        text = repr(value)
        if "e" in text:
            from decimal import Decimal

            text = format(Decimal(text), "f")
        return text
    return str(value)


def number_in(node: Node | None) -> int | float | None:
    """A number, or what a text converts to; None where neither."""
    value = plain(node)
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        from riskcheck.documents.hcl_texts import number_of

        if not value[:1].isdigit() and not (value[:1] == "-" and value[1:2].isdigit()):
            return None
        found = number_of(value) if value.isascii() and "_" not in value else value
        if isinstance(found, str):
            return None
        value = found
    return value if isfinite(value) and abs(value) < MOST else None


def whole_in(node: Node | None) -> int | None:
    """A whole number; None where it is none."""
    value = number_in(node)
    return int(value) if value is not None and value == int(value) else None


def bool_in(node: Node | None) -> bool | None:
    """``true`` and ``false``, as text too; None where neither."""
    value = plain(node)
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value) if isinstance(value, str) else None


def listed(items: Iterable[Node], near: Node) -> Sequence:
    """A new list at `near`."""
    return Sequence(list(items), near.source, near.line, near.column, near.end_line, near.end_column)


def mapped(entries: Iterable[tuple[Scalar, Node]], near: Node) -> Mapping:
    """A new map at `near`; of equal keys the last one counts."""
    found = {key.raw: (key, value) for key, value in entries}
    place = (near.source, near.line, near.column, near.end_line, near.end_column)
    return Mapping(list(found.values()), *place)


def set_of(items: Iterable[Node], near: Node) -> Set | None:
    """A set of known values at `near`. Terraform orders texts by their bytes and numbers by size; None for others
    that are several, whose order is not told."""
    found: dict[object, Node] = {}
    for item in items:
        value = plain(item)
        if value is None:
            key = known(item)
            if key is None:
                return None
            found.setdefault(key, item)
        else:
            found.setdefault((type(value) is bool, isinstance(value, str), value), item)
    values = [plain(item) for item in found.values()]
    if len({isinstance(value, str) for value in values}) == 2:
        return set_of([as_text(item) for item in found.values()], near)
    place = (near.source, near.line, near.column, near.end_line, near.end_column)
    if None in values:
        return Set(list(found.values()), *place) if len(found) == 1 else None
    ordered = sorted(found.values(), key=_order)
    return Set(ordered, *place)


def _order(node: Node) -> tuple[str, float]:
    value = plain(node)
    return (value, 0.0) if isinstance(value, str) else ("", float(value or 0))


def as_text(node: Node) -> Node:
    """A number or truth value as the text that it converts to; other nodes as they are."""
    value = plain(node)
    return node if value is None or isinstance(value, str) else replaced(node, written(value))


def replaced(node: Node, value: Plain) -> Scalar:
    """`value` in the place of `node`, which it was converted from."""
    scalar = made(value, node, node.via)
    scalar.synthetic = node.synthetic
    return scalar


def known(node: Node) -> object | None:
    """A value to compare by, of any depth; None where something in it is not known."""
    if isinstance(node, Mapping):
        pairs = []
        for key, child in node.entries:
            value = known(child)
            if value is None or key.tag == EXPRESSION:
                return None
            pairs.append((key.raw, value))
        return ("map", tuple(sorted(pairs, key=lambda pair: pair[0])))
    if isinstance(node, Sequence):
        items = [known(item) for item in node.items]
        return None if None in items else ("list", tuple(items))
    if is_symbol(node):
        return None
    scalar = plain(node)
    if scalar is None:
        return ("null",)
    kind = "bool" if isinstance(scalar, bool) else "text" if isinstance(scalar, str) else "number"
    return (kind, scalar)


def in_order(node: Mapping) -> list[tuple[Scalar, Node]]:
    """The entries as Terraform goes through them: by key."""
    return sorted(node.entries, key=lambda entry: entry[0].raw)


def has_open_keys(node: Mapping) -> bool:
    """Whether a key is not known, so that nothing can be said of keys that are absent."""
    return any(key.tag == EXPRESSION for key, _ in node.entries)


def merged_texts(nodes: Iterable[Node]) -> list[Node]:
    """Elements of one list: where texts and other scalars come together, all become texts."""
    items = list(nodes)
    values = [plain(item) for item in items]
    kinds = {isinstance(value, bool) for value in values if not isinstance(value, str) and value is not None}
    mixed = any(isinstance(value, str) for value in values) or len(kinds) > 1
    return [as_text(item) for item in items] if mixed else items
