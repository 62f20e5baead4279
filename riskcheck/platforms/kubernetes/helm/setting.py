"""Parameters: single values that are set by their path, as ``--set a.b[0].c=x`` does.

Facts: https://helm.sh/docs/intro/using_helm/#the-format-and-limitations-of---set,
https://github.com/helm/helm/blob/v3.16.0/pkg/strvals/parser.go.
"""

from __future__ import annotations

import re
from typing import Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.platforms.kubernetes.edit import mapping_at
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

MOST_INDEX: Final = 1_000
"""List positions that are followed; Helm stops at 65,536."""

_MOST_STEPS: Final = 30
_MOST_CHARACTERS: Final = 10_000
_INTEGER: Final = regex(r"(?:0|-?[1-9][0-9]{0,18})\Z")


class Setting(NamedTuple):
    """One value set by its path. A step is a key, or the position in a list."""

    steps: tuple[str | int, ...]
    value: Node


def steps_of(name: str) -> tuple[str | int, ...] | None:
    """The path that the name of a parameter spells; None where it spells none that is followed. A dot behind a
    backslash is part of a key."""
    steps: list[str | int] = []
    if len(name) > _MOST_CHARACTERS:
        return None
    key = ""
    position = 0
    while position < len(name):
        letter = name[position]
        if letter == "\\" and position + 1 < len(name):
            key += name[position + 1]
            position += 2
            continue
        if letter == "[":
            close = name.find("]", position)
            number = name[position + 1 : close] if close > 0 else ""
            if not re.fullmatch(r"[0-9]{1,6}", number) or int(number) > MOST_INDEX:
                return None
            if key:
                steps.append(key)
            elif not steps:
                return None
            steps.append(int(number))
            key = ""
            position = close + 1
            if position < len(name) and name[position] == ".":
                position += 1
            continue
        if letter == ".":
            if not key:
                return None
            steps.append(key)
            key = ""
        else:
            key += letter
        position += 1
    if key:
        steps.append(key)
    return tuple(steps) if steps and len(steps) <= _MOST_STEPS and isinstance(steps[0], str) else None


def typed(raw: str, near: Node, *, as_text: bool = False) -> Node:
    """The value that the text of a parameter stands for: a boolean, null, an integer, a list in braces, else text.
    A number with a point is text. as_text: text whatever it looks like."""
    if as_text:
        return _stated(raw, near)
    if 2 <= len(raw) <= _MOST_CHARACTERS and raw[0] == "{" and raw[-1] == "}":
        items = [typed(item.strip(), near) for item in _split(raw[1:-1]) if item or len(raw) > 2]
        place = (near.source, near.line, near.column, near.end_line, near.end_column)
        return Sequence(items, *place)
    if raw in ("true", "false"):
        return _stated(raw == "true", near)
    if raw == "null":
        return _stated(None, near)
    return _stated(int(raw) if _INTEGER.match(raw) else raw, near)


def _stated(value: str | int | bool | None, near: Node) -> Scalar:
    """Not synthetic, since a file states it."""
    scalar = made(value, near)
    scalar.synthetic = False
    return scalar


def _split(text: str) -> list[str]:
    """At the commas that are neither behind a backslash nor in braces."""
    parts = [""]
    depth = 0
    position = 0
    while position < len(text):
        letter = text[position]
        if letter == "\\" and text[position + 1 : position + 2] in (",", "\\"):
            parts[-1] += text[position + 1]
            position += 2
            continue
        depth += (letter == "{") - (letter == "}")
        if letter == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += letter
        position += 1
    return parts


def applied(values: Mapping, setting: Setting) -> Mapping:
    """`values` with one more value set. What stands in the way and is no mapping or list is replaced."""
    result = _put(values, setting.steps, setting.value)
    assert isinstance(result, Mapping)
    return result


def _put(node: Node | None, steps: tuple[str | int, ...], value: Node) -> Node:
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        items = list(node.items) if isinstance(node, Sequence) else []
        while len(items) <= step:
            items.append(_stated(None, value))
        items[step] = _put(items[step], rest, value)
        if isinstance(node, Sequence):
            return node.with_items(items)
        return Sequence(items, value.source, value.line, value.column, value.end_line, value.end_column)
    mapping = node if isinstance(node, Mapping) else mapping_at([], value)
    below = _put(mapping.get(step), rest, value)
    entries = [(key, below if key.raw == step else child) for key, child in mapping.entries]
    if step not in mapping.index:
        entries.append((made(step, value), below))
    return mapping.with_entries(entries)
