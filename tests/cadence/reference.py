"""What an expression means, told the slow way: every day and every second asked whether it matches.

Written from the descriptions of both dialects with `datetime`, sharing nothing with the package.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]


def _value(text: str, names: list[str], low: int) -> int:
    return names.index(text) + low if text in names else int(text)


def matches(field: str, value: int, low: int, high: int, names: list[str], quartz: bool) -> bool:
    for part in field.split(","):
        span, _, stride = part.partition("/")
        step = int(stride or 1)
        if span == "*":
            start, end = low, high
        elif "-" in span:
            start, end = (_value(one, names, low) for one in span.split("-"))
        else:
            start = _value(span, names, low)
            end = high if stride else start
        if start <= end:
            if start <= value <= end and (value - start) % step == 0:
                return True
        elif quartz:
            size = high - low + 1
            later = value if value >= start else value + size
            if start <= later <= end + size and (later - start) % step == 0:
                return True
    return False


def _weekday(day: date) -> int:
    return day.isoweekday() % 7


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _nearest_working(day: date) -> date:
    """The working day of the same month that is nearest."""
    working = [
        one
        for ahead in (-2, -1, 0, 1, 2)
        if (one := day + timedelta(days=ahead)).month == day.month and one.isoweekday() < 6
    ]
    return min(working, key=lambda one: abs((one - day).days))


def quartz_date(field: str, day: date) -> bool:
    if field == "?":
        return True
    end = _month_end(day)
    if field == "L":
        return day == end
    if field == "LW":
        return day == _nearest_working(end)
    if field.startswith("L-"):
        return day == end - timedelta(days=int(field[2:]))
    if field.endswith("W"):
        wanted = int(field[:-1])
        return wanted <= end.day and day == _nearest_working(day.replace(day=wanted))
    return matches(field, day.day, 1, 31, [], True)


def quartz_weekday(field: str, day: date) -> bool:
    if field == "?":
        return True
    if field == "L":
        return _weekday(day) == 6
    if "#" in field:
        name, which = field.split("#")
        nth = (day.day - 1) // 7 + 1
        return _weekday(day) + 1 == _value(name, WEEKDAYS, 1) and nth == int(which)
    if field.endswith("L"):
        return _weekday(day) + 1 == _value(field[:-1], WEEKDAYS, 1) and day + timedelta(days=7) > _month_end(
            day
        )
    return matches(field, _weekday(day) + 1, 1, 7, WEEKDAYS, True)


def quartz_days(expression: str, years: range) -> Iterator[date]:
    fields = expression.split()
    for day in _days(years):
        if (
            quartz_date(fields[3], day)
            and matches(fields[4], day.month, 1, 12, MONTHS, True)
            and quartz_weekday(fields[5], day)
            and (len(fields) < 7 or matches(fields[6], day.year, 1970, 2099, [], True))
        ):
            yield day


def unix_days(expression: str, years: range) -> Iterator[date]:
    _, _, dates, months, weekdays = expression.split()
    for day in _days(years):
        by_date = matches(dates, day.day, 1, 31, [], False)
        by_weekday = any(matches(weekdays, one, 0, 7, WEEKDAYS, False) for one in _numbers_of(day))
        free = "*" in (dates, weekdays)
        if matches(months, day.month, 1, 12, MONTHS, False) and (
            by_date and by_weekday if free else by_date or by_weekday
        ):
            yield day


def _numbers_of(day: date) -> tuple[int, ...]:
    return (0, 7) if _weekday(day) == 0 else (_weekday(day),)


def _days(years: range) -> Iterator[date]:
    day = date(years.start, 1, 1)
    while day.year < years.stop:
        yield day
        day += timedelta(days=1)


def times(seconds: str, minutes: str, hours: str, quartz: bool) -> list[int]:
    return [
        hour * 3600 + minute * 60 + second
        for hour in range(24)
        if matches(hours, hour, 0, 23, [], quartz)
        for minute in range(60)
        if matches(minutes, minute, 0, 59, [], quartz)
        for second in range(60)
        if matches(seconds, second, 0, 59, [], quartz)
    ]
