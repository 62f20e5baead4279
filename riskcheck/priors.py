"""The numbers that nothing in a repository states. One table; `docs/scoring.md` shows it.

All of them are priors: they have not been calibrated on the repository's own history, which every explanation says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskcheck.judged import RecoveryClass
    from riskcheck.models import Abort, CanaryKind, Level, Stage

BASE_RATE: Final = 0.013
"""A landed human configuration change is reverted in 1.3 % of cases (median of 28 public repositories)."""

LEVEL_POINTS: Final[Mapping[Level, int]] = {"P0": 60, "P1": 40, "P2": 20, "P3": 5, "note": 0}
"""Likelihood, in points: 10 points double the odds that the change does harm."""

LEVEL_SHARE: Final[Mapping[Level, float]] = {"P0": 1.0, "P1": 0.5, "P2": 0.2, "P3": 0.05, "note": 0.0}
"""s: share of a service that is bad when the finding comes true (complete outage, half the jobs, one team)."""

STAGE_WEIGHT: Final[Mapping[Stage, float]] = {
    "prod": 1.0,
    "unknown": 0.5,
    "canary": 0.1,
    "staging": 0.05,
    "dev": 0.01,
}
CRITICALITY_WEIGHT: Final[Mapping[str, float]] = {"tier-1": 4.0, "tier-2": 1.0, "tier-3": 0.5, "tier-4": 0.25}
"""A service of unknown criticality counts as tier-2."""

CATCH: Final[Mapping[CanaryKind, float]] = {
    "split": 0.8,
    "promoted": 0.6,
    "subset": 0.6,
    "pipeline": 0.4,
    "metric": 0.3,
    "shadow": 0.2,
    "coverage": 0.0,
}
"""Chance that a canary of this kind catches it, as good as its kind gets. ``coverage`` sums the others up."""

MOST_CATCH: Final = 0.9
"""However many canaries: what shows only under load, at failover or at expiry, none of them sees."""

ABORT_FACTOR: Final[Mapping[Abort, float]] = {"automatic": 1.0, "manual": 0.5, "none": 0.0}
UNKNOWN_ABORT_FACTOR: Final = 0.5
"""Where a live split does not say what ends it; the other kinds wait for people as it is."""

LIVE_SOAK_SECONDS: Final = 1_800
"""How long a live split should run before everyone has it: half an hour."""

SHARED_FATE_FACTOR: Final = 0.5
"""Canary and the rest share what changed: a database, a queue, a global setting."""

SMALL_SHARE: Final = 0.1
"""Shares up to this count fully; beyond it less and less."""

NO_CANARY_SHARE: Final = 0.5
"""A share from which on a canary is none."""

CANARY_SHARE: Final = 0.1
"""f: share exposed while the canary runs, where it is not stated."""
CANARY_MINUTES: Final = 30.0
"""Tc: minutes to a canary's verdict, where they are not stated."""
FULL_SHARE: Final = 1.0
"""g: share exposed after the canary, or at once without one."""
DETECT_MINUTES: Final = 45.0
"""Td: minutes until somebody notices without a canary, where the policy does not state them."""

CLASS_MINUTES: Final[Mapping[RecoveryClass, int]] = {
    "toggle": 1,
    "reapply": 15,
    "ordered": 60,
    "restore": 240,
    "one-way": 1_440,
}
"""Trb by class, where no runbook was measured."""

NO_EVIDENCE_FACTOR: Final = 2
"""Trb is so many times that where there is no rollback evidence of any kind."""

REFERENCE_MINUTES: Final = 43.2
"""B_ref: the monthly error budget of a 99.9 % service."""


class Row(NamedTuple):
    """One row of the table: the symbol of the formula, what it means, the values in words."""

    symbol: str
    meaning: str
    value: str


def rows() -> tuple[Row, ...]:
    """The table, made from the constants."""
    return (
        Row("p", "base rate: a landed human configuration change is reverted", f"{BASE_RATE * 100:.1f} %"),
        Row("p", "points of likelihood by level; 10 points double the odds", _pairs(LEVEL_POINTS)),
        Row("s", "share of a service that is bad when it comes true", _pairs(LEVEL_SHARE)),
        Row("w", "weight of the stage", _pairs(STAGE_WEIGHT)),
        Row("w", "times that of the criticality; unknown counts as tier-2", _pairs(CRITICALITY_WEIGHT)),
        Row("w", "times the share of users behind the cell", "`environments[].share`, else 1"),
        Row("x", "the service itself, and each that hangs off it by the strength of its path", "1 + Σ"),
        Row("k", "chance that a canary with evidence of this kind catches it", _pairs(CATCH)),
        Row(
            "k",
            "times what ends a bad one",
            f"{_pairs(ABORT_FACTOR)}, not stated {UNKNOWN_ABORT_FACTOR} for a split and 1 else",
        ),
        Row(
            "k",
            "times soak that runs by soak that is asked for, where both are known",
            f"at most 1; {LIVE_SOAK_SECONDS // 60} min are asked of a live split",
        ),
        Row(
            "k",
            "times the share that it exposes",
            f"1 up to {SMALL_SHARE}, falling to 0 at {NO_CANARY_SHARE}",
        ),
        Row("k", "times shared fate of canary and the rest", f"{SHARED_FATE_FACTOR}"),
        Row(
            "k",
            "of several canaries; a split and its metric are one, and so are two kinds of evidence from one cell",
            f"1 - Π(1 - k), at most {MOST_CATCH}",
        ),
        Row(
            "f",
            "share exposed while the canary runs: the smallest stated",
            f"else {CANARY_SHARE}, never above g",
        ),
        Row(
            "Tc", "minutes to its verdict: the shortest stated", f"else {CANARY_MINUTES:.0f}, never above Td"
        ),
        Row("g", "share exposed after it, or at once without one", f"{FULL_SHARE}"),
        Row(
            "Td",
            "minutes until somebody notices without a canary",
            f"`rules.options.GOV-004.detection_minutes`, else {DETECT_MINUTES:.0f}",
        ),
        Row("Trb", "minutes to take it back, by class", _pairs(CLASS_MINUTES)),
        Row("Trb", "times, without rollback evidence of any kind", f"{NO_EVIDENCE_FACTOR}"),
        Row(
            "Trb",
            "a runbook's measured duration where that is shorter, the runbook counts and covers the class",
            "`services[].runbook.duration`",
        ),
        Row("B_ref", "monthly error budget of a 99.9 % service, in minutes", f"{REFERENCE_MINUTES}"),
    )


def _pairs(table: Mapping[Any, float]) -> str:
    """Names are literals of several vocabularies."""
    return ", ".join(f"{name} {value}" for name, value in table.items())
