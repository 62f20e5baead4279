"""Autoscalers as the checks read them: whom they scale, between which bounds, on what they act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.quantities import quantity_nanos
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.kubernetes_objects import (
    TRUE,
    group_of,
    items_at,
    mapping_at,
    name_of,
    neighbours,
    number_at,
    text,
    text_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import Mapping, Node
    from riskcheck.rules.context import ResourceView

_FIELDS: Final = {
    "HorizontalPodAutoscaler": ("minReplicas", "maxReplicas"),
    "ScaledObject": ("minReplicaCount", "maxReplicaCount"),
    "ScaledJob": ("minReplicaCount", "maxReplicaCount"),
    "MachineAutoscaler": ("minReplicas", "maxReplicas"),
}
_CPU: Final = "cpu of pods"
_DEFAULT_CPU: Final = 80
"""What an autoscaler without metrics aims at: SetDefaults_HorizontalPodAutoscaler in pkg/apis/autoscaling/v2."""

_SOURCES: Final = {
    "Resource": "resource",
    "ContainerResource": "containerResource",
    "Pods": "pods",
    "Object": "object",
    "External": "external",
}
_TARGETS: Final = ("averageUtilization", "averageValue", "value")
_OLD_TARGETS: Final = ("targetAverageUtilization", "targetAverageValue", "targetValue")
"""Of autoscaling/v2beta1."""
_THRESHOLDS: Final = (
    "value",
    "threshold",
    "targetValue",
    "lagThreshold",
    "queueLength",
    "messageCount",
    "subscriptionSize",
    "listLength",
    "unprocessedEventThreshold",
    "targetQueryValue",
)
"""Keys by which scalers of KEDA name the value they aim at."""


class Signal(NamedTuple):
    """What an autoscaler acts on. name: in words, unique within it. unit: which kind of target. target: in
    nano-units, None where it is not a number."""

    name: str
    unit: str
    target: int | None
    node: Node | None


class Bound(NamedTuple):
    """A bound and where it stands. value: None where it is not known."""

    value: int | None
    node: Node | None


_GROUPS: Final = {"HorizontalPodAutoscaler": "autoscaling", "MachineAutoscaler": "autoscaling.openshift.io"}


def is_autoscaler(resource: Resource) -> bool:
    return resource.kind in _FIELDS and group_of(resource) == _GROUPS.get(resource.kind, "keda.sh")


def described(scaler: Resource) -> str:
    return f"{scaler.kind} {name_of(scaler)}"


def target_of(scaler: Resource) -> tuple[str, str] | None:
    """Kind and name of the workload that is scaled."""
    reference = mapping_at(scaler.body, "spec", "scaleTargetRef")
    name = text_at(reference, "name")
    return ((text_at(reference, "kind") or "Deployment"), name) if name else None


def workload_named(near: Resource, target: tuple[str, str] | None, view: ResourceView) -> Resource | None:
    """The workload of this kind and name beside `near`."""
    if target is None:
        return None
    return next((one for one in neighbours(near, view, target[0]) if name_of(one) == target[1]), None)


def least(scaler: Resource) -> Bound:
    return _bound(scaler, 0)


def most(scaler: Resource) -> Bound:
    return _bound(scaler, 1)


def _bound(scaler: Resource, which: int) -> Bound:
    node = scaler.body.at("spec", _FIELDS[scaler.kind][which])
    return Bound(number_at(node), node)


def signals(scaler: Resource) -> list[Signal]:
    if scaler.kind != "HorizontalPodAutoscaler":
        return list(_triggers(scaler.body))
    found = list(_metrics(scaler.body))
    stated = scaler.body.at("spec", "targetCPUUtilizationPercentage")
    if stated is not None:
        found.append(_signal(_CPU, "Utilization", stated))
    return found or [Signal(_CPU, "Utilization", quantity_nanos(str(_DEFAULT_CPU)), None)]


def _metrics(body: Mapping) -> Iterator[Signal]:
    for item in items_at(body, "spec", "metrics"):
        kind = text_at(item, "type") or ""
        source = mapping_at(item, _SOURCES.get(kind, kind))
        if source is None:
            continue
        name = text_at(source, "name") or text_at(source, "metric", "name") or text_at(source, "metricName")
        what = text_at(source, "container") if kind == "ContainerResource" else None
        said = f"{name or 'a metric'} of {f'container {what}' if what else 'pods'}"
        if kind not in ("Resource", "ContainerResource"):
            said = f"{kind.lower()} metric {name or ''}".strip()
        target = mapping_at(source, "target")
        pairs = [(field, target.get(field)) for field in _TARGETS] if target is not None else []
        pairs += [(new, source.get(old)) for new, old in zip(_TARGETS, _OLD_TARGETS, strict=True)]
        field, node = next(((field, node) for field, node in pairs if node is not None), ("", None))
        yield _signal(said, "Utilization" if field == "averageUtilization" else field, node, item)


def _triggers(body: Mapping) -> Iterator[Signal]:
    seen: dict[str, int] = {}
    for item in items_at(body, "spec", "triggers"):
        kind = text_at(item, "type") or "unknown"
        name = text_at(item, "name") or text_at(item, "metadata", "metricName")
        said = f"trigger {kind}" + (f" {name}" if name else "")
        seen[said] = seen.get(said, 0) + 1
        if seen[said] > 1:
            said += f" ({seen[said]})"
        metadata = mapping_at(item, "metadata")
        pairs = [(field, metadata.get(field)) for field in _THRESHOLDS] if metadata is not None else []
        field, node = next(((field, node) for field, node in pairs if node is not None), ("", None))
        yield _signal(said, field, node, item)


def _signal(name: str, unit: str, node: Node | None, whole: Node | None = None) -> Signal:
    written = text(node)
    target = quantity_nanos(written) if written is not None else None
    return Signal(name, unit, target, node if target is not None else whole)


def scale_up(scaler: Resource) -> Mapping | None:
    """The part of the behavior that says how pods are added."""
    within = () if scaler.kind == "HorizontalPodAutoscaler" else ("advanced", "horizontalPodAutoscalerConfig")
    return mapping_at(scaler.body, "spec", *within, "behavior", "scaleUp")


def pause_of(scaler: Resource) -> Node | None:
    """The annotation by which KEDA is told to stop scaling out; None where it may.

    https://keda.sh/docs/latest/concepts/scaling-deployments/#pausing-autoscaling
    """
    notes = mapping_at(scaler.body, "metadata", "annotations")
    if notes is None or scaler.kind == "HorizontalPodAutoscaler":
        return None
    for key in ("autoscaling.keda.sh/paused", "autoscaling.keda.sh/paused-scale-out"):
        if (text_at(notes, key) or "").lower() in TRUE:
            return notes.get(key)
    replicas = notes.get("autoscaling.keda.sh/paused-replicas")
    return replicas if number_at(replicas) is not None else None
