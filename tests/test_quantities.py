from __future__ import annotations

import pytest

from riskcheck.quantities import NANO, quantity_nanos


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1Gi", "1024Mi"),
        ("0.5", "500m"),
        ("1", "1000m"),
        ("1e3", "1k"),
        ("2E2", "200"),
        ("1.5Gi", "1536Mi"),
        ("+1", "1"),
        (".5", "0.5"),
        ("1.", "1"),
        ("100e-3", "100m"),
        (" 64Mi ", "65536Ki"),
    ],
)
def test_equal_amounts_written_differently_are_equal(one: str, other: str) -> None:
    assert quantity_nanos(one) is not None
    assert quantity_nanos(one) == quantity_nanos(other)


@pytest.mark.parametrize(
    ("less", "more"), [("1G", "1Gi"), ("999m", "1"), ("1M", "1Mi"), ("-1", "0"), ("1m", "1")]
)
def test_amounts_are_ordered_by_size_not_by_text(less: str, more: str) -> None:
    one, other = quantity_nanos(less), quantity_nanos(more)
    assert one is not None and other is not None
    assert one < other


def test_an_exponent_e_is_not_the_suffix_exa() -> None:
    assert quantity_nanos("1E") == 10**18 * NANO
    assert quantity_nanos("1E2") == 100 * NANO


def test_finer_than_nano_rounds_away_from_zero() -> None:
    assert quantity_nanos("0.0000000001") == 1
    assert quantity_nanos("-0.0000000001") == -1


@pytest.mark.parametrize(
    "text", ["", ".", "Gi", "1gi", "1GiB", "1 Gi", "1e", "1e999999999", "a", "${X}", "9" * 41, "1K"]
)
def test_what_is_no_quantity_is_none(text: str) -> None:
    assert quantity_nanos(text) is None
