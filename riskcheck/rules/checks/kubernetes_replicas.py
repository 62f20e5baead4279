"""Replica counts: whose number it is that a file states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.models import Change, Match
from riskcheck.rules.checks.kubernetes_objects import is_preview
from riskcheck.rules.checks.kubernetes_pods import autoscaler_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext


def replicas_in_force(change: Change, context: CheckContext) -> Iterator[Match]:
    """A stated count that decides how many pods run: no autoscaler overrides it, nobody's preview is meant.

    A HorizontalPodAutoscaler leaves a workload alone that was scaled to nothing; KEDA scales from nothing up.
    https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#implicit-maintenance-mode-deactivation
    """
    workload = change.resource_after
    if workload is None or is_preview(change):
        return
    scaler = autoscaler_of(workload, context.head)
    if scaler is None or (scaler.kind == "HorizontalPodAutoscaler" and change.after == 0):
        yield Match()
