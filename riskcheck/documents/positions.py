"""Offsets of a text as lines and columns."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskcheck.nodes import Source


class PositionedText:
    """A text that is read into nodes of `source`."""

    def __init__(self, text: str, source: Source) -> None:
        self.text = text
        self.source = source
        self.starts = [0]
        self.starts.extend(match.end() for match in re.finditer("\n", text))

    def place(self, position: int) -> tuple[int, int]:
        """Line and column of the offset `position`, both 0-based."""
        line = bisect_right(self.starts, position) - 1
        return line, position - self.starts[line]
