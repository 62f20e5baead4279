"""Whether the replica count that a manifest states is the one that runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from riskcheck.models import Change, Match
from riskcheck.rules.checks.kubernetes_objects import is_preview
from riskcheck.rules.checks.kubernetes_pods import autoscaler_of

if TYPE_CHECKING:
    from riskcheck.rules.context import CheckContext


def replicas_in_force(change: Change, context: CheckContext) -> Iterator[Match]:
    """Yields unless an autoscaler owns the count in head, or the environment is a preview's.

    With an autoscaler the field is only what it starts from:
    https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling
    """
    if autoscaler_of(change.resource, context.head) is None and not is_preview(change):
        yield Match()
