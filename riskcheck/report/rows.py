"""One thing that is said, before any format lays it out."""

from __future__ import annotations

from riskcheck.records import NamedTuple


class Row(NamedTuple):
    """One thing that is said. found: a mark before it, for evidence."""

    label: str
    text: str
    found: bool | None = None
