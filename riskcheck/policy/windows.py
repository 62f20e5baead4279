"""Deploy windows: whether one is open, and when it opens next, by the wall clock of its time zone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.cadence.clock import zone

if TYPE_CHECKING:
    from datetime import datetime

    from riskcheck.policy.model import Window

__all__ = ["DAYS", "is_open", "next_opening", "time_zones", "zone"]

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""In the order of `datetime.weekday`."""


def time_zones() -> frozenset[str]:
    """Every name that `zone` knows."""
    from zoneinfo import available_timezones

    return frozenset({"UTC", *available_timezones()})


def is_open(window: Window, now: int) -> bool:
    """Whether `now`, in seconds since the epoch, is inside."""
    local = _local(window, now)
    minute = local.hour * 60 + local.minute
    today, yesterday = local.weekday(), (local.weekday() - 1) % 7
    if window.start < window.end:
        return today in window.days and window.start <= minute < window.end
    begun = today in window.days and minute >= window.start
    return begun or (yesterday in window.days and minute < window.end)


def next_opening(window: Window, now: int) -> tuple[int, str] | None:
    """When a closed window opens next: seconds since the epoch, and for people. None for one without days."""
    from datetime import datetime, time, timedelta

    local = _local(window, now)
    for ahead in range(8):
        day = local.date() + timedelta(days=ahead)
        if day.weekday() not in window.days:
            continue
        opens = datetime.combine(day, time(window.start // 60, window.start % 60), local.tzinfo)
        if opens.timestamp() > now:
            words = f"{DAYS[day.weekday()]} {opens:%Y-%m-%d %H:%M} {window.timezone}"
            return int(opens.timestamp()), words
    return None


def _local(window: Window, now: int) -> datetime:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(now, zone(window.timezone) or UTC)
