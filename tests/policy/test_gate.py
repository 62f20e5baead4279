"""Which findings block, which conditions hold a change, and what the verdict is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from riskcheck.judged import Finding, Waiver
from riskcheck.models import Environment, Level, Limitation, Service, Stage, Verdict
from riskcheck.policy.gate import NO_ORDER, Affected, broken_by_change, decide
from riskcheck.policy.model import Approval, ApprovalNeed, Freeze, Gate, Policy
from tests.policy.findings import finding

NOW = 1_800_000_000  # 2027-01-15T08:00:00Z
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
            Policy(freezes=(Freeze("x", NOW, NOW + 1, source="riskcheck.yaml:3"),)),
            fail_on=fail_on,
            declared_order=True,
            now=NOW,
            affected=(Affected(Environment("prod", "prod"), Service("web")),),
        )
        assert result[0] == expected


def held(policy: Policy, *affected: Affected, approvals: tuple[Approval, ...] = ()) -> tuple[str, ...]:
    result, _, reasons = decide(
        (), policy, fail_on=None, declared_order=True, now=NOW, affected=affected, approvals=approvals
    )
    assert result == ("block" if reasons else "pass")
    return reasons


PROD = Environment("prod-eu", "prod")
STAGING = Environment("staging", "staging")
UNKNOWN = Environment("main", "unknown")
ORDERS = Service("orders", scopes=("SOX",))
LEDGER = Service("ledger")


class TestFreezes:
    def freeze(
        self,
        start: int = NOW - 10,
        end: int = NOW + 86_400,
        services: tuple[str, ...] = (),
        environments: tuple[str, ...] = (),
    ) -> Policy:
        return Policy(
            freezes=(Freeze("quarter-end", start, end, services, environments, "riskcheck.yaml:15"),)
        )

    def test_holds_what_reaches_production_now(self) -> None:
        (reason,) = held(self.freeze(), Affected(PROD, ORDERS), Affected(PROD, LEDGER))
        assert reason == (
            "freeze quarter-end until 2027-01-16 (riskcheck.yaml:15) "
            "holds for orders (prod-eu), ledger (prod-eu)"
        )

    def test_an_unknown_stage_is_not_exempt(self) -> None:
        assert held(self.freeze(), Affected(UNKNOWN, ORDERS))

    def test_other_stages_are_free_unless_named(self) -> None:
        assert not held(self.freeze(), Affected(STAGING, ORDERS))
        assert held(self.freeze(environments=("stag*",)), Affected(STAGING, ORDERS))
        assert not held(self.freeze(environments=("stag*",)), Affected(PROD, ORDERS))

    def test_other_services_are_free(self) -> None:
        assert not held(self.freeze(services=("orders",)), Affected(PROD, LEDGER))
        assert held(self.freeze(services=("orders",)), Affected(PROD, ORDERS))

    def test_before_and_after_nothing_is_held(self) -> None:
        assert not held(self.freeze(start=NOW + 1), Affected(PROD, ORDERS))
        assert not held(self.freeze(end=NOW), Affected(PROD, ORDERS))

    def test_a_change_that_reaches_nothing_is_free(self) -> None:
        assert not held(self.freeze())

    def test_many_services_are_not_all_listed(self) -> None:
        affected = [Affected(PROD, Service(f"s{number}")) for number in range(5)]
        (reason,) = held(self.freeze(), *affected)
        assert reason.endswith("holds for s0 (prod-eu), s1 (prod-eu), s2 (prod-eu), 2 more")


class TestApprovals:
    POLICY = Policy(approvals=(ApprovalNeed("sox", ("team-a", "team-b"), "riskcheck.yaml:16"),))
    MISSING = ("sox needs the approval of team-a or team-b (riskcheck.yaml:16) for orders (prod-eu)",)

    def test_a_scope_in_production_needs_its_approval(self) -> None:
        assert held(self.POLICY, Affected(PROD, ORDERS)) == self.MISSING
        assert not held(self.POLICY, Affected(PROD, LEDGER))
        assert not held(self.POLICY, Affected(STAGING, ORDERS))

    def test_any_of_the_teams_is_enough(self) -> None:
        approval = Approval("team-b", "sox", "2027-01-15T07:00:00Z")
        assert not held(self.POLICY, Affected(PROD, ORDERS), approvals=(approval,))

    @pytest.mark.parametrize(
        "approval",
        [
            Approval("team-c", "sox", "2027-01-15T07:00:00Z"),
            Approval("team-a", "pii", "2027-01-15T07:00:00Z"),
            Approval("team-a", "sox", "2027-01-15T09:00:00Z"),
            Approval("team-a", "sox", "yesterday"),
            Approval("team-a", "sox", ""),
        ],
    )
    def test_what_is_no_approval(self, approval: Approval) -> None:
        assert held(self.POLICY, Affected(PROD, ORDERS), approvals=(approval,)) == self.MISSING

    def test_every_entry_of_a_scope_must_be_met(self) -> None:
        both = Policy(
            approvals=(ApprovalNeed("sox", ("team-a",), "p:1"), ApprovalNeed("sox", ("team-b",), "p:2"))
        )
        approval = Approval("team-a", "sox", "2027-01-15T07:00:00Z")
        assert held(both, Affected(PROD, ORDERS), approvals=(approval,)) == (
            "sox needs the approval of team-b (p:2) for orders (prod-eu)",
        )
