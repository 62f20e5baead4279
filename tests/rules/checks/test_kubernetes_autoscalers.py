"""What autoscalers act on, in all versions of the API, and whom they scale."""

from __future__ import annotations

import pytest

from riskcheck.rules.checks.kubernetes_autoscalers import pause_of, scale_up, signals, target_of
from riskcheck.rules.checks.kubernetes_scaling import compared
from tests.build import resource

BOUNDS = "minReplicas: 2, maxReplicas: 9"


def scaler(
    spec: str, kind: str = "HorizontalPodAutoscaler", notes: str = "{}"
) -> list[tuple[str, str, int | None]]:
    found = signals(resource(f"metadata: {{annotations: {notes}}}\nspec: {spec}\n", kind=kind))
    return [(one.name, one.unit, one.target) for one in found]


@pytest.mark.parametrize(
    "spec",
    [
        "{metrics: [{type: Resource, resource: {name: cpu, target: {averageUtilization: 80}}}]}",
        "{metrics: [{type: Resource, resource: {name: cpu, targetAverageUtilization: 80}}]}",
        "{}",
    ],
)
def test_eighty_percent_of_cpu_in_three_notations(spec: str) -> None:
    assert scaler(spec) == [("cpu of pods", "Utilization", 80 * 10**9)]


def test_the_first_version_of_the_api() -> None:
    assert scaler("{targetCPUUtilizationPercentage: 70}") == [("cpu of pods", "Utilization", 70 * 10**9)]


def test_triggers_of_one_type_are_told_apart() -> None:
    spec = "{triggers: [{type: kafka, metadata: {lagThreshold: '5'}}, {type: kafka}, {type: cron, name: day}, 3]}"
    assert scaler(spec, "ScaledObject") == [
        ("trigger kafka", "lagThreshold", 5 * 10**9),
        ("trigger kafka (2)", "", None),
        ("trigger cron day", "", None),
        ("trigger unknown", "", None),
    ]


def test_whom_an_autoscaler_scales() -> None:
    assert target_of(resource("spec: {scaleTargetRef: {name: web}}")) == ("Deployment", "web")
    assert target_of(resource("spec: {scaleTargetRef: {kind: Rollout, name: web}}")) == ("Rollout", "web")
    assert target_of(resource("spec: {scaleTargetRef: web}")) is None


def test_where_keda_keeps_the_behavior() -> None:
    spec = "{advanced: {horizontalPodAutoscalerConfig: {behavior: {scaleUp: {selectPolicy: Disabled}}}}}"
    assert scale_up(resource(f"spec: {spec}", kind="ScaledObject")) is not None
    assert scale_up(resource(f"spec: {spec}", kind="HorizontalPodAutoscaler")) is None


@pytest.mark.parametrize(
    ("notes", "paused"),
    [
        ("{autoscaling.keda.sh/paused: 'true'}", True),
        ("{autoscaling.keda.sh/paused: 'false'}", False),
        ("{autoscaling.keda.sh/paused-replicas: '0'}", True),
        ("{autoscaling.keda.sh/paused-scale-out: 'true'}", True),
        ("{}", False),
    ],
)
def test_annotations_that_pause(notes: str, paused: bool) -> None:
    found = pause_of(resource(f"metadata: {{annotations: {notes}}}", kind="ScaledObject"))
    assert (found is not None) is paused


@pytest.mark.parametrize(
    ("before", "after", "grades"),
    [
        (BOUNDS, BOUNDS, []),
        (BOUNDS, "minReplicas: 2, maxReplicas: 1", ["floor", "cut"]),
        (BOUNDS, "minReplicas: 010, maxReplicas: 9", []),
        (BOUNDS, "minReplicas: two, maxReplicas: nine", []),
        (
            BOUNDS + ", targetCPUUtilizationPercentage: 50",
            BOUNDS + ", targetCPUUtilizationPercentage: 75",
            ["later"],
        ),
        (
            BOUNDS + ", targetCPUUtilizationPercentage: 50",
            BOUNDS + ", targetCPUUtilizationPercentage: 60",
            [],
        ),
    ],
)
def test_what_one_autoscaler_does_less_than_another(before: str, after: str, grades: list[str]) -> None:
    sides = [resource(f"spec: {{{text}}}", kind="HorizontalPodAutoscaler") for text in (before, after)]
    assert [one.grade for one in compared(sides[0], sides[1], 1.25)] == grades
