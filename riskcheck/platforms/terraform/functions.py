"""Functions of Terraform whose result the arguments alone decide.

https://developer.hashicorp.com/terraform/language/functions. None says that what they come to is not known,
`Failure` that Terraform refuses the arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence as SequenceOf
from typing import Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.platforms.terraform.values import (
    Failure,
    Set,
    as_text,
    bool_in,
    has_open_keys,
    in_order,
    is_null,
    is_symbol,
    known,
    listed,
    mapped,
    merged_texts,
    plain,
    text_of,
    whole_in,
)

Function = Callable[[SequenceOf[Node], Node], Node | None]

_TEXTS: Final = frozenset(
    {
        *("base64decode", "base64encode", "chomp", "endswith", "format", "formatlist", "indent", "join"),
        *("lower", "replace", "split", "startswith", "strcontains", "strrev", "substr", "title", "trim"),
        *("trimprefix", "trimspace", "trimsuffix", "upper", "jsondecode", "yamldecode"),
    }
)
_NUMBERS: Final = frozenset({"abs", "ceil", "floor", "max", "min", "parseint", "signum", "sum"})
_SETS: Final = frozenset(
    {
        *("setintersection", "setproduct", "setsubtract", "setunion"),
        *("tobool", "tolist", "tomap", "tonumber", "toset", "tostring"),
    }
)
_NETWORKS: Final = frozenset({"cidrhost", "cidrnetmask", "cidrsubnet", "cidrsubnets"})


def function_of(name: str) -> Function | None:
    """The function called `name`; None where what it does is not known here."""
    name = name.removeprefix("core::")
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    if name in _SETS:
        from riskcheck.platforms.terraform.set_functions import SET_FUNCTIONS

        return SET_FUNCTIONS[name]
    if name in _TEXTS:
        from riskcheck.platforms.terraform.text_functions import TEXT_FUNCTIONS

        return TEXT_FUNCTIONS[name]
    if name in _NUMBERS:
        from riskcheck.platforms.terraform.number_functions import NUMBER_FUNCTIONS

        return NUMBER_FUNCTIONS[name]
    if name in _NETWORKS:
        from riskcheck.platforms.terraform.network_functions import NETWORK_FUNCTIONS

        return NETWORK_FUNCTIONS[name]
    return None


def _itself(arguments: SequenceOf[Node], near: Node) -> Node | None:
    return arguments[0] if len(arguments) == 1 else None


def _items(node: Node) -> list[Node] | None:
    return node.items if isinstance(node, Sequence) else None


def _concat(arguments: SequenceOf[Node], near: Node) -> Node | None:
    items: list[Node] = []
    for argument in arguments:
        if not isinstance(argument, Sequence) or (isinstance(argument, Set) and len(argument.items) > 1):
            return None
        items += argument.items
    return listed(items, near)


def _merge(arguments: SequenceOf[Node], near: Node) -> Node | None:
    entries: list[tuple[Scalar, Node]] = []
    for argument in arguments:
        if is_null(argument):
            continue
        if not isinstance(argument, Mapping):
            return None
        entries += argument.entries
    return mapped(entries, near)


def _lookup(arguments: SequenceOf[Node], near: Node) -> Node | None:
    if len(arguments) not in (2, 3) or not isinstance(arguments[0], Mapping):
        return None
    key = text_of(arguments[1])
    found = None if key is None else arguments[0].get(key)
    if found is not None:
        return found
    if key is None or has_open_keys(arguments[0]):
        return None
    if len(arguments) == 2:
        raise Failure
    return arguments[2]


def _coalesce(arguments: SequenceOf[Node], near: Node) -> Node | None:
    for argument in arguments:
        if is_symbol(argument) or not isinstance(argument, Scalar):
            return None
        if plain(argument) not in (None, ""):
            texts = any(isinstance(plain(one), str) for one in arguments)
            return as_text(argument) if texts else argument
    raise Failure


def _coalescelist(arguments: SequenceOf[Node], near: Node) -> Node | None:
    for argument in arguments:
        if not isinstance(argument, Sequence):
            return None
        if argument.items:
            return argument
    raise Failure


def _compact(arguments: SequenceOf[Node], near: Node) -> Node | None:
    items = _items(arguments[0]) if len(arguments) == 1 else None
    if items is None or not all(isinstance(item, Scalar) for item in items):
        return None
    return listed([as_text(item) for item in items if text_of(item)], near)


def _contains(arguments: SequenceOf[Node], near: Node) -> Node | None:
    items = _items(arguments[0]) if len(arguments) == 2 else None
    wanted = known(arguments[1]) if items is not None else None
    if items is None or wanted is None or is_null(arguments[1]):
        return None
    values = [known(item) for item in items]
    if wanted in values:
        return made(True, near)
    return None if None in values else made(False, near)


def _distinct(arguments: SequenceOf[Node], near: Node) -> Node | None:
    items = _items(arguments[0]) if len(arguments) == 1 else None
    if items is None:
        return None
    found: dict[object, Node] = {}
    for item in merged_texts(items):
        value = known(item)
        if value is None:
            return None
        found.setdefault(value, item)
    return listed(found.values(), near)


def _element(arguments: SequenceOf[Node], near: Node) -> Node | None:
    items = _items(arguments[0]) if len(arguments) == 2 else None
    number = whole_in(arguments[1]) if items is not None else None
    if items is None or number is None or isinstance(arguments[0], Set):
        return None
    if not items:
        raise Failure
    if number < 0:
        return None  # refused by older versions of Terraform
    return items[number % len(items)]


def _flatten(arguments: SequenceOf[Node], near: Node) -> Node | None:
    if len(arguments) != 1 or not isinstance(arguments[0], Sequence):
        return None
    items: list[Node] = []
    waiting = list(reversed(arguments[0].items))
    while waiting:
        item = waiting.pop()
        if isinstance(item, Sequence):
            waiting += reversed(item.items)
        elif is_symbol(item):
            return None  # may be a list itself
        else:
            items.append(item)
    return listed(items, near)


def _index(arguments: SequenceOf[Node], near: Node) -> Node | None:
    items = _items(arguments[0]) if len(arguments) == 2 else None
    if items is None:
        return None
    wanted = known(arguments[1])
    for number, item in enumerate(items):
        if known(item) == wanted:
            return made(number, near)
    raise Failure


def _keys(arguments: SequenceOf[Node], near: Node) -> Node | None:
    if len(arguments) != 1 or not isinstance(arguments[0], Mapping) or has_open_keys(arguments[0]):
        return None
    return listed([key for key, _ in in_order(arguments[0])], near)


def _values(arguments: SequenceOf[Node], near: Node) -> Node | None:
    if len(arguments) != 1 or not isinstance(arguments[0], Mapping) or has_open_keys(arguments[0]):
        return None
    return listed([value for _, value in in_order(arguments[0])], near)


def _length(arguments: SequenceOf[Node], near: Node) -> Node | None:
    if len(arguments) != 1:
        return None
    if isinstance(arguments[0], Mapping):
        return None if has_open_keys(arguments[0]) else made(len(arguments[0].index), near)
    if isinstance(arguments[0], Sequence):
        return made(len(arguments[0].items), near)
    value = text_of(arguments[0])
    # Of letters with marks, Terraform counts what people see.
    return made(len(value), near) if value is not None and value.isascii() else None


def _one(arguments: SequenceOf[Node], near: Node) -> Node | None:
    items = _items(arguments[0]) if len(arguments) == 1 else None
    if items is None:
        return None
    if len(items) > 1:
        raise Failure
    return items[0] if items else made(None, near)


def _range(arguments: SequenceOf[Node], near: Node) -> Node | None:
    numbers = [whole_in(argument) for argument in arguments]
    known_ = [number for number in numbers if number is not None]
    if len(known_) != len(numbers) or not 1 <= len(known_) <= 3:
        return None
    start, end = (0, known_[0]) if len(known_) == 1 else (known_[0], known_[1])
    step = known_[2] if len(known_) == 3 else 1 if end >= start else -1
    if step == 0:
        raise Failure
    found = range(start, end, step)
    if len(found) > 1024:
        raise Failure  # Terraform's own bound
    return listed([made(number, near) for number in found], near)


def _reverse(arguments: SequenceOf[Node], near: Node) -> Node | None:
    items = _items(arguments[0]) if len(arguments) == 1 and not isinstance(arguments[0], Set) else None
    return None if items is None else listed(reversed(items), near)


def _slice(arguments: SequenceOf[Node], near: Node) -> Node | None:
    items = _items(arguments[0]) if len(arguments) == 3 and not isinstance(arguments[0], Set) else None
    if items is None:
        return None
    start, end = whole_in(arguments[1]), whole_in(arguments[2])
    if start is None or end is None:
        return None
    if not 0 <= start <= end <= len(items):
        raise Failure
    return listed(items[start:end], near)


def _sort(arguments: SequenceOf[Node], near: Node) -> Node | None:
    items = _items(arguments[0]) if len(arguments) == 1 else None
    if items is None or any(text_of(item) is None for item in items):
        return None
    return listed(sorted(map(as_text, items), key=lambda item: text_of(item) or ""), near)


def _zipmap(arguments: SequenceOf[Node], near: Node) -> Node | None:
    if len(arguments) != 2 or not all(isinstance(one, Sequence) for one in arguments):
        return None
    names, values = _items(arguments[0]) or [], _items(arguments[1]) or []
    if len(names) != len(values):
        raise Failure
    entries: list[tuple[Scalar, Node]] = []
    for name, value in zip(names, values, strict=True):
        key = as_text(name)
        if not isinstance(key, Scalar) or text_of(key) is None:
            return None
        entries.append((key, value))
    return mapped(entries, near)


def _transpose(arguments: SequenceOf[Node], near: Node) -> Node | None:
    if len(arguments) != 1 or not isinstance(arguments[0], Mapping):
        return None
    found: dict[str, tuple[Scalar, list[Node]]] = {}
    for key, held in in_order(arguments[0]):
        for item in _items(held) or []:
            name = text_of(item)
            if name is None or not isinstance(item, Scalar):
                return None
            found.setdefault(name, (item, []))[1].append(key)
    return mapped([(key, listed(items, near)) for key, items in found.values()], near)


def _list(arguments: SequenceOf[Node], near: Node) -> Node | None:
    """``list("a", "b")`` of Terraform 0.11."""
    return listed(merged_texts(arguments), near)


def _map(arguments: SequenceOf[Node], near: Node) -> Node | None:
    """``map("a", 1)`` of Terraform 0.11."""
    if len(arguments) % 2:
        return None
    return _zipmap((listed(arguments[::2], near), listed(merged_texts(arguments[1::2]), near)), near)


def _alltrue(arguments: SequenceOf[Node], near: Node) -> Node | None:
    return _of_all(arguments, near, all)


def _anytrue(arguments: SequenceOf[Node], near: Node) -> Node | None:
    return _of_all(arguments, near, any)


def _of_all(arguments: SequenceOf[Node], near: Node, of: Callable[[list[bool]], bool]) -> Node | None:
    items = _items(arguments[0]) if len(arguments) == 1 else None
    values = [bool_in(item) for item in items or ()]
    if items is None or None in values:
        return None
    return made(of([value is True for value in values]), near)


OPEN: Final = frozenset(
    {
        *("concat", "merge", "lookup", "coalesce", "coalescelist", "contains", "element", "flatten", "keys"),
        *("values", "length", "one", "reverse", "slice", "tolist", "tomap", "zipmap", "jsonencode", "list"),
        *("map", "nonsensitive", "sensitive"),
    }
)
"""Functions that say something of lists and maps in which a part is not known."""

FUNCTIONS: Final[dict[str, Function]] = {
    "alltrue": _alltrue,
    "anytrue": _anytrue,
    "coalesce": _coalesce,
    "coalescelist": _coalescelist,
    "compact": _compact,
    "concat": _concat,
    "contains": _contains,
    "distinct": _distinct,
    "element": _element,
    "flatten": _flatten,
    "index": _index,
    "jsonencode": _itself,
    "keys": _keys,
    "length": _length,
    "list": _list,
    "lookup": _lookup,
    "map": _map,
    "merge": _merge,
    "one": _one,
    "range": _range,
    "reverse": _reverse,
    "slice": _slice,
    "sort": _sort,
    "transpose": _transpose,
    "values": _values,
    "zipmap": _zipmap,
}
