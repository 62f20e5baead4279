"""Lines and columns as the protocol counts them.

https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#position
"""

from __future__ import annotations

from functools import cached_property
from typing import Final, Literal, TypeAlias

from riskcheck.documents.linemaps import LineMap
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

Encoding: TypeAlias = Literal["utf-8", "utf-16", "utf-32"]
_END: Final = regex("\r\n|\n|\r")


class Span(NamedTuple):
    """Where something is shown. Lines and characters are 0-based; characters count in the editor's unit."""

    line: int
    character: int
    end_line: int
    end_character: int


class Text:
    """One file as it was judged."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @cached_property
    def lines(self) -> list[str]:
        """Without their ends, and without a byte order mark, which editors do not show."""
        return _END.split(self._data.decode("utf-8", "replace").removeprefix("\ufeff"))

    def span(self, line: int, column: int, end_line: int, end_column: int, unit: Encoding) -> Span:
        """Of lines and columns that are 1-based and count characters, the end behind the last one. A place beyond
        the text is its nearest one; a span over several lines is cut to its first."""
        row = max(0, min(line - 1, len(self.lines) - 1))
        text = self.lines[row]
        start = max(0, min(column - 1, len(text))) if line - 1 == row else 0
        end = min(end_column - 1, len(text)) if end_line == line else len(text.rstrip())
        if end <= start:
            end = len(text.rstrip()) if len(text.rstrip()) > start else len(text)
        return Span(row, units(text[:start], unit), row, units(text[:end], unit))

    def whole_line(self, line: int, unit: Encoding) -> Span:
        """The text of one line, 0-based, without its indentation."""
        row = max(0, min(line, len(self.lines) - 1))
        text = self.lines[row]
        indent = len(text) - len(text.lstrip())
        return Span(row, units(text[:indent], unit), row, units(text.rstrip(), unit))


def units(text: str, unit: Encoding) -> int:
    """Length of `text` in the unit that editor and server agreed on."""
    if unit == "utf-32":
        return len(text)
    if unit == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(character > "\uffff" for character in text)


def line_map(before: Text, after: Text) -> LineMap:
    """Where the lines of `before` stand in `after`."""
    return LineMap("\n".join(before.lines), "\n".join(after.lines))
