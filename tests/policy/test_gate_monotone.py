"""The verdict: whatever makes a finding worse never makes the verdict milder."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from riskcheck.judged import Finding, Waiver
from riskcheck.models import LEVELS, Environment, Verdict
from riskcheck.policy.gate import decide
from riskcheck.policy.model import Gate, Policy
from riskcheck.records import replace
from tests.findings import finding

VERDICTS = ("pass", "warn", "block")
CELLS = tuple(Environment(stage, stage) for stage in ("dev", "staging", "prod", "unknown"))
FINDINGS = st.builds(
    lambda **fields: finding(**fields),
    code=st.sampled_from(["ABC-001", "CAN-001", "GOV-004", "GOV-006", "GOV-010"]),
    level=st.sampled_from(LEVELS),
    confidence=st.sampled_from(["high", "medium", "low"]),
    environments=st.lists(st.sampled_from(CELLS), min_size=1, unique=True).map(tuple),
    canary_covered=st.booleans(),
    rollback_ready=st.booleans(),
)
POLICIES = st.builds(
    lambda canary, incomplete: Policy(gate=Gate(canary, incomplete)),
    st.sampled_from(["risky", "all", "never"]),
    st.sampled_from(["block", "warn"]),
)
LISTS = st.lists(FINDINGS, max_size=3)
FAIL_ON = st.sampled_from([None, "P0", "P2", "never"])


def verdict(findings: list[Finding], policy: Policy, order: bool, fail_on: str | None) -> int:
    found: Verdict = decide(findings, policy, fail_on=fail_on, declared_order=order, now=0)[0]
    return VERDICTS.index(found)


@given(LISTS, FINDINGS, POLICIES, st.booleans(), FAIL_ON)
def test_one_more_finding_never_makes_it_milder(
    findings: list[Finding], more: Finding, policy: Policy, order: bool, fail_on: str | None
) -> None:
    assert verdict([*findings, more], policy, order, fail_on) >= verdict(findings, policy, order, fail_on)


@given(LISTS, FINDINGS, POLICIES, st.booleans(), FAIL_ON)
def test_what_is_worse_never_makes_it_milder(
    findings: list[Finding], one: Finding, policy: Policy, order: bool, fail_on: str | None
) -> None:
    here = verdict([*findings, one], policy, order, fail_on)
    worse = [
        replace(one, canary_covered=False),
        replace(one, rollback_ready=False),
        replace(one, environments=tuple({*one.environments, CELLS[2]})),
        *(replace(one, level=level) for level in LEVELS[LEVELS.index(one.level) :]),
    ]
    for other in worse:
        assert verdict([*findings, other], policy, order, fail_on) >= here


@given(LISTS, FINDINGS, POLICIES, st.booleans(), FAIL_ON)
def test_a_waived_finding_counts_towards_nothing(
    findings: list[Finding], one: Finding, policy: Policy, order: bool, fail_on: str | None
) -> None:
    waived = replace(one, waiver=Waiver("ABC-001", "**", "team-a", "agreed", "2027-01-31"))
    assert verdict([*findings, waived], policy, order, fail_on) == verdict(findings, policy, order, fail_on)


@given(LISTS, POLICIES, st.booleans(), FAIL_ON, st.randoms())
def test_the_order_of_findings_never_matters(
    findings: list[Finding], policy: Policy, order: bool, fail_on: str | None, random: object
) -> None:
    shuffled = list(findings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    assert verdict(shuffled, policy, order, fail_on) == verdict(findings, policy, order, fail_on)
