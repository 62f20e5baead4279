"""Manifests of progressive delivery, resolved by the real platform."""

from __future__ import annotations

from textwrap import dedent, indent

from riskcheck.changes.compare import compare
from riskcheck.models import Change, Resource
from riskcheck.platforms.kubernetes import PLATFORM
from riskcheck.progressive.model import ProgressiveDelivery
from riskcheck.progressive.read import deliveries
from tests.platforms.kubernetes.trees import resolved

POD = """\
template:
  metadata: {labels: {app: web}}
  spec:
    containers:
      - name: web
        image: registry.example/web:1.4.2
        envFrom: [{configMapRef: {name: web-config}}, {secretRef: {name: web-secret}}]
"""


def rollout(strategy: str, *, replicas: int | None = 10, more: str = "") -> str:
    """A whole Rollout. strategy: the text below ``strategy``."""
    count = "" if replicas is None else f"  replicas: {replicas}\n"
    return (
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: web, namespace: shop}\nspec:\n"
        + count
        + "  selector: {matchLabels: {app: web}}\n"
        + indent(POD, "  ")
        + indent(dedent(more), "  ")
        + "  strategy:\n"
        + indent(dedent(strategy), "    ")
        + "\n"
    )


def steps(*lines: str, more: str = "") -> str:
    """A canary strategy of these steps. more: other fields of it."""
    return (
        "canary:\n" + indent(dedent(more), "  ") + "  steps:\n" + "".join(f"  - {line}\n" for line in lines)
    )


def template(
    metrics: str, *, name: str = "success-rate", kind: str = "AnalysisTemplate", more: str = ""
) -> str:
    namespace = ", namespace: shop" if kind == "AnalysisTemplate" else ""
    return (
        f"apiVersion: argoproj.io/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}{namespace}}}\nspec:\n"
        + indent(dedent(more), "  ")
        + "  metrics:\n"
        + indent(dedent(metrics), "  ")
        + "\n"
    )


SUCCESS = template(
    """\
    - name: success-rate
      interval: 1m
      count: 5
      failureLimit: 2
      successCondition: result[0] >= 0.95
      provider: {prometheus: {query: rate}}
    """
)


def canary(analysis: str, *, more: str = "") -> str:
    """A Flagger Canary for Deployment web. analysis: the text below it, more: that beside it."""
    below = "" if not analysis else "  analysis:\n" + indent(dedent(analysis), "    ") + "\n"
    return (
        "apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: {name: web, namespace: shop}\nspec:\n"
        "  targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  service: {port: 80}\n"
        + indent(dedent(more), "  ")
        + below
    )


DEPLOYMENT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec:\n"
    "  replicas: 3\n  selector: {matchLabels: {app: web}}\n" + indent(POD, "  ")
)
CONFIG = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web-config, namespace: shop}\ndata: {LEVEL: info}\n"
)
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: web-secret, namespace: shop}\nstringData: {K: v}\n"


def resources(*documents: str) -> tuple[Resource, ...]:
    """The resources of one production cluster that has these documents."""
    return resolved({"clusters/prod/all.yaml": "---\n".join(documents)}).resources


def read(*documents: str) -> tuple[ProgressiveDelivery, ...]:
    return deliveries(resources(*documents))


def only(*documents: str) -> ProgressiveDelivery:
    (found,) = read(*documents)
    return found


def held(delivery: ProgressiveDelivery) -> list[tuple[float | None, int | None, bool]]:
    """Share, soak and whether it is analysed, of each step."""
    return [(step.share, step.soak_seconds, step.analysis) for step in delivery.steps]


def codes(delivery: ProgressiveDelivery) -> list[str]:
    return [problem.code for problem in delivery.problems]


def edits(before: str, after: str) -> tuple[Change, ...]:
    """The changes between two clusters."""
    base = resolved({"clusters/prod/all.yaml": before}, side="base").resources  # type: ignore[arg-type]
    head = resolved({"clusters/prod/all.yaml": after}).resources
    return compare(base, head, lambda one: lambda field: PLATFORM.natural_keys(one.kind, field))
