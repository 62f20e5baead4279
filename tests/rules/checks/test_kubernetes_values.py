"""The pure parts of the Kubernetes checks: budgets, probes, quantities, images."""

from __future__ import annotations

import pytest

from riskcheck.rules.checks.kubernetes_budgets import Budget, assess, pods
from riskcheck.rules.checks.kubernetes_images import Image, parse_image
from riskcheck.rules.checks.kubernetes_probes import weaknesses
from riskcheck.rules.checks.kubernetes_resources import percent_cut
from riskcheck.rules.context import Resources
from tests.build import body, resource

WEB = resource("spec: {replicas: 3, template: {metadata: {labels: {app: web}}, spec: {containers: []}}}\n")


@pytest.mark.parametrize(
    ("stated", "replicas", "number"),
    [
        ("2", 3, 2),
        ("50%", 3, 2),
        ("1%", 3, 1),
        ("0%", 3, 0),
        ("50%", None, None),
        ("half", 3, None),
        ("x%", 3, None),
    ],
)
def test_percentages_of_a_budget_round_up(stated: str, replicas: int | None, number: int | None) -> None:
    assert pods(stated, replicas) == number


@pytest.mark.parametrize(
    ("spec", "protects", "permits"),
    [
        ("maxUnavailable: 1", True, True),
        ("maxUnavailable: 50%", True, True),
        ("maxUnavailable: 70%", False, True),
        ("maxUnavailable: 3", False, True),
        ("maxUnavailable: 100%", False, True),
        ("maxUnavailable: 0", True, False),
        ("minAvailable: 2", True, True),
        ("minAvailable: 3", True, False),
        ("minAvailable: 67%", True, False),
        ("minAvailable: 66%", True, True),
        ("minAvailable: 0", False, True),
    ],
)
def test_what_a_budget_of_three_replicas_amounts_to(spec: str, protects: bool, permits: bool) -> None:
    budget = resource(
        f"spec:\n  {spec}\n  selector: {{matchLabels: {{app: web}}}}\n", kind="PodDisruptionBudget"
    )
    found = assess(budget, Resources([WEB, budget]))
    assert (found.gap is None, found.block is None) == (protects, permits)


def test_a_budget_without_selector_covers_nothing() -> None:
    budget = resource("spec: {maxUnavailable: 1}\n", kind="PodDisruptionBudget")
    assert assess(budget, Resources([WEB, budget])).gap is not None


def test_numbers_of_unknown_workloads_are_not_judged() -> None:
    budget = resource(
        "spec: {minAvailable: 3, selector: {matchLabels: {app: x}}}\n", kind="PodDisruptionBudget"
    )
    assert assess(budget, Resources([budget])) == Budget(None, None)


@pytest.mark.parametrize(
    ("before", "after", "percent"),
    [
        ("2Gi", "1Gi", 50),
        ("1Gi", "1024Mi", None),
        ("1", "999m", 1),
        ("3", "2", 33),
        ("1Gi", "2Gi", None),
        ("1Gi", None, None),
        (None, "1Gi", None),
        ("1Gi", "${LIMIT}", None),
        ("1Gi", "0", 100),
        ("0", "0", None),
    ],
)
def test_how_much_is_cut(before: str | None, after: str | None, percent: int | None) -> None:
    assert percent_cut(before, after) == percent


@pytest.mark.parametrize(
    ("reference", "image"),
    [
        ("nginx", Image("nginx", None, None)),
        ("nginx:1.27", Image("nginx", "1.27", None)),
        ("registry:5000/a/b", Image("registry:5000/a/b", None, None)),
        ("registry:5000/a/b:v1@sha256:00", Image("registry:5000/a/b", "v1", "sha256:00")),
        ("a/b@sha256:00", Image("a/b", None, "sha256:00")),
        ("", Image("", None, None)),
    ],
)
def test_image_references(reference: str, image: Image) -> None:
    assert parse_image(reference) == image


