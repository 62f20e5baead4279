"""Which nodes a pod fits: demands that imply each other, tolerations that cover each other."""

from __future__ import annotations

import pytest

from riskcheck.rules.checks.kubernetes_node_terms import (
    Requirement,
    added_demands,
    terms_of,
    tolerations_of,
)
from tests.build import body


def requirement(text: str) -> Requirement:
    key, operator, *values = text.split()
    return Requirement(key, operator, frozenset(values))


@pytest.mark.parametrize(
    ("one", "other", "holds"),
    [
        ("zone In a", "zone In a b", True),
        ("zone In a b", "zone In a", False),
        ("zone In a", "zone Exists", True),
        ("zone Exists", "zone In a", False),
        ("zone In a", "zone NotIn b c", True),
        ("zone In a", "zone NotIn a", False),
        ("zone NotIn a b", "zone NotIn a", True),
        ("zone NotIn a", "zone NotIn a b", False),
        ("zone DoesNotExist", "zone NotIn a", True),
        ("zone NotIn a", "zone DoesNotExist", False),
        ("cores Gt 8", "cores Gt 4", True),
        ("cores Gt 4", "cores Gt 8", False),
        ("cores Lt 4", "cores Lt 8", True),
        ("cores Gt x", "cores Gt 8", False),
        ("cores Gt 8", "cores Lt 8", False),
        ("zone In a", "rack In a", False),
    ],
)
def test_one_demand_implies_another(one: str, other: str, holds: bool) -> None:
    assert requirement(one).implies(requirement(other)) is holds


def demands(before: str, after: str) -> list[str]:
    return [str(one) for one in added_demands(terms_of(body(before)), terms_of(body(after)))]


AFFINITY = (
    "affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution:"
    " {{nodeSelectorTerms: [{}]}}}}}}"
)


@pytest.mark.parametrize(
    ("before", "after", "more"),
    [
        ("{}", "nodeSelector: {disk: ssd}", ["disk is ssd"]),
        ("nodeSelector: {disk: ssd}", "{}", []),
        ("nodeSelector: {disk: ssd}", "nodeSelector: {disk: nvme}", ["disk is nvme"]),
        ("{}", "nodeSelector: {kubernetes.io/os: linux, beta.kubernetes.io/arch: amd64}", []),
        (
            "{}",
            AFFINITY.format(
                "{matchExpressions: [{key: kubernetes.io/os, operator: NotIn, values: [windows]}]}"
            ),
            [],
        ),
        ("{}", "nodeSelector: {kubernetes.io/arch: arm64}", ["kubernetes.io/arch is arm64"]),
        (
            "{}",
            AFFINITY.format("{matchExpressions: [{key: zone, operator: In, values: [a, b]}]}"),
            ["zone is a or b"],
        ),
        (
            AFFINITY.format("{matchExpressions: [{key: zone, operator: In, values: [a]}]}"),
            AFFINITY.format(
                "{matchExpressions: [{key: zone, operator: In, values: [a]}]}, {matchExpressions: []}"
            ),
            [],
        ),
        (
            AFFINITY.format("{matchFields: [{key: metadata.name, operator: In, values: [n]}]}"),
            AFFINITY.format("{matchExpressions: [{key: metadata.name, operator: In, values: [n]}]}"),
            ["metadata.name is n"],
        ),
        ("nodeSelector: [a]", "nodeSelector: text", []),
        ("{}", "affinity: {nodeAffinity: text}", []),
    ],
)
def test_what_nodes_have_to_meet_in_addition(before: str, after: str, more: list[str]) -> None:
    assert demands(before, after) == more


@pytest.mark.parametrize(
    ("one", "other", "covered"),
    [
        ("{operator: Exists}", "{key: a, value: b, effect: NoSchedule}", True),
        ("{key: a, operator: Exists}", "{key: a, value: b, effect: NoSchedule}", True),
        ("{key: a, value: b}", "{key: a, value: b, effect: NoSchedule}", True),
        ("{key: a, value: b, effect: NoExecute}", "{key: a, value: b, effect: NoSchedule}", False),
        ("{key: a, value: c}", "{key: a, value: b}", False),
        ("{key: a, value: b}", "{key: a, operator: Exists}", False),
        ("{key: a, operator: Exists, tolerationSeconds: 5}", "{key: a, operator: Exists}", False),
    ],
)
def test_one_toleration_covers_another(one: str, other: str, covered: bool) -> None:
    (first, _), (second, _) = (tolerations_of(body(f"tolerations: [{text}]"))[0] for text in (one, other))
    assert first.covers(second) is covered
