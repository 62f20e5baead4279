"""Functions of Terraform on sets, and those that convert, as `riskcheck.platforms.terraform.functions` has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.terraform.values import (
    Failure,
    Set,
    as_text,
    bool_in,
    is_null,
    known,
    listed,
    mapped,
    merged_texts,
    number_in,
    plain,
    replaced,
    set_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Sequence as SequenceOf

    from riskcheck.platforms.terraform.functions import Function

_MOST_PRODUCTS: Final = 10_000
"""Combinations of `setproduct`."""


def _items(node: Node) -> list[Node] | None:
    return node.items if isinstance(node, Sequence) else None


def _product(arguments: SequenceOf[Node], near: Node) -> Node | None:
    from itertools import product

    if len(arguments) < 2:
        return None
    size = 1
    lists: list[list[Node]] = []
    for argument in arguments:
        if not isinstance(argument, Sequence):
            return None
        lists.append(argument.items)
        size *= len(argument.items)
    if size > _MOST_PRODUCTS or all(isinstance(argument, Set) for argument in arguments):
        return None  # a set of lists, whose order is not told
    return listed([listed(one, near) for one in product(*lists)], near)


def _union(arguments: SequenceOf[Node], near: Node) -> Node | None:
    items: list[Node] = []
    for argument in arguments:
        if not isinstance(argument, Sequence):
            return None
        items += argument.items
    return set_of(items, near)


def _intersection(arguments: SequenceOf[Node], near: Node) -> Node | None:
    return _sets(arguments, near, lambda value, others: all(value in other for other in others))


def _subtract(arguments: SequenceOf[Node], near: Node) -> Node | None:
    if len(arguments) != 2:
        return None
    return _sets(arguments, near, lambda value, others: value not in others[0])


def _sets(
    arguments: SequenceOf[Node], near: Node, keep: Callable[[object, list[list[object]]], bool]
) -> Node | None:
    """The items of the first set that `keep` says yes to, by the values of the others."""
    held: list[list[Node]] = []
    for argument in arguments:
        if not isinstance(argument, Sequence):
            return None
        held.append([as_text(item) for item in argument.items])
    if not held:
        return None
    others: list[list[object]] = [[known(item) for item in items] for items in held[1:]]
    return set_of([item for item in held[0] if keep(known(item), others)], near)


def _tolist(arguments: SequenceOf[Node], near: Node) -> Node | None:
    items = _items(arguments[0]) if len(arguments) == 1 else None
    return None if items is None else listed(merged_texts(items), near)


def _toset(arguments: SequenceOf[Node], near: Node) -> Node | None:
    items = _items(arguments[0]) if len(arguments) == 1 else None
    return None if items is None else set_of(items, near)


def _tomap(arguments: SequenceOf[Node], near: Node) -> Node | None:
    if len(arguments) != 1 or not isinstance(arguments[0], Mapping):
        return None
    entries = arguments[0].entries
    values = merged_texts([value for _, value in entries])
    return mapped([(key, value) for (key, _), value in zip(entries, values, strict=True)], near)


def _tostring(arguments: SequenceOf[Node], near: Node) -> Node | None:
    if len(arguments) != 1 or not isinstance(arguments[0], Scalar):
        return None
    return as_text(arguments[0])


def _tonumber(arguments: SequenceOf[Node], near: Node) -> Node | None:
    if len(arguments) != 1 or not isinstance(arguments[0], Scalar) or is_null(arguments[0]):
        return None
    value = number_in(arguments[0])
    if value is None:
        text = plain(arguments[0])
        if isinstance(text, str) and any(char.isdigit() for char in text):
            return None
        raise Failure
    return arguments[0] if not isinstance(plain(arguments[0]), str) else replaced(arguments[0], value)


def _tobool(arguments: SequenceOf[Node], near: Node) -> Node | None:
    if len(arguments) != 1 or not isinstance(arguments[0], Scalar) or is_null(arguments[0]):
        return None
    value = bool_in(arguments[0])
    if value is None:
        raise Failure
    return arguments[0] if isinstance(plain(arguments[0]), bool) else replaced(arguments[0], value)


SET_FUNCTIONS: Final[dict[str, Function]] = {
    "setintersection": _intersection,
    "setproduct": _product,
    "setsubtract": _subtract,
    "setunion": _union,
    "tobool": _tobool,
    "tolist": _tolist,
    "tomap": _tomap,
    "tonumber": _tonumber,
    "toset": _toset,
    "tostring": _tostring,
}
