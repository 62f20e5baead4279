"""Flagger: weights, intervals, metrics, and what is tracked."""

from __future__ import annotations

import pytest

from tests.progressive.manifests import CONFIG, DEPLOYMENT, SECRET, canary, codes, held, only, read

ANALYSIS = """\
interval: 1m
threshold: 10
maxWeight: 50
stepWeight: 20
metrics:
  - {name: request-success-rate, thresholdRange: {min: 99}, interval: 1m}
  - {name: request-duration, thresholdRange: {max: 500}, interval: 1m}
"""
GATE = "metrics: [{name: request-success-rate, thresholdRange: {min: 99}}]\n"


def test_weights_grow_by_the_step_until_the_most_is_reached_and_each_is_held_one_interval() -> None:
    found = only(canary(ANALYSIS), DEPLOYMENT)
    assert held(found) == [(0.2, 60, True), (0.4, 60, True), (0.6, 60, True), (1.0, 0, False)]
    assert found.soak_seconds == 180
    assert (found.abort, found.abort_seconds) == ("automatic", 600)
    assert [metric.detects_share for metric in found.metrics] == [0.01, None]
    assert found.governed[:2] == ("Deployment", "web")
    assert found.workload is not None
    assert found.problems == ()


@pytest.mark.parametrize(
    ("analysis", "weights"),
    [
        ("{stepWeights: [1, 5, 20], maxWeight: 80}", (0.01, 0.05, 0.2, 1.0)),
        ("{stepWeights: [1, 5, 20], stepWeight: 10}", (0.1, 0.2, 1.0)),
        ("{stepWeight: 50}", (0.5, 1.0)),
        ("{stepWeight: 30, maxWeight: 30}", (0.3, 1.0)),
        ("{stepWeight: 300}", (1.0,)),
        ("{}", (1.0,)),
    ],
)
def test_weights_are_those_of_the_controller(analysis: str, weights: tuple[float, ...]) -> None:
    text = canary("").rstrip("\n") + f"\n  analysis: {analysis}\n"
    assert only(text).weights == weights


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("interval: 30s", 30), ("interval: 1s", 10), ("interval: soon", 60), ("threshold: 1", 60)],
)
def test_the_interval_has_a_default_and_a_least(written: str, seconds: int) -> None:
    assert held(only(canary(f"{written}\nstepWeight: 50\n{GATE}")))[0][1] == seconds


def test_iterations_are_a_switch_after_a_trial_and_with_conditions_an_ab_test() -> None:
    switch = only(canary(f"interval: 30s\niterations: 10\n{GATE}"))
    assert switch.strategy == "blue-green"
    assert held(switch) == [(0.0, 300, True), (1.0, 0, False)]
    assert switch.first_share == 1.0
    by_header = only(canary(f"iterations: 10\nmatch: [{{headers: {{x: {{exact: y}}}}}}]\n{GATE}"))
    assert by_header.strategy == "ab-test"
    assert by_header.steps[0].share is None
    assert by_header.first_share == 1.0
    plain = only(canary(f"stepWeight: 10\n{GATE}", more="provider: kubernetes\n"))
    assert plain.strategy == "blue-green"


def test_without_weights_and_iterations_nothing_shifts() -> None:
    assert codes(only(canary(f"interval: 1m\n{GATE}"))) == ["no-steps"]


@pytest.mark.parametrize(
    ("more", "code"), [("skipAnalysis: true\n", "skipped"), ("suspend: true\n", "suspended")]
)
def test_it_may_be_switched_off(more: str, code: str) -> None:
    found = only(canary(ANALYSIS, more=more))
    assert found.skipped
    assert codes(found) == [code]


def test_without_an_analysis_it_promotes_at_once() -> None:
    found = only(canary(""))
    assert found.skipped
    assert codes(found) == ["skipped", "no-analysis"]


