"""Argo Rollouts: steps, pauses, analysis, and what makes them ineffective."""

from __future__ import annotations

import pytest

from riskcheck.progressive.pods_share import actual_share
from tests.progressive.manifests import DEPLOYMENT, SUCCESS, codes, held, only, read, rollout, steps, template

CANARY = steps(
    "setWeight: 5", "pause: {duration: 10m}", "setWeight: 25", "pause: {duration: 3600}", "setWeight: 60"
)


def test_each_weight_is_a_step_with_what_is_waited_for_and_everyone_comes_last() -> None:
    found = only(rollout(CANARY))
    assert found.controller == "argo-rollouts"
    assert found.strategy == "canary"
    assert held(found) == [(0.05, 600, False), (0.25, 3600, False), (0.6, 0, False), (1.0, 0, False)]
    assert found.weights == (0.05, 0.25, 0.6, 1.0)
    assert found.soak_seconds == 4200
    assert (found.governed.kind, found.governed.name, found.governed.namespace) == ("Rollout", "web", "shop")
    assert found.workload is found.resource


@pytest.mark.parametrize(
    ("pause", "seconds"),
    [
        ("pause: {}", None),
        ("pause: {duration: 10}", 10),
        ('pause: {duration: "10"}', 10),
        ("pause: {duration: 10s}", 10),
        ("pause: {duration: 1h30m}", 5400),
        ("pause: {duration: 0}", 0),
        ("pause: {duration: null}", None),
    ],
)
def test_a_pause_without_duration_waits_for_a_person_and_plain_numbers_are_seconds(
    pause: str, seconds: int | None
) -> None:
    assert held(only(rollout(steps("setWeight: 10", pause))))[0] == (0.1, seconds, False)


def test_the_last_step_to_everyone_is_not_added_twice() -> None:
    found = only(rollout(steps("setWeight: 50", "pause: {}", "setWeight: 100")))
    assert held(found) == [(0.5, None, False), (1.0, 0, False)]


@pytest.mark.parametrize("strategy", ["canary: {maxSurge: 1}", "canary: {steps: []}"])
def test_without_steps_it_is_a_rolling_update(strategy: str) -> None:
    found = only(rollout(strategy))
    assert found.strategy == "rolling"
    assert found.first_share == 1.0
    assert codes(found) == ["no-steps"]


def test_a_weight_that_nothing_holds_and_a_pause_of_nothing_are_told() -> None:
    found = only(rollout(steps("setWeight: 20", "setWeight: 40", "pause: {duration: 0s}", "setWeight: 60")))
    assert [
        (one.code, one.node.file_line) for one in found.problems if one.code in ("no-soak", "zero-pause")
    ] == [
        ("no-soak", 17),
        ("zero-pause", 19),
        ("no-soak", 20),
    ]


def test_an_experiment_or_a_plugin_is_a_wait() -> None:
    found = only(
        rollout(
            steps(
                "setWeight: 20",
                "experiment: {duration: 5m, templates: [{name: c, specRef: canary}]}",
                "setWeight: 40",
                "plugin: {name: acme/wait}",
            )
        )
    )
    assert "no-soak" not in codes(found)
    assert held(found)[0] == (0.2, 300, False)


def test_a_background_analysis_watches_from_its_step_and_its_metrics_can_end_the_update() -> None:
    background = "analysis:\n  templates: [{templateName: success-rate}]\n  startingStep: 2\n"
    found = only(rollout(steps(*_four(), more=background)), SUCCESS)
    assert [step.analysis for step in found.steps] == [False, True, False]
    (metric,) = found.metrics
    assert (metric.name, metric.failing, metric.samples, metric.failure_limit) == ("success-rate", True, 5, 2)
    assert metric.detects_share == 0.05
    assert (found.abort, found.abort_seconds) == ("automatic", 120)
    assert found.problems == ()


def _four() -> tuple[str, ...]:
    return ("setWeight: 10", "pause: {duration: 10m}", "setWeight: 50", "pause: {duration: 10m}")


def test_a_background_analysis_that_starts_when_all_is_over_never_runs() -> None:
    background = "analysis:\n  templates: [{templateName: success-rate}]\n  startingStep: 4\n"
    found = only(rollout(steps(*_four(), more=background)), SUCCESS)
    assert codes(found) == ["analysis-never-runs", "no-analysis"]
    assert found.metrics == ()
    assert found.abort == "none"


def test_an_analysis_step_is_a_gate_and_lasts_as_long_as_it_measures() -> None:
    found = only(
        rollout(steps("setWeight: 20", "analysis: {templates: [{templateName: success-rate}]}")), SUCCESS
    )
    assert held(found) == [(0.2, 240, True), (1.0, 0, False)]


