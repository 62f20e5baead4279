"""Functions that conditions may call beside CEL's own. Each takes any value; what means nothing gives null.

Numbers are doubles: exact for whole numbers up to 2^53, which real sizes and durations stay below.
"""

from __future__ import annotations

import re
from typing import Final

from riskcheck.quantities import NANO, quantity_nanos

_SIZE: Final = r"([0-9]{1,18}(?:\.[0-9]{1,9})?)\s?([kmgtp]?)(i?b)?"
_SCALE: Final = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40, "p": 2**50}

_NUMBER: Final = r"[0-9]{1,18}(?:\.[0-9]{1,9})?"
_TIME_PARTS: Final = r"(?:[0-9]{1,18}(?:\.[0-9]{1,9})?\s?[a-zµ]{1,12}\s?,?\s?){1,8}"
_TIME_PART: Final = r"([0-9]++(?:\.[0-9]++)?)\s?([a-zµ]++)"
_ISO_TIME: Final = (
    r"p(?:([0-9]{1,9})w)?(?:([0-9]{1,9})d)?"
    r"(?:t(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9}(?:\.[0-9]{1,9})?)s)?)?"
)
_ISO_SECONDS: Final = (604_800, 86_400, 3_600, 60, 1)
_SECONDS: Final = {
    **dict.fromkeys(("ns", "nanosecond", "nanoseconds"), 1e-9),
    **dict.fromkeys(("us", "µs", "microsecond", "microseconds"), 1e-6),
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), 1e-3),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3_600.0),
    **dict.fromkeys(("d", "day", "days"), 86_400.0),
    **dict.fromkeys(("w", "week", "weeks"), 604_800.0),
}

_VERSION: Final = r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,7}"
_MOST_CHARACTERS: Final = 200
"""Text longer than this is none of what the functions read."""


def quantity(value: object) -> float | None:
    """A Kubernetes quantity (``"512Mi"``, ``"250m"``, ``2``) as a number."""
    text = _text(value)
    if text is None:
        return None
    nanos = quantity_nanos(text)
    return None if nanos is None else nanos / NANO


def bytes_of(value: object) -> float | None:
    """A JVM or Spark size (``"4g"``, ``"512m"``, ``"1024"``) in bytes. Units are binary, whatever their case:
    https://spark.apache.org/docs/latest/configuration.html#spark-properties"""
    text = _text(value)
    match = re.fullmatch(_SIZE, text.lower()) if text else None
    return float(match[1]) * _SCALE[match[2]] if match else None


def seconds(value: object) -> float | None:
    """A duration (``"1h30m"``, ``"500ms"``, ``"2 days"``, ``"interval 7 days"``, ISO ``"PT5M"``, a number) in
    seconds."""
    text = _text(value)
    if text is None:
        return None
    text = text.lower().removeprefix("interval ").strip()
    if re.fullmatch(_NUMBER, text):
        return float(text)
    iso = re.fullmatch(_ISO_TIME, text)
    if iso and any(iso.groups()):
        return sum(float(part) * unit for part, unit in zip(iso.groups(), _ISO_SECONDS, strict=True) if part)
    if re.fullmatch(_TIME_PARTS, text) is None:
        return None
    total = 0.0
    for number, unit in re.findall(_TIME_PART, text):
        if unit not in _SECONDS:
            return None
        total += float(number) * _SECONDS[unit]
    return total


def version_part(value: object, number: object) -> float | None:
    """The `number`-th part, from 0, of the first version in the text: ``version_part("15.4.x", 0)`` is 15."""
    text = _text(value)
    match = re.search(_VERSION, text) if text else None
    if match is None or not isinstance(number, int | float) or number < 0:
        return None
    parts = match[0].split(".")
    return float(parts[int(number)]) if number < len(parts) else None


def _text(value: object) -> str | None:
    """`value` as the text that was written; None for what is neither text nor a number."""
    if isinstance(value, str):
        return value.strip() if len(value) <= _MOST_CHARACTERS else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
