"""The score: every term can be computed again, and nothing that makes a change worse ever lowers it."""

from __future__ import annotations

import re
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskcheck.catching import catch
from riskcheck.judged import (
    RECOVERY_CLASSES,
    CanaryEvidence,
    CanaryStrength,
    Finding,
    Recovery,
    Term,
    Waiver,
)
from riskcheck.models import LEVELS, Environment, Level, Service
from riskcheck.priors import (
    CLASS_MINUTES,
    CRITICALITY_WEIGHT,
    DETECT_MINUTES,
    REFERENCE_MINUTES,
    STAGE_WEIGHT,
)
from riskcheck.records import replace
from riskcheck.scoring import score
from tests.findings import PROD, finding

CELLS = {
    one.name: one
    for one in (
        PROD,
        Environment("prod-eu", "prod"),
        Environment("staging", "staging"),
        Environment("dev", "dev"),
        Environment("somewhere", "unknown"),
    )
}
NAMES = tuple(CELLS)

SHARES = st.sampled_from([None, 0.01, 0.1, 0.25, 0.6])
STRENGTHS = st.none() | st.builds(
    CanaryStrength,
    share=SHARES,
    soak_seconds=st.sampled_from([None, 0, 1_800, 7_200]),
    needed_seconds=st.sampled_from([None, 3_600]),
    abort=st.sampled_from([None, "automatic", "manual", "none"]),
    independent=st.sampled_from([None, True, False]),
    verdict_seconds=st.sampled_from([None, 60, 36_000]),
)
EVIDENCE = st.builds(
    CanaryEvidence,
    kind=st.sampled_from(["promoted", "pipeline", "split", "subset", "shadow", "metric", "coverage"]),
    found=st.booleans(),
    environment=st.sampled_from(NAMES[:2]),
    detail=st.just(""),
    lower=st.sampled_from([(), ("staging",), ("canary",), ("canary", "staging")]),
    strength=STRENGTHS,
)
RECOVERIES = st.none() | st.builds(
    Recovery,
    kind=st.sampled_from(RECOVERY_CLASSES),
    because=st.just(""),
    measured_seconds=st.sampled_from([None, 30, 720, 90_000]),
)
FINDINGS = st.builds(
    lambda **fields: finding(**fields),
    level=st.sampled_from(LEVELS),
    cause=st.sampled_from(["a.yaml:1", "b.yaml:2"]),
    code=st.sampled_from(["ABC-001", "CAN-001"]),
    service=st.sampled_from(["web", "orders", None]),
    environments=st.lists(st.sampled_from(list(CELLS.values())), min_size=1, unique=True).map(tuple),
    canary=st.lists(EVIDENCE, max_size=4).map(tuple),
    rollback_ready=st.booleans(),
    reversibility=st.sampled_from(["reversible", "delayed", "lossy", "irreversible"]),
    recovery=RECOVERIES,
)
SERVICES = {"web": Service("web"), "orders": Service("orders", criticality="tier-1")}
REACH = {"orders": 1.3}


def minutes(*findings: Finding, **given: object) -> float:
    """Bad minutes, which no rounding hides."""
    _, terms = score(findings, SERVICES, REACH, **given)  # type: ignore[arg-type]  # options of score
    return sum(term.value for term in terms)


def again(term: Term) -> float:
    """The value of `term`, computed from nothing but what is printed."""
    head, *rest = term.detail.split("; ")
    factors = re.fullmatch(r"p (\S+) x share (\S+) x reach (\S+) x (\S+) weighted minutes", head)
    assert factors is not None, head
    p, share, reach, weighted = map(float, factors.groups())
    total = 0.0
    for line in rest:
        cells = re.fullmatch(r"(\d+) cells? x weight (\S+) x (\S+) min = (.*)", line)
        if cells is None:
            continue
        number, weight, shown = int(cells[1]), float(cells[2]), float(cells[3])
        one = sum(_product(part) for part in re.split(r" \+ (?![^(]*\))", cells[4]))
        assert one == pytest.approx(shown, rel=2e-3, abs=1e-3)
        total += number * weight * one
    assert total == pytest.approx(weighted, rel=5e-3, abs=1e-3)
    return p * share * reach * total


