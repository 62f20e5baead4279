"""Spans of time as contracts and checks write them, in seconds."""

from __future__ import annotations

import re
from typing import Final

_DAY: Final = 86_400
_UNITS: Final = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3_600),
    **dict.fromkeys(("d", "day", "days"), _DAY),
    **dict.fromkeys(("w", "wk", "week", "weeks"), 7 * _DAY),
    **dict.fromkeys(("month", "months", "mo"), 30 * _DAY),
    **dict.fromkeys(("y", "yr", "yrs", "year", "years"), 365 * _DAY),
}
_WORDS: Final = {
    "hourly": 3_600,
    "daily": _DAY,
    "weekly": 7 * _DAY,
    "monthly": 30 * _DAY,
    "yearly": 365 * _DAY,
}
_ISO: Final = (
    r"P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})W)?(?:(\d{1,9})D)?"
    r"(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?\Z"
)
_ISO_UNITS: Final = (365 * _DAY, 30 * _DAY, 7 * _DAY, _DAY, 3_600, 60, 1)
_MOST_TEXT: Final = 100
_PART: Final = r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*([a-z]+)"


def unit_seconds(unit: str, minutes: bool = False) -> int | None:
    """Seconds of a unit by its name; None where it is none. minutes: a single ``m`` means them, not months."""
    return 60 if minutes and unit == "m" else _UNITS.get(unit.strip().lower())


def span_seconds(text: str) -> float | None:
    """``25h``, ``1d6h``, ``1 year``, ``P1Y``, ``daily``; None where it is none. A month has 30 days, a year 365."""
    told = text.strip()
    if len(told) > _MOST_TEXT:
        return None
    if told.lower() in _WORDS:
        return _WORDS[told.lower()]
    iso = re.match(_ISO, told)
    if iso is not None and any(iso.groups()):
        return sum(int(part) * size for part, size in zip(iso.groups(), _ISO_UNITS, strict=True) if part)
    lower, at, total = told.lower(), 0, 0.0
    while at < len(lower):
        part = re.match(_PART, lower[at:])
        size = unit_seconds(part[2], minutes=True) if part is not None else None
        if part is None or size is None:
            return None
        total += float(part[1]) * size
        at += part.end()
    return total if at else None