def test_a_template_of_another_environment_or_namespace_does_not_count() -> None:
    used = rollout(steps("setWeight: 20", "analysis: {templates: [{templateName: success-rate}]}"))
    found = only(used, SUCCESS.replace("namespace: shop", "namespace: other"))
    assert codes(found) == ["template-unread"]
    assert found.metrics == ()
    assert found.abort == "none"


def test_cluster_templates_and_nested_templates_are_followed_and_cycles_end() -> None:
    outer = template(
        "- {name: up, successCondition: result == 1}",
        name="all",
        kind="ClusterAnalysisTemplate",
        more="templates: [{templateName: inner, clusterScope: true}, {templateName: all, clusterScope: true}]\n",
    )
    inner = template(
        "- {name: errors, failureCondition: 'result > 0.02', failureLimit: 0}",
        name="inner",
        kind="ClusterAnalysisTemplate",
    )
    found = only(
        rollout(steps("setWeight: 20", "analysis: {templates: [{templateName: all, clusterScope: true}]}")),
        outer,
        inner,
    )
    assert {metric.name for metric in found.metrics} == {"up", "errors"}
    assert {metric.detects_share for metric in found.metrics if metric.name == "errors"} == {0.02}


@pytest.mark.parametrize(
    ("metric", "more", "code"),
    [
        ("- {name: a, successCondition: 'result > 1'}", "dryRun: [{metricName: a}]\n", "dry-run"),
        ("- {name: a, successCondition: 'result > 1'}", "dryRun: [{metricName: .*}]\n", "dry-run"),
        ("- {name: a, provider: {prometheus: {query: up}}}", "", "no-condition"),
        ("- {name: a, successCondition: 'result > 1', failureLimit: -1}", "", "failures-unlimited"),
        (
            "- {name: a, successCondition: 'result > 1', count: 3, interval: 1m, failureLimit: 3}",
            "",
            "failures-unreachable",
        ),
        ("- {name: a, successCondition: 'result > 1', failureLimit: 1}", "", "failures-unreachable"),
    ],
)
def test_a_metric_that_cannot_fail_is_no_gate(metric: str, more: str, code: str) -> None:
    found = only(
        rollout(steps("setWeight: 20", "analysis: {templates: [{templateName: a}]}")),
        template(metric, name="a", more=more),
    )
    assert codes(found) == [code]
    assert [one.failing for one in found.metrics] == [False]
    assert found.abort == "none"


@pytest.mark.parametrize(
    "metric",
    [
        "- {name: a, provider: {job: {spec: {}}}}",
        "- {name: a, successCondition: 'result > 1', interval: 1m, failureLimit: 9}",
        "- {name: a, successCondition: 'result > 1', count: 5, failureLimit: -1, consecutiveSuccessLimit: 4}",
        "- {name: a, successCondition: 'result > 1', count: '{{args.most}}', failureLimit: '{{args.most}}'}",
    ],
)
def test_a_metric_that_can_fail_in_other_ways_is_one(metric: str) -> None:
    found = only(
        rollout(steps("setWeight: 20", "analysis: {templates: [{templateName: a}]}")),
        template(metric, name="a"),
    )
    assert codes(found) == []
    assert found.abort == "automatic"


def test_arguments_reach_the_limits_of_a_template() -> None:
    used = "analysis: {templates: [{templateName: a}], args: [{name: most, value: 3}, {name: low, value: '0.99'}]}"
    metric = (
        "- {name: success-rate, successCondition: 'result[0] >= {{args.low}}', interval: 30s, count: 10,"
        " failureLimit: '{{args.most}}'}"
    )
    found = only(rollout(steps("setWeight: 20", used)), template(metric, name="a"))
    assert found.metrics[0].failure_limit == 3
    assert found.metrics[0].detects_share == 0.01
    assert found.abort_seconds == 90


def test_a_blue_green_switch_exposes_everyone_after_its_preview() -> None:
    strategy = """\
    blueGreen:
      activeService: web
      previewService: web-preview
      autoPromotionSeconds: 300
      prePromotionAnalysis: {templates: [{templateName: success-rate}]}
    """
    found = only(rollout(strategy), SUCCESS)
    assert found.strategy == "blue-green"
    assert held(found) == [(0.0, 540, True), (1.0, 0, False)]
    assert found.first_share == 1.0
    manual = only(rollout("blueGreen: {activeService: web, autoPromotionEnabled: false}"))
    assert held(manual)[0] == (0.0, None, False)
    assert manual.abort == "manual"


