"""Finds the comments that speak to riskcheck, and not text that only looks like one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar
from riskcheck.nodes import Sequence as SequenceNode

if TYPE_CHECKING:
    from riskcheck.documents.store import Chunk

_HASH: Final = re.compile(r"(?:^|(?<=\s))#[^\n]*?(riskcheck:[^\n]*)", re.MULTILINE)
_SLASHES: Final = re.compile(r"//[^\n]*?(riskcheck:[^\n]*)")


def find(text: str, format: str | None, chunks: Sequence[Chunk]) -> Iterator[tuple[int, str]]:
    """Line (1-based) and text of each. What stands inside a value is no comment."""
    pattern = _SLASHES if format == "json" else _HASH
    spans = _spans(chunks)
    for match in pattern.finditer(text):
        before = text.count("\n", 0, match.start())
        column = match.start() - (text.rfind("\n", 0, match.start()) + 1)
        if not any(begin <= (before, column) < end for begin, end in spans):
            yield before + 1, match[1].rstrip()


def _spans(chunks: Sequence[Chunk]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where the values are, 0-based in the file, for values that could hold a ``#``."""
    found: list[tuple[tuple[int, int], tuple[int, int]]] = []
    for chunk in chunks:
        offset = chunk.first_line - 1
        stack: list[Node] = [chunk.root] if chunk.root is not None else []
        seen: set[int] = set()
        while stack:
            node = stack.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(node, Scalar):
                if "riskcheck:" in node.raw:
                    begin = (offset + node.line, node.column)
                    found.append((begin, (offset + node.end_line, node.end_column)))
            elif isinstance(node, Mapping):
                for key, value in node.entries:
                    stack.append(key)
                    stack.append(value)
            elif isinstance(node, SequenceNode):
                stack.extend(node.items)
    return found
