"""By how much times of day lie apart, in the time zones that they are told in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

DAY: Final = 86_400
_YEAR: Final = 2025
"""Any year in which both sides of a comparison know their rules."""


def zone(name: str) -> tzinfo | None:
    """The IANA time zone called `name`; None where this machine knows none of that name."""
    from datetime import UTC

    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # Unknown; no name at all (``../x``); a folder of names (``America``).
        return None


def offsets(before: str, after: str) -> frozenset[tuple[int, int]] | None:
    """Every pair of seconds ahead of UTC that the two time zones have at the same moment of a year.

    None where one of them is not known.
    """
    if before == after:
        return frozenset({(0, 0)})
    one, other = zone(before), zone(after)
    if one is None or other is None:
        return None
    from datetime import UTC, datetime, timedelta

    noon = datetime(_YEAR, 1, 1, 12, tzinfo=UTC)
    days = (noon + timedelta(days=number) for number in range(365))
    return frozenset((_ahead(one, day), _ahead(other, day)) for day in days)


def _ahead(place: tzinfo, moment: object) -> int:
    from datetime import datetime

    assert isinstance(moment, datetime)
    ahead = moment.astimezone(place).utcoffset()
    return 0 if ahead is None else int(ahead.total_seconds())


def shift(before: Sequence[int], after: Sequence[int]) -> int:
    """The most by which one of as many times of day moves, in seconds, where each goes to its nearest in order.

    Times are seconds since midnight, and a day follows a day: 23:50 and 00:10 are 20 minutes apart.
    """
    old, new = sorted(time % DAY for time in before), sorted(time % DAY for time in after)
    count = len(old)
    return min(
        (max(_apart(old[i], new[(i + turn) % count]) for i in range(count)) for turn in _turns(count)),
        default=0,
    )


def _turns(count: int) -> Sequence[int]:
    """Which neighbours to try. Among many times a run is never far from one of those next to it."""
    return range(count) if count <= 48 else (-1, 0, 1)


def _apart(one: int, other: int) -> int:
    gap = abs(one - other)
    return min(gap, DAY - gap)
