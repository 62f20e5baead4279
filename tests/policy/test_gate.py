"""Which findings block, which conditions hold a change, and what the verdict is."""

from __future__ import annotations

import pytest

from riskcheck.judged import Finding, Waiver
from riskcheck.models import Level, Limitation, Location, Related, Stage, Verdict
from riskcheck.policy.gate import NO_ORDER, broken_by_change, decide
from riskcheck.policy.model import Approval, ApprovalNeed, Gate, Policy
from riskcheck.records import replace
from riskcheck.runfacts import Hold
from tests.policy.findings import finding

NOW = 1_800_000_000  # 2027-01-15T08:00:00Z
HOLD = Hold(
    "GOV-001",
    "freeze",
    "freeze x until 2027-01-16 holds for web (prod)",
    "freeze x until 2027-01-16 (riskcheck.yaml:3) holds for web (prod)",
    Location("riskcheck.yaml", "base", 3, 1, 3, 1),
)
WAIVER = Waiver("K8S-001", "**", "team-web", "known", "2027-12-31")


def verdict(
    *findings: Finding, policy: Policy | None = None, order: bool = True, fail_on: str | None = None
) -> tuple[Verdict, str | None]:
    """The verdict, and why the first finding blocks."""
    result, judged, _ = decide(findings, policy or Policy(), fail_on=fail_on, declared_order=order, now=NOW)
    return result, judged[0].blocking if judged else None


def test_nothing_found_passes() -> None:
    assert decide((), Policy(), fail_on=None, declared_order=True, now=NOW) == ("pass", (), ())


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("prod", ("block", "P0 in production")),
        ("unknown", ("block", "P0 where the stage is unknown")),
        ("staging", ("warn", None)),
        ("canary", ("warn", None)),
        ("dev", ("warn", None)),
    ],
)
def test_p0_blocks_in_production_and_where_the_stage_is_unknown(
    stage: Stage, expected: tuple[Verdict, str | None]
) -> None:
    assert verdict(finding("P0", stage, canary=True, rollback=True)) == expected
    assert verdict(finding("P0", stage, canary=True, rollback=True), order=False) == expected


@pytest.mark.parametrize(
    ("canary", "rollback", "expected"),
    [
        (False, False, ("block", "P1 in production without canary and rollback evidence")),
        (True, False, ("block", "P1 in production without rollback evidence")),
        (False, True, ("block", "P1 in production without canary evidence")),
        (True, True, ("warn", None)),
    ],
)
def test_p1_in_production_needs_both_kinds_of_evidence(
    canary: bool, rollback: bool, expected: tuple[Verdict, str | None]
) -> None:
    assert verdict(finding("P1", "prod", canary=canary, rollback=rollback)) == expected


def test_p1_only_warns_without_a_declared_order_and_says_so_once() -> None:
    findings = (finding("P1", "prod"), finding("P1", "prod"))
    result, judged, reasons = decide(findings, Policy(), fail_on=None, declared_order=False, now=NOW)
    assert result == "warn"
    assert [one.blocking for one in judged] == [None, None]
    assert reasons == (NO_ORDER,)


def test_the_missing_order_is_not_mentioned_where_it_changes_nothing() -> None:
    for one in (
        finding("P2", "prod"),
        finding("P1", "staging"),
        finding("P1", "prod", canary=True, rollback=True),
    ):
        assert decide((one,), Policy(), fail_on=None, declared_order=False, now=NOW)[2] == ()


@pytest.mark.parametrize("stage", ["unknown", "staging", "dev"])
def test_p1_outside_of_production_warns(stage: Stage) -> None:
    assert verdict(finding("P1", stage)) == ("warn", None)


def test_a_policy_that_never_requires_canaries_drops_that_half_of_the_condition() -> None:
    policy = Policy(gate=Gate(require_canary="never"))
    assert verdict(finding("P1", "prod", rollback=True), policy=policy) == ("warn", None)
    without = verdict(finding("P1", "prod"), policy=policy)
    assert without == ("block", "P1 in production without rollback evidence")


