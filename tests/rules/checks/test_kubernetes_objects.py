from __future__ import annotations

import pytest

from riskcheck.records import replace
from riskcheck.rules.checks.kubernetes_objects import (
    annotations_of,
    is_preview,
    number_at,
    prune_guard,
    same_namespace,
    selects,
    text,
    text_at,
)
from tests.build import DEV, body, changes, resource


def test_null_and_empty_are_no_text_but_quoted_ones_are() -> None:
    found = body("a: null\nb: ~\nc:\nd: 'null'\ne: ''\nf: {}\n")
    assert [text(found.get(key)) for key in "abcdef"] == [None, None, None, "null", "", None]


def test_a_path_through_a_scalar_leads_nowhere() -> None:
    assert text_at(body("spec: text\n"), "spec", "replicas") is None


@pytest.mark.parametrize(
    ("written", "number"), [("3", 3), ("'3'", 3), ("-1", -1), ("3.5", None), ("many", None)]
)
def test_only_whole_numbers_are_numbers(written: str, number: int | None) -> None:
    assert number_at(body(f"n: {written}\n"), "n") == number


def test_null_annotations_are_left_out() -> None:
    found = resource("metadata: {annotations: {a: x, b: null}}\n")
    assert annotations_of(found) == {"a": "x"}


@pytest.mark.parametrize(
    "annotation",
    [
        "argocd.argoproj.io/sync-options: Prune=false",
        "argocd.argoproj.io/sync-options: ServerSideApply=true, Prune=false",
        "kustomize.toolkit.fluxcd.io/prune: Disabled",
        "helm.sh/resource-policy: keep",
    ],
)
def test_an_annotation_keeps_what_leaves_the_repository(annotation: str) -> None:
    assert prune_guard(resource(f"metadata:\n  annotations:\n    {annotation}\n")) is not None


@pytest.mark.parametrize(
    "annotation",
    [
        "argocd.argoproj.io/sync-options: Prune=confirm",
        "argocd.argoproj.io/sync-options: SkipPrune=false",
        "kustomize.toolkit.fluxcd.io/prune: enabled",
        "helm.sh/resource-policy: delete",
    ],
)
def test_other_annotations_guard_nothing(annotation: str) -> None:
    assert prune_guard(resource(f"metadata:\n  annotations:\n    {annotation}\n")) is None


@pytest.mark.parametrize(
    ("selector", "holds"),
    [
        ("{matchLabels: {app: web}}", True),
        ("{matchLabels: {app: web, tier: back}}", False),
        ("{}", True),
        ("null", False),
        ("{matchExpressions: [{key: app, operator: In, values: [api, web]}]}", True),
        ("{matchExpressions: [{key: app, operator: NotIn, values: [web]}]}", False),
        ("{matchExpressions: [{key: zone, operator: NotIn, values: [a]}]}", True),
        ("{matchExpressions: [{key: tier, operator: Exists}]}", True),
        ("{matchExpressions: [{key: tier, operator: DoesNotExist}]}", False),
        ("{matchExpressions: [{key: tier, operator: Resembles}]}", False),
    ],
)
def test_label_selectors(selector: str, holds: bool) -> None:
    assert selects(body(f"selector: {selector}\n").get("selector"), {"app": "web", "tier": "front"}) is holds


def test_a_manifest_without_namespace_is_applied_into_that_of_its_neighbours() -> None:
    here, there, bare = (resource("{}", name=name) for name in ("shop/web", "store/web", "web"))
    assert same_namespace(here, bare) and same_namespace(bare, there)
    assert not same_namespace(here, there)


@pytest.mark.parametrize("name", ["preview", "pr-123", "shop-preview", "team/pr-7", "previews/web"])
def test_environments_of_one_pull_request(name: str) -> None:
    change = changes("a: 1\n", "a: 2\n")[0]
    preview = resource("a: 2\n", environment=DEV, name=f"{name}/web")
    assert is_preview(replace(change, resource_after=preview))


@pytest.mark.parametrize("name", ["prod", "pr-main", "express", "preprod", "shop"])
def test_environments_that_stay(name: str) -> None:
    change = changes("a: 1\n", "a: 2\n")[0]
    assert not is_preview(replace(change, resource_after=resource("a: 2\n", name=f"{name}/web")))


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("3", 3),
        ("'3'", 3),
        ("-2", -2),
        ("010", 8),
        ("0x10", 16),
        ("1_000", 1000),
        ("1e1", 10),
        ("1.5", None),
        ("1e400", None),
        ("yes", None),
        ("25%", None),
        ("null", None),
        ("[1]", None),
        ("9" * 30, None),
    ],
)
def test_numbers_are_those_of_yaml_1_1(written: str, number: int | None) -> None:
    assert number_at(body(f"spec: {{replicas: {written}}}"), "spec", "replicas") == number
