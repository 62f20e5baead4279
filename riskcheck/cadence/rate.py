"""A cadence: how many runs a day, at what times, and how long between two.

The libraries there are read neither `W`, `LW` nor `6L`, and take Quartz's weekdays for those of cron (croniter 7,
cronsim 2.8); they also only go from one run to the next, where a rate is wanted.
"""

from __future__ import annotations

from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from riskcheck.cadence.cron import Firing

DAY: Final = 86_400

_UNITS: Final = {"HOURS": 3_600, "DAYS": DAY, "WEEKS": 7 * DAY}


class Cadence(NamedTuple):
    """How often something runs.

    runs_per_day: the average, `inf` where the next run starts when one ends. firing: the times and days, for an
    expression. interval: seconds between two runs, for one that is told as such. zone: the time zone of the times,
    as it is written.
    """

    runs_per_day: float
    firing: Firing | None = None
    interval: int | None = None
    zone: str = "UTC"

    @property
    def continuous(self) -> bool:
        return self.runs_per_day == inf

    @property
    def times(self) -> tuple[int, ...]:
        """Times of day of the runs in `zone`, in seconds since midnight; empty where none are told."""
        if self.firing is None:
            return ()
        return tuple(
            hour * 3600 + minute * 60 + second
            for hour in self.firing.hours
            for minute in self.firing.minutes
            for second in self.firing.seconds
        )

    def longest_gap(self) -> int | None:
        """Seconds between two runs at most, daylight saving aside. 0 for one that never ends; None where no second
        run is known."""
        if self.firing is None:
            return 0 if self.continuous else self.interval
        times = self.times
        overnight = DAY - times[-1] + times[0]
        inside = max((later - earlier for earlier, later in pairwise(times)), default=0)
        days = self.firing.days
        if days.every:
            return max(inside, overnight)
        on = list(days.ordinals())
        if days.years is None and on:
            on.append(on[0] + days.span())
        between = max((later - earlier for earlier, later in pairwise(on)), default=0)
        gap = max(inside, (between - 1) * DAY + overnight if between else 0)
        return gap or None

    def spelled(self) -> str:
        """``24 runs a day``, ``5 runs a week``, ``one run a month``, ``runs without end``."""
        if self.continuous:
            return "runs without end"
        for unit, days in (("day", 1.0), ("week", 7.0), ("month", 365.25 / 12), ("year", 365.25)):
            count = self.runs_per_day * days
            if count > 0.99 or unit == "year":
                return _runs(count, unit)
        raise AssertionError


def _runs(count: float, unit: str) -> str:
    rounded = round(count) if abs(count - round(count)) < 0.02 * count or count >= 20 else round(count, 1)
    number = "one run" if rounded == 1 else f"{rounded:g} runs"
    return f"{number} a {unit}"


CONTINUOUS: Final = Cadence(inf)
"""The next run starts when one ends."""


def quartz(expression: str, zone: str = "UTC") -> Cadence | None:
    """A Quartz expression, as Databricks schedules take it; None for one that is none or never fires."""
    from riskcheck.cadence import cron

    return _of(cron.quartz(expression), zone)


def unix(expression: str, zone: str = "UTC") -> Cadence | None:
    """Five fields, a macro, or ``@every 6h``, as Kubernetes takes it; None for one that is none or never fires."""
    from riskcheck.cadence import cron

    if expression.startswith("@every "):
        from riskcheck.durations import parse_duration

        seconds = parse_duration(expression.removeprefix("@every ").strip())
        return every(seconds) if seconds else None
    return _of(cron.unix(expression), zone)


def periodic(interval: int, unit: str) -> Cadence | None:
    """The ``periodic`` trigger of a Databricks job: `interval` in HOURS, DAYS or WEEKS."""
    size = _UNITS.get(unit.upper())
    return every(interval * size) if size is not None and interval > 0 else None


def every(seconds: int) -> Cadence:
    """A run every so many seconds."""
    return Cadence(DAY / seconds, interval=seconds)


def _of(firing: Firing | None, zone: str) -> Cadence | None:
    if firing is None:
        return None
    share = 1.0 if firing.days.every else sum(1 for _ in firing.days.ordinals()) / firing.days.span()
    a_day = len(firing.hours) * len(firing.minutes) * len(firing.seconds)
    return Cadence(a_day * share, firing, zone=zone) if share else None


def same_days(one: Cadence, other: Cadence) -> bool:
    """Whether two expressions fire on the same days; True where no days are told."""
    if one.firing is None or other.firing is None or one.firing.days == other.firing.days:
        return True
    return list(one.firing.days.ordinals()) == list(other.firing.days.ordinals())


def moved_by(one: Cadence, other: Cadence) -> int | None:
    """The most by which a run moves within the day at any time of the year, in seconds.

    None where that cannot be told: no times, not as many of them, or a time zone that is not known.
    """
    before, after = one.times, other.times
    if not before or len(before) != len(after):
        return None
    from riskcheck.cadence.clock import offsets, shift

    pairs = offsets(one.zone, other.zone)
    if pairs is None:
        return None
    return max(
        shift([time - ahead for time in before], [time - further for time in after])
        for ahead, further in pairs
    )
