"""What the query of a model says in its template: references to other tables, and its settings.

Templates are not evaluated. A setting that is no plain value stays the text of its expression in ``{{ }}``.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Node
    from riskcheck.platforms.sql.places import Places

_REF: Final = regex(
    r"\bref\s*\(\s*['\"](?P<one>[\w.-]{1,200})['\"]\s*(?:,\s*['\"](?P<two>[\w.-]{1,200})['\"]\s*)?"
    r"(?:,\s*v(?:ersion)?\s*=\s*['\"]?(?P<version>[\w.]{1,50})['\"]?\s*)?\)"
)
_SOURCE: Final = regex(
    r"\bsource\s*\(\s*['\"](?P<source>[\w.-]{1,200})['\"]\s*,\s*['\"](?P<table>[\w.-]{1,200})['\"]\s*\)"
)
_SNAPSHOT: Final = regex(r"\{%-?\s*snapshot\s+(\w{1,200})\s*-?%\}")
_CONFIG: Final = regex(r"\{\{-?\s*config\s*\(")
_KEY: Final = regex(r"\s*(\w{1,100})\s*=(?!=)\s*")
_COMMENT: Final = regex(r"\{#(?:[^#]|#(?!\}))*+(?:#\}|\Z)|--[^\n]*+")
_CLOSING: Final = {"(": ")", "[": "]", "{": "}"}
_ITEM: Final = regex(r"['\"]([^'\"]{1,200})['\"]\s*:\s*")
_MOST: Final = 200_000
_MOST_DEPTH: Final = 20
_MOST_CALLS: Final = 20
"""Calls of ``config`` in one file: each may be as long as the rest of it."""


class Named(NamedTuple):
    """A table that is referred to. name: of a model, or ``source.table``. start, end: of the call."""

    name: str
    relation: str
    start: int
    end: int


def references_in(text: str) -> Iterator[Named]:
    """Each table that a template names, the first place of each; what stands in comments is left out."""
    told = blanked(text[:_MOST])
    seen: set[str] = set()
    for match in _REF.finditer(told):
        name = match["two"] or match["one"]
        if match["version"]:
            name = f"{name}_v{match['version']}"
        if name not in seen:
            seen.add(name)
            yield Named(name, "ref", match.start(), match.end())
    for match in _SOURCE.finditer(told):
        name = f"{match['source']}.{match['table']}"
        if name not in seen:
            seen.add(name)
            yield Named(name, "source", match.start(), match.end())


def snapshots_in(text: str) -> list[str]:
    """Names of the snapshots that a file defines."""
    return [match[1] for match in _SNAPSHOT.finditer(blanked(text[:_MOST]))]


def blanked(text: str) -> str:
    """`text` with its comments as spaces, of the same length."""
    return _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def config_in(text: str, places: Places) -> dict[str, Node]:
    """The settings of all ``{{ config(...) }}``, the last one that names a key."""
    told = blanked(text[:_MOST])
    found: dict[str, Node] = {}
    for match in islice(_CONFIG.finditer(told), _MOST_CALLS):
        at = match.end()
        while (key := _KEY.match(told, at)) is not None:
            end = _value_end(told, key.end())
            found[key[1]] = _value(told, key.end(), end, places)
            at = end + 1 if end < len(told) and told[end] == "," else len(told)
    return found


def _value_end(text: str, start: int, stop: int | None = None) -> int:
    """Offset of the comma or parenthesis behind a value, `stop` where there is none before."""
    stop = len(text) if stop is None else stop
    waiting: list[str] = []
    quote = ""
    for at in range(start, stop):
        char = text[at]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in _CLOSING:
            waiting.append(_CLOSING[char])
        elif waiting and char == waiting[-1]:
            waiting.pop()
        elif not waiting and char in ",)":
            return at
    return stop


def _value(text: str, start: int, end: int, places: Places, depth: int = 0) -> Node:
    raw = text[start:end].rstrip()
    end = start + len(raw)
    if raw[:1] in ("[", "{") and raw[-1:] == _CLOSING[raw[0]] and depth < _MOST_DEPTH:
        return _container(text, start, end, places, depth + 1)
    if len(raw) >= 2 and raw[0] in "'\"" and raw.find(raw[0], 1) == len(raw) - 1:
        return places.scalar(raw[1:-1], start, end)
    if raw.lower() in ("true", "false"):
        return places.scalar(raw.lower() == "true", start, end)
    if re.fullmatch(r"-?[\d.]+", raw):
        return places.scalar(raw, start, end)
    return places.scalar(f"{{{{ {' '.join(raw.split())} }}}}", start, end)


def _container(text: str, start: int, end: int, places: Places, depth: int) -> Node:
    """A list or dictionary; what is no plain item of it stays text."""
    is_list, at = text[start] == "[", start + 1
    items: list[Node] = []
    entries: list[tuple[str, Node]] = []
    while at < end - 1:
        stop = _value_end(text, at, end - 1)
        while at < stop and text[at].isspace():
            at += 1
        key = _ITEM.match(text, at, stop)
        if is_list and at < stop:
            items.append(_value(text, at, stop, places, depth))
        elif key is not None:
            entries.append((key[1], _value(text, key.end(), stop, places, depth)))
        at = stop + 1
    return (
        places.sequence(start, end, items) if is_list else places.mapping(start, end, dict(entries).items())
    )
