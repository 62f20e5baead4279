"""What the API server fills in, and what others own: so that leaving a default out is no change.

Only defaults that a rule can judge by are made. Facts: https://kubernetes.io/docs/reference/kubernetes-api/ and
the ``SetDefaults_`` functions of https://github.com/kubernetes/kubernetes/tree/v1.32.0/pkg/apis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.platforms.kubernetes.edit import drop, is_null, key_at, mapping_at, put, text
from riskcheck.platforms.kubernetes.kustomize.transform import split_image
from riskcheck.platforms.kubernetes.workloads import POD_TEMPLATES

if TYPE_CHECKING:
    from collections.abc import Callable

Plain: TypeAlias = bool | int | str

_OWNED_BY_OTHERS: Final = (
    "creationTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
)
_LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"

_PROBES: Final = ("livenessProbe", "readinessProbe", "startupProbe")
_PROBE: Final[dict[str, Plain]] = {
    "periodSeconds": 10,
    "failureThreshold": 3,
    "successThreshold": 1,
    "timeoutSeconds": 1,
}
_DEPLOYMENT: Final[dict[str, Plain]] = {
    "replicas": 1,
    "revisionHistoryLimit": 10,
    "progressDeadlineSeconds": 600,
    "minReadySeconds": 0,
}
_SPECS: Final[dict[tuple[str, str], dict[str, Plain]]] = {
    ("apps", "Deployment"): _DEPLOYMENT,
    ("argoproj.io", "Rollout"): _DEPLOYMENT,
    ("apps", "ReplicaSet"): {"replicas": 1, "minReadySeconds": 0},
    ("apps", "StatefulSet"): {
        "replicas": 1,
        "revisionHistoryLimit": 10,
        "minReadySeconds": 0,
        "podManagementPolicy": "OrderedReady",
    },
    ("apps", "DaemonSet"): {"revisionHistoryLimit": 10, "minReadySeconds": 0},
    ("", "ReplicationController"): {"replicas": 1, "minReadySeconds": 0},
    ("batch", "Job"): {"backoffLimit": 6, "completionMode": "NonIndexed", "suspend": False},
    ("batch", "CronJob"): {
        "concurrencyPolicy": "Allow",
        "suspend": False,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 1,
    },
    ("", "Service"): {"type": "ClusterIP", "sessionAffinity": "None"},
    ("autoscaling", "HorizontalPodAutoscaler"): {"minReplicas": 1},
    ("keda.sh", "ScaledObject"): {"minReplicaCount": 0, "maxReplicaCount": 100},
    ("keda.sh", "ScaledJob"): {"minReplicaCount": 0, "maxReplicaCount": 100},
    ("", "PersistentVolume"): {"persistentVolumeReclaimPolicy": "Retain", "volumeMode": "Filesystem"},
    ("", "PersistentVolumeClaim"): {"volumeMode": "Filesystem"},
}
_ROOTS: Final[dict[tuple[str, str], dict[str, Plain]]] = {
    ("storage.k8s.io", "StorageClass"): {"reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"},
}
_ROLLING: Final[dict[tuple[str, str], tuple[str, dict[str, Plain]]]] = {
    ("apps", "Deployment"): ("strategy", {"maxUnavailable": "25%", "maxSurge": "25%"}),
    ("apps", "StatefulSet"): ("updateStrategy", {"partition": 0}),
    ("apps", "DaemonSet"): ("updateStrategy", {"maxUnavailable": 1, "maxSurge": 0}),
}


def without_foreign(body: Mapping) -> Mapping:
    """`body` without what the API server and kubectl write themselves."""
    body = drop(body, "status")
    metadata = body.get("metadata")
    if not isinstance(metadata, Mapping):
        return body
    kept = metadata
    for field in _OWNED_BY_OTHERS:
        kept = drop(kept, field)
    annotations = kept.get("annotations")
    if isinstance(annotations, Mapping) and annotations.get(_LAST_APPLIED) is not None:
        kept = put(kept, "annotations", drop(annotations, _LAST_APPLIED))
    return body if kept is metadata else put(body, "metadata", kept)


def with_defaults(group: str, kind: str, body: Mapping) -> Mapping:
    """`body` as the API server would hold it."""
    known = (group, kind)
    if known in _ROOTS:
        body = _filled(body, _ROOTS[known])
    spec = body.get("spec")
    if isinstance(spec, Mapping):
        new = _filled(spec, _SPECS.get(known, {}))
        if known in _ROLLING:
            new = _with_strategy(new, *_ROLLING[known])
        if known == ("apps", "StatefulSet"):
            retention = new.get("persistentVolumeClaimRetentionPolicy")
            defaults: dict[str, Plain] = {"whenDeleted": "Retain", "whenScaled": "Retain"}
            stated = retention if isinstance(retention, Mapping) else mapping_at([], new)
            new = put(new, "persistentVolumeClaimRetentionPolicy", _filled(stated, defaults))
        if new is not spec:
            body = put(body, "spec", new)
    if group == "sparkoperator.k8s.io":
        from riskcheck.platforms.kubernetes.spark import with_application_defaults

        return with_application_defaults(kind, body, _filled)
    path = POD_TEMPLATES.get(kind)
    return body if path is None else _below(body, (*path, "spec"), _with_pod_defaults)


def _filled(mapping: Mapping, defaults: dict[str, Plain]) -> Mapping:
    """`mapping` with the defaults that it does not state; null counts as not stated."""
    missing = [(name, value) for name, value in defaults.items() if _is_unset(mapping.get(name))]
    if not missing:
        return mapping
    names = {name for name, _ in missing}
    entries = [entry for entry in mapping.entries if entry[0].raw not in names]
    entries += [(key_at(name, mapping), made(value, mapping)) for name, value in missing]
    return mapping.with_entries(entries)


def _is_unset(node: Node | None) -> bool:
    return node is None or is_null(node)


def _with_strategy(spec: Mapping, field: str, rolling: dict[str, Plain]) -> Mapping:
    stated = spec.get(field)
    strategy = stated if isinstance(stated, Mapping) else mapping_at([], spec)
    strategy = _filled(strategy, {"type": "RollingUpdate"})
    if text(strategy.get("type")) == "RollingUpdate":
        update = strategy.get("rollingUpdate")
        update = update if isinstance(update, Mapping) else mapping_at([], strategy)
        strategy = put(strategy, "rollingUpdate", _filled(update, rolling))
    return spec if strategy is stated else put(spec, field, strategy)


def _below(mapping: Mapping, path: tuple[str, ...], change: Callable[[Mapping], Mapping]) -> Mapping:
    if not path:
        return change(mapping)
    child = mapping.get(path[0])
    if not isinstance(child, Mapping):
        return mapping
    new = _below(child, path[1:], change)
    return mapping if new is child else put(mapping, path[0], new)


def _with_pod_defaults(spec: Mapping) -> Mapping:
    spec = _filled(spec, {"terminationGracePeriodSeconds": 30})
    for field in ("containers", "initContainers"):
        containers = spec.get(field)
        if isinstance(containers, Sequence):
            items = [_container(item) if isinstance(item, Mapping) else item for item in containers.items]
            spec = put(spec, field, containers.with_items(items))
    return spec


def _container(container: Mapping) -> Mapping:
    image = container.get("image")
    if isinstance(image, Scalar) and image.raw:
        _, tag, digest = split_image(image.raw)
        moving = tag == "latest" or not (tag or digest)
        container = _filled(container, {"imagePullPolicy": "Always" if moving else "IfNotPresent"})
    for field in _PROBES:
        probe = container.get(field)
        if isinstance(probe, Mapping):
            container = put(container, field, _filled(probe, _PROBE))
    return container
