"""What the name of a runtime says about an upgrade."""

from __future__ import annotations

import pytest

from riskcheck.rules.checks.databricks_runtime import Runtime, runtime_of, runtime_reason

LONG_TERM = {"14.3", "15.4", "16.4", "18"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15.4.x-scala2.12", Runtime(15, 4, "2.12")),
        ("16.4.x-cpu-ml-scala2.13", Runtime(16, 4, "2.13")),
        ("15.4.x-photon-scala2.12", Runtime(15, 4, "2.12")),
        ("13.3.7-scala2.12", Runtime(13, 3, "2.12")),
        ("13.2.x", Runtime(13, 2, "")),
        ("18.x-scala2.13", Runtime(18, None, "2.13")),
    ],
)
def test_a_runtime_is_read_from_its_name(text: str, expected: Runtime) -> None:
    assert runtime_of(text) == expected


@pytest.mark.parametrize("text", ["", "auto:latest-lts", "custom:mine", "${var.runtime}", "latest", "1" * 9])
def test_another_name_is_no_runtime(text: str) -> None:
    assert runtime_of(text) is None


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("15.4.x-scala2.12", "16.4.x-scala2.12", "a new major version"),
        ("17.3.x-scala2.13", "18.x-scala2.13", "a new major version"),
        ("16.4.x-scala2.12", "15.4.x-scala2.12", "a downgrade to an older major version"),
        ("15.3.x-scala2.12", "15.2.x-scala2.12", "a downgrade to an older feature release"),
        ("16.4.x-scala2.12", "16.5.x-scala2.12", "a release without long-term support"),
        ("16.4.x-scala2.12", "16.4.x-scala2.13", "built for Scala 2.13 instead of 2.12"),
    ],
)
def test_a_step_that_may_break_code_has_its_reason(before: str, after: str, reason: str) -> None:
    assert _reason(before, after) == reason


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("15.4.x-scala2.12", "15.4.x-scala2.12"),
        ("15.4.2-scala2.12", "15.4.9-scala2.12"),
        ("15.2.x-scala2.12", "15.3.x-scala2.12"),
        ("15.3.x-scala2.12", "15.4.x-scala2.12"),
        ("15.4.x-scala2.12", "15.4.x-gpu-ml-scala2.12"),
        ("18.1.x-scala2.13", "18.2.x-scala2.13"),
    ],
)
def test_maintenance_and_feature_releases_are_silent(before: str, after: str) -> None:
    assert _reason(before, after) is None


def _reason(before: str, after: str) -> str | None:
    old, new = runtime_of(before), runtime_of(after)
    assert old is not None and new is not None
    return runtime_reason(old, new, LONG_TERM)
