"""Which built-in kinds exist, and which of them belong to no namespace.

Facts as in the OpenAPI document of Kubernetes 1.21, which kustomize 5 carries and decides by
(https://github.com/kubernetes-sigs/kustomize/tree/kustomize/v5.5.0/kyaml/openapi): a kind that it does not know
is treated as namespaced and has no merge keys.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

CLUSTER_SCOPED: Final[dict[str, frozenset[str]]] = {
    "v1": frozenset({"ComponentStatus", "Namespace", "Node", "PersistentVolume"}),
    "admissionregistration.k8s.io/v1": frozenset(
        {"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"}
    ),
    "admissionregistration.k8s.io/v1beta1": frozenset(
        {"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"}
    ),
    "apiextensions.k8s.io/v1": frozenset({"CustomResourceDefinition"}),
    "apiextensions.k8s.io/v1beta1": frozenset({"CustomResourceDefinition"}),
    "apiregistration.k8s.io/v1": frozenset({"APIService"}),
    "apiregistration.k8s.io/v1beta1": frozenset({"APIService"}),
    "certificates.k8s.io/v1": frozenset({"CertificateSigningRequest"}),
    "certificates.k8s.io/v1beta1": frozenset({"CertificateSigningRequest"}),
    "flowcontrol.apiserver.k8s.io/v1beta1": frozenset({"FlowSchema", "PriorityLevelConfiguration"}),
    "networking.k8s.io/v1": frozenset({"IngressClass"}),
    "networking.k8s.io/v1beta1": frozenset({"IngressClass"}),
    "node.k8s.io/v1": frozenset({"RuntimeClass"}),
    "node.k8s.io/v1beta1": frozenset({"RuntimeClass"}),
    "policy/v1beta1": frozenset({"PodSecurityPolicy"}),
    "rbac.authorization.k8s.io/v1": frozenset({"ClusterRole", "ClusterRoleBinding"}),
    "rbac.authorization.k8s.io/v1beta1": frozenset({"ClusterRole", "ClusterRoleBinding"}),
    "scheduling.k8s.io/v1": frozenset({"PriorityClass"}),
    "scheduling.k8s.io/v1beta1": frozenset({"PriorityClass"}),
    "storage.k8s.io/v1": frozenset({"CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"}),
    "storage.k8s.io/v1beta1": frozenset({"CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"}),
}

NAMESPACED: Final[dict[str, frozenset[str]]] = {
    "v1": frozenset(
        {
            "ConfigMap",
            "Endpoints",
            "Event",
            "LimitRange",
            "PersistentVolumeClaim",
            "Pod",
            "PodTemplate",
            "ReplicationController",
            "ResourceQuota",
            "Secret",
            "Service",
            "ServiceAccount",
        }
    ),
    "apps/v1": frozenset({"ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"}),
    "autoscaling/v1": frozenset({"HorizontalPodAutoscaler"}),
    "autoscaling/v2beta1": frozenset({"HorizontalPodAutoscaler"}),
    "autoscaling/v2beta2": frozenset({"HorizontalPodAutoscaler"}),
    "batch/v1": frozenset({"CronJob", "Job"}),
    "batch/v1beta1": frozenset({"CronJob"}),
    "coordination.k8s.io/v1": frozenset({"Lease"}),
    "discovery.k8s.io/v1": frozenset({"EndpointSlice"}),
    "discovery.k8s.io/v1beta1": frozenset({"EndpointSlice"}),
    "extensions/v1beta1": frozenset({"Ingress"}),
    "networking.k8s.io/v1": frozenset({"Ingress", "NetworkPolicy"}),
    "networking.k8s.io/v1beta1": frozenset({"Ingress"}),
    "policy/v1": frozenset({"PodDisruptionBudget"}),
    "policy/v1beta1": frozenset({"PodDisruptionBudget"}),
    "rbac.authorization.k8s.io/v1": frozenset({"Role", "RoleBinding"}),
    "rbac.authorization.k8s.io/v1beta1": frozenset({"Role", "RoleBinding"}),
    "storage.k8s.io/v1beta1": frozenset({"CSIStorageCapacity"}),
}

_NONE: Final[frozenset[str]] = frozenset()


@lru_cache(maxsize=4096)
def is_cluster_scoped(api_version: str, kind: str) -> bool:
    """Certainly cluster-scoped; kinds that are not built in count as namespaced."""
    return kind in CLUSTER_SCOPED.get(api_version, _NONE)


def is_built_in(api_version: str, kind: str) -> bool:
    return kind in CLUSTER_SCOPED.get(api_version, _NONE) or kind in NAMESPACED.get(api_version, _NONE)
