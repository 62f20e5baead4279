"""Functions of Terraform that make texts, as `riskcheck.platforms.terraform.functions` has them.

Texts that other systems read by letters (case, length, trimming) are known where they are ASCII.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.platforms.terraform.effort import MAX_TEXT
from riskcheck.platforms.terraform.values import (
    Failure,
    bool_in,
    is_symbol,
    listed,
    mapped,
    number_in,
    text_of,
    whole_in,
    written,
)
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Sequence as SequenceOf

    from riskcheck.nodes import Value
    from riskcheck.platforms.terraform.functions import Function

_VERB: Final = regex(r"%(?:%|(0?)(\d{0,3})([sdqvt])|([^%]))", re.DOTALL)

_DATE: Final = regex(r"\d{4}-\d")


def _of_texts(count: int, make: Callable[..., str | bool | None]) -> Function:
    """A function of `count` texts."""

    def function(arguments: SequenceOf[Node], near: Node) -> Node | None:
        texts = [text_of(argument) for argument in arguments]
        if len(texts) != count or None in texts:
            return None
        found = make(*texts)
        return None if found is None else made(found, near)

    return function


def _join(arguments: SequenceOf[Node], near: Node) -> Node | None:
    between = text_of(arguments[0]) if arguments else None
    items: list[Node] = []
    for argument in arguments[1:]:
        if not isinstance(argument, Sequence):
            return None
        items += argument.items
    texts = [text_of(item) for item in items]
    known = [text for text in texts if text is not None]
    if between is None or len(known) != len(texts) or len(arguments) < 2:
        return None
    length = sum(map(len, known)) + len(between) * max(len(known) - 1, 0)
    return made(between.join(known), near) if length <= MAX_TEXT else None


def _split(arguments: SequenceOf[Node], near: Node) -> Node | None:
    if len(arguments) != 2:
        return None
    between, text = text_of(arguments[0]), text_of(arguments[1])
    if between is None or text is None:
        return None
    if not between and not text.isascii():
        return None
    parts = text.split(between) if between else list(text)
    return listed([made(part, near) for part in parts], near)


def _format(arguments: SequenceOf[Node], near: Node) -> Node | None:
    pattern = text_of(arguments[0]) if arguments else None
    if pattern is None:
        return None
    text = _formatted(pattern, arguments[1:])
    return None if text is None else made(text, near)


def _formatted(pattern: str, values: SequenceOf[Node]) -> str | None:
    """None where a verb is none of those that are known here."""
    out: list[str] = []
    at = used = 0
    for match in _VERB.finditer(pattern):
        out.append(pattern[at : match.start()])
        at = match.end()
        if match[0] == "%%":
            out.append("%")
            continue
        if match[4] is not None or used >= len(values):
            return None
        text = _verb(match[3], values[used])
        if text is None:
            return None
        used += 1
        width = int(match[2] or 0)
        if match[1]:
            if match[3] != "d":
                return None
            sign = "-" if text.startswith("-") else ""
            text = sign + text.removeprefix("-").rjust(width - len(sign), "0")
        out.append(text.rjust(width))
    if used != len(values) or "%" in pattern[at:]:
        return None
    return "".join((*out, pattern[at:]))


def _verb(verb: str, value: Node) -> str | None:
    if verb == "d":
        number = number_in(value)
        return written(number) if number is not None and number == int(number) else None
    if verb == "t":
        truth = bool_in(value)
        return None if truth is None else written(truth)
    text = text_of(value)
    if verb == "q" and text is not None:
        return f'"{text}"' if text.isascii() and text.isprintable() and not set(text) & set('"\\') else None
    return text


def _formatlist(arguments: SequenceOf[Node], near: Node) -> Node | None:
    pattern = text_of(arguments[0]) if arguments else None
    lists = [one.items for one in arguments[1:] if isinstance(one, Sequence)]
    lengths = {len(items) for items in lists}
    if pattern is None or len(lengths) != 1:
        return None
    found: list[Node] = []
    for number in range(lengths.pop()):
        row = [one.items[number] if isinstance(one, Sequence) else one for one in arguments[1:]]
        text = _formatted(pattern, row)
        if text is None:
            return None
        found.append(made(text, near))
    return listed(found, near)


def _replace(text: str, what: str, by: str) -> str | None:
    if len(what) > 1 and what.startswith("/") and what.endswith("/"):
        return None  # a pattern
    if not what or len(text) + text.count(what) * len(by) > MAX_TEXT:
        return None
    return text.replace(what, by)


def _substr(arguments: SequenceOf[Node], near: Node) -> Node | None:
    if len(arguments) != 3:
        return None
    text, offset, length = text_of(arguments[0]), whole_in(arguments[1]), whole_in(arguments[2])
    if text is None or offset is None or length is None or not text.isascii():
        return None
    start = max(len(text) + offset, 0) if offset < 0 else offset
    return made(text[start:] if length < 0 else text[start : start + length], near)


def _indent(arguments: SequenceOf[Node], near: Node) -> Node | None:
    if len(arguments) != 2:
        return None
    width, text = whole_in(arguments[0]), text_of(arguments[1])
    if width is None or text is None or not 0 <= width <= 200:
        return None
    if len(text) + text.count("\n") * width > MAX_TEXT:
        return None
    return made(text.replace("\n", "\n" + " " * width), near)


def _title(text: str) -> str | None:
    if not text.isascii():
        return None
    return re.sub(r"(?<![A-Za-z0-9_])[a-z]", lambda match: match[0].upper(), text)


def _trimmed(text: str, letters: str) -> str:
    return text.strip(letters) if letters else text


def _lower(text: str) -> str | None:
    return text.lower() if text.isascii() else None


def _upper(text: str) -> str | None:
    return text.upper() if text.isascii() else None


def _trimspace(text: str) -> str:
    return text.strip()


def _chomp(text: str) -> str:
    return text.rstrip("\r\n")


def _reversed(text: str) -> str | None:
    return text[::-1] if text.isascii() else None


def _encoded(text: str) -> str:
    return b64encode(text.encode("utf-8", "surrogatepass")).decode()


def _decoded(text: str) -> str | None:
    try:
        return b64decode(text, validate=True).decode()
    except ValueError:
        raise Failure from None


def _json(arguments: SequenceOf[Node], near: Node) -> Node | None:
    """What `jsonencode` was given stays a value, so there may be nothing to decode."""
    from json import loads

    if len(arguments) != 1:
        return None
    if not isinstance(arguments[0], Scalar):
        return arguments[0]
    text = text_of(arguments[0])
    if text is None or is_symbol(arguments[0]):
        return None
    try:
        return _node(loads(text), near)
    except (ValueError, RecursionError):
        raise Failure from None


def _yaml(arguments: SequenceOf[Node], near: Node) -> Node | None:
    """One document without anchors."""
    from riskcheck.documents.errors import Rejected
    from riskcheck.documents.yaml import parse

    text = text_of(arguments[0]) if len(arguments) == 1 else None
    if text is None or "&" in text or "!" in text:
        return None
    try:
        root, duplicates = parse(text, near.source, "yaml")
    except Rejected:
        raise Failure from None
    if root is None or any(True for _ in duplicates):
        return None
    try:
        return _of_yaml(root, near)
    except _Unclear:
        return None


class _Unclear(Exception):
    """A date, which Terraform writes anew."""


def _of_yaml(node: Node, near: Node) -> Node:
    """Terraform's words for truth values are those of YAML 1.1, its numbers those of 1.2."""
    from riskcheck.documents.scalars import scalar_value

    if isinstance(node, Mapping):
        return mapped([(_named(key.raw, near), _of_yaml(child, near)) for key, child in node.entries], near)
    if isinstance(node, Sequence):
        return listed([_of_yaml(item, near) for item in node.items], near)
    assert isinstance(node, Scalar)
    if node.style == "plain" and _DATE.match(node.raw):
        raise _Unclear
    truth = scalar_value(node, "yaml-1.1")
    return made(truth if isinstance(truth, bool) else scalar_value(node, "yaml-1.2"), near)


