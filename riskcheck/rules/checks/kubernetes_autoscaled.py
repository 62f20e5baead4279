"""Replica counts beside an autoscaler: the moment in which the field changes hands (K8S-002)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.models import Change, Match, Related, location_of
from riskcheck.rules.checks.kubernetes_objects import (
    is_preview,
    items_at,
    name_of,
    namespace_of,
    text,
    text_at,
)
from riskcheck.rules.checks.kubernetes_pods import autoscaler_of, is_partial, stated_replicas

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.rules.context import CheckContext, ResourceView


def count_changes_hands(change: Change, context: CheckContext) -> Iterator[Match]:
    """A count that a file stops or starts to state for a workload that an autoscaler scales.

    Values: problem (text), existing (bool: the autoscaler or its target was there before and gets worse).
    https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling
    """
    if is_preview(change):
        return
    if change.resource.kind in ("HorizontalPodAutoscaler", "ScaledObject"):
        yield from _autoscaler_arrives(change, context)
        return
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or is_partial(before) or is_partial(after):
        return
    scaler = autoscaler_of(after, context.head)
    if scaler is None or _left_to_the_autoscaler(after, context.head):
        return
    from riskcheck.rules.checks.kubernetes_autoscalers import described

    was, now = stated_replicas(before), stated_replicas(after)
    if was is not None and now is None and was > 1:
        beside = f"replicas ({was}) is no longer stated beside {described(scaler)}"
        problem = f"{beside}: the apply that drops the field sets 1"
    elif was is None and now is not None and autoscaler_of(before, context.base) is not None:
        problem = (
            f"replicas is stated ({now}) beside {described(scaler)}: each apply sets the scale back to it"
        )
    else:
        return
    yield Match(
        values={"problem": problem, "existing": True},
        related=(Related("autoscaler", location_of(scaler.origin)),),
    )


def _autoscaler_arrives(change: Change, context: CheckContext) -> Iterator[Match]:
    """A new autoscaler of a workload that goes on stating its count."""
    if change.kind != "added" or change.path != ():
        return
    from riskcheck.rules.checks.kubernetes_autoscalers import target_of, workload_named

    workload = workload_named(change.resource, target_of(change.resource), context.head)
    if workload is None or is_partial(workload) or _left_to_the_autoscaler(workload, context.head):
        return
    existed = context.base.get(workload.unit, workload.address, workload.environment.name)
    if existed is None or autoscaler_of(existed, context.base) is not None:
        return
    stated = stated_replicas(workload)
    if stated is None or stated == 0:
        return
    goes_on = f"{workload.kind} {name_of(workload)} goes on stating replicas ({stated})"
    problem = f"{goes_on}: each apply sets the scale back"
    yield Match(
        values={"problem": problem, "existing": False},
        node=workload.body.at("spec", "replicas"),
        related=(Related("autoscaler", location_of(change.resource.origin)),),
        resources=(workload.address,),
    )


def _left_to_the_autoscaler(workload: Resource, view: ResourceView) -> bool:
    """Whether an Argo CD Application leaves the live count alone when it syncs.

    https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#respect-ignore-difference-configs
    """
    for application in view.find(platform="kubernetes", kind="Application"):
        options = {text(item) for item in items_at(application.body, "spec", "syncPolicy", "syncOptions")}
        if "RespectIgnoreDifferences=true" not in options:
            continue
        place = text_at(application.body, "spec", "destination", "namespace")
        if namespace_of(workload) and place not in (None, namespace_of(workload)):
            continue
        for ignored in items_at(application.body, "spec", "ignoreDifferences"):
            pointers = {text(item) for item in items_at(ignored, "jsonPointers")}
            kinds = (workload.kind, "*", None)
            if "/spec/replicas" in pointers and text_at(ignored, "kind") in kinds:
                return True
    return False
