"""Variables of Compose files: ``${NAME:-default}``.

What the ``.env`` beside the file says is put in, else the default; what has neither stays as it is written. The
environment of whoever calls Compose may say something else.

https://docs.docker.com/reference/compose-file/interpolation/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.redact import SENSITIVE, looks_secret
from riskcheck.regexes import regex

if TYPE_CHECKING:
    import re

    from riskcheck.documents.store import Document

_VARIABLE: Final = regex(
    r"\$(?:(?P<escaped>\$)|(?P<bare>[A-Za-z_][A-Za-z0-9_]*)"
    r"|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?:(?P<sign>:?-)(?P<default>[^{}$]*))?\})"
)
_LINE: Final = regex(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*)")


def variables(document: Document) -> dict[str, Scalar]:
    """What a ``.env`` file says; nothing where there is none."""
    if document.unreadable is not None:
        return {}
    from riskcheck.nodes import Source

    found: dict[str, Scalar] = {}
    source = Source(document.path, document.side)
    for number, line in enumerate(document.text.splitlines()):
        match = _LINE.match(line)
        if match is not None:
            value = match[2].strip()
            if value[:1] in ("'", '"') and value.endswith(value[:1]) and len(value) > 1:
                value = value[1:-1]
            else:
                value = value.partition(" #")[0].rstrip()
            tag = SENSITIVE if looks_secret(match[1]) else None
            column = match.start(2)
            found[match[1]] = Scalar(value, source, number, column, number, len(line), "quoted", tag)
    return found


def filled(node: Node, values: dict[str, Scalar]) -> Node:
    """`node` with variables put in; what holds none stays the same node."""
    if isinstance(node, Scalar):
        return _text(node, values) if "$" in node.raw else node
    if isinstance(node, Sequence):
        items = [filled(item, values) for item in node.items]
        same = all(new is old for new, old in zip(items, node.items, strict=True))
        return node if same else node.with_items(items)
    if not isinstance(node, Mapping):
        return node
    entries = [(key, filled(value, values)) for key, value in node.entries]
    same = all(new[1] is old[1] for new, old in zip(entries, node.entries, strict=True))
    return node if same else node.with_entries(entries)


def _text(node: Scalar, values: dict[str, Scalar]) -> Scalar:
    used: list[Node] = []

    def value(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "$"
        held = values.get(match["bare"] or match["name"])
        if held is not None and (held.raw or match["sign"] != ":-"):
            used.append(held)
            return held.raw
        return match[0] if match["default"] is None else str(match["default"])

    raw = _VARIABLE.sub(value, node.raw)
    if raw == node.raw:
        return node
    place = (node.source, node.line, node.column, node.end_line, node.end_column)
    return Scalar(raw, *place, node.style, node.tag, via=(*node.via, *used))
