"""Argo Rollouts: what a Rollout does with a new pod template.

Facts: https://github.com/argoproj/argo-rollouts/blob/9f8d111d8/pkg/apis/rollouts/v1alpha1/types.go,
https://github.com/argoproj/argo-rollouts/blob/9f8d111d8/docs/features/canary/index.md
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.progressive.analysis import gate_of
from riskcheck.progressive.model import Governed, Metric, Problem, ProgressiveDelivery, Step, Strategy
from riskcheck.progressive.pods_share import actual_share, replicas_of, surge_of
from riskcheck.progressive.surroundings import group_of, namespace_of
from riskcheck.progressive.values import body_of, go_seconds
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.models import Abort, Resource
    from riskcheck.nodes import Node
    from riskcheck.progressive.analysis import Gate
    from riskcheck.progressive.surroundings import Surroundings
    from riskcheck.progressive.values import Part

GROUP: Final = "argoproj.io"
_WAITS: Final = ("pause", "analysis", "experiment", "plugin")
_ANALYSES: Final = ("prePromotionAnalysis", "postPromotionAnalysis")


class _Read(NamedTuple):
    """What one strategy comes to."""

    strategy: Strategy
    steps: tuple[Step, ...]
    gates: tuple[Gate, ...]
    problems: tuple[Problem, ...]
    routed: bool = True
    replicas: int | None = None
    waits: bool = False
    """A person is waited for: a pause without duration, or a promotion by hand."""


def read_rollout(resource: Resource, around: Surroundings) -> ProgressiveDelivery | None:
    """The delivery that a Rollout declares; None where it states no strategy or no pods: a patch."""
    if resource.kind != "Rollout" or group_of(resource) != GROUP:
        return None
    spec = body_of(resource).part("spec")
    if not spec.part("template") and not spec.part("workloadRef"):
        return None
    canary, switch = spec.part("strategy", "canary"), spec.part("strategy", "blueGreen")
    if canary:
        read = _canary(canary, resource, around)
    elif switch:
        read = _blue_green(switch, resource, around)
    else:
        return None
    metrics = tuple(metric for gate in read.gates for metric in gate.metrics)
    problems = [*read.problems, *(problem for gate in read.gates for problem in gate.problems)]
    if not read.gates and read.strategy != "rolling":
        problems.append(
            Problem("no-analysis", "no analysis decides whether it goes on", canary.node or switch.place)
        )
    paused = spec.flag("paused") is True
    if paused:
        problems.append(Problem("suspended", "it is paused as a whole", spec.at("paused") or spec.place))
    governed, workload = _governed(spec, resource, around)
    return ProgressiveDelivery(
        controller="argo-rollouts",
        resource=resource,
        governed=governed,
        steps=read.steps,
        metrics=metrics,
        abort=_abort(metrics, waits=read.waits),
        abort_seconds=_abort_seconds(metrics),
        skipped=paused,
        problems=tuple(problems),
        strategy=read.strategy,
        workload=workload,
        routed=read.routed,
        replicas=read.replicas,
        manual=read.waits,
    )


def _governed(spec: Part, resource: Resource, around: Surroundings) -> tuple[Governed, Resource | None]:
    """The Rollout itself, or the Deployment whose pod template it takes."""
    kind, name = spec.text("workloadRef", "kind"), spec.text("workloadRef", "name")
    namespace, own = namespace_of(resource), resource.name.rpartition("/")[2]
    if not kind or not name:
        return Governed("Rollout", own, namespace), resource
    return Governed(kind, name, namespace), around.find(kind, name, resource)


def _canary(canary: Part, resource: Resource, around: Surroundings) -> _Read:
    raw = list(canary.parts("steps"))
    background = canary.part("analysis")
    gates = [gate_of(background, resource, around)] if background else []
    if not raw:
        node = canary.node if canary.at("steps") is None else canary.at("steps")
        assert node is not None
        problem = Problem("no-steps", "it has no steps, so it behaves like a rolling update", node)
        return _Read("rolling", (Step(1.0, 0, bool(background), node),), tuple(gates), (problem,))
    start = (canary.whole("analysis", "startingStep") or 0) if background else len(raw)
    problems = []
    if background and start > 0 and not any(_does_anything(one) for one in raw[start:]):
        text = f"its analysis starts at step {start}, after all {len(raw)} steps"
        problems.append(Problem("analysis-never-runs", text, background.place))
        gates.clear()
    routed = bool(canary.part("trafficRouting"))
    whole = canary.number("trafficRouting", "maxTrafficWeight") or 100.0
    replicas = None if routed else replicas_of(resource, around)
    folded = _Folding(resource, around, whole)
    for number, one in enumerate(raw):
        folded.take(one, background=number >= start and bool(gates))
    surge = None if replicas is None else surge_of(canary, replicas)
    steps = [
        step._replace(actual=actual_share(replicas, round((step.share or 0) * whole), int(whole), surge or 0))
        if replicas is not None and step.share is not None
        else step
        for step in folded.finish()
    ]
    return _Read(
        "canary",
        tuple(steps),
        (*gates, *folded.gates),
        (*problems, *folded.problems),
        routed,
        replicas,
        folded.waits,
    )


def _does_anything(step: Part) -> bool:
    return step.at("setWeight") is not None or any(step.at(name) is not None for name in _WAITS)


class _Folding:
    """Takes the steps of a canary one by one and folds each weight with the waits after it."""

    def __init__(self, resource: Resource, around: Surroundings, whole: float) -> None:
        self._resource = resource
        self._around = around
        self._whole = whole
        self._steps: list[Step] = []
        self._waited = True
        self._scale: float | None = None
        self.waits = False
        self.gates: list[Gate] = []
        self.problems: list[Problem] = []

    def take(self, step: Part, *, background: bool) -> None:
        """background: whether the background analysis runs during it."""
        if step.at("setWeight") is not None:
            self._weight(step)
        elif not self._steps:
            self._steps.append(Step(0.0, 0, False, step.node))
        if step.at("setCanaryScale") is not None:
            self._scaled(step)
        if any(step.at(name) is not None for name in _WAITS):
            self._waited = True
        if step.at("pause") is not None:
            self._pause(step)
        if step.at("analysis") is not None:
            self._hold(self._gate(step.part("analysis"), "templates"))
        if step.at("experiment") is not None:
            self._gate(step.part("experiment"), "analyses")
            self._hold(go_seconds(step.text("experiment", "duration")))
        if step.at("plugin") is not None:
            self._hold(None)
        if background:
            self._steps[-1] = self._steps[-1]._replace(analysis=True)

    def finish(self) -> tuple[Step, ...]:
        """All steps, the implicit last one included."""
        if not self._steps or self._steps[-1].share != 1.0:
            self._end_step()
            last = self._steps[-1].node if self._steps else None
            self._steps.append(Step(1.0, 0, False, last))
        return tuple(self._steps)

    def _weight(self, step: Part) -> None:
        weight = step.number("setWeight")
        share = None if weight is None else min(max(weight / self._whole, 0.0), 1.0)
        self._end_step(rises=share is None or not self._steps or share > (self._steps[-1].share or 0))
        self._steps.append(Step(share, 0, False, step.at("setWeight")))
        self._waited = share in (0.0, 1.0)
        if self._scale is not None and share is not None and share - self._scale > 0.5:
            text = f"{share * 100:g} % of the traffic goes to {self._scale * 100:g} % of the pods"
            self.problems.append(Problem("scale-mismatch", text, step.place))

    def _end_step(self, *, rises: bool = True) -> None:
        if not self._steps or self._waited or not rises:
            return
        last = self._steps[-1]
        if last.node is not None:
            share = "it" if last.share is None else f"{last.share * 100:g} %"
            text = f"{share} is not held: the next step follows as soon as its pods are ready"
            self.problems.append(Problem("no-soak", text, last.node))

    def _scaled(self, step: Part) -> None:
        if step.flag("setCanaryScale", "matchTrafficWeight"):
            self._scale = None
            return
        weight = step.number("setCanaryScale", "weight")
        self._scale = None if weight is None else weight / 100

    def _pause(self, step: Part) -> None:
        node = step.at("pause", "duration")
        written = step.value("pause", "duration")
        number = step.number("pause", "duration")
        seconds = int(number) if number is not None else go_seconds(str(written))
        if node is None or written is None:
            self.waits = True
        elif seconds is not None and seconds <= 0:
            self.problems.append(Problem("zero-pause", f"the pause lasts {seconds} seconds", node))
        self._hold(None if seconds is None else max(seconds, 0))

    def _gate(self, part: Part, named: str) -> int | None:
        """Takes in the analysis that `part` names; how long it lasts at least, None where that is unknown."""
        if not part or (named == "analyses" and not part.items(named)):
            return 0
        gate = gate_of(part, self._resource, self._around, named)
        self.gates.append(gate)
        self._steps[-1] = self._steps[-1]._replace(analysis=True)
        return gate.seconds

    def _hold(self, seconds: int | None) -> None:
        """seconds: None where it is held for an unknown time."""
        last = self._steps[-1]
        total = None if seconds is None or last.soak_seconds is None else last.soak_seconds + seconds
        self._steps[-1] = last._replace(soak_seconds=total)


def _blue_green(switch: Part, resource: Resource, around: Surroundings) -> _Read:
    """All traffic at once, after a preview that may be analysed or waited for."""
    gates = {name: gate_of(switch.part(name), resource, around) for name in _ANALYSES if switch.part(name)}
    automatic = switch.flag("autoPromotionEnabled") is not False
    delay = switch.whole("autoPromotionSeconds") or 0
    before = gates.get("prePromotionAnalysis")
    preview = Step(
        0.0,
        _preview_seconds(before, delay) if automatic else None,
        before is not None,
        switch.at("previewService") or switch.node,
    )
    after = Step(1.0, 0, "postPromotionAnalysis" in gates, switch.at("activeService") or switch.node)
    return _Read("blue-green", (preview, after), tuple(gates.values()), (), waits=not automatic)


def _preview_seconds(before: Gate | None, delay: int) -> int | None:
    if before is None:
        return delay
    return None if before.seconds is None else delay + before.seconds


def _abort(metrics: Sequence[Metric], *, waits: bool) -> Abort:
    if any(metric.failing for metric in metrics):
        return "automatic"
    return "manual" if waits else "none"


def _abort_seconds(metrics: Sequence[Metric]) -> int | None:
    """From the first bad measurement to the one that is too many, of the metric that is quickest."""
    known = [
        (metric.interval_seconds or 0) * metric.failure_limit
        for metric in metrics
        if metric.failing and metric.failure_limit is not None
        if metric.interval_seconds is not None or not metric.failure_limit
    ]
    return min(known, default=None)


def declared_at(resource: Resource) -> Node:
    """Where the strategy of a Rollout is written."""
    return resource.body.at("spec", "strategy") or resource.origin
