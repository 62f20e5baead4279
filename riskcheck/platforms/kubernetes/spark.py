"""What the Spark operator fills in for an application, and which objects an application names.

https://github.com/kubeflow/spark-operator/blob/38082f33/api/v1beta2/defaults.go
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.kubernetes.edit import is_true, mapping_at, put, put_at, text, values_at
from riskcheck.sparkapps import PATHS, SCHEDULED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.platforms.kubernetes.defaults import Plain

_SCHEDULE: Final[dict[str, Plain]] = {
    "timeZone": "Local",
    "suspend": False,
    "successfulRunHistoryLimit": 1,
    "failedRunHistoryLimit": 1,
}
_APPLICATION: Final[dict[str, Plain]] = {"type": "Scala", "mode": "cluster", "suspend": False}
_RETRY_SECONDS: Final = 5
_ENABLED: Final = frozenset({"1", "t", "T", "true", "TRUE", "True"})
"""What Go's ``strconv.ParseBool`` takes for true."""


def with_application_defaults(
    kind: str, body: Mapping, filled: Callable[[Mapping, dict[str, Plain]], Mapping]
) -> Mapping:
    """`body` of an application as the operator reads it. filled: adds what a mapping does not state."""
    path = PATHS.get(kind)
    spec = body.at(*path) if path is not None else None
    if path is None or not isinstance(spec, Mapping):
        return body
    body = put_at(body, path, _application(spec, filled))
    outer = body.get("spec")
    if kind == SCHEDULED and isinstance(outer, Mapping):
        body = put(body, "spec", filled(outer, _SCHEDULE))
    return body


def _application(spec: Mapping, filled: Callable[[Mapping, dict[str, Plain]], Mapping]) -> Mapping:
    spec = filled(spec, _APPLICATION)
    stated = spec.get("restartPolicy")
    policy = filled(stated if isinstance(stated, Mapping) else mapping_at([], spec), {"type": "Never"})
    if text(policy.get("type")) != "Never":
        intervals = ("onFailureRetryInterval", "onSubmissionFailureRetryInterval")
        policy = filled(policy, dict.fromkeys(intervals, _RETRY_SECONDS))
    if policy is not stated:
        spec = put(spec, "restartPolicy", policy)
    for role in ("driver", "executor"):
        pod = spec.get(role)
        if isinstance(pod, Mapping):
            spec = put(spec, role, filled(pod, _of_pod(role, spec)))
    dynamic = spec.get("dynamicAllocation")
    if isinstance(dynamic, Mapping) and is_true(dynamic.get("enabled")):
        spec = put(spec, "dynamicAllocation", filled(dynamic, {"shuffleTrackingEnabled": True}))
    return spec


def _of_pod(role: str, spec: Mapping) -> dict[str, Plain]:
    """What is not set is what the Spark properties say, and only then the operator's own default."""
    wanted: dict[str, Plain] = {}
    if _property(spec, f"spark.{role}.cores") is None:
        wanted["cores"] = 1
    if _property(spec, f"spark.{role}.memory") is None:
        wanted["memory"] = "1g"
    if role == "executor" and not _property(spec, "spark.executor.instances") and not _is_dynamic(spec):
        wanted["instances"] = 1
    return wanted


def _property(spec: Mapping, key: str) -> str | None:
    node = spec.at("sparkConf", key)
    return node.raw if isinstance(node, Scalar) else None


def _is_dynamic(spec: Mapping) -> bool:
    """The operator looks for a key in small letters where the block is missing, which Spark does not know."""
    block = spec.get("dynamicAllocation")
    if isinstance(block, Mapping):
        return is_true(block.get("enabled"))
    return _property(spec, "spark.dynamicallocation.enabled") in _ENABLED


_NAMES: Final[tuple[tuple[str, tuple[str, ...], str], ...]] = (
    ("ConfigMap", ("sparkConfigMap",), "sparkConfigMap"),
    ("ConfigMap", ("hadoopConfigMap",), "hadoopConfigMap"),
    ("ConfigMap", ("volumes", "configMap", "name"), "mounts"),
    ("Secret", ("volumes", "secret", "secretName"), "mounts"),
    ("PersistentVolumeClaim", ("volumes", "persistentVolumeClaim", "claimName"), "mounts"),
)
_NAMES_IN_PODS: Final[tuple[tuple[str, tuple[str, ...], str], ...]] = (
    ("ServiceAccount", ("serviceAccount",), "serviceAccount"),
    ("ServiceAccount", ("template", "spec", "serviceAccountName"), "serviceAccount"),
    ("PriorityClass", ("priorityClassName",), "priorityClassName"),
    ("ConfigMap", ("configMaps", "name"), "mounts"),
    ("Secret", ("secrets", "name"), "mounts"),
    ("ConfigMap", ("env", "valueFrom", "configMapKeyRef", "name"), "env"),
    ("Secret", ("env", "valueFrom", "secretKeyRef", "name"), "env"),
    ("ConfigMap", ("envFrom", "configMapRef", "name"), "envFrom"),
    ("Secret", ("envFrom", "secretRef", "name"), "envFrom"),
)


def named_by_application(kind: str, body: Mapping) -> Iterator[tuple[str, Node, str]]:
    """Kind, name and relation of every object that an application names."""
    path = PATHS.get(kind)
    spec = body.at(*path) if path is not None else None
    if not isinstance(spec, Mapping):
        return
    for target, below, relation in _NAMES:
        for node in values_at(spec, below):
            yield target, node, relation
    for node in values_at(spec, ("imagePullSecrets",)):
        for item in node.items if isinstance(node, Sequence) else ():
            yield "Secret", item, "imagePullSecrets"
    for role in ("driver", "executor"):
        for target, below, relation in _NAMES_IN_PODS:
            for node in values_at(spec, (role, *below)):
                yield target, node, relation
