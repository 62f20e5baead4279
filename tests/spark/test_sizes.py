"""Sizes and durations as Spark reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskcheck.spark.sizes import (
    GIB,
    KIB,
    MIB,
    bytes_of_key,
    seconds_in,
    seconds_of_key,
    size_in_bytes,
    spelled,
)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4g", 4 * GIB),
        ("4096m", 4 * GIB),
        ("4G", 4 * GIB),
        ("4gb", 4 * GIB),
        (" 512k ", 512 * KIB),
        ("1024", 1024),
        ("10b", 10),
        ("1.5g", None),
        ("4Gi", None),
        ("-1", None),
        ("", None),
        ("g", None),
        ("9" * 40, None),
    ],
)
def test_sizes_are_binary_whole_and_of_any_case(text: str, size: int | None) -> None:
    assert size_in_bytes(text) == size


@pytest.mark.parametrize(
    ("key", "text", "size"),
    [
        ("spark.executor.memoryOverhead", "2048", 2 * GIB),
        ("spark.executor.memory", "4096", 4 * GIB),
        ("spark.memory.offHeap.size", "4096", 4 * KIB),
        ("spark.driver.maxResultSize", "0", 0),
        ("spark.driver.maxResultSize", "2g", 2 * GIB),
    ],
)
def test_a_bare_number_has_the_unit_of_its_key(key: str, text: str, size: int) -> None:
    assert bytes_of_key(key, text) == size


@pytest.mark.parametrize(
    ("key", "text", "seconds"),
    [
        ("spark.network.timeout", "120", 120.0),
        ("spark.executor.heartbeatInterval", "10000", 10.0),
        ("spark.executor.heartbeatInterval", "10s", 10.0),
        ("spark.network.timeout", "2min", 120.0),
        ("spark.network.timeout", "2 min", None),
        ("spark.unheard.of", "30", None),
        ("spark.unheard.of", "30s", 30.0),
    ],
)
def test_durations_have_the_unit_of_their_key(key: str, text: str, seconds: float | None) -> None:
    assert seconds_of_key(key, text) == seconds


def test_sizes_for_people() -> None:
    assert [spelled(size) for size in (GIB, 18022 * MIB, 384 * MIB, 12)] == [
        "1 GiB",
        "17.6 GiB",
        "384 MiB",
        "12 bytes",
    ]


@given(st.text(max_size=30))
def test_no_text_is_too_odd(text: str) -> None:
    for value in (size_in_bytes(text), seconds_in(text)):
        assert value is None or value >= 0


@given(st.integers(0, 10**9), st.sampled_from("kmgt"))
def test_units_differ_only_in_spelling(number: int, unit: str) -> None:
    below = {"k": "b", "m": "k", "g": "m", "t": "g"}[unit]
    assert size_in_bytes(f"{number}{unit}") == size_in_bytes(f"{number * 1024}{below}")