@pytest.mark.parametrize(
    ("metric", "failing"),
    [
        ("{name: request-success-rate, thresholdRange: {min: 99}}", True),
        ("{name: request-success-rate, thresholdRange: {min: 0}}", False),
        ("{name: request-success-rate}", False),
        ("{name: request-success-rate, threshold: 99}", True),
        ("{name: errors, templateRef: {name: errors}, thresholdRange: {}}", False),
        ("{name: errors, templateRef: {name: errors}, thresholdRange: {max: 1}}", True),
        ("{name: errors, templateRef: {name: errors}}", True),
    ],
)
def test_a_metric_needs_a_range_that_a_value_can_miss(metric: str, failing: bool) -> None:
    found = only(canary(f"stepWeight: 10\nmetrics: [{metric}]\n"))
    assert [one.failing for one in found.metrics] == [failing]
    assert ("no-condition" in codes(found)) is not failing
    assert found.abort == ("automatic" if failing else "none")


def test_webhooks_that_are_called_in_every_check_are_a_gate_and_others_are_not() -> None:
    hooks = (
        "webhooks: [{name: smoke, type: pre-rollout, url: u}, {name: ask, type: confirm-promotion, url: u}]\n"
    )
    waits = only(canary(f"stepWeight: 10\n{hooks}"))
    assert waits.abort == "manual"
    assert codes(waits) == ["no-analysis"]
    checks = only(canary("stepWeight: 10\nwebhooks: [{name: check, type: rollout, url: u}]\n"))
    assert checks.abort == "automatic"


def test_configuration_that_pods_name_is_tracked_unless_it_says_otherwise() -> None:
    both = {("ConfigMap", "web-config"), ("Secret", "web-secret")}
    assert only(canary(ANALYSIS), DEPLOYMENT, CONFIG, SECRET).tracked == both
    off = CONFIG.replace(
        "namespace: shop}", "namespace: shop, annotations: {flagger.app/config-tracking: disabled}}"
    )
    assert only(canary(ANALYSIS), DEPLOYMENT, off, SECRET).tracked == {("Secret", "web-secret")}


def test_flagger_itself_may_be_told_not_to_track() -> None:
    flagger = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: flagger, namespace: flagger-system}
spec:
  selector: {matchLabels: {app: flagger}}
  template:
    metadata: {labels: {app: flagger}}
    spec:
      containers:
        - name: flagger
          image: ghcr.io/fluxcd/flagger:1.40.0
          command: [./flagger, -enable-config-tracking=false]
"""
    release = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: flagger, namespace: flagger-system}
spec: {chart: {spec: {chart: flagger}}, values: {configTracking: {enabled: false}}}
"""
    for installed in (flagger, release):
        assert only(canary(ANALYSIS), DEPLOYMENT, CONFIG, installed).tracked == frozenset()


def test_a_knative_service_is_not_the_service_of_that_name() -> None:
    target = "apiVersion: serving.knative.dev/v1, kind: Service"
    text = canary(ANALYSIS).replace("apiVersion: apps/v1, kind: Deployment", target)
    service = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {selector: {a: b}}\n"
    )
    assert only(text, service).workload is None
    knative = service.replace("apiVersion: v1", "apiVersion: serving.knative.dev/v1")
    assert only(text, knative).workload is not None


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: example.com/v1\nkind: Canary\nmetadata: {name: a}\nspec: {targetRef: {name: a}}\n",
        "apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: {name: a}\nspec: {analysis: {interval: 1m}}\n",
        "apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: {name: a}\n",
    ],
)
def test_other_kinds_of_the_name_and_patches_declare_nothing(text: str) -> None:
    assert read(text) == ()


@pytest.mark.parametrize(
    "analysis",
    [
        "stepWeights: [a, null, {}]",
        "stepWeights: {a: 1}",
        "stepWeight: -10",
        "stepWeight: 0.001\nmaxWeight: 100",
        "interval: [1m]\nthreshold: many\niterations: -3",
        "metrics: {a: 1}\nwebhooks: [null, 3]",
        "metrics: [null, {}, {name: 3, thresholdRange: 5}]",
    ],
)
def test_hostile_shapes_raise_nothing(analysis: str) -> None:
    for found in read(canary(analysis), DEPLOYMENT):
        assert len(found.steps) <= 101
        assert all(step.share is None or 0 <= step.share <= 1 for step in found.steps)