def _product(text: str) -> float:
    found = 1.0
    for factor in text.split(" x "):
        found *= sum(map(float, factor.strip("()").split(" + ")))
    return found


@given(st.lists(FINDINGS, max_size=4))
def test_a_reader_can_compute_every_term_and_the_score_again(findings: list[Finding]) -> None:
    points, terms = score(findings, SERVICES, REACH)
    for term in terms:
        assert again(term) == pytest.approx(term.value, rel=1e-2, abs=1e-6), term
    total = sum(term.value for term in terms)
    assert points == pytest.approx(100 * (1 - exp(-total / REFERENCE_MINUTES)), abs=0.05)


def test_one_finding_by_hand() -> None:
    points, (term,) = score([finding(level="P1", service="orders")], SERVICES, REACH)
    odds = 0.013 / 0.987 * 16
    assert term.value == pytest.approx(odds / (1 + odds) * 4 * 2.3 * 0.5 * (45 + 15))
    assert points == pytest.approx(67.1, abs=0.1)
    assert "1 cell x weight 4 x 60 min = 1 x (45 + 15)" in term.detail
    assert "class reapply" in term.detail


def test_a_canary_that_counts_is_in_the_printed_sum() -> None:
    canary = (CanaryEvidence("promoted", True, "prod", ""),)
    _, (term,) = score([finding(canary=canary)], SERVICES, {})
    assert "1 cell x weight 1 x 26.7 min = 0.6 x 0.1 x (30 + 15) + 0.4 x 1 x (45 + 15)" in term.detail


