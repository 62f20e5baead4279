"""On which days something runs: days of the month, weekdays, months and years of a cron expression.

Weekdays are 0 (Sunday) to 6. Inside the years that cron knows (1970 to 2099) the calendar repeats every 28 years.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

CYCLE: Final = range(2001, 2029)
"""Years in which every kind of month begins on every weekday as often as it ever does."""

ALL_DAYS: Final = frozenset(range(1, 32))
ALL_WEEKDAYS: Final = frozenset(range(7))
ALL_MONTHS: Final = frozenset(range(1, 13))

_LENGTHS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SUNDAY, _SATURDAY = 0, 6


class Days(NamedTuple):
    """The days that an expression selects. A day counts where both halves select it, or one of them if `either`.

    dates: days of the month. before_last: days before the last of the month (``L`` is 0). near: days of the month,
    moved to the nearest working day of the same month (``15W``); near_last: the same, before its end (``LW`` is 0).
    nth: (weekday, which one of the month). last: weekdays, the last of the month.
    """

    dates: frozenset[int] = frozenset()
    before_last: frozenset[int] = frozenset()
    near: frozenset[int] = frozenset()
    near_last: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()
    nth: frozenset[tuple[int, int]] = frozenset()
    last: frozenset[int] = frozenset()
    months: frozenset[int] = ALL_MONTHS
    years: frozenset[int] | None = None
    either: bool = False

    @property
    def every(self) -> bool:
        """Whether every day is selected."""
        return (
            self.dates == ALL_DAYS
            and self.weekdays == ALL_WEEKDAYS
            and self.months == ALL_MONTHS
            and self.years is None
        )

    def of_month(self, first: int, length: int) -> frozenset[int]:
        """The selected days of a month whose first day is weekday `first`, whatever month it is."""
        by_date = {day for day in self.dates if day <= length}
        by_date |= {length - back for back in self.before_last if back < length}
        by_date |= {_working(day, first, length) for day in self.near if day <= length}
        by_date |= {_working(length - back, first, length) for back in self.near_last if back < length}
        by_weekday = {day for day in range(1, length + 1) if (first + day - 1) % 7 in self.weekdays}
        by_weekday |= {day for weekday, which in self.nth if (day := _nth(weekday, which, first)) <= length}
        by_weekday |= {length - (first + length - 1 - weekday) % 7 for weekday in self.last}
        return frozenset(by_date | by_weekday if self.either else by_date & by_weekday)

    def ordinals(self) -> Iterator[int]:
        """Every selected day of the years that count, as days since a fixed one, in order."""
        known: dict[tuple[int, int], list[int]] = {}
        years = CYCLE if self.years is None else sorted(self.years)
        for year in years:
            start = _days_before(year)
            for month, length in enumerate(_lengths(year), 1):
                first = (start + 1) % 7
                if month in self.months:
                    if (first, length) not in known:
                        known[first, length] = sorted(self.of_month(first, length))
                    yield from (start + day for day in known[first, length])
                start += length

    def span(self) -> int:
        """How many days the years have that count."""
        return sum(sum(_lengths(year)) for year in (CYCLE if self.years is None else self.years))


def _lengths(year: int) -> tuple[int, ...]:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return (31, 29, *_LENGTHS[2:]) if leap else _LENGTHS


def _days_before(year: int) -> int:
    """Days from 1 January of year 1, a Monday, to 1 January of `year`."""
    past = year - 1
    return past * 365 + past // 4 - past // 100 + past // 400


def _nth(weekday: int, which: int, first: int) -> int:
    return 1 + (weekday - first) % 7 + 7 * (which - 1)


def _working(day: int, first: int, length: int) -> int:
    weekday = (first + day - 1) % 7
    if weekday == _SATURDAY:
        return day - 1 if day > 1 else day + 2
    if weekday == _SUNDAY:
        return day + 1 if day < length else day - 2
    return day
