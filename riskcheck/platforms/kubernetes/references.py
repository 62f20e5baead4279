"""Which objects an object names, and which pods it selects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.kubernetes.edit import is_true, text, values_at
from riskcheck.platforms.kubernetes.workloads import pod_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

Strength: TypeAlias = Literal["hard", "soft"]


class Named(NamedTuple):
    """An object that is named. namespace: ``""`` for that of the object that names it."""

    kind: str
    name: str
    node: Node
    strength: Strength = "hard"
    namespace: str = ""


class Selected(NamedTuple):
    """Pods that are selected by labels. node: the selector."""

    labels: tuple[tuple[str, str], ...]
    node: Node
    strength: Strength = "hard"


_IN_PODS: Final[tuple[tuple[str, tuple[str, ...], str], ...]] = (
    ("ConfigMap", ("env", "valueFrom", "configMapKeyRef"), "name"),
    ("Secret", ("env", "valueFrom", "secretKeyRef"), "name"),
    ("ConfigMap", ("envFrom", "configMapRef"), "name"),
    ("Secret", ("envFrom", "secretRef"), "name"),
)
_IN_VOLUMES: Final[tuple[tuple[str, tuple[str, ...], str], ...]] = (
    ("ConfigMap", ("configMap",), "name"),
    ("Secret", ("secret",), "secretName"),
    ("ConfigMap", ("projected", "sources", "configMap"), "name"),
    ("Secret", ("projected", "sources", "secret"), "name"),
    ("PersistentVolumeClaim", ("persistentVolumeClaim",), "claimName"),
)
_FIXED: Final[dict[str, tuple[tuple[str, tuple[str, ...]], ...]]] = {
    "StatefulSet": (("Service", ("spec", "serviceName")),),
    "Ingress": (
        ("Service", ("spec", "rules", "http", "paths", "backend", "service", "name")),
        ("Service", ("spec", "rules", "http", "paths", "backend", "serviceName")),
        ("Service", ("spec", "defaultBackend", "service", "name")),
        ("Service", ("spec", "backend", "serviceName")),
        ("Secret", ("spec", "tls", "secretName")),
        ("IngressClass", ("spec", "ingressClassName")),
    ),
    "Route": (("Service", ("spec", "to", "name")), ("Service", ("spec", "alternateBackends", "name"))),
    "ServiceAccount": (("Secret", ("secrets", "name")), ("Secret", ("imagePullSecrets", "name"))),
    "PersistentVolumeClaim": (
        ("StorageClass", ("spec", "storageClassName")),
        ("PersistentVolume", ("spec", "volumeName")),
    ),
    "Rollout": (
        ("Service", ("spec", "strategy", "canary", "stableService")),
        ("Service", ("spec", "strategy", "canary", "canaryService")),
        ("Service", ("spec", "strategy", "blueGreen", "activeService")),
        ("Service", ("spec", "strategy", "blueGreen", "previewService")),
    ),
}
_TYPED: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "HorizontalPodAutoscaler": (("spec", "scaleTargetRef"),),
    "ScaledObject": (("spec", "scaleTargetRef"),),
    "VerticalPodAutoscaler": (("spec", "targetRef"),),
    "Canary": (("spec", "targetRef"), ("spec", "autoscalerRef")),
    "Rollout": (("spec", "workloadRef"),),
    "RoleBinding": (("roleRef",), ("subjects",)),
    "ClusterRoleBinding": (("roleRef",), ("subjects",)),
    "Kustomization": (("spec", "sourceRef"), ("spec", "dependsOn"), ("spec", "postBuild", "substituteFrom")),
    "HelmRelease": (
        ("spec", "chart", "spec", "sourceRef"),
        ("spec", "chartRef"),
        ("spec", "dependsOn"),
        ("spec", "valuesFrom"),
    ),
    "HTTPRoute": (("spec", "rules", "backendRefs"), ("spec", "parentRefs")),
    "GRPCRoute": (("spec", "rules", "backendRefs"), ("spec", "parentRefs")),
    "TCPRoute": (("spec", "rules", "backendRefs"), ("spec", "parentRefs")),
    "ValidatingWebhookConfiguration": (("webhooks", "clientConfig", "service"),),
    "MutatingWebhookConfiguration": (("webhooks", "clientConfig", "service"),),
}
"""Mappings with ``kind``, ``name`` and sometimes ``namespace``."""

_UNTYPED_KIND: Final = {
    "ScaledObject": "Deployment",
    "HTTPRoute": "Service",
    "GRPCRoute": "Service",
    "TCPRoute": "Service",
    "ValidatingWebhookConfiguration": "Service",
    "MutatingWebhookConfiguration": "Service",
}
_SELECTORS: Final[dict[str, tuple[tuple[str, ...], Strength]]] = {
    "Service": (("spec", "selector"), "hard"),
    "PodDisruptionBudget": (("spec", "selector", "matchLabels"), "soft"),
    "NetworkPolicy": (("spec", "podSelector", "matchLabels"), "soft"),
    "PodMonitor": (("spec", "selector", "matchLabels"), "soft"),
}


def named_by(kind: str, body: Mapping) -> Iterator[Named]:
    """The objects that `body` names."""
    for target, path in _FIXED.get(kind, ()):
        yield from _names(target, values_at(body, path))
    for path in _TYPED.get(kind, ()):
        yield from _typed(kind, values_at(body, path))
    pod = pod_spec(kind, body)
    if pod is not None:
        yield from _in_pod(pod)


def selected_by(kind: str, body: Mapping) -> Selected | None:
    """The pods that `body` selects by equality; an empty selector names nobody in particular."""
    rule = _SELECTORS.get(kind)
    if rule is None:
        return None
    node = body.at(*rule[0])
    if not isinstance(node, Mapping) or not node.entries:
        return None
    labels = tuple((key.raw, value.raw) for key, value in node.entries if isinstance(value, Scalar))
    return Selected(labels, node, rule[1])


def _names(kind: str, nodes: list[Node], strength: Strength = "hard") -> Iterator[Named]:
    for node in nodes:
        if isinstance(node, Scalar) and node.raw:
            yield Named(kind, node.raw, node, strength)


def _typed(kind: str, nodes: list[Node]) -> Iterator[Named]:
    flat = [item for node in nodes for item in (node.items if isinstance(node, Sequence) else [node])]
    for node in flat:
        if not isinstance(node, Mapping):
            continue
        target = text(node.get("kind")) or _UNTYPED_KIND.get(kind, kind)
        name = node.get("name")
        if isinstance(name, Scalar) and name.raw and target not in ("User", "Group"):
            strength: Strength = "soft" if is_true(node.get("optional")) else "hard"
            yield Named(target, name.raw, name, strength, text(node.get("namespace")))


def _in_pod(pod: Mapping) -> Iterator[Named]:
    for field in ("containers", "initContainers", "ephemeralContainers"):
        for target, path, name in _IN_PODS:
            yield from _optional(target, values_at(pod, (field, *path)), name)
    for target, path, name in _IN_VOLUMES:
        yield from _optional(target, values_at(pod, ("volumes", *path)), name)
    yield from _names("Secret", values_at(pod, ("imagePullSecrets", "name")))
    yield from _names("ServiceAccount", values_at(pod, ("serviceAccountName",)))
    yield from _names("PriorityClass", values_at(pod, ("priorityClassName",)))


def _optional(kind: str, nodes: list[Node], field: str) -> Iterator[Named]:
    for node in nodes:
        if isinstance(node, Mapping):
            strength: Strength = "soft" if is_true(node.get("optional")) else "hard"
            name = node.get(field)
            yield from _names(kind, [name] if name is not None else [], strength)