@pytest.mark.parametrize(
    ("reference", "pinned"),
    [
        ("web:1.4", True),
        ("web", False),
        ("web:main", False),
        ("web:main@sha256:00", True),
        ("web:maintained", True),
    ],
)
def test_pinned_images(reference: str, pinned: bool) -> None:
    assert parse_image(reference).pinned(frozenset({"latest", "main"})) is pinned


@pytest.mark.parametrize(
    ("tag", "commit"),
    [
        ("0a1b2c3d4e5f60718293a4b5c6d7e8f901234567", True),
        ("main-0a1b2c3d4e5f60718293a4b5c6d7e8f901234567", True),
        ("0a1b2c3", False),
        ("v1.4.2", False),
        ("0a1b2c3d4e5f60718293a4b5c6d7e8f9012345678", False),
    ],
)
def test_a_tag_that_names_a_full_commit(tag: str, commit: bool) -> None:
    assert parse_image(f"web:{tag}").names_a_commit() is commit


def found(field: str, before: str, after: str) -> list[str]:
    return list(weaknesses(field, body(before), body(after), "yaml-1.1", 3.0))


def test_patience_counts_the_defaults() -> None:
    before = "readinessProbe: {periodSeconds: 10}\n"
    assert found("readinessProbe", before, "readinessProbe: {failureThreshold: 9}\n") == []
    assert found("readinessProbe", before, "readinessProbe: {failureThreshold: 10}\n") == [
        "has a readiness probe that gives up after 100 s instead of 30 s"
    ]


def test_a_startup_probe_without_liveness_guards_nothing() -> None:
    assert found("startupProbe", "startupProbe: {periodSeconds: 1}\n", "name: web\n") == []
    after = "livenessProbe: {periodSeconds: 1}\n"
    assert found("startupProbe", "startupProbe: {periodSeconds: 1}\n" + after, after) == [
        "has no startup probe any more"
    ]


def test_the_same_endpoint_before_and_after_is_no_news() -> None:
    both = "livenessProbe: {tcpSocket: {port: 1}}\nreadinessProbe: {tcpSocket: {port: 1}}\n"
    assert found("livenessProbe", both, both.replace("port: 1", "port: 2")) == []
    assert len(found("livenessProbe", "readinessProbe: {tcpSocket: {port: 1}}\n", both)) == 1


def test_a_zero_is_the_default() -> None:
    before = "readinessProbe: {periodSeconds: 10, failureThreshold: 3}\n"
    assert found("readinessProbe", before, "readinessProbe: {periodSeconds: 0, failureThreshold: 0}\n") == []


@pytest.mark.parametrize(
    ("field", "before", "after", "what"),
    [
        ("livenessProbe", "failureThreshold: 10", "failureThreshold: 5", []),
        (
            "livenessProbe",
            "failureThreshold: 10",
            "failureThreshold: 4",
            ["restarts it after 40 s instead of 100 s"],
        ),
        ("livenessProbe", "timeoutSeconds: 5", "timeoutSeconds: 3", []),
        ("livenessProbe", "timeoutSeconds: 5", "{}", ["waits 1 s instead of 5 s for an answer"]),
        (
            "startupProbe",
            "failureThreshold: 30",
            "failureThreshold: 3",
            ["restarts it after 30 s instead of 300 s"],
        ),
        ("readinessProbe", "failureThreshold: 10", "failureThreshold: 1", []),
    ],
)
def test_probes_that_restart_sooner(field: str, before: str, after: str, what: list[str]) -> None:
    sides = [f"{field}: {text if text == '{}' else f'{{{text}}}'}\n" for text in (before, after)]
    said = found(field, *sides)
    assert len(said) == len(what)
    assert all(one.endswith(part) for one, part in zip(said, what, strict=True))


@pytest.mark.parametrize(
    ("before", "after", "percent"),
    [
        ("1Gi", "1024Mi", None),
        ("0.5", "500m", None),
        ("1e3", "1k", None),
        ("1E", "1e18", None),
        ("512Mi", "512m", 100),
        ("2", "1500m", 25),
        ("1Gi", "1G", 7),
    ],
)
def test_amounts_in_other_units(before: str, after: str, percent: int | None) -> None:
    assert percent_cut(before, after) == percent
