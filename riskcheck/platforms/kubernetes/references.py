"""Which objects an object names, and which pods it selects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.kubernetes.edit import is_true, text, values_at
from riskcheck.platforms.kubernetes.workloads import pod_spec
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

Strength: TypeAlias = Literal["hard", "soft"]


class Named(NamedTuple):
    """An object that is named. namespace: ``""`` for that of the object that names it. relation: the word that says
    it."""

    kind: str
    name: str
    node: Node
    strength: Strength = "hard"
    namespace: str = ""
    relation: str = "names"


class Selected(NamedTuple):
    """Pods that are selected by labels. node: the selector."""

    labels: tuple[tuple[str, str], ...]
    node: Node
    strength: Strength = "hard"


SERVICE_LABELS: Final = (
    "backstage.io/kubernetes-id",
    "tags.datadoghq.com/service",
    "app.kubernetes.io/part-of",
    "app.kubernetes.io/name",
    "app",
    "k8s-app",
)
"""Labels that name the service of an object; those that catalogs join on come first.

https://backstage.io/docs/features/kubernetes/configuration/#surfacing-your-kubernetes-components-as-part-of-an-entity
https://docs.datadoghq.com/getting_started/tagging/unified_service_tagging/
"""

OF_WORKLOADS: Final = frozenset(
    {
        "Service",
        "PodDisruptionBudget",
        "PodMonitor",
        "HorizontalPodAutoscaler",
        "VerticalPodAutoscaler",
        "ScaledObject",
        "Canary",
    }
)
"""Kinds that are about the workloads they select or name, and about nothing else."""

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
_OF_PODS: Final = (
    ("Secret", ("imagePullSecrets", "name")),
    ("ServiceAccount", ("serviceAccountName",)),
    ("PriorityClass", ("priorityClassName",)),
    ("RuntimeClass", ("runtimeClassName",)),
)
_FIXED: Final[dict[str, tuple[tuple[str, tuple[str, ...]], ...]]] = {
    "StatefulSet": (
        ("Service", ("spec", "serviceName")),
        ("StorageClass", ("spec", "volumeClaimTemplates", "spec", "storageClassName")),
    ),
    "Ingress": (
        ("Service", ("spec", "rules", "http", "paths", "backend", "service", "name")),
        ("Service", ("spec", "rules", "http", "paths", "backend", "serviceName")),
        ("Service", ("spec", "defaultBackend", "service", "name")),
        ("Service", ("spec", "backend", "serviceName")),
        ("Secret", ("spec", "tls", "secretName")),
        ("IngressClass", ("spec", "ingressClassName")),
        ("ClusterIssuer", ("metadata", "annotations", "cert-manager.io/cluster-issuer")),
        ("Issuer", ("metadata", "annotations", "cert-manager.io/issuer")),
    ),
    "Route": (("Service", ("spec", "to", "name")), ("Service", ("spec", "alternateBackends", "name"))),
    "Gateway": (("GatewayClass", ("spec", "gatewayClassName")),),
    "ServiceAccount": (("Secret", ("secrets", "name")), ("Secret", ("imagePullSecrets", "name"))),
    "PersistentVolumeClaim": (
        ("StorageClass", ("spec", "storageClassName")),
        ("PersistentVolume", ("spec", "volumeName")),
    ),
    "VirtualService": (
        ("Service", ("spec", "http", "route", "destination", "host")),
        ("Service", ("spec", "tcp", "route", "destination", "host")),
        ("Service", ("spec", "tls", "route", "destination", "host")),
    ),
    "DestinationRule": (("Service", ("spec", "host")),),
    "Application": (("AppProject", ("spec", "project")),),
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
    "Certificate": (("spec", "issuerRef"),),
    "ExternalSecret": (("spec", "secretStoreRef"),),
    "HTTPRoute": (("spec", "rules", "backendRefs"), ("spec", "parentRefs")),
    "GRPCRoute": (("spec", "rules", "backendRefs"), ("spec", "parentRefs")),
    "TCPRoute": (("spec", "rules", "backendRefs"), ("spec", "parentRefs")),
    "ValidatingWebhookConfiguration": (("webhooks", "clientConfig", "service"),),
    "MutatingWebhookConfiguration": (("webhooks", "clientConfig", "service"),),
}
"""Mappings with ``kind``, ``name`` and sometimes ``namespace``."""

_UNTYPED_KIND: Final = {
    "Certificate": "Issuer",
    "ExternalSecret": "SecretStore",
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


_APPLICATIONS: Final = frozenset({"SparkApplication", "ScheduledSparkApplication"})


def named_by(kind: str, body: Mapping) -> Iterator[Named]:
    """The objects that `body` names."""
    for target, path in _FIXED.get(kind, ()):
        yield from _names(target, values_at(body, path), relation=_word(path))
    for path in _TYPED.get(kind, ()):
        yield from _typed(kind, values_at(body, path), _word(path))
    pod = pod_spec(kind, body)
    if pod is not None:
        yield from _in_pod(pod)
    if kind in _APPLICATIONS and text(body.get("apiVersion")).startswith("sparkoperator.k8s.io/"):
        from riskcheck.platforms.kubernetes.spark import named_by_application

        for target, node, relation in named_by_application(kind, body):
            yield from _names(target, [node], relation=relation)


class Allowed(NamedTuple):
    """Pods that a NetworkPolicy lets in. callers, callees: labels of the pods; node: what says so."""

    callers: tuple[tuple[str, str], ...]
    callees: tuple[tuple[str, str], ...]
    node: Node


def allowed_by(kind: str, body: Mapping) -> Iterator[Allowed]:
    """Who may call whom within the namespace of a NetworkPolicy."""
    if kind != "NetworkPolicy":
        return
    callees = _labels_in(body.at("spec", "podSelector", "matchLabels"))
    for peer in values_at(body, ("spec", "ingress", "from")):
        for one in peer.items if isinstance(peer, Sequence) else ():
            if isinstance(one, Mapping) and one.get("namespaceSelector") is None:
                labels = one.at("podSelector", "matchLabels")
                callers = _labels_in(labels)
                if labels is not None and callers and callees:
                    yield Allowed(callers, callees, labels)


def _labels_in(node: Node | None) -> tuple[tuple[str, str], ...]:
    entries = node.entries if isinstance(node, Mapping) else ()
    return tuple((key.raw, value.raw) for key, value in entries if isinstance(value, Scalar))


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


def _word(path: tuple[str, ...]) -> str:
    """The field that refers: the last that says more than what it holds."""
    return next((step for step in reversed(path) if step not in ("name", "service", "host")), path[-1])


def _names(
    kind: str, nodes: list[Node], strength: Strength = "hard", relation: str = "names"
) -> Iterator[Named]:
    for node in nodes:
        if isinstance(node, Scalar) and node.raw:
            name, namespace = node.raw, ""
            if kind == "Service" and ".svc" in name:
                name, _, rest = name.partition(".")
                namespace = rest.partition(".")[0]
            yield Named(kind, name, node, strength, namespace, relation)


def _typed(kind: str, nodes: list[Node], relation: str) -> Iterator[Named]:
    flat = [item for node in nodes for item in (node.items if isinstance(node, Sequence) else [node])]
    for node in flat:
        if not isinstance(node, Mapping):
            continue
        target = text(node.get("kind")) or _UNTYPED_KIND.get(kind, kind)
        name = node.get("name")
        if isinstance(name, Scalar) and name.raw and target not in ("User", "Group"):
            # What waits for another to be ready goes on running when that fails.
            soft = is_true(node.get("optional")) or relation == "dependsOn"
            strength: Strength = "soft" if soft else "hard"
            yield Named(target, name.raw, name, strength, text(node.get("namespace")), relation)


def _in_pod(pod: Mapping) -> Iterator[Named]:
    for field in ("containers", "initContainers", "ephemeralContainers"):
        for target, path, name in _IN_PODS:
            yield from _optional(target, values_at(pod, (field, *path)), name, path[0])
    for target, path, name in _IN_VOLUMES:
        yield from _optional(target, values_at(pod, ("volumes", *path)), name, "mounts")
    for target, path in _OF_PODS:
        yield from _names(target, values_at(pod, path), relation=path[0])


def _optional(kind: str, nodes: list[Node], field: str, relation: str) -> Iterator[Named]:
    for node in nodes:
        if isinstance(node, Mapping):
            strength: Strength = "soft" if is_true(node.get("optional")) else "hard"
            name = node.get(field)
            yield from _names(kind, [name] if name is not None else [], strength, relation)
