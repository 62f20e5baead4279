"""Shares and rankings that an evaluation prints."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.rates import cost, loudest, table, wilson


def row(
    label: str, verdict: str | None, *codes: str, error: str | None = None, seconds: float = 1.0
) -> dict[str, Any]:
    findings = [{"code": code, "rule": code.lower(), "level": "P2"} for code in codes]
    return {
        "commit": "0" * 40,
        "label": label,
        "verdict": verdict,
        "findings": findings,
        "error": error,
        "seconds": seconds,
        "peak_mib": 50.0,
    }


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    # Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_intervals_are_those_of_the_literature(hits: int, total: int, low: float, high: float) -> None:
    assert wilson(hits, total) == pytest.approx((low, high), abs=0.0001)


def test_no_change_at_all_leaves_every_share_possible() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_reverted_changes_are_told_apart_and_together() -> None:
    lines = table(
        [row("ordinary", "pass"), row("A", "block", "K8S-001"), row("B", "warn", "K8S-001")]
    ).splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [
        ["ordinary", "1"],
        ["reverted", "A"],
        ["reverted", "B"],
        ["reverted", "A+B"],
    ]
    assert lines[-1].split()[2:5] == ["2", "1", "50.0%"]


def test_a_run_that_failed_is_counted_apart() -> None:
    rows = [row("ordinary", "pass"), row("ordinary", None, error="Traceback\nKeyError: 'x'")]
    assert table(rows).splitlines()[1].split()[1] == "1"
    assert "ended in an error: 1" in cost(rows)
    assert "KeyError: 'x'" in cost(rows)


def test_a_rule_counts_once_a_change() -> None:
    rows = [
        row("ordinary", "warn", "K8S-001", "K8S-001"),
        row("B", "warn", "K8S-001"),
        row("C", "warn", "K8S-001"),
    ]
    assert loudest(rows, ["P2"]).splitlines()[1].split() == ["K8S-001", "k8s-001", "1", "1"]
