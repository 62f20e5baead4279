from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskcheck.cadence.rate import CONTINUOUS, Cadence, moved_by, periodic, quartz, same_days, unix
from tests.cadence import reference

DAY = 86_400
YEARS = range(2001, 2029)


def _list_of(low: int, high: int, names: list[str], *, wraps: bool) -> st.SearchStrategy[str]:
    number = st.integers(low, high).map(str)
    one = st.one_of(number, st.sampled_from(names)) if names else number
    pairs = st.tuples(st.integers(low, high), st.integers(low, high))
    span = pairs.map(lambda pair: pair if wraps else tuple(sorted(pair))).map(
        lambda pair: f"{pair[0]}-{pair[1]}"
    )
    step = st.integers(1, max(high, 1))
    stepped = st.builds(lambda start, by: f"{start}/{by}", st.one_of(st.just("*"), number, span), step)
    return st.one_of(
        st.just("*"), st.lists(st.one_of(one, span, stepped), min_size=1, max_size=3).map(",".join)
    )


CLOCK = (_list_of(0, 59, [], wraps=True), _list_of(0, 59, [], wraps=True), _list_of(0, 23, [], wraps=True))
QUARTZ_DAYS = st.one_of(
    st.tuples(_list_of(1, 31, [], wraps=True), st.just("?")),
    st.tuples(st.sampled_from(["L", "LW", "L-3", "L-30", "1W", "15W", "30W", "31W"]), st.just("?")),
    st.tuples(st.just("?"), _list_of(1, 7, reference.WEEKDAYS, wraps=True)),
    st.tuples(st.just("?"), st.sampled_from(["L", "6L", "FRIL", "1L", "MON#1", "2#5", "7#3"])),
)
QUARTZ_YEARS = st.sampled_from(["", " *", " 2024", " 2024-2026", " 2020/4", " 1999,2099"])


@settings(max_examples=60, deadline=None)
@given(*CLOCK, QUARTZ_DAYS, _list_of(1, 12, reference.MONTHS, wraps=True), QUARTZ_YEARS)
def test_quartz_fires_when_the_reference_does(
    seconds: str, minutes: str, hours: str, days: tuple[str, str], months: str, years: str
) -> None:
    expression = f"{seconds} {minutes} {hours} {days[0]} {months} {days[1]}{years}"
    span = range(1970, 2100) if years.strip() not in ("", "*") else YEARS
    expected = list(reference.quartz_days(expression, span))
    counted = sum(1 for day in _of_years(span, years))
    cadence = quartz(expression)
    if not expected:
        assert cadence is None
        return
    assert cadence is not None
    assert list(cadence.times) == reference.times(seconds, minutes, hours, True)
    assert cadence.runs_per_day == pytest.approx(len(expected) / counted * len(cadence.times))
    assert cadence.longest_gap() == _gap(expected, list(cadence.times), endless=span is YEARS)


@settings(max_examples=60, deadline=None)
@given(
    _list_of(0, 59, [], wraps=False),
    _list_of(0, 23, [], wraps=False),
    _list_of(1, 31, [], wraps=False),
    _list_of(1, 12, reference.MONTHS, wraps=False),
    _list_of(0, 6, reference.WEEKDAYS, wraps=False),
)
def test_five_fields_fire_when_the_reference_does(
    minutes: str, hours: str, dates: str, months: str, weekdays: str
) -> None:
    for field in (dates, weekdays):
        if field != "*" and any(part in ("*", "*/1") for part in field.split(",")):
            return  # a list that holds the star says what the star says, and is written by nobody
    expression = f"{minutes} {hours} {dates} {months} {weekdays}"
    expected = list(reference.unix_days(expression, YEARS))
    cadence = unix(expression)
    if not expected:
        assert cadence is None
        return
    assert cadence is not None
    assert list(cadence.times) == reference.times("0", minutes, hours, False)
    assert cadence.runs_per_day == pytest.approx(len(expected) / 10_227 * len(cadence.times))
    assert cadence.longest_gap() == _gap(expected, list(cadence.times), endless=True)


def _of_years(span: range, years: str) -> list[date]:
    named = years.strip()
    return [
        day
        for day in reference._days(span)
        if named in ("", "*") or reference.matches(named, day.year, 1970, 2099, [], True)
    ]


def _gap(days: list[date], times: list[int], *, endless: bool) -> int | None:
    """Every run one after the other; those of the days repeat after 28 years."""
    ordinals = [day.toordinal() for day in days]
    if endless:
        ordinals += [day + 10_227 for day in ordinals[:1]]
    inside = max((later - earlier for earlier, later in pairwise(times)), default=0)
    over = [(later - earlier) * DAY + times[0] - times[-1] for earlier, later in pairwise(ordinals)]
    return max([inside, *over]) or None


