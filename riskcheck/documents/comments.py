"""Finds the comments that speak to riskcheck, and not values that only look like one."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final, TypeAlias

from riskcheck.nodes import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.documents.store import Chunk

MARK: Final = "riskcheck:"

_OPENERS: Final[dict[str | None, str]] = {
    "yaml": r"(?<!\S)#",
    "toml": "#",
    "properties": r"^[ \t]*+[#!]",
    "json": r"//|/\*",
    "hcl": r"(?<!\S)#|//|/\*",
    None: r"(?<!\S)#|//|--|/\*",
}
_Place: TypeAlias = tuple[int, int]


def find(text: str, format: str | None, chunks: Iterable[Chunk]) -> Iterator[tuple[int, str]]:
    """Line (1-based) and text, from ``riskcheck:`` on, of each such comment in order."""
    pattern = re.compile(rf"(?P<opener>{_OPENERS[format]})[ \t]*+(?P<told>{MARK}[^\r\n]*+)", re.MULTILINE)
    values = sorted(_values(chunks))
    line = counted = 0
    for match in pattern.finditer(text):
        line += text.count("\n", counted, match.start("told"))
        counted = match.start("told")
        place = (line, counted - (text.rfind("\n", 0, counted) + 1))
        # Scalars do not overlap: only the last one that begins before can reach this far.
        begun = bisect_right(values, place, key=lambda value: value[0])
        if not begun or place >= values[begun - 1][1]:
            told = match["told"].partition("*/")[0] if match["opener"] == "/*" else match["told"]
            yield line + 1, told.rstrip()


def _values(chunks: Iterable[Chunk]) -> Iterator[tuple[_Place, _Place]]:
    """Begin and end, 0-based in the file, of each scalar that contains the mark."""
    for chunk in chunks:
        offset = chunk.first_line - 1
        seen: set[int] = set()
        stack: list[Node] = [chunk.root] if chunk.root is not None else []
        while stack:
            node = stack.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(node, Scalar) and MARK in node.raw:
                yield (offset + node.line, node.column), (offset + node.end_line, node.end_column)
            elif isinstance(node, Mapping):
                stack.extend(part for entry in node.entries for part in entry)
            elif isinstance(node, Sequence):
                stack.extend(node.items)