def test_the_workload_may_be_a_deployment_that_is_referred_to() -> None:
    text = """\
    apiVersion: argoproj.io/v1alpha1
    kind: Rollout
    metadata: {name: web-rollout, namespace: shop}
    spec:
      replicas: 5
      workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}
      strategy: {canary: {steps: [{setWeight: 20}, {pause: {}}]}}
    """
    from textwrap import dedent

    found = only(dedent(text), DEPLOYMENT)
    assert found.governed[:2] == ("Deployment", "web")
    assert found.workload is not None
    assert found.workload.kind == "Deployment"
    assert only(dedent(text)).workload is None


def test_traffic_may_be_out_of_proportion_to_the_pods_that_take_it() -> None:
    strategy = steps(
        "setCanaryScale: {weight: 10}",
        "setWeight: 90",
        "pause: {}",
        more="trafficRouting: {istio: {virtualService: {name: web}}}\n",
    )
    found = only(rollout(strategy))
    assert [one.text for one in found.problems if one.code == "scale-mismatch"] == [
        "90 % of the traffic goes to 10 % of the pods"
    ]
    back = steps(
        "setCanaryScale: {weight: 10}",
        "setCanaryScale: {matchTrafficWeight: true}",
        "setWeight: 90",
        "pause: {}",
    )
    assert "scale-mismatch" not in codes(only(rollout(back)))


def test_weights_are_parts_of_the_traffic_weight_that_is_stated() -> None:
    strategy = steps(
        "setWeight: 50",
        "pause: {}",
        more="trafficRouting: {maxTrafficWeight: 1000, nginx: {stableIngress: w}}\n",
    )
    assert only(rollout(strategy)).first_share == 0.05


@pytest.mark.parametrize(
    ("replicas", "weight", "surge", "share"),
    [
        (10, 10, 3, 1 / 10),
        (10, 41, 0, 4 / 10),
        (3, 10, 1, 1 / 4),
        (3, 10, 0, 1 / 3),
        (1, 5, 1, 1 / 2),
        (1, 5, 0, 0),
        (10, 100, 3, 1),
        (0, 10, 1, 0),
    ],
)
def test_pods_approximate_a_weight_as_the_controller_does(
    replicas: int, weight: int, surge: int, share: float
) -> None:
    assert actual_share(replicas, weight, 100, surge) == share


def test_without_routing_the_share_is_that_of_whole_pods() -> None:
    found = only(rollout(CANARY, replicas=3))
    assert found.replicas == 3
    assert not found.routed
    assert [step.actual for step in found.steps] == [0.25, 0.25, 2 / 3, 1.0]
    assert found.first_share == 0.25


def test_an_autoscaler_states_the_least_number_of_pods_and_nobody_guesses_one() -> None:
    scaler = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec: {minReplicas: 20, scaleTargetRef: {apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: web}}
"""
    assert only(rollout(CANARY), scaler).replicas == 20
    assert only(rollout(CANARY, replicas=None)).replicas is None


def test_a_paused_rollout_is_switched_off() -> None:
    found = only(rollout(CANARY, more="paused: true\n"))
    assert found.skipped
    assert "suspended" in codes(found)


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: example.com/v1\nkind: Rollout\nmetadata: {name: a}\nspec: {template: {}, strategy: {}}",
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: a}\nspec: {strategy: {canary: {}}}\n",
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: a}\nspec: {template: {}}\n",
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: a}\n",
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: a}\nspec: [1]\n",
    ],
)
def test_other_kinds_of_the_name_and_patches_declare_nothing(text: str) -> None:
    assert read(text) == ()


@pytest.mark.parametrize(
    "strategy",
    [
        "canary: {steps: 3}",
        "canary: {steps: [null, 3, text, [], {}]}",
        "canary: {steps: [{setWeight: many}, {pause: later}, {pause: {duration: [1]}}]}",
        "canary: {steps: [{setWeight: -5}, {setWeight: 900}], analysis: [1]}",
        "canary: {steps: [{analysis: {templates: {a: 1}}}], analysis: {startingStep: x, templates: [null, {}]}}",
        "canary: {steps: [{setWeight: 1.5}], trafficRouting: {maxTrafficWeight: 0}, maxSurge: lots}",
        "blueGreen: {autoPromotionSeconds: soon, prePromotionAnalysis: 3}",
    ],
)
def test_hostile_shapes_raise_nothing(strategy: str) -> None:
    for found in read(rollout(strategy)):
        assert all(step.share is None or 0 <= step.share <= 1 for step in found.steps)
