"""Cron expressions: when they fire, or None for what their scheduler would refuse."""

from __future__ import annotations

from typing import Final

from riskcheck.cadence.days import ALL_DAYS, ALL_WEEKDAYS, Days
from riskcheck.cadence.fields import (
    DAY,
    HOUR,
    MINUTE,
    MONTH,
    QUARTZ_WEEKDAY,
    SECOND,
    UNIX_WEEKDAY,
    YEAR,
    number,
    numbers,
    whole,
)
from riskcheck.records import NamedTuple

MACROS: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}

_MOST_CHARACTERS = 500


class Firing(NamedTuple):
    """The times of day, sorted, and the days at which an expression fires."""

    hours: tuple[int, ...]
    minutes: tuple[int, ...]
    seconds: tuple[int, ...]
    days: Days


def quartz(expression: str) -> Firing | None:
    """A Quartz expression of six or seven fields. One of the two day fields is ``?``, as Quartz demands."""
    fields = expression.split() if len(expression) <= _MOST_CHARACTERS else []
    if len(fields) not in (6, 7):
        return None
    date, weekday = fields[3], fields[5]
    if (date == "?") == (weekday == "?"):
        return None
    days = _weekdays(weekday) if date == "?" else _dates(date)
    months = numbers(fields[4], MONTH, quartz=True)
    years = None if len(fields) == 6 or fields[6] == "*" else numbers(fields[6], YEAR, quartz=True)
    if days is None or months is None or (years is None and len(fields) == 7 and fields[6] != "*"):
        return None
    return _firing(fields[2], fields[1], fields[0], days._replace(months=months, years=years), is_quartz=True)


def unix(expression: str) -> Firing | None:
    """Five fields, as Kubernetes reads them, or one of its macros other than ``@every``."""
    fields = MACROS.get(expression.strip(), expression).split() if len(expression) <= _MOST_CHARACTERS else []
    if len(fields) != 5:
        return None
    date, weekday = ("*" if field == "?" else field for field in (fields[2], fields[4]))
    dates, months = numbers(date, DAY, quartz=False), numbers(fields[3], MONTH, quartz=False)
    weekdays = numbers(weekday, UNIX_WEEKDAY, quartz=False)
    if dates is None or months is None or weekdays is None:
        return None
    days = Days(
        dates=dates,
        weekdays=frozenset(day % 7 for day in weekdays),
        months=months,
        either=not _open(date) and not _open(weekday),
    )
    return _firing(fields[1], fields[0], "0", days, is_quartz=False)


def _open(field: str) -> bool:
    """Whether a day field leaves the choice to the other one."""
    return any(part in ("*", "*/1") for part in field.split(","))


def _firing(hour: str, minute: str, second: str, days: Days, *, is_quartz: bool) -> Firing | None:
    hours, minutes = numbers(hour, HOUR, quartz=is_quartz), numbers(minute, MINUTE, quartz=is_quartz)
    seconds = numbers(second, SECOND, quartz=is_quartz)
    if hours is None or minutes is None or seconds is None:
        return None
    return Firing(tuple(sorted(hours)), tuple(sorted(minutes)), tuple(sorted(seconds)), days)


def _dates(field: str) -> Days | None:
    """The day-of-month field of Quartz: ``W`` stands alone, ``L`` may stand among others."""
    upper = field.upper()
    if upper.endswith("W"):
        day = number(upper[:-1], DAY)
        if day is not None:
            return Days(near=frozenset({day}), weekdays=ALL_WEEKDAYS)
        back = _before_last(upper[:-1])
        return None if back is None else Days(near_last=frozenset({back}), weekdays=ALL_WEEKDAYS)
    backs: set[int] = set()
    plain: list[str] = []
    for part in upper.split(","):
        back = _before_last(part)
        plain.append(part) if back is None else backs.add(back)
    dates = numbers(",".join(plain), DAY, quartz=True) if plain else frozenset[int]()
    return None if dates is None else Days(dates, frozenset(backs), weekdays=ALL_WEEKDAYS)


def _before_last(text: str) -> int | None:
    """0 for ``L``, 3 for ``L-3``."""
    if text == "L":
        return 0
    back = whole(text[2:]) if text.startswith("L-") else None
    return back if back is not None and back <= 30 else None


def _weekdays(field: str) -> Days | None:
    """The day-of-week field of Quartz, where 1 is Sunday and ``L`` alone is Saturday."""
    nth: set[tuple[int, int]] = set()
    last: set[int] = set()
    plain: list[str] = []
    for part in field.upper().split(","):
        name, hash_sign, which = part.partition("#")
        if hash_sign:
            day, count = number(name, QUARTZ_WEEKDAY), whole(which)
            if day is None or count is None or not 1 <= count <= 5:
                return None
            nth.add((day - 1, count))
        elif part.endswith("L") and len(part) > 1:
            day = number(part[:-1], QUARTZ_WEEKDAY)
            if day is None:
                return None
            last.add(day - 1)
        else:
            plain.append("7" if part == "L" else part)
    chosen = numbers(",".join(plain), QUARTZ_WEEKDAY, quartz=True) if plain else frozenset[int]()
    if chosen is None:
        return None
    weekdays = frozenset(day - 1 for day in chosen)
    return Days(dates=ALL_DAYS, weekdays=weekdays, nth=frozenset(nth), last=frozenset(last))
