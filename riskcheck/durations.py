"""Durations and moments as the policy file writes them: ``30m``, ``1h30m``, ``7d``, ``2027-01-31``."""

from __future__ import annotations

from typing import Final

HOUR: Final = 3_600
DAY: Final = 86_400
"""Seconds."""

UNITS: Final = {"s": 1, "m": 60, "h": HOUR, "d": DAY, "w": 7 * DAY}
"""Unit to seconds."""

_WORDS: Final = {
    **dict.fromkeys(("sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "m"),
    **dict.fromkeys(("hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("day", "days"), "d"),
    **dict.fromkeys(("wk", "week", "weeks"), "w"),
}
_MOST_DIGITS = 9


def parse_duration(text: str) -> int | None:
    """Seconds, or None where `text` is no duration. Parts may follow each other: ``1h30m``."""
    seconds = 0
    digits = ""
    for char in text:
        if char.isascii() and char.isdigit():
            digits += char
            if len(digits) > _MOST_DIGITS:
                return None
        elif digits and char in UNITS:
            seconds += int(digits) * UNITS[char]
            digits = ""
        else:
            return None
    return None if digits or not text else seconds


def suggest_duration(text: str) -> str | None:
    """The duration that `text` was meant to be: ``30m`` for ``30 min``. None where it cannot be told."""
    out = ""
    number = word = ""
    for char in text.strip().lower() + " 0":
        if char.isascii() and char.isdigit():
            if word:
                unit = word if word in UNITS else _WORDS.get(word)
                if unit is None or not number:
                    return None
                out += number + unit
                number = word = ""
            number += char
        elif char.isalpha():
            word += char
        elif not char.isspace():
            return None
    return out if out and parse_duration(out) is not None else None


def parse_moment(text: str, *, end: bool = False) -> int | None:
    """Seconds since the epoch of an ISO date or time; None where `text` is neither.

    A date is the day's first second in UTC, or the first second after it with `end`, since ranges and expiry
    dates include their last day. A time without an offset is UTC.
    """
    from datetime import UTC, datetime

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    seconds = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    return seconds + UNITS["d"] if end and len(text) == len("2027-01-31") else seconds


def spell(seconds: int) -> str:
    """``45s``, ``12m``, ``1h``, ``24h``, ``3d``: the largest unit with two of it, or exactly one."""
    if seconds >= 2 * 86_400:
        return f"{seconds // 86_400}d"
    for unit, size in (("h", 3600), ("m", 60)):
        if seconds >= 2 * size or seconds == size:
            return f"{seconds // size}{unit}"
    return f"{max(seconds, 0)}s"