@pytest.mark.parametrize(("level", "expected"), [("P2", "warn"), ("P3", "pass"), ("note", "pass")])
def test_lesser_levels(level: Level, expected: Verdict) -> None:
    assert verdict(finding(level, "prod")) == (expected, None)


@pytest.mark.parametrize("code", ["K8S-001", "GOV-006", "GOV-010"])
def test_low_confidence_never_blocks(code: str) -> None:
    assert verdict(finding("P0", "prod", confidence="low", code=code)) == ("warn", None)


def test_waived_findings_count_towards_nothing() -> None:
    result, judged, reasons = decide(
        (finding("P0", "prod", waiver=WAIVER), finding("P1", "prod", waiver=WAIVER, code="GOV-006")),
        Policy(),
        fail_on=None,
        declared_order=False,
        now=NOW,
    )
    assert (result, reasons) == ("pass", ())
    assert [one.blocking for one in judged] == [None, None]


def test_reasons_name_each_blocking_finding_once() -> None:
    findings = (finding("P0", "prod"), finding("P0", "prod"), finding("P2", "prod"))
    _, _, reasons = decide(findings, Policy(), fail_on=None, declared_order=True, now=NOW)
    assert reasons == ("K8S-001 kubernetes:Deployment.shop/web: P0 in production",)


def test_blocking_of_an_earlier_judgement_does_not_survive() -> None:
    stale = replace(finding("P3", "prod"), blocking="P0 in production")
    assert verdict(stale) == ("pass", None)


class TestGateWeakened:
    def test_blocks_without_any_order_or_evidence(self) -> None:
        weakened = finding("P1", "prod", code="GOV-006", canary=True, rollback=True)
        assert verdict(weakened, order=False) == ("block", "the gate itself is weakened")

    def test_below_p1_it_is_only_shown(self) -> None:
        assert verdict(finding("P2", "prod", code="GOV-006")) == ("warn", None)

    def test_a_declared_approval_of_the_gate_lets_it_through(self) -> None:
        policy = Policy(approvals=(ApprovalNeed("gate", ("team-platform",), "riskcheck.yaml:9"),))
        weakened = (finding("P1", "prod", code="GOV-006"),)

        def of(*approvals: Approval) -> Verdict:
            return decide(weakened, policy, fail_on=None, declared_order=True, now=NOW, approvals=approvals)[
                0
            ]

        assert of() == "block"
        assert of(Approval("team-platform", "gate", "2027-01-14T10:00:00Z")) == "warn"
        assert of(Approval("team-other", "gate", "2027-01-14T10:00:00Z")) == "block"
        assert of(Approval("team-platform", "sox", "2027-01-14T10:00:00Z")) == "block"
        assert of(Approval("team-platform", "gate", "2027-01-16T10:00:00Z")) == "block"

    def test_an_approval_that_no_policy_asks_for_lets_nothing_through(self) -> None:
        approval = Approval("team-platform", "gate", "2027-01-14T10:00:00Z")
        weakened = (finding("P1", "prod", code="GOV-006"),)
        result = decide(weakened, Policy(), fail_on=None, declared_order=True, now=NOW, approvals=(approval,))
        assert result[0] == "block"


class TestNotAnalysed:
    FAILED = finding("P1", code="GOV-010", path="a.yaml")

    def test_incomplete_analysis_blocks_unless_the_policy_only_warns(self) -> None:
        assert verdict(self.FAILED, order=False) == ("block", "changed input was not analysed")
        assert verdict(self.FAILED, policy=Policy(gate=Gate(incomplete="warn"))) == ("warn", None)

    def test_what_could_not_be_resolved_does_not_block(self) -> None:
        assert verdict(finding("P3", code="GOV-010")) == ("pass", None)

    def test_a_file_that_the_change_breaks_blocks_under_any_policy(self) -> None:
        result, judged, _ = decide(
            (self.FAILED,),
            Policy(gate=Gate(incomplete="warn")),
            fail_on=None,
            declared_order=True,
            now=NOW,
            broken=frozenset({"a.yaml"}),
        )
        assert result == "block"
        assert judged[0].blocking == "it could be read in base and is broken in head"


