"""What holds the change as a whole: freezes, deploy windows, approvals."""

from __future__ import annotations

import pytest

from riskcheck.causes import edited_place
from riskcheck.models import Environment, Service
from riskcheck.policy.holding import Affected, holds
from riskcheck.policy.model import Approval, ApprovalNeed, Freeze, Policy, Window

NOW = 1_800_000_000  # 2027-01-15T08:00:00Z, a Friday


def held(policy: Policy, *affected: Affected, approvals: tuple[Approval, ...] = ()) -> tuple[str, ...]:
    """The reasons that the holds on `affected` give."""
    return tuple(one.reason for one in holds(policy, affected, approvals, NOW, edited_place))


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


class TestWindows:
    OFFICE = Window("office", frozenset({0, 1, 2, 3}), 540, 960, "Europe/Berlin", source="riskcheck.yaml:9")
    FRIDAY = Window("friday", frozenset({4}), 540, 600, "Europe/Berlin", source="riskcheck.yaml:10")

    def test_outside_of_every_window_is_held_until_the_next_opens(self) -> None:
        (reason,) = held(Policy(windows=(self.OFFICE,)), Affected(PROD, ORDERS))
        assert reason == (
            "outside of deploy window office (riskcheck.yaml:9), which opens mon 2027-01-18 09:00 Europe/Berlin, "
            "for orders (prod-eu)"
        )

    def test_one_open_window_is_enough(self) -> None:
        assert not held(Policy(windows=(self.OFFICE, self.FRIDAY)), Affected(PROD, ORDERS))

    def test_what_no_window_names_is_free(self) -> None:
        policy = Policy(windows=(self.OFFICE._replace(services=("ledger",)),))
        assert not held(policy, Affected(PROD, ORDERS))
        assert held(policy, Affected(PROD, LEDGER))
        assert not held(Policy(windows=(self.OFFICE,)), Affected(STAGING, ORDERS))
        assert held(
            Policy(windows=(self.OFFICE._replace(environments=("stag*",)),)), Affected(STAGING, ORDERS)
        )

    def test_a_freeze_holds_inside_of_an_open_window(self) -> None:
        freeze = Freeze("quarter-end", NOW - 1, NOW + 1, source="riskcheck.yaml:15")
        policy = Policy(windows=(self.FRIDAY,), freezes=(freeze,))
        assert [reason.split()[0] for reason in held(policy, Affected(PROD, ORDERS))] == ["freeze"]


class TestLabels:
    POLICY = Policy(approvals=(ApprovalNeed("pii", ("team-privacy",), "riskcheck.yaml:16"),))

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("pii", "true"),
            ("PII", "True"),
            ("example.com/pii", "yes"),
            ("data_classification", "pii"),
            ("example.com/data-classification", "PII"),
            ("dataClassification", "financial, pii"),
        ],
    )
    def test_a_resource_says_itself_what_scope_it_is_in(self, key: str, value: str) -> None:
        assert held(self.POLICY, Affected(PROD, LEDGER, ((key, value),)))

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("pii", "false"),
            ("pii", ""),
            ("team", "pii"),
            ("data_classification", "non-pii"),
            ("data_classification", "piiexempt"),
            ("", "pii"),
        ],
    )
    def test_what_says_otherwise(self, key: str, value: str) -> None:
        assert not held(self.POLICY, Affected(PROD, LEDGER, ((key, value),)))

    def test_the_scope_of_the_gate_is_no_label(self) -> None:
        policy = Policy(approvals=(ApprovalNeed("gate", ("team-a",), "riskcheck.yaml:16"),))
        assert not held(policy, Affected(PROD, LEDGER, (("gate", "true"),)))
