"""One model of progressive delivery for all controllers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from riskcheck.models import Resource
    from riskcheck.nodes import Node

Controller: TypeAlias = Literal[
    "argo-rollouts",
    "flagger",
    "istio",
    "gateway-api",
    "databricks-serving",
    "feature-flag",
    "kargo",
    "argocd-applicationset",
]
Abort: TypeAlias = Literal["automatic", "manual", "none"]
"""What ends a bad exposure: a failing metric, a person, nothing."""


class Step(NamedTuple):
    """One stage of exposure. share: 0..1 of the population after it; None for a step that does not move traffic.

    soak_seconds: how long it is held before the next; None where a person decides (an indefinite pause).
    analysis: whether a metric gate runs in it. node: where it is written.
    """

    share: float | None
    soak_seconds: int | None = 0
    analysis: bool = False
    node: Node | None = None


class Metric(NamedTuple):
    """One metric of a gate. failing: it has a condition that can fail and is not a dry run. detects_share: smallest
    error rate it claims to see, 0..1, where its threshold says so. samples: measurements taken. node: where it is
    written."""

    name: str
    failing: bool
    node: Node | None = None
    interval_seconds: int | None = None
    samples: int | None = None
    failure_limit: int | None = None
    detects_share: float | None = None


class Governed(NamedTuple):
    """What a declaration governs: the workload, service or endpoint by kind and name in its own environment."""

    kind: str
    name: str
    namespace: str = ""


class ProgressiveDelivery(NamedTuple):
    """How one thing gets a change in one environment.

    resource: what declares it. steps: in order, the implicit last step to everyone left out. abort_seconds: time
    from the first bad measurement to the decision (interval times limit), None where unknown. problems: what makes
    it ineffective, in words (``no analysis``, ``pause of 0``), each with its node.
    """

    controller: Controller
    resource: Resource
    governed: Governed
    steps: tuple[Step, ...]
    metrics: tuple[Metric, ...]
    abort: Abort
    abort_seconds: int | None = None
    skipped: bool = False
    """Switched off: ``skipAnalysis``, ``suspend``, ``paused``."""
    problems: tuple[tuple[str, Node], ...] = ()

    @property
    def first_share(self) -> float:
        """Share of the population that the first step exposes; 1.0 where there is none."""
        return next((step.share for step in self.steps if step.share), 1.0)

    @property
    def soak_seconds(self) -> int:
        """Total time before everyone has it; steps that wait for a person count as nothing."""
        return sum(step.soak_seconds or 0 for step in self.steps)
