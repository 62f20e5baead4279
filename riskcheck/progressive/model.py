"""One model of progressive delivery for all controllers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from riskcheck.models import Abort as Abort  # noqa: TC001  # what reads declarations imports it from here
from riskcheck.records import NamedTuple

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

Strategy: TypeAlias = Literal["canary", "blue-green", "ab-test", "rolling", "split"]
"""``canary``: the controller moves traffic in steps. ``blue-green``: all at once, after a preview. ``ab-test``: by
request headers, whose share nobody knows. ``rolling``: declared, but like any rolling update. ``split``: shares as
committed; somebody edits them to go on."""

ProblemCode: TypeAlias = Literal[
    "no-steps",
    "no-soak",
    "zero-pause",
    "scale-mismatch",
    "no-analysis",
    "dry-run",
    "no-condition",
    "failures-unlimited",
    "failures-unreachable",
    "analysis-never-runs",
    "template-unread",
    "skipped",
    "suspended",
]


class Problem(NamedTuple):
    """What makes a declaration ineffective, in words, and where it is written.

    ``template-unread`` is no fault: it says that whether an analysis can fail is unknown.
    """

    code: ProblemCode
    text: str
    node: Node


class Step(NamedTuple):
    """One stage of exposure: a weight, and all that is waited for until the next.

    share: 0..1 of the population in it; 0 for what comes before any traffic; None where it cannot be told.
    soak_seconds: how long it is held for certain; None where a person ends it (an indefinite pause), or where the
    duration cannot be read.
    analysis: whether a metric gate runs in it. node: where it is written. actual: the share that whole pods make of
    it, where no traffic router does; None where one does, or the number of pods is unknown.
    """

    share: float | None
    soak_seconds: int | None = 0
    analysis: bool = False
    node: Node | None = None
    actual: float | None = None


class Metric(NamedTuple):
    """One metric of a gate. failing: it has a condition that can fail and is not a dry run. detects_share: smallest
    error rate it claims to see, 0..1, where its threshold says so. samples: measurements taken, None where it
    measures until the end. failure_limit: bad measurements that are let pass. unclear_limit: measurements that may
    be neither good nor bad, None where each is one of them. node: where it is written."""

    name: str
    failing: bool
    node: Node | None = None
    interval_seconds: int | None = None
    samples: int | None = None
    failure_limit: int | None = None
    detects_share: float | None = None
    unclear_limit: int | None = None


class Governed(NamedTuple):
    """What a declaration governs: the workload, service or endpoint by kind and name in its own environment."""

    kind: str
    name: str
    namespace: str = ""


class ProgressiveDelivery(NamedTuple):
    """How one thing gets a change in one environment.

    resource: what declares it. steps: in order, the implicit last step to everyone included. abort_seconds: time
    from the first bad measurement to the decision (interval times limit), None where unknown. problems: what makes
    it ineffective.
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
    problems: tuple[Problem, ...] = ()
    strategy: Strategy = "canary"
    workload: Resource | None = None
    """What holds the pod template: the declaration itself, or what it refers to; None where it is out of reach."""
    tracked: frozenset[tuple[str, str]] = frozenset()
    """Kind and deployed name of the ConfigMaps and Secrets whose edits start the steps, too."""
    exposed: frozenset[str] = frozenset()
    """Of a ``split``: what only the first share reaches, as addresses of workloads or names of served entities."""
    routed: bool = True
    """Traffic is moved by weight; False where the share is that of whole pods."""
    replicas: int | None = None
    """Pods that the share is taken of, where they are stated and nothing is routed."""
    manual: bool = False
    """A person is waited for somewhere: a pause without duration, a promotion by hand, a confirming webhook."""

    @property
    def first_share(self) -> float:
        """Share of the population that the first step with traffic exposes; 1.0 where there is none or it cannot
        be told."""
        for step in self.steps:
            if step.share is None:
                return 1.0
            if step.share:
                return step.share if step.actual is None else step.actual
        return 1.0

    @property
    def soak_seconds(self) -> int:
        """Total time before everyone has it; a step of unknown length, or that a person ends, counts as nothing."""
        return sum(step.soak_seconds or 0 for step in self.steps if step.share is None or step.share < 1)

    @property
    def weights(self) -> tuple[float, ...]:
        """The shares that traffic goes through, in order, the last included."""
        return tuple(step.share for step in self.steps if step.share)

    def problem(self, code: ProblemCode) -> Problem | None:
        """The first problem called `code`."""
        return next((one for one in self.problems if one.code == code), None)
