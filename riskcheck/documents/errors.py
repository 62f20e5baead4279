"""What can be wrong with a document, as values."""

from __future__ import annotations

from typing import Final

from riskcheck.records import NamedTuple

MAX_DEPTH: Final = 200
"""Nesting beyond which a document is refused: every later stage may recurse without a second thought."""

MAX_NODES: Final = 500_000
"""Keys, values and containers that one document may hold as written; a megabyte of real manifests has 30,000."""

MAX_DUPLICATES: Final = 100
"""Duplicate keys that are reported of one document."""

MAX_EXPANSION: Final = 250_000
"""Nodes that aliases and merge keys may add to a document (the "billion laughs" bound)."""


class ParseError(NamedTuple):
    """Why a document could not be read. line and column are 1-based, in the file."""

    line: int
    column: int
    reason: str


class Rejected(Exception):
    """Stops a parser. line and column are 0-based, in the text it was given."""

    def __init__(self, line: int, column: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.column = column
        self.reason = reason
