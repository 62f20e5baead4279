"""Who answers an incident of which level, and how soon."""

from __future__ import annotations

import pytest

from riskcheck.response import DEFAULTS, Escalation, Response, response_to, spoken, told


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (
            "P0",
            "page the on-call engineer at once, answer within 15 min; {manager} after 30 min, CTO after 1 h",
        ),
        (
            "P1",
            "page the on-call engineer within 15 min, answer within 1 h; {manager} after 2 h, CTO after 4 h",
        ),
        ("P2", "tell the on-call engineer within 1 h, answer within 4 h; team lead after 1 day"),
        ("P3", "next business day: on-call engineer; team lead after 7 days"),
    ],
)
def test_the_usual_response(level: str, expected: str) -> None:
    found = response_to(level, {})
    assert found is not None
    assert told(found) == expected.format(manager="engineering manager")
    assert (found.level, found.source) == (level, "default")


def test_a_worse_level_never_waits_longer() -> None:
    ordered = [DEFAULTS[level] for level in ("P0", "P1", "P2")]
    assert [one.within for one in ordered] == sorted(one.within or 0 for one in ordered)
    assert [one.first_response for one in ordered] == sorted(one.first_response or 0 for one in ordered)
    assert DEFAULTS["P3"].within is None


def test_a_policy_replaces_the_response_to_its_level_only() -> None:
    own = Response("P1", "message", 600, None, "team-sre", (), "riskcheck.yaml:9")
    assert response_to("P1", {"P1": own}) is own
    assert response_to("P0", {"P1": own}) is DEFAULTS["P0"]
    assert told(own) == "tell the team-sre within 10 min"


@pytest.mark.parametrize("level", [None, "note"])
def test_less_than_p3_asks_for_nothing(level: str | None) -> None:
    assert response_to(level, {}) is None


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 min"),
        (45, "45 s"),
        (900, "15 min"),
        (5_400, "1 h 30 min"),
        (86_400, "1 day"),
        (176_400, "2 days 1 h"),
    ],
)
def test_times_are_said_in_whole_units(seconds: int, expected: str) -> None:
    assert spoken(seconds) == expected


def test_escalation_is_by_role() -> None:
    assert {step.role for one in DEFAULTS.values() for step in one.escalation} == {
        "engineering manager",
        "CTO",
        "team lead",
    }
    assert all(isinstance(step, Escalation) for one in DEFAULTS.values() for step in one.escalation)
