"""Functions of Terraform whose result the arguments alone decide.

https://developer.hashicorp.com/terraform/language/functions. Arguments are known through and through; None says
that they are not of the types that the function takes.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence as SequenceOf
from typing import Final

from riskcheck.documents.scalars import scalar_value
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.platforms.terraform.effort import MAX_TEXT

Function = Callable[[SequenceOf[Node], Node], Node | None]


def _text(node: Node) -> str | None:
    if not isinstance(node, Scalar):
        return None
    value = scalar_value(node, "yaml-1.2")
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def _of_text(change: Callable[[str], str]) -> Function:
    def function(arguments: SequenceOf[Node], near: Node) -> Node | None:
        text = _text(arguments[0]) if len(arguments) == 1 else None
        return None if text is None else made(change(text), near)

    return function


def _same(arguments: SequenceOf[Node], near: Node) -> Node | None:
    return arguments[0] if len(arguments) == 1 else None


def _concat(arguments: SequenceOf[Node], near: Node) -> Node | None:
    items: list[Node] = []
    for argument in arguments:
        if not isinstance(argument, Sequence):
            return None
        items += argument.items
    return Sequence(items, near.source, near.line, near.column, near.end_line, near.end_column)


def _merge(arguments: SequenceOf[Node], near: Node) -> Node | None:
    merged: dict[str, tuple[Scalar, Node]] = {}
    for argument in arguments:
        if not isinstance(argument, Mapping):
            return None
        merged.update((key.raw, (key, child)) for key, child in argument.entries)
    entries = list(merged.values())
    return Mapping(entries, near.source, near.line, near.column, near.end_line, near.end_column)


def _join(arguments: SequenceOf[Node], near: Node) -> Node | None:
    if len(arguments) != 2 or not isinstance(arguments[1], Sequence):
        return None
    between, texts = _text(arguments[0]), [_text(item) for item in arguments[1].items]
    known = [text for text in texts if text is not None]
    if between is None or len(known) != len(texts):
        return None
    length = sum(map(len, known)) + len(between) * max(len(known) - 1, 0)
    return made(between.join(known), near) if length <= MAX_TEXT else None


def _format(arguments: SequenceOf[Node], near: Node) -> Node | None:
    texts = [_text(argument) for argument in arguments]
    known = [text for text in texts if text is not None]
    if not known or len(known) != len(texts):
        return None
    parts = known[0].split("%s")
    if len(parts) != len(known) or any("%" in part for part in parts):
        return None
    values = [*known[1:], ""]
    return made("".join(part + value for part, value in zip(parts, values, strict=True)), near)


def _lookup(arguments: SequenceOf[Node], near: Node) -> Node | None:
    if len(arguments) not in (2, 3) or not isinstance(arguments[0], Mapping):
        return None
    key = _text(arguments[1])
    found = None if key is None else arguments[0].get(key)
    return found if found is not None or len(arguments) == 2 else arguments[2]


def _coalesce(arguments: SequenceOf[Node], near: Node) -> Node | None:
    return next((one for one in arguments if isinstance(one, Scalar) and _text(one)), None)


FUNCTIONS: Final[MappingOf[str, Function]] = {
    "coalesce": _coalesce,
    "concat": _concat,
    "format": _format,
    "join": _join,
    "jsonencode": _same,
    "lookup": _lookup,
    "lower": _of_text(str.lower),
    "merge": _merge,
    "title": _of_text(str.title),
    "tolist": _same,
    "tomap": _same,
    "toset": _same,
    "tostring": _of_text(str),
    "trimspace": _of_text(str.strip),
    "upper": _of_text(str.upper),
}
