"""A value of a file, before or after, as a page shows it."""

from __future__ import annotations

import json
import re
from html import escape
from typing import Final

from riskcheck.nodes import MISSING
from riskcheck.report.safe import plain, shortened

MOST_LINES: Final = 16
LONGEST_LINE: Final = 300
PEOPLE: Final = re.compile(
    r"(?i)(?:owner|requester|author|maintainer|contact|member|creator|assignee|reviewer|approver|user_?name"
    r"|(?:created|updated|modified|deployed|requested)[-_.]?by)s?$"
)
"""Keys that state who somebody is. What they hold is left to JSON: a report that goes round names nobody."""


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
        return json.dumps(_without_people(shown), ensure_ascii=False, indent=2, default=str).split("\n")
    return str(shown).split("\n")


def _without_people(shown: object) -> object:
    if isinstance(shown, dict):
        return {
            str(key): "…" if PEOPLE.search(str(key)) and one else _without_people(one)
            for key, one in shown.items()
        }
    if isinstance(shown, list | tuple):
        return [_without_people(one) for one in shown]
    return shown