def test_only_what_cannot_be_read_any_more_counts_as_broken() -> None:
    limitations = (
        Limitation("a.yaml", "parse-error", "broken", failed=True),
        Limitation("b.yaml", "not-utf-8", "unreadable", failed=True),
        Limitation("c.yaml", "parse-error", "broken before, too"),
        Limitation("d.yaml", "rule-failed", "crashed", failed=True),
        Limitation("e.yaml", "too-large", "a cap", failed=True),
    )
    assert broken_by_change(limitations) == {"a.yaml", "b.yaml"}


class TestThreshold:
    def test_the_threshold_replaces_evidence_confidence_and_stage(self) -> None:
        low = finding("P2", "dev", canary=True, rollback=True, confidence="low")
        assert verdict(low, fail_on="P2") == ("block", "P2, and --fail-on is P2")
        assert verdict(low, fail_on="P1") == ("warn", None)

    def test_above_the_threshold_nothing_blocks(self) -> None:
        assert verdict(finding("P1", "prod"), fail_on="P0") == ("warn", None)
        assert verdict(finding("P1", "prod", code="GOV-006"), fail_on="P0") == ("warn", None)

    def test_never_is_never(self) -> None:
        assert verdict(finding("P0", "prod"), fail_on="never") == ("warn", None)

    def test_waived_findings_stay_waived(self) -> None:
        assert verdict(finding("P0", "prod", waiver=WAIVER), fail_on="P3") == ("pass", None)

    @pytest.mark.parametrize(
        ("fail_on", "expected"), [("P0", "warn"), ("P1", "block"), ("P3", "block"), ("never", "warn")]
    )
    def test_a_freeze_weighs_as_p1(self, fail_on: str, expected: Verdict) -> None:
        result = decide(
            (),
            Policy(),
            fail_on=fail_on,
            declared_order=True,
            now=NOW,
            holds=(HOLD,),
        )
        assert result[0] == expected


class TestHolds:
    def telling(self, level: Level = "P1", waiver: Waiver | None = None) -> Finding:
        found = finding(level, "prod", code="GOV-001", waiver=waiver)
        return replace(found, related=(Related("freeze", HOLD.source),))

    def decided(
        self, *findings: Finding, fail_on: str | None = None
    ) -> tuple[Verdict, tuple[Finding, ...], tuple[str, ...]]:
        return decide(findings, Policy(), fail_on=fail_on, declared_order=False, now=NOW, holds=(HOLD,))

    @pytest.mark.parametrize("fail_on", [None, "P1", "P3"])
    def test_a_hold_and_the_finding_that_tells_it_give_one_reason(self, fail_on: str | None) -> None:
        verdict_, judged, reasons = self.decided(self.telling(), fail_on=fail_on)
        assert (verdict_, reasons) == ("block", (HOLD.reason,))
        assert judged[0].blocking is None

    def test_a_hold_does_not_need_the_rule_that_tells_it(self) -> None:
        assert self.decided()[0] == "block"

    def test_what_a_rule_makes_of_a_hold_does_not_lift_it(self) -> None:
        assert self.decided(self.telling("P3"))[0] == "block"

    def test_a_waived_finding_lifts_its_hold(self) -> None:
        assert self.decided(self.telling(waiver=WAIVER))[::2] == ("pass", ())

    def test_a_finding_of_another_place_lifts_nothing(self) -> None:
        other = replace(self.telling(waiver=WAIVER), related=())
        assert self.decided(other)[0] == "block"

    def test_beside_a_hold_other_findings_block_as_ever(self) -> None:
        reasons = self.decided(self.telling(), finding("P0", "prod"))[2]
        assert reasons == ("K8S-001 kubernetes:Deployment.shop/web: P0 in production", HOLD.reason)