@given(st.lists(FINDINGS, max_size=5), st.randoms())
def test_the_order_of_findings_never_matters(findings: list[Finding], random: object) -> None:
    shuffled = list(findings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    assert score(shuffled, SERVICES, REACH) == score(findings, SERVICES, REACH)


@given(st.lists(FINDINGS, max_size=3), FINDINGS)
def test_one_more_finding_never_lowers_it(findings: list[Finding], more: Finding) -> None:
    assert minutes(*findings, more) >= minutes(*findings)
    assert score([*findings, more], SERVICES, REACH)[0] >= score(findings, SERVICES, REACH)[0]


@given(st.lists(FINDINGS, max_size=3), FINDINGS)
def test_a_waived_finding_counts_towards_nothing(findings: list[Finding], waived: Finding) -> None:
    waiver = Waiver("ABC-001", "**", "team-a", "agreed", "2027-01-31")
    assert score([*findings, replace(waived, waiver=waiver)], SERVICES, REACH) == score(
        findings, SERVICES, REACH
    )


@given(FINDINGS, st.floats(0, 5))
def test_more_reach_never_lowers_it(one: Finding, more: float) -> None:
    name = one.service or ""
    base = score([one], SERVICES, {name: 1.0})[1][0].value
    assert score([one], SERVICES, {name: 1.0 + more})[1][0].value >= base


@given(FINDINGS, st.sampled_from(list(CELLS.values())))
def test_one_more_cell_never_lowers_it(one: Finding, cell: Environment) -> None:
    if cell not in one.environments:
        assert minutes(replace(one, environments=(*one.environments, cell))) >= minutes(one)


@given(FINDINGS, EVIDENCE)
def test_more_canary_never_raises_it(one: Finding, more: CanaryEvidence) -> None:
    assert minutes(replace(one, canary=(*one.canary, more))) <= minutes(one) + 1e-9


@given(FINDINGS)
def test_canary_evidence_that_was_not_found_counts_for_nothing(one: Finding) -> None:
    missing = tuple(evidence._replace(found=False) for evidence in one.canary)
    assert minutes(replace(one, canary=missing)) == minutes(replace(one, canary=()))
    assert minutes(replace(one, canary=missing)) >= minutes(one) - 1e-9


@given(FINDINGS, STRENGTHS.filter(lambda one: one is not None))
def test_a_weaker_canary_never_lowers_it(one: Finding, strength: CanaryStrength) -> None:
    def with_strength(given: CanaryStrength) -> float:
        evidence = CanaryEvidence("split", True, "prod", "", strength=given)
        return minutes(replace(one, environments=(PROD,), canary=(evidence,)))

    here = with_strength(strength)
    worse = [strength._replace(abort="none"), strength._replace(independent=False)]
    if strength.share is not None:
        worse.append(strength._replace(share=min(1.0, strength.share * 2)))
    if strength.verdict_seconds is not None:
        worse.append(strength._replace(verdict_seconds=strength.verdict_seconds * 2))
    if strength.soak_seconds is not None:
        worse.append(strength._replace(soak_seconds=strength.soak_seconds // 2))
    for weaker in worse:
        assert with_strength(weaker) >= here - 1e-9


@given(FINDINGS)
def test_a_slower_way_back_never_lowers_it(one: Finding) -> None:
    here = minutes(one)
    assert minutes(replace(one, rollback_ready=False)) >= here
    recovery = one.recovery
    if recovery is None:
        return
    at = RECOVERY_CLASSES.index(recovery.kind)
    for kind in RECOVERY_CLASSES[at:]:
        assert minutes(replace(one, recovery=recovery._replace(kind=kind))) >= here
    assert minutes(replace(one, recovery=recovery._replace(measured_seconds=None))) >= here
    if recovery.measured_seconds is not None:
        slower = recovery._replace(measured_seconds=recovery.measured_seconds * 2)
        assert minutes(replace(one, recovery=slower)) >= here


@given(FINDINGS, st.sampled_from(LEVELS))
def test_a_worse_level_never_lowers_it(one: Finding, level: Level) -> None:
    if LEVELS.index(level) >= LEVELS.index(one.level):
        assert minutes(replace(one, level=level)) >= minutes(one)


@given(FINDINGS)
def test_a_more_critical_service_never_lowers_it(one: Finding) -> None:
    values = [
        score([replace(one, service="it")], {"it": Service("it", criticality=tier)}, {})[1][0].value
        for tier in ("tier-4", "tier-3", "tier-2", "tier-1")
    ]
    assert values == sorted(values)


@given(FINDINGS, st.floats(0, 1), st.floats(0, 1))
def test_more_users_behind_a_cell_never_lower_it(one: Finding, share: float, more: float) -> None:
    few, many = sorted((share, more))
    cells = [replace(one, environments=(PROD._replace(share=part),)) for part in (few, many)]
    assert minutes(cells[0]) <= minutes(cells[1]) <= minutes(replace(one, environments=(PROD,))) + 1e-9


@given(FINDINGS, st.floats(0, 500), st.floats(0, 500))
def test_slower_detection_never_lowers_it(one: Finding, some: float, more: float) -> None:
    soon, late = sorted((some, more))
    assert minutes(one, detect_minutes=soon) <= minutes(one, detect_minutes=late) + 1e-9


@given(st.lists(EVIDENCE, max_size=5))
def test_what_a_canary_comes_to_stays_within_its_bounds(evidence: list[CanaryEvidence]) -> None:
    found = catch(evidence, "prod", DETECT_MINUTES)
    assert 0 <= found.chance <= 0.9
    assert 0 <= found.share <= 1
    assert 0 <= found.minutes <= DETECT_MINUTES


def test_two_kinds_of_evidence_from_one_canary_count_once() -> None:
    split, metric, subset, promoted = (
        CanaryEvidence(kind, True, "prod", "", lower=("canary",), strength=CanaryStrength(abort="automatic"))
        for kind in ("split", "metric", "subset", "promoted")
    )
    assert catch([split, metric], "prod", 45).chance == catch([split], "prod", 45).chance == 0.8
    assert catch([subset, promoted], "prod", 45).chance == catch([subset], "prod", 45).chance == 0.6
    assert catch([split, promoted], "prod", 45).chance == 0.9
    assert catch([split], "prod-eu", 45).chance == 0


def test_the_tables_are_in_order() -> None:
    assert list(CLASS_MINUTES) == list(RECOVERY_CLASSES)
    for table in (STAGE_WEIGHT, CRITICALITY_WEIGHT):
        assert list(table.values()) == sorted(table.values(), reverse=True)