@pytest.mark.parametrize(
    ("expression", "runs"),
    [
        ("0 0 12 * * ?", 1),
        ("0 0/15 * * * ?", 96),
        ("0 0 6 ? * MON-FRI", 5 / 7),
        ("0 0 6 ? * 2-6", 5 / 7),
        ("0 0 6 ? * 1", 1 / 7),
        ("0 0 22-2 * * ?", 5),
        ("0 0 0 L * ?", 12 / 365.25),
        ("0 0 0 ? * 6L", 12 / 365.25),
        ("0 15 10 ? * 6#3", 12 / 365.25),
        ("0 0 0 29 2 ?", 0.25 / 365.25),
        ("0 0 0 ? * * 2024", 1),
        ("* * * * * ?", DAY),
        ("0 /10 * * * ?", 144),
        ("0 0 0 1,L * ?", 24 / 365.25),
    ],
)
def test_runs_a_day_of_quartz(expression: str, runs: float) -> None:
    cadence = quartz(expression)
    assert cadence is not None
    assert cadence.runs_per_day == pytest.approx(runs)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "0 0 12 * *",
        "0 0 12 * * *",
        "0 0 12 ? * ?",
        "0 0 12 1 * 2",
        "60 0 0 * * ?",
        "0 60 0 * * ?",
        "0 0 24 * * ?",
        "0 0 0 0 * ?",
        "0 0 0 32 * ?",
        "0 0 0 * 13 ?",
        "0 0 0 ? * 0",
        "0 0 0 ? * 8",
        "0 0 0 ? * MON#6",
        "0 0 0 ? * MON#0",
        "0 0 0 ? * XL",
        "0 0 0 1-5W * ?",
        "0 0 0 W * ?",
        "0 0 0 L-31 * ?",
        "0 0 0 * * ? 1969",
        "0 0 0 * * ? 2030-2020",
        "0 0/0 * * * ?",
        "0 0/60 * * * ?",
        "0 0 0/24 * * ?",
        "0 0 12 * * ? ? ?",
        "${var.cron}",
        "0 0 ${var.hour} * * ?",
        "0 0 0 30 2 ?",
        "0 ,0 * * * ?",
        "0 1- * * * ?",
        "0 -1 * * * ?",
        "0 ٣ * * * ?",
        "0 " + "0," * 400 + "0 * * * ?",
        "@daily",
    ],
)
def test_what_quartz_refuses_or_never_fires_has_no_cadence(expression: str) -> None:
    assert quartz(expression) is None


@pytest.mark.parametrize(
    ("expression", "runs"),
    [
        ("*/5 * * * *", 288),
        ("0 6 * * 1-5", 5 / 7),
        ("0 6 * * 7", 1 / 7),
        ("0 6 * * 0,7", 1 / 7),
        ("0 0 13 * FRI", (12 * 6 / 7 + 365.25 / 7) / 365.25),
        ("0 0 ? * MON", 1 / 7),
        ("@weekly", 1 / 7),
        ("@every 6h", 4),
        ("@every 1h30m", 16),
    ],
)
def test_runs_a_day_of_five_fields(expression: str, runs: float) -> None:
    cadence = unix(expression)
    assert cadence is not None
    assert cadence.runs_per_day == pytest.approx(runs, rel=0.01)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "* * * *",
        "0 0 6 * * ?",
        "@reboot",
        "@every",
        "@every soon",
        "@every 0s",
        "22-2 * * * *",
        "0 22-2 * * *",
        "0 0 31 2 *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 0 *",
        "* * * * 8",
        "0 0 L * *",
        "*/0 * * * *",
    ],
)
def test_what_cron_refuses_or_never_fires_has_no_cadence(expression: str) -> None:
    assert unix(expression) is None


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [
        ("*/15 * * * *", 900),
        ("5 * * * *", 3_600),
        ("0 */6 * * *", 6 * 3_600),
        ("0 2 * * *", DAY),
        ("0 2 * * 1", 7 * DAY),
        ("0 2 1 * *", 31 * DAY),
        ("0 2 1 1 *", 366 * DAY),
        ("@hourly", 3_600),
        ("0 6,7 * * 1-5", 71 * 3_600),
    ],
)
def test_the_longest_time_between_two_runs(expression: str, seconds: int) -> None:
    cadence = unix(expression)
    assert cadence is not None
    assert cadence.longest_gap() == seconds


