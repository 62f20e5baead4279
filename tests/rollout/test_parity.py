"""In what a cell that canaried a change is unlike production, and what is no difference."""

from __future__ import annotations

import pytest

from riskcheck.judged import CanaryEvidence
from riskcheck.models import Change
from riskcheck.nodes import KeyPath
from riskcheck.rollout.canary import CanaryFacts
from riskcheck.rollout.governing import Deliveries
from riskcheck.rollout.parity import gaps, without
from tests.build import PROD, STAGING, resource

FOUND = CanaryEvidence("promoted", True, "prod", "staging has run it for 3d", None, ("staging",))

NONE = Deliveries((), (), frozenset())


def unlike(
    production: str, staging: str, path: KeyPath = ("network", "mode"), kind: str = "jobs"
) -> list[str]:
    """``what here there`` of each gap, for a change at `path`."""
    here = resource(production, environment=PROD, kind=kind)
    there = resource(staging, environment=STAGING, kind=kind)
    facts = CanaryFacts(
        base=(here, there),
        now=0,
        promotion=None,
        declared_order=True,
        landings=None,
        pipelines=(),
        natural_keys=lambda _: lambda _: (),
        stage_of=lambda _: PROD,
        deliveries=NONE,
    )
    change = Change(PROD, path, "modified", 1, 2, here, here, here.body, here.body)
    return [f"{gap.what} {gap.here} {gap.there}" for gap in gaps(change, [FOUND], facts, [change])]


@pytest.mark.parametrize(
    ("production", "staging", "expected"),
    [
        ("routes: [{name: legacy, via: a}, {name: hub, via: b}]", "routes: [{name: hub, via: c}]",
         "entries legacy lacking"),
        ("routes: [{name: hub}]", "a: 1", "entries hub lacking"),
        ("allow_list: [10.0.0.1, 10.0.0.2]", "allow-list: [10.9.9.9]\nallow_list: [10.9.9.9]", "entries 2 1"),
        ("private_endpoint: {subnet: a}", "a: 1", "private endpoint on off"),
        ("private_endpoint: true", "private_endpoint: false", "private endpoint on off"),
        ("publicNetworkAccess: Disabled", "a: 1", "public access off on"),
        ("auth_mode: oidc", "auth_mode: basic", "auth mode oidc basic"),
        ("auth_mode: oidc", "a: 1", "auth mode oidc unset"),
        ("spark_version: 15.4.x-scala2.12", "spark_version: 14.3.x-scala2.12", "runtime major 15 14"),
    ],
)  # fmt: skip
def test_what_is_a_difference(production: str, staging: str, expected: str) -> None:
    assert unlike(production, staging) == [expected]


@pytest.mark.parametrize(
    ("production", "staging"),
    [
        ("allow_list: [10.0.0.1, 10.0.0.2]", "allow_list: [10.9.9.8, 10.9.9.9]"),
        ("routes: [{name: hub}]", "routes: [{name: hub}, {name: test}]"),
        ("private_endpoint: false", "a: 1"),
        ("publicNetworkAccess: Enabled", "a: 1"),
        ("auth_mode: OIDC", "auth_mode: oidc"),
        ("spark_version: 15.4.x-scala2.12", "spark_version: 15.1.x-scala2.12"),
        ("runtime_version: 3", "a: 1"),
        ("replicas: 9", "replicas: 1"),
        ("host: a.example", "host: b.example"),
        ("other: {routes: [{name: legacy}]}", "other: {routes: []}"),
        ("rules: [{alert: a}]", "rules: []"),
    ],
)
def test_what_is_none(production: str, staging: str) -> None:
    assert unlike(production, staging) == []


def test_what_the_change_itself_sets_is_no_difference() -> None:
    assert unlike("auth_mode: oidc", "auth_mode: basic", ("auth_mode",)) == []


def test_rules_of_routes_count() -> None:
    one, two = "rules: [{host: a}]", "rules: [{host: a}, {host: b}]"
    assert unlike(two, one, kind="HTTPRoute") == ["entries 2 1"]


def test_reviewed_differences_are_left_out_by_path_or_class() -> None:
    change_free = unlike("auth_mode: oidc\nprivate_link: true", "a: 1")
    assert change_free == ["auth mode oidc unset", "private endpoint on off"]
    here = resource("auth_mode: oidc\nprivate_link: true", environment=PROD)
    there = resource("a: 1", environment=STAGING)
    facts = CanaryFacts((here, there), 0, None, True, None, (), lambda _: lambda _: (), lambda _: PROD, NONE)
    change = Change(PROD, ("b",), "modified", 1, 2, here, here, here.body, here.body)
    found = gaps(change, [FOUND], facts, [change])
    assert [gap.what for gap in without(["auth_*"], found)] == ["private endpoint"]
    assert [gap.what for gap in without(["private endpoint", 3, None], found)] == ["auth mode"]


def test_without_evidence_there_is_nothing_to_be_like() -> None:
    here, there = resource("auth_mode: oidc", environment=PROD), resource("a: 1", environment=STAGING)
    facts = CanaryFacts((here, there), 0, None, True, None, (), lambda _: lambda _: (), lambda _: PROD, NONE)
    change = Change(PROD, ("b",), "modified", 1, 2, here, here, here.body, here.body)
    assert gaps(change, [FOUND._replace(found=False)], facts, [change]) == ()
