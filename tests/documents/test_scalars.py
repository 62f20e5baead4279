from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskcheck.documents.scalars import equal_values, plain_value, same, scalar_value
from riskcheck.nodes import Reading, Scalar, Value
from tests.documents.yaml_support import SOURCE, parsed


def _read(text: str, reading: Reading) -> Value:
    return scalar_value(Scalar(text, SOURCE, 0, 0, 0, len(text)), reading)


@pytest.mark.parametrize(
    ("text", "kubernetes", "core", "bundle"),
    [
        ("yes", True, "yes", "yes"),
        ("On", True, "On", "On"),
        ("NO", False, "NO", "NO"),
        ("y", True, "y", "y"),
        ("N", False, "N", "N"),
        ("true", True, True, True),
        ("FALSE", False, False, False),
        ("tRuE", "tRuE", "tRuE", "tRuE"),
        ("0644", 420, 644, 644),
        ("-010", -8, -10, -10),
        ("0o17", 15, 15, 15),
        ("0x1F", 31, 31, 31),
        ("0b101", 5, "0b101", 5),
        ("089", 89.0, 89, 89.0),
        ("1_000", 1000, "1_000", 1000),
        ("+12", 12, 12, 12),
        ("1e3", 1000.0, 1000.0, 1000.0),
        ("3.10", 3.1, 3.1, 3.1),
        (".5", 0.5, 0.5, 0.5),
        ("5.", 5.0, 5.0, 5.0),
        (".inf", math.inf, math.inf, math.inf),
        ("-.Inf", -math.inf, -math.inf, -math.inf),
        ("~", None, None, None),
        ("", None, None, None),
        ("Null", None, None, None),
        ("nUll", "nUll", "nUll", "nUll"),
        ("22:22", "22:22", "22:22", "22:22"),
        ("190:20:30.15", "190:20:30.15", "190:20:30.15", "190:20:30.15"),
        ("2026-10-01", "2026-10-01", "2026-10-01", "2026-10-01"),
        ("2026-10-01T00:00:00Z", "2026-10-01T00:00:00Z", "2026-10-01T00:00:00Z", "2026-10-01T00:00:00Z"),
        ("1.2.3", "1.2.3", "1.2.3", "1.2.3"),
        ("100Mi", "100Mi", "100Mi", "100Mi"),
        ("-", "-", "-", "-"),
        ("_1", "_1", "_1", "_1"),
        ("=", "=", "=", "="),
        ("\u0661", "\u0661", "\u0661", "\u0661"),
        ("18446744073709551615", 18446744073709551615, 18446744073709551615, 18446744073709551615),
        ("18446744073709551616", 18446744073709551616.0, 18446744073709551616, 18446744073709551616.0),
    ],
)
def test_an_unquoted_scalar_means_what_its_reader_takes_it_for(
    text: str, kubernetes: Value, core: Value, bundle: Value
) -> None:
    readings: tuple[tuple[Reading, Value], ...] = (
        ("yaml-1.1", kubernetes),
        ("yaml-1.2", core),
        ("databricks", bundle),
    )
    for reading, expected in readings:
        found = _read(text, reading)
        assert (type(found), found) == (type(expected), expected), reading


def test_not_a_number_is_a_number() -> None:
    found = _read(".nan", "yaml-1.1")
    assert isinstance(found, float)
    assert math.isnan(found)


@pytest.mark.parametrize("text", ["9" * 5000, "1e999", "0x" + "f" * 5000, "-" + "0" * 5000, "1" * 399])
@pytest.mark.parametrize("reading", ["yaml-1.1", "yaml-1.2", "databricks"])
def test_numbers_out_of_every_range_do_no_harm(text: str, reading: Reading) -> None:
    found = _read(text, reading)
    assert equal_values(found, found)
    assert not equal_values(found, 1.5)


@pytest.mark.parametrize("written", ["'yes'", '"0644"', "!!str 12", "|\n  12\n", "! 12", "!Ref 12"])
@pytest.mark.parametrize("reading", ["yaml-1.1", "yaml-1.2", "databricks"])
def test_quoted_block_and_tagged_text_stays_text(written: str, reading: Reading) -> None:
    root = parsed(f"a: {written}\n").root
    assert root is not None
    found = plain_value(root, reading)
    assert isinstance(found, dict)
    assert isinstance(found["a"], str)


@pytest.mark.parametrize(
    ("written", "expected"),
    [("!!int '12'", 12), ("!!float 1", 1.0), ("!!bool 'true'", True), ("!!null 'x'", None), ("!!int x", "x")],
)
def test_an_explicit_tag_decides(written: str, expected: Value) -> None:
    root = parsed(f"a: {written}\n").root
    assert root is not None
    assert plain_value(root, "yaml-1.1") == {"a": expected}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{a: 1, b: [p, 'q']}", "b:\n- 'p'\n- q\na: 1\n"),
        ("a: 1", "a: 1.0"),
        ("a: yes", "a: true"),
        ("a: 0644", "a: 420"),
        ("a: |\n  x\n", 'a: "x\\n"'),
        ("a: .nan", "a: .NaN"),
        ("a:", "a: null"),
        ("a: &x {b: 1}\nc: *x\n", "a: {b: 1}\nc: {b: 1}\n"),
    ],
)
def test_how_a_value_is_written_does_not_matter(one: str, other: str) -> None:
    first, second = parsed(one).root, parsed(other).root
    assert first is not None and second is not None
    assert same(first, second, "yaml-1.1")
    assert same(second, first, "yaml-1.1")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a: 1", "a: '1'"),
        ("a: true", "a: 1"),
        ("a: 'true'", "a: true"),
        ("a: null", "a: ''"),
        ("a: null", "{}"),
        ("a: [1, 2]", "a: [2, 1]"),
        ("a: [1]", "a: [1, 1]"),
        ("a: {}", "a: []"),
        ("a: x", "a: [x]"),
        ("a: 1\nb: 1", "a: 1\nc: 1"),
    ],
)
def test_what_a_value_is_does_matter(one: str, other: str) -> None:
    first, second = parsed(one).root, parsed(other).root
    assert first is not None and second is not None
    assert not same(first, second, "yaml-1.1")
    assert not same(second, first, "yaml-1.1")


def test_the_same_text_differs_by_reader() -> None:
    first, second = parsed("a: 010").root, parsed("a: 8").root
    assert first is not None and second is not None
    assert same(first, second, "yaml-1.1")
    assert not same(first, second, "databricks")


@given(st.text(alphabet="0123456789+-._eExXoObBnNyYaAiIfFtTrRuUlLsS~:", max_size=12))
@settings(max_examples=500, deadline=None)
def test_any_scalar_has_a_value_under_every_reading(text: str) -> None:
    readings: tuple[Reading, ...] = ("yaml-1.1", "yaml-1.2", "databricks")
    for reading in readings:
        found = _read(text, reading)
        assert found is None or isinstance(found, bool | int | float | str)
        if isinstance(found, str):
            assert found == text