def test_what_runs_once_has_no_gap_and_what_never_ends_none_either() -> None:
    once = quartz("0 0 12 1 1 ? 2030")
    assert once is not None
    assert once.longest_gap() is None
    assert CONTINUOUS.longest_gap() == 0
    assert CONTINUOUS.continuous
    assert not once.continuous


@pytest.mark.parametrize(
    ("interval", "unit", "runs"),
    [(4, "HOURS", 6), (1, "DAYS", 1), (2, "WEEKS", 1 / 14), (4, "hours", 6)],
)
def test_a_periodic_trigger(interval: int, unit: str, runs: float) -> None:
    cadence = periodic(interval, unit)
    assert cadence is not None
    assert cadence.runs_per_day == pytest.approx(runs)
    assert cadence.times == ()
    assert cadence.longest_gap() == pytest.approx(DAY / runs)


@pytest.mark.parametrize(("interval", "unit"), [(0, "HOURS"), (-1, "DAYS"), (1, "MINUTES"), (1, "")])
def test_what_is_no_interval(interval: int, unit: str) -> None:
    assert periodic(interval, unit) is None


@pytest.mark.parametrize(
    ("cadence", "words"),
    [
        (quartz("0 0 * * * ?"), "24 runs a day"),
        (quartz("0 0 6 * * ?"), "one run a day"),
        (quartz("0 0 6 ? * MON-FRI"), "5 runs a week"),
        (quartz("0 0 6 ? * MON"), "one run a week"),
        (quartz("0 0 6 1 * ?"), "one run a month"),
        (quartz("0 0 6 1 1,7 ?"), "2 runs a year"),
        (quartz("0 0 6 29 2 ?"), "0.2 runs a year"),
        (periodic(7, "HOURS"), "3.4 runs a day"),
        (CONTINUOUS, "runs without end"),
    ],
)
def test_a_cadence_in_words(cadence: Cadence | None, words: str) -> None:
    assert cadence is not None
    assert cadence.spelled() == words


@pytest.mark.parametrize(
    ("before", "after", "seconds"),
    [
        (("0 0 6 * * ?", "UTC"), ("0 0 8 * * ?", "UTC"), 7_200),
        (("0 50 23 * * ?", "UTC"), ("0 10 0 * * ?", "UTC"), 1_200),
        (("0 0 6 * * ?", "Europe/Berlin"), ("0 0 6 * * ?", "Europe/Paris"), 0),
        (("0 0 6 * * ?", "UTC"), ("0 0 6 * * ?", "Etc/UTC"), 0),
        (("0 0 6 * * ?", "UTC"), ("0 0 6 * * ?", "Europe/Berlin"), 7_200),
        (("0 0 6 * * ?", "Europe/Berlin"), ("0 0 5 * * ?", "UTC"), 3_600),
        (("0 0 * * * ?", "UTC"), ("0 0 * * * ?", "Europe/Berlin"), 0),
        (("0 0 * * * ?", "UTC"), ("0 0 * * * ?", "Asia/Kolkata"), 1_800),
        (("0 0/5 * * * ?", "UTC"), ("0 2/5 * * * ?", "UTC"), 120),
        (("0 0 6 * * ?", "UTC"), ("0 0 6 * * ?", "Nowhere/Town"), None),
        (("0 0 6 * * ?", "Nowhere/Town"), ("0 0 7 * * ?", "Nowhere/Town"), 3_600),
        (("0 0 6 * * ?", "UTC"), ("0 0 6,18 * * ?", "UTC"), None),
    ],
)
def test_by_how_much_runs_move(before: tuple[str, str], after: tuple[str, str], seconds: int | None) -> None:
    one, other = quartz(*before), quartz(*after)
    assert one is not None
    assert other is not None
    assert moved_by(one, other) == seconds
    assert moved_by(other, one) == seconds


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("0 0 6 * * ?", "0 0 6 ? * *", True),
        ("0 0 6 ? * MON-SUN", "0 0 6 1/1 * ?", True),
        ("0 0 6 ? * MON", "0 0 6 ? * TUE", False),
        ("0 0 6 ? * MON", "0 0 6 ? * 2", True),
        ("0 0 6 L * ?", "0 0 6 31 * ?", False),
    ],
)
def test_the_days_are_compared_and_not_their_spelling(one: str, other: str, same: bool) -> None:
    before, after = quartz(one), quartz(other)
    assert before is not None
    assert after is not None
    assert same_days(before, after) is same
