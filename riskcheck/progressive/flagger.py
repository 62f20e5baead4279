"""Flagger: what a Canary does with a new pod template or configuration of its target.

Facts: https://github.com/fluxcd/flagger/blob/15bd6ad5/pkg/controller/scheduler.go,
https://github.com/fluxcd/flagger/blob/15bd6ad5/pkg/apis/flagger/v1beta1/canary.go,
https://github.com/fluxcd/flagger/blob/15bd6ad5/pkg/canary/config_tracker.go
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.helmvalues import KIND, values_of
from riskcheck.progressive.analysis import detected
from riskcheck.progressive.model import Governed, Metric, Problem, ProgressiveDelivery, Step, Strategy
from riskcheck.progressive.surroundings import configs_of, group_of, namespace_of
from riskcheck.progressive.values import as_number, body_of, go_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.models import Abort, Resource
    from riskcheck.nodes import Node
    from riskcheck.progressive.surroundings import Surroundings
    from riskcheck.progressive.values import Part

GROUP: Final = "flagger.app"
_INTERVAL: Final = 60
_LEAST_INTERVAL: Final = 10
_MOST_STEPS: Final = 100
_KUBERNETES_ITERATIONS: Final = 10
_SUCCESS: Final = "request-success-rate"
_DURATION: Final = "request-duration"
_CONFIRMING: Final = frozenset({"confirm-rollout", "confirm-promotion", "confirm-traffic-increase"})
_NO_TRACKING: Final = "-enable-config-tracking=false"


def read_canary(resource: Resource, around: Surroundings) -> ProgressiveDelivery | None:
    """The delivery that a Flagger Canary declares; None for other kinds of that name and for patches."""
    if resource.kind != "Canary" or group_of(resource) != GROUP:
        return None
    spec = body_of(resource).part("spec")
    kind, name = spec.text("targetRef", "kind") or "Deployment", spec.text("targetRef", "name")
    if not name:
        return None
    analysis = spec.part("analysis") or spec.part("canaryAnalysis")
    interval = interval_of(analysis)
    threshold = threshold_of(analysis)
    metrics = tuple(_metrics(analysis, interval, threshold))
    strategy, steps, problems = _steps(spec, analysis, interval, bool(metrics))
    problems += _switched_off(spec, analysis)
    if not metrics:
        problems.append(
            Problem("no-analysis", "no metric and no rollout webhook decides", analysis.node or spec.place)
        )
    target = _target(spec, kind, name, resource, around)
    return ProgressiveDelivery(
        controller="flagger",
        resource=resource,
        governed=Governed(kind, name, namespace_of(resource)),
        steps=steps,
        metrics=metrics,
        abort=_abort(metrics, analysis),
        abort_seconds=interval * threshold,
        skipped=any(one.code in ("skipped", "suspended") for one in problems),
        problems=(*problems, *_faults(analysis, metrics)),
        strategy=strategy,
        workload=target,
        manual=_confirmed(analysis),
        tracked=_tracked(target, around) if target is not None else frozenset(),
    )


def _target(spec: Part, kind: str, name: str, resource: Resource, around: Surroundings) -> Resource | None:
    """What `resource` targets. A Knative Service is none of the core kind of that name."""
    found = around.find(kind, name, resource)
    group = spec.text("targetRef", "apiVersion").rpartition("/")[0]
    return None if found is not None and group and group_of(found) != group else found


def interval_of(analysis: Part) -> int:
    """Seconds between two checks: 60 where it is not stated, never under 10."""
    seconds = go_seconds(analysis.text("interval"))
    return _INTERVAL if seconds is None else max(seconds, _LEAST_INTERVAL)


def threshold_of(analysis: Part) -> int:
    """Failed checks that end an analysis, at least one."""
    return max(analysis.whole("threshold") or 1, 1)


def weights_of(analysis: Part) -> tuple[float, ...] | None:
    """The weights (0..1) that traffic goes through before promotion; None where traffic never shifts."""
    listed = [as_number(one) for one in _values(analysis, "stepWeights")]
    if listed and None not in listed:
        ends = min(100.0, listed[-1] or 0.0)
    else:
        listed, ends = [], analysis.number("maxWeight") or 100.0
    step = analysis.number("stepWeight") or 0.0
    if step <= 0:
        return tuple(min(max(one or 0.0, 0.0), 100.0) / 100 for one in listed) or None
    weights: list[float] = []
    while (not weights or weights[-1] < ends) and len(weights) < _MOST_STEPS:
        weights.append(min((weights[-1] if weights else 0.0) + step, 100.0))
    return tuple(weight / 100 for weight in weights)


def _values(analysis: Part, field: str) -> Iterator[object]:
    from riskcheck.documents.scalars import plain_value

    for item in analysis.items(field):
        yield plain_value(item, analysis.reading)


def _steps(
    spec: Part, analysis: Part, interval: int, gated: bool
) -> tuple[Strategy, tuple[Step, ...], list[Problem]]:
    """Strategy, steps and what is wrong with them, as the controller tells them apart."""
    iterations = analysis.whole("iterations") or 0
    everyone = Step(1.0, 0, False, analysis.node)
    if spec.text("provider") == "kubernetes" and iterations < 1:
        iterations = _KUBERNETES_ITERATIONS
    node = analysis.at("iterations") or analysis.node
    if iterations > 0:
        by_header = bool(analysis.items("match")) and spec.text("provider") != "kubernetes"
        held = Step(None if by_header else 0.0, interval * iterations, gated, node)
        return "ab-test" if by_header else "blue-green", (held, everyone), []
    weights = weights_of(analysis)
    if weights is None:
        place = analysis.node or spec.place
        text = "neither weights nor iterations are set, so an analysis never ends"
        return "canary", (everyone,), [Problem("no-steps", text, place)] if analysis else []
    node = analysis.at("stepWeights") or analysis.at("stepWeight") or analysis.node
    steps = [Step(weight, interval, gated, node) for weight in weights]
    return "canary", (*steps, everyone) if weights[-1] < 1 else tuple(steps), []


def _switched_off(spec: Part, analysis: Part) -> list[Problem]:
    found = []
    if spec.flag("skipAnalysis"):
        node = spec.at("skipAnalysis") or spec.place
        found.append(Problem("skipped", "skipAnalysis promotes without analysing", node))
    elif not analysis and spec:
        found.append(Problem("skipped", "without an analysis it promotes at once", spec.place))
    if spec.flag("suspend"):
        node = spec.at("suspend") or spec.place
        found.append(Problem("suspended", "it is suspended, so nothing starts it", node))
    return found


def _metrics(analysis: Part, interval: int, threshold: int) -> Iterator[Metric]:
    """Metric checks, and webhooks that are called in every check and can fail it."""
    for one in analysis.parts("metrics"):
        name = one.text("name") or "(unnamed)"
        low, high = one.number("thresholdRange", "min"), one.number("thresholdRange", "max")
        failing = _can_fail(one, name, low, high)
        share = None
        if low is not None:
            share = detected(name, low, good_above=True) if low > 1 or name != _SUCCESS else None
        elif high is not None:
            share = detected(name, high, good_above=False)
        yield Metric(name, failing, one.node, interval, None, threshold, share)
    for one in analysis.parts("webhooks"):
        if one.text("type") in ("", "rollout"):
            yield Metric(one.text("name") or "webhook", True, one.node, interval, None, threshold)


def _can_fail(metric: Part, name: str, low: float | None, high: float | None) -> bool:
    """Without a range the deprecated ``threshold`` counts: a least success rate, else a most."""
    if metric.part("thresholdRange"):
        templated = any(
            metric.at("thresholdRange", side) is not None and number is None
            for side, number in (("min", low), ("max", high))
        )
        impossible = high is None and low is not None and low <= 0 and name in (_SUCCESS, _DURATION)
        return templated or ((low is not None or high is not None) and not impossible)
    return name != _SUCCESS or (metric.number("threshold") or 0) > 0


def _faults(analysis: Part, metrics: Sequence[Metric]) -> Iterator[Problem]:
    for metric in metrics:
        if not metric.failing:
            place = metric.node or analysis.place
            yield Problem("no-condition", f"metric {metric.name} has no range that a value could miss", place)


def _abort(metrics: Sequence[Metric], analysis: Part) -> Abort:
    if any(metric.failing for metric in metrics):
        return "automatic"
    return "manual" if _confirmed(analysis) else "none"


def _confirmed(analysis: Part) -> bool:
    return any(one.text("type") in _CONFIRMING for one in analysis.parts("webhooks"))


def _tracked(target: Resource, around: Surroundings) -> frozenset[tuple[str, str]]:
    """The ConfigMaps and Secrets whose data starts an analysis."""
    if _tracking_is_off(around):
        return frozenset()
    return frozenset(
        (kind, name) for kind, name in configs_of(target) if not _untracked(around.find(kind, name, target))
    )


def _untracked(config: Resource | None) -> bool:
    if config is None:
        return False
    notes = body_of(config).texts("metadata", "annotations")
    return notes.get("flagger.app/config-tracking", "").startswith("disable")


def _tracking_is_off(around: Surroundings) -> bool:
    """Whether a Flagger that is declared here itself was told not to track configuration."""
    for one in around.kind("Deployment"):
        for container in body_of(one).part("spec", "template", "spec").parts("containers"):
            if "flagger" in container.text("image"):
                written = [
                    getattr(item, "raw", "")
                    for item in (*container.items("args"), *container.items("command"))
                ]
                if any(text.lstrip("-") == _NO_TRACKING.lstrip("-") for text in written):
                    return True
    for one in around.kind(KIND):
        values = values_of(one)
        if values is not None and values.chart == "flagger":
            return body_of(one).flag("configTracking", "enabled") is False
    return False


def declared_at(resource: Resource) -> Node:
    """Where the analysis of a Canary is written."""
    return (
        resource.body.at("spec", "analysis") or resource.body.at("spec", "canaryAnalysis") or resource.origin
    )
