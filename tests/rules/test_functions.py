"""The functions of conditions: what each reads, and null for everything else."""

from __future__ import annotations

import pytest

from riskcheck.rules.functions import bytes_of, quantity, seconds, version_part

NOTHING: list[object] = ["", "x", "nan", "inf", None, True, [], {}, "9" * 1000]


@pytest.mark.parametrize(
    ("written", "number"),
    [("512Mi", 536870912), ("250m", 0.25), (2.0, 2), ("2", 2), (0.5, 0.5), ("1e3", 1000)],
)
def test_quantities(written: object, number: float) -> None:
    assert quantity(written) == number


@pytest.mark.parametrize(
    ("written", "number"),
    [("4g", 4 * 2**30), ("512M", 2**29), ("1024", 1024), (2048.0, 2048), ("1.5kb", 1536), ("8 GiB", 2**33)],
)
def test_sizes(written: object, number: float) -> None:
    assert bytes_of(written) == number


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1h30m", 5400),
        ("500ms", 0.5),
        ("2 days", 172800),
        ("interval 7 days", 604800),
        ("1 day, 2 hours", 93600),
        ("PT5M", 300),
        ("P1DT12H", 129600),
        (90.0, 90),
        ("90", 90),
        ("1.5h", 5400),
    ],
)
def test_durations(written: object, number: float) -> None:
    assert seconds(written) == number


@pytest.mark.parametrize(
    ("written", "part", "number"),
    [
        ("15.4.x-scala2.12", 0, 15),
        ("15.4.x-scala2.12", 1, 4),
        (13.3, 0.0, 13),
        ("v1.31.2", 2, 2),
        ("v1", 1, None),
    ],
)
def test_versions(written: object, part: float, number: float | None) -> None:
    assert version_part(written, part) == number


@pytest.mark.parametrize("value", NOTHING)
def test_what_means_nothing_is_null(value: object) -> None:
    assert quantity(value) is None
    assert bytes_of(value) is None
    assert seconds(value) is None
    assert version_part(value, 0) is None


@pytest.mark.parametrize("written", ["P", "PT", "5 parsecs", "-5", "1h 3x"])
def test_durations_are_read_whole_or_not_at_all(written: str) -> None:
    assert seconds(written) is None
