"""A value of a file, before or after, as a page shows it."""

from __future__ import annotations

import json
from html import escape
from typing import Final

from riskcheck.nodes import MISSING
from riskcheck.report.people import without_names
from riskcheck.report.safe import plain, shortened

MOST_LINES: Final = 16
LONGEST_LINE: Final = 300


def value(shown: object, *, whole: bool = False) -> str:
    """`shown` over as many lines as it takes, up to `MOST_LINES`. whole: it is a whole resource, whose every field
    would say less than that."""
    if shown is MISSING:
        return '<i class="faint">absent</i>'
    if whole and isinstance(shown, dict):
        return '<i class="faint">the whole resource</i>'
    lines = _lines(shown)
    more = len(lines) - MOST_LINES
    told = [escape(shortened(plain(line), LONGEST_LINE)) for line in lines[:MOST_LINES]]
    if more > 0:
        told.append(f"… {more} more lines")
    return "\n".join(told) or '""'


def _lines(shown: object) -> list[str]:
    if shown is None:
        return ["null"]
    if isinstance(shown, bool):
        return [str(shown).lower()]
    if isinstance(shown, dict | list | tuple):
        return json.dumps(without_names(shown), ensure_ascii=False, indent=2, default=str).split("\n")
    return str(shown).split("\n")
