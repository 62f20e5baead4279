from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskcheck.levels import LevelFacts, level_of
from riskcheck.models import LEVELS, Environment, Rule, Selector, Service, Severity, Stage
from riskcheck.records import replace

ORDINARY = Service("web")
TIER_1 = Service("orders", criticality="tier-1")

RULE = Rule(
    id="a-rule",
    code="ABC-001",
    title="",
    pack="kubernetes",
    severity="P2",
    confidence="high",
    reversibility="reversible",
    category="platform",
    match=Selector(),
    message="",
    why="",
    fix="",
)


def cell(stage: Stage) -> Environment:
    return Environment(stage, stage)


def level(severity: Severity, stage: Stage, facts: LevelFacts | None = None, rule: Rule = RULE) -> str:
    return level_of(rule, severity, cell(stage), facts or LevelFacts(ORDINARY))[0]


@pytest.mark.parametrize(
    ("stage", "expected"),
    [("dev", "note"), ("staging", "P3"), ("canary", "P3"), ("prod", "P2"), ("unknown", "P2")],
)
def test_the_stage_lowers_what_is_not_production(stage: Stage, expected: str) -> None:
    assert level("P2", stage) == expected


def test_replicas_from_three_to_two_in_dev_is_a_note() -> None:
    assert level("P2", "dev") == "note"


def test_the_three_steps_of_reach_count_as_one() -> None:
    everything = LevelFacts(TIER_1, uncovered=3, dependant="ledger")
    assert level("P2", "prod", everything) == "P1"
    assert level("P2", "prod", LevelFacts(ORDINARY, uncovered=2)) == "P1"
    assert level("P2", "prod", LevelFacts(ORDINARY, dependant="ledger")) == "P1"
    assert level("P2", "prod", LevelFacts(ORDINARY, uncovered=1)) == "P2"


@pytest.mark.parametrize(
    "service",
    [TIER_1, Service("a", scopes=("SOX",)), Service("a", scopes=("pii",)), Service("a", support="premium")],
)
def test_critical_services_raise_by_one(service: Service) -> None:
    assert level("P2", "prod", LevelFacts(service)) == "P1"
    assert level("P2", "dev", LevelFacts(service)) == "note"


def test_neither_canary_nor_rollback_raises_and_evidence_lowers() -> None:
    assert level("P2", "prod", LevelFacts(ORDINARY, neither=True)) == "P1"
    assert level("P2", "prod", LevelFacts(ORDINARY, canary_listed=True)) == "P3"
    assert level("P2", "prod", LevelFacts(ORDINARY, canary_listed=True, rollback_measured=True)) == "note"


@pytest.mark.parametrize("pack", ["delivery", "graph", "governance"])
def test_packs_about_reach_and_evidence_take_no_step_for_either(pack: str) -> None:
    rule = RULE._replace(pack=pack)
    facts = LevelFacts(ORDINARY, uncovered=4, dependant="ledger", neither=True)
    assert level("P1", "prod", facts, rule) == "P1"
    assert level("P1", "prod", LevelFacts(TIER_1), rule) == "P0"


def test_what_is_lost_in_production_is_never_under_p2() -> None:
    lossy = RULE._replace(reversibility="lossy")
    facts = LevelFacts(ORDINARY, canary_listed=True, rollback_measured=True)
    assert level("P2", "prod", facts, lossy) == "P2"
    assert level("P2", "dev", facts, lossy) == "note"


def test_a_guard_removed_with_its_target_is_p0_in_production_whatever_the_evidence() -> None:
    facts = LevelFacts(ORDINARY, canary_listed=True, rollback_measured=True, guard_with_target=True)
    assert level("P1", "prod", facts) == "P0"
    assert level("P1", "staging", facts) == "P2"


def test_an_unknown_stage_reaches_p0_only_where_something_is_lost() -> None:
    assert level("P0", "unknown") == "P2"
    assert level("P1", "unknown", rule=RULE._replace(reversibility="lossy")) == "P2"
    assert level("P0", "unknown", rule=RULE._replace(reversibility="irreversible")) == "P0"


def test_without_an_order_canary_findings_are_capped() -> None:
    assert level("P1", "prod", LevelFacts(TIER_1, capped="no order")) == "P2"


FACTS = st.builds(
    LevelFacts,
    service=st.sampled_from([ORDINARY, TIER_1]),
    uncovered=st.integers(0, 3),
    dependant=st.sampled_from([None, "ledger"]),
    canary_listed=st.booleans(),
    rollback_measured=st.booleans(),
    neither=st.booleans(),
)
SEVERITIES = st.sampled_from(["P3", "P2", "P1", "P0"])
CLASSES = st.sampled_from(["reversible", "delayed", "lossy", "irreversible"])


@given(FACTS, SEVERITIES, CLASSES)
def test_the_steps_add_up_to_the_level(facts: LevelFacts, severity: Severity, reversibility: object) -> None:
    rule = RULE._replace(reversibility=reversibility)  # type: ignore[arg-type]  # drawn from the literal's values
    found, steps = level_of(rule, severity, cell("prod"), facts)
    total = LEVELS.index(severity) + sum(step.delta for step in steps)
    assert found == LEVELS[max(0, min(total, len(LEVELS) - 1))]


@given(FACTS, SEVERITIES, CLASSES)
def test_more_reach_and_less_evidence_never_lower_a_level(
    facts: LevelFacts, severity: Severity, reversibility: object
) -> None:
    rule = RULE._replace(reversibility=reversibility)  # type: ignore[arg-type]  # drawn from the literal's values

    def at(changed: LevelFacts) -> int:
        return LEVELS.index(level_of(rule, severity, cell("prod"), changed)[0])

    here = at(facts)
    assert at(replace(facts, service=TIER_1)) >= here
    assert at(replace(facts, uncovered=facts.uncovered + 1)) >= here
    assert at(replace(facts, dependant="ledger")) >= here
    assert at(replace(facts, canary_listed=False)) >= here
    assert at(replace(facts, rollback_measured=False)) >= here
    assert at(replace(facts, neither=True)) >= here
