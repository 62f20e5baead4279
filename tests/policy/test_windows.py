"""Deploy windows by the wall clock of their time zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from riskcheck.policy.model import Window
from riskcheck.policy.windows import is_open, next_opening, zone

BERLIN = "Europe/Berlin"


def at(text: str, timezone: str = BERLIN) -> int:
    """`text`, by the wall clock of `timezone`, in seconds since the epoch."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(timezone)).timestamp())


def window(start: str, end: str, days: tuple[int, ...] = tuple(range(7)), timezone: str = BERLIN) -> Window:
    minutes = [int(one[:2]) * 60 + int(one[3:]) for one in (start, end)]
    return Window("w", frozenset(days), minutes[0], minutes[1], timezone)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2027-01-18T08:59:59", False),
        ("2027-01-18T09:00:00", True),
        ("2027-01-18T15:59:59", True),
        ("2027-01-18T16:00:00", False),
        ("2027-01-19T12:00:00", False),
    ],
)
def test_the_start_is_in_and_the_end_is_out(moment: str, expected: bool) -> None:
    assert is_open(window("09:00", "16:00", (0,)), at(moment)) is expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2027-01-18T21:59:59", False),
        ("2027-01-18T22:00:00", True),
        ("2027-01-19T03:59:59", True),
        ("2027-01-19T04:00:00", False),
        ("2027-01-18T03:00:00", False),
        ("2027-01-19T23:00:00", False),
    ],
)
def test_a_window_over_midnight_belongs_to_the_day_it_begins_on(moment: str, expected: bool) -> None:
    assert is_open(window("22:00", "04:00", (0,)), at(moment)) is expected


def test_the_end_of_the_day_is_twenty_four_hours() -> None:
    assert is_open(window("00:00", "24:00", (0,)), at("2027-01-18T23:59:59"))
    assert not is_open(window("00:00", "24:00", (0,)), at("2027-01-19T00:00:00"))


def test_summer_time_moves_the_window_with_the_clock_on_the_wall() -> None:
    office = window("09:00", "16:00")
    assert is_open(office, at("2027-03-27T09:30:00"))
    assert is_open(office, at("2027-03-29T09:30:00"))
    assert at("2027-03-29T09:30:00") - at("2027-03-27T09:30:00") == 2 * 86_400 - 3_600
    both = [at("2026-10-25T02:30:00"), at("2026-10-25T02:30:00") + 3_600]
    assert all(is_open(window("02:00", "03:00"), one) for one in both), "02:30 comes twice that night"


def test_the_next_opening_is_said_in_words() -> None:
    office = window("09:00", "16:00", (0, 3))
    assert next_opening(office, at("2027-01-18T16:00:00")) == (
        at("2027-01-21T09:00:00"),
        f"thu 2027-01-21 09:00 {BERLIN}",
    )
    later_today = next_opening(office, at("2027-01-18T08:00:00"))
    assert later_today is not None
    assert later_today[0] == at("2027-01-18T09:00:00")
    next_week = next_opening(window("09:00", "16:00", (0,)), at("2027-01-18T16:00:00"))
    assert next_week is not None
    assert next_week[0] == at("2027-01-25T09:00:00")


@pytest.mark.parametrize(
    "name", ["", "Berlin", "../../etc/passwd", "/etc/localtime", "America", "a" * 5_000, "\0"]
)
def test_what_is_no_time_zone(name: str) -> None:
    assert zone(name) is None


def test_utc_needs_no_data() -> None:
    assert is_open(window("08:00", "09:00", (4,), "UTC"), 1_800_000_000)
