"""One field of a cron expression: which numbers it stands for.

Quartz: https://www.quartz-scheduler.org/documentation/quartz-2.3.0/tutorials/crontrigger.html. The five-field form
as Kubernetes reads it: https://pkg.go.dev/github.com/robfig/cron/v3.
"""

from __future__ import annotations

from typing import Final

from riskcheck.records import NamedTuple


class Field(NamedTuple):
    """The numbers that a field takes, both ends included. names: of the numbers from `low` on."""

    low: int
    high: int
    names: tuple[str, ...] = ()


MONTH_NAMES: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAY_NAMES: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")

SECOND: Final = Field(0, 59)
MINUTE: Final = Field(0, 59)
HOUR: Final = Field(0, 23)
DAY: Final = Field(1, 31)
MONTH: Final = Field(1, 12, MONTH_NAMES)
YEAR: Final = Field(1970, 2099)
QUARTZ_WEEKDAY: Final = Field(1, 7, DAY_NAMES)
UNIX_WEEKDAY: Final = Field(0, 7, DAY_NAMES)


def whole(text: str) -> int | None:
    """The number that `text` writes in at most four ASCII digits."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def number(text: str, field: Field) -> int | None:
    """The number or name `text`, within the bounds of `field`."""
    upper = text.upper()
    if upper in field.names:
        return field.low + field.names.index(upper)
    value = whole(text)
    return value if value is not None and field.low <= value <= field.high else None


def numbers(text: str, field: Field, *, quartz: bool) -> frozenset[int] | None:
    """What a list of numbers, ranges and steps stands for; None where it is none.

    quartz: ranges may run over the end (``22-2``) and steps are no larger than its highest number.
    """
    found: set[int] = set()
    for part in text.split(","):
        chosen = _part(part, field, quartz)
        if chosen is None:
            return None
        found.update(chosen)
    return frozenset(found)


def _part(text: str, field: Field, quartz: bool) -> range | list[int] | None:
    span, slash, stride = text.partition("/")
    step = whole(stride) if slash else 1
    if not step or (quartz and step > field.high):
        return None
    if span == "*" or (quartz and slash and not span):
        return range(field.low, field.high + 1, step)
    first, dash, last = span.partition("-")
    start = number(first, field)
    end = number(last, field) if dash else field.high if slash else start
    if start is None or end is None:
        return None
    if start <= end:
        return range(start, end + 1, step)
    return _over_the_end(start, end, field, step) if quartz and field != YEAR else None


def _over_the_end(start: int, end: int, field: Field, step: int) -> list[int]:
    """``22-2`` of the hours: 22, 23, 0, 1, 2."""
    size = field.high - field.low + 1
    return [field.low + (value - field.low) % size for value in range(start, end + size + 1, step)]