def _node(value: Value, near: Node) -> Node:
    if isinstance(value, dict):
        return mapped([(_named(key, near), _node(inner, near)) for key, inner in value.items()], near)
    if isinstance(value, list):
        return listed([_node(item, near) for item in value], near)
    return made(value, near)


def _named(name: str, near: Node) -> Scalar:
    place = (near.source, near.line, near.column, near.end_line, near.end_column)
    return Scalar(name, *place, "quoted", None, name)


TEXT_FUNCTIONS: Final[dict[str, Function]] = {
    "base64decode": _of_texts(1, _decoded),
    "base64encode": _of_texts(1, _encoded),
    "chomp": _of_texts(1, _chomp),
    "endswith": _of_texts(2, str.endswith),
    "format": _format,
    "formatlist": _formatlist,
    "indent": _indent,
    "join": _join,
    "jsondecode": _json,
    "lower": _of_texts(1, _lower),
    "replace": _of_texts(3, _replace),
    "split": _split,
    "startswith": _of_texts(2, str.startswith),
    "strcontains": _of_texts(2, str.__contains__),
    "strrev": _of_texts(1, _reversed),
    "substr": _substr,
    "title": _of_texts(1, _title),
    "trim": _of_texts(2, _trimmed),
    "trimprefix": _of_texts(2, str.removeprefix),
    "trimspace": _of_texts(1, _trimspace),
    "trimsuffix": _of_texts(2, str.removesuffix),
    "upper": _of_texts(1, _upper),
    "yamldecode": _yaml,
}
