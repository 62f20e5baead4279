from __future__ import annotations

import pytest

from riskcheck.durations import parse_duration, parse_moment, suggest_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30m", 1_800),
        ("24h", 86_400),
        ("7d", 604_800),
        ("2w", 1_209_600),
        ("45s", 45),
        ("1h30m", 5_400),
        ("0m", 0),
    ],
)
def test_durations(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "30", "m", "30 min", "-5m", "1.5h", "30M", "٣m", "9" * 30 + "s"])
def test_what_is_no_duration(text: str) -> None:
    assert parse_duration(text) is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("30 min", "30m"),
        ("30 Minutes", "30m"),
        ("1 hour 30 mins", "1h30m"),
        ("2days", "2d"),
        ("45", None),
        ("soon", None),
        ("1.5 h", None),
        ("", None),
        ("3 moons", None),
    ],
)
def test_what_was_meant(text: str, meant: str | None) -> None:
    assert suggest_duration(text) == meant


@pytest.mark.parametrize(
    ("text", "end", "seconds"),
    [
        ("1970-01-02", False, 86_400),
        ("1970-01-02", True, 172_800),
        ("1970-01-01T01:00:00Z", False, 3_600),
        ("1970-01-01T01:00:00", False, 3_600),
        ("1970-01-01T01:00:00+01:00", True, 0),
    ],
)
def test_moments(text: str, end: bool, seconds: int) -> None:
    assert parse_moment(text, end=end) == seconds


@pytest.mark.parametrize("text", ["", "tomorrow", "2027-02-30", "2027-1-3", "9999-12-31T", "31.01.2027"])
def test_what_is_no_moment(text: str) -> None:
    assert parse_moment(text) is None


def test_the_last_day_there_is() -> None:
    assert parse_moment("9999-12-31", end=True) == 253_402_300_800
