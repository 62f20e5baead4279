"""Offsets of a file into nodes: every value knows the line and column it is written at."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from riskcheck.nodes import Mapping, Node, Scalar, Sequence, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.models import Side
    from riskcheck.nodes import MaybeValue


class Places:
    """Makes the nodes of one file at one side."""

    def __init__(self, path: str, side: Side, text: str) -> None:
        self.text = text
        self._source = Source(path, side)
        self._starts = [0, *_line_ends(text)]

    def line_of(self, offset: int) -> int:
        """1-based line."""
        return bisect_right(self._starts, offset)

    def scalar(self, value: str | bool, start: int, end: int) -> Scalar:
        native: MaybeValue = value
        raw = value if isinstance(value, str) else str(value).lower()
        line, column, end_line, end_column = self._span(start, end)
        return Scalar(raw, self._source, line, column, end_line, end_column, "native", None, native)

    def mapping(self, start: int, end: int, fields: Iterable[tuple[str, Node | None]]) -> Mapping:
        """Keys stand where their values are."""
        entries = [(_key(key, node), node) for key, node in fields if node is not None]
        return Mapping(entries, self._source, *self._span(start, end))

    def sequence(self, start: int, end: int, items: Iterable[Node]) -> Sequence:
        return Sequence(list(items), self._source, *self._span(start, end))

    def _span(self, start: int, end: int) -> tuple[int, int, int, int]:
        line = bisect_right(self._starts, start) - 1
        end_line = bisect_right(self._starts, max(end, start)) - 1
        return line, start - self._starts[line], end_line, end - self._starts[end_line]


def _key(key: str, node: Node) -> Scalar:
    return Scalar(
        key, node.source, node.line, node.column, node.end_line, node.end_column, "native", None, key
    )


def _line_ends(text: str) -> Iterator[int]:
    at = text.find("\n")
    while at >= 0:
        yield at + 1
        at = text.find("\n", at + 1)
