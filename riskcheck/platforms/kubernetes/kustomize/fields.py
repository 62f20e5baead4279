"""Where transformers look: the built-in field specifications.

Facts: https://github.com/kubernetes-sigs/kustomize/tree/kustomize/v5.5.0/api/internal/konfig/builtinpluginconsts
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Sequence
from riskcheck.platforms.kubernetes.edit import is_true, text
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Selector(NamedTuple):
    """A kind, by what is stated of it; ``""`` matches all."""

    kind: str = ""
    group: str = ""
    version: str = ""

    def selects(self, group: str, version: str, kind: str) -> bool:
        return self.kind in ("", kind) and self.group in ("", group) and self.version in ("", version)


class Field(NamedTuple):
    """One place in objects of one kind. create: made where it is missing."""

    path: tuple[str, ...]
    of: Selector = Selector()
    create: bool = False


class Names(NamedTuple):
    """Where objects name an object of kind `target`."""

    target: Selector
    fields: tuple[Field, ...]


class Fields(NamedTuple):
    """All that transformers of one kustomization go by."""

    namespace: tuple[Field, ...]
    labels: tuple[Field, ...]
    template_labels: tuple[Field, ...]
    common_labels: tuple[Field, ...]
    annotations: tuple[Field, ...]
    images: tuple[Field, ...]
    replicas: tuple[Field, ...]
    names: tuple[Names, ...]
    prefix: tuple[Field, ...]
    suffix: tuple[Field, ...]
    vars: tuple[Field, ...] = ()
    """What is added to the built-in places of ``$(NAME)``, which are `vars.FIELDS`."""


def split(path: str) -> tuple[str, ...]:
    """``a/b\\/c`` into ``a`` and ``b/c``; a leading slash does not count."""
    steps: list[str] = []
    joined = False
    for part in path.lstrip("/").split("/"):
        ends = part.endswith("\\")
        part = part.removesuffix("\\")
        if joined:
            steps[-1] += "/" + part
        else:
            steps.append(part)
        joined = ends
    return tuple(steps)


def _fields(
    kinds: str, *paths: str, group: str = "", create: bool = False, version: str = ""
) -> Iterable[Field]:
    for kind in kinds.split():
        for path in paths:
            yield Field(split(path), Selector(kind, group, version), create)


_AFFINITY: Final = tuple(
    f"spec/template/spec/affinity/{kind}/{term}/labelSelector/matchLabels"
    for kind in ("podAffinity", "podAntiAffinity")
    for term in (
        "preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm",
        "requiredDuringSchedulingIgnoredDuringExecution",
    )
)
_TEMPLATED: Final = "Deployment ReplicaSet DaemonSet"
_METADATA: Final = "spec/template/metadata"
_JOB_METADATA: Final = ("spec/jobTemplate/metadata", "spec/jobTemplate/spec/template/metadata")

CLAIM_LABELS: Final = tuple(
    _fields("StatefulSet", "spec/volumeClaimTemplates[]/metadata/labels", group="apps", create=True)
)
"""What ``includeVolumeClaimTemplates`` of later versions adds; up to v5.5 templates include them."""

_TEMPLATE_LABELS: Final = (
    Field(("metadata", "labels"), create=True),
    *_fields("ReplicationController", f"{_METADATA}/labels", version="v1", create=True),
    *_fields(_TEMPLATED, f"{_METADATA}/labels", create=True),
    *_fields("StatefulSet", f"{_METADATA}/labels", group="apps", create=True),
    *CLAIM_LABELS,
    *_fields("Job", f"{_METADATA}/labels", group="batch", create=True),
    *_fields("CronJob", *(f"{path}/labels" for path in _JOB_METADATA), group="batch", create=True),
)

_COMMON_LABELS: Final = (
    *_fields("Service ReplicationController", "spec/selector", version="v1", create=True),
    *_fields(_TEMPLATED, "spec/selector/matchLabels", create=True),
    *_fields("StatefulSet", "spec/selector/matchLabels", group="apps", create=True),
    *_fields(
        "Deployment StatefulSet",
        *_AFFINITY,
        "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels",
        group="apps",
    ),
    *_fields("Job", "spec/selector/matchLabels", group="batch"),
    *_fields("CronJob", "spec/jobTemplate/spec/selector/matchLabels", group="batch"),
    *_fields("PodDisruptionBudget", "spec/selector/matchLabels", group="policy"),
    *_fields(
        "NetworkPolicy",
        "spec/podSelector/matchLabels",
        "spec/ingress/from/podSelector/matchLabels",
        "spec/egress/to/podSelector/matchLabels",
        group="networking.k8s.io",
    ),
    *_TEMPLATE_LABELS,
)

_ANNOTATIONS: Final = (
    Field(("metadata", "annotations"), create=True),
    *_fields("ReplicationController", f"{_METADATA}/annotations", version="v1", create=True),
    *_fields(f"{_TEMPLATED} StatefulSet", f"{_METADATA}/annotations", create=True),
    *_fields("Job", f"{_METADATA}/annotations", group="batch", create=True),
    *_fields("CronJob", *(f"{path}/annotations" for path in _JOB_METADATA), group="batch", create=True),
)

_WORKLOADS: Final = "Deployment ReplicaSet DaemonSet StatefulSet Job"
_PODS: Final = (
    ("Pod", "spec", "v1"),
    ("PodTemplate", "template/spec", ""),
    *((kind, "spec/template/spec", "") for kind in _WORKLOADS.split()),
    ("CronJob", "spec/jobTemplate/spec/template/spec", ""),
)


def _in_pods(*paths: str) -> Iterable[Field]:
    for kind, root, version in _PODS:
        yield from _fields(kind, *(f"{root}/{path}" for path in paths), version=version)


def _in_pod_specs(path: str) -> Iterable[Field]:
    """Those pod specs in which kustomize follows service accounts, claims and priority classes."""
    yield from _fields("Pod", f"spec/{path}")
    yield from _fields(
        "StatefulSet Deployment ReplicationController Job DaemonSet", f"spec/template/spec/{path}"
    )
    yield from _fields("CronJob", f"spec/jobTemplate/spec/template/spec/{path}")


_RBAC: Final = "rbac.authorization.k8s.io"
_ADMISSION: Final = "admissionregistration.k8s.io"

_NAMES: Final = (
    *(
        Names(Selector(kind), tuple(_fields("HorizontalPodAutoscaler", "spec/scaleTargetRef/name")))
        for kind in ("Deployment", "ReplicationController", "ReplicaSet", "StatefulSet")
    ),
    Names(
        Selector("ConfigMap", version="v1"),
        (
            *_in_pods(
                "volumes/configMap/name",
                "containers/env/valueFrom/configMapKeyRef/name",
                "initContainers/env/valueFrom/configMapKeyRef/name",
                "containers/envFrom/configMapRef/name",
                "initContainers/envFrom/configMapRef/name",
                "volumes/projected/sources/configMap/name",
            ),
            *_fields("Node", "spec/configSource/configMap"),
            *_fields("Role ClusterRole", "rules/resourceNames"),
            *_fields(
                "Ingress", r"metadata/annotations/nginx.ingress.kubernetes.io\/fastcgi-params-configmap"
            ),
        ),
    ),
    Names(
        Selector("Secret", version="v1"),
        (
            *_in_pods(
                "volumes/secret/secretName",
                "containers/env/valueFrom/secretKeyRef/name",
                "initContainers/env/valueFrom/secretKeyRef/name",
                "containers/envFrom/secretRef/name",
                "initContainers/envFrom/secretRef/name",
                "imagePullSecrets/name",
                "volumes/projected/sources/secret/name",
            ),
            *_fields(
                "Ingress",
                "spec/tls/secretName",
                r"metadata/annotations/ingress.kubernetes.io\/auth-secret",
                r"metadata/annotations/nginx.ingress.kubernetes.io\/auth-secret",
                r"metadata/annotations/nginx.ingress.kubernetes.io\/auth-tls-secret",
            ),
            *_fields("ServiceAccount", "imagePullSecrets/name"),
            *_fields(
                "StorageClass",
                "parameters/secretName",
                "parameters/adminSecretName",
                "parameters/userSecretName",
                "parameters/secretRef",
            ),
            *_fields("Role ClusterRole", "rules/resourceNames"),
            *_fields(
                "Service",
                "spec/template/spec/containers/env/valueFrom/secretKeyRef/name",
                group="serving.knative.dev",
                version="v1",
            ),
            *_fields("PersistentVolume", "spec/azureFile/secretName"),
        ),
    ),
    Names(
        Selector("Service", version="v1"),
        (
            *_fields("StatefulSet", "spec/serviceName", group="apps"),
            *_fields(
                "Ingress",
                "spec/rules/http/paths/backend/serviceName",
                "spec/backend/serviceName",
                "spec/rules/http/paths/backend/service/name",
                "spec/defaultBackend/service/name",
            ),
            *_fields("APIService", "spec/service/name", group="apiregistration.k8s.io"),
            *_fields(
                "ValidatingWebhookConfiguration MutatingWebhookConfiguration",
                "webhooks/clientConfig/service",
                group=_ADMISSION,
            ),
        ),
    ),
    Names(Selector("Role", _RBAC), tuple(_fields("RoleBinding", "roleRef/name", group=_RBAC))),
    Names(
        Selector("ClusterRole", _RBAC),
        tuple(_fields("RoleBinding ClusterRoleBinding", "roleRef/name", group=_RBAC)),
    ),
    Names(
        Selector("ServiceAccount", version="v1"),
        (
            *_fields("RoleBinding ClusterRoleBinding", "subjects", group=_RBAC),
            *_in_pod_specs("serviceAccountName"),
        ),
    ),
    Names(
        Selector("PersistentVolumeClaim", version="v1"),
        tuple(_in_pod_specs("volumes/persistentVolumeClaim/claimName")),
    ),
    Names(
        Selector("PersistentVolume", version="v1"),
        (
            *_fields("PersistentVolumeClaim", "spec/volumeName"),
            *_fields("ClusterRole", "rules/resourceNames"),
        ),
    ),
    Names(
        Selector("StorageClass", "storage.k8s.io", "v1"),
        (
            *_fields("PersistentVolume PersistentVolumeClaim", "spec/storageClassName"),
            *_fields("StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName"),
        ),
    ),
    Names(Selector("PriorityClass", "scheduling.k8s.io", "v1"), tuple(_in_pod_specs("priorityClassName"))),
    Names(
        Selector("ValidatingAdmissionPolicy", _ADMISSION),
        tuple(_fields("ValidatingAdmissionPolicyBinding", "spec/policyName", group=_ADMISSION)),
    ),
)

BUILT_IN: Final = Fields(
    namespace=(
        *_fields("Namespace", "metadata/name", create=True),
        *_fields("APIService", "spec/service/namespace", group="apiregistration.k8s.io", create=True),
        *_fields(
            "CustomResourceDefinition",
            "spec/conversion/webhook/clientConfig/service/namespace",
            group="apiextensions.k8s.io",
        ),
    ),
    labels=(),
    template_labels=_TEMPLATE_LABELS,
    common_labels=_COMMON_LABELS,
    annotations=_ANNOTATIONS,
    images=tuple(
        Field(split(f"{root}{containers}[]/image"))
        for root in ("spec/", "spec/template/spec/")
        for containers in ("containers", "initContainers")
    ),
    replicas=tuple(
        _fields("Deployment ReplicationController ReplicaSet StatefulSet", "spec/replicas", create=True)
    ),
    names=_NAMES,
    prefix=(Field(("metadata", "name")),),
    suffix=(Field(("metadata", "name")),),
)


def _stated(node: Node | None) -> Iterable[Field]:
    for item in node.items if isinstance(node, Sequence) else ():
        if isinstance(item, Mapping) and text(item.get("path")):
            yield Field(split(text(item.get("path"))), selector_of(item), is_true(item.get("create")))


def selector_of(item: Mapping) -> Selector:
    """The kind that `item` states by group, version and kind."""
    return Selector(text(item.get("kind")), text(item.get("group")), text(item.get("version")))


def stated(node: Node | None) -> tuple[Field, ...]:
    """The field specifications that a list in a kustomization states."""
    return tuple(_stated(node))


def merged_fields(*groups: tuple[Field, ...]) -> tuple[Field, ...]:
    """All of `groups`, each place once, created where any of them creates it."""
    found: dict[tuple[tuple[str, ...], Selector], Field] = {}
    for group in groups:
        for field in group:
            known = found.get((field.path, field.of))
            if known is None or (field.create and not known.create):
                found[(field.path, field.of)] = field
    return tuple(found.values())
