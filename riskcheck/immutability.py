"""Fields of Kubernetes objects that the API server refuses to change in place.

One table for all who ask: what an apply would do, which edit is rejected, whether a revert would be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import plain_value, same
from riskcheck.documents.texts import TRUE, text, text_at
from riskcheck.nodes import KeyPath, Mapping, Node, Reading, Sequence, Value
from riskcheck.quantities import quantity_nanos

if TYPE_CHECKING:
    from riskcheck.models import Change, Resource

STATEFULSET_MUTABLE: Final = frozenset(
    {
        "replicas",
        "ordinals",
        "template",
        "updateStrategy",
        "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds",
    }
)
"""As the API server's error text lists them.

https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
"""

CLAIM_MUTABLE: Final = frozenset({"volumeAttributesClassName", "resources"})
"""``spec is immutable after creation except resources.requests and volumeAttributesClassName``.

https://kubernetes.io/docs/concepts/storage/persistent-volumes/
"""

FILLED_IN: Final = frozenset({"storageClassName", "volumeName", "volumeMode", "dataSourceRef"})
"""Claim fields that the cluster fills in: stating what was left out may repeat what is there."""

VOLUME_SOURCES: Final = frozenset(
    {
        *("awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "fc", "flexVolume"),
        *(
            "flocker",
            "gcePersistentDisk",
            "glusterfs",
            "hostPath",
            "iscsi",
            "local",
            "nfs",
            "photonPersistentDisk",
        ),
        *("portworxVolume", "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume"),
    }
)
"""Where the disk of a PersistentVolume is; set once.

https://github.com/kubernetes/kubernetes/blob/v1.33.0/pkg/apis/core/validation/validation.go
(``ValidatePersistentVolumeUpdate``)
"""

FIELDS: Final[dict[tuple[str, str], frozenset[str]]] = {
    ("apps", "Deployment"): frozenset({"selector"}),
    ("apps", "ReplicaSet"): frozenset({"selector"}),
    ("apps", "DaemonSet"): frozenset({"selector"}),
    ("batch", "Job"): frozenset(
        {
            "template",
            "selector",
            "completionMode",
            "completions",
            "backoffLimitPerIndex",
            "podFailurePolicy",
            "managedBy",
        }
    ),
    ("", "Service"): frozenset({"clusterIP", "loadBalancerClass"}),
    ("", "PersistentVolume"): VOLUME_SOURCES | {"volumeMode", "nodeAffinity"},
    ("networking.k8s.io", "IngressClass"): frozenset({"controller"}),
    ("storage.k8s.io", "CSIDriver"): frozenset({"attachRequired", "volumeLifecycleModes"}),
}
"""(group, kind) to the fields of ``spec`` that cannot be edited.

Selectors: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#label-selector-updates ;
Job, Service: ``This field is immutable`` in https://github.com/kubernetes/api (batch/v1, core/v1 types.go).
"""

TOP_FIELDS: Final[dict[tuple[str, str], frozenset[str]]] = {
    ("storage.k8s.io", "StorageClass"): frozenset(
        {"provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"}
    ),
    ("rbac.authorization.k8s.io", "RoleBinding"): frozenset({"roleRef"}),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): frozenset({"roleRef"}),
    ("", "Secret"): frozenset({"type"}),
    ("scheduling.k8s.io", "PriorityClass"): frozenset({"value", "preemptionPolicy"}),
    ("node.k8s.io", "RuntimeClass"): frozenset({"handler"}),
    ("discovery.k8s.io", "EndpointSlice"): frozenset({"addressType"}),
}
"""The same, at the top of the object. https://github.com/kubernetes/api/blob/master/storage/v1/types.go ;
https://kubernetes.io/docs/reference/access-authn-authz/rbac/#clusterrolebinding-example ;
https://github.com/kubernetes/kubernetes/blob/v1.33.0/pkg/apis/scheduling/validation/validation.go"""

DEFAULTS: Final = {
    "reclaimPolicy": "Delete",
    "volumeBindingMode": "Immediate",
    "podManagementPolicy": "OrderedReady",
    "completionMode": "NonIndexed",
    "serviceName": "",
    "volumeMode": "Filesystem",
    "type": "Opaque",
    "preemptionPolicy": "PreemptLowerPriority",
    "attachRequired": "true",
}
"""What an absent field means, so that stating the default is no edit."""

_SUSPENDED_MUTABLE: Final = frozenset({"nodeSelector", "tolerations", "affinity", "schedulingGates"})
"""A suspended Job may still be scheduled elsewhere: https://kubernetes.io/docs/concepts/workloads/controllers/job/"""


def edited_section(path: KeyPath, before: Resource, after: Resource) -> KeyPath | None:
    """The immutable section that the edit at `path` falls into and really changes, or None."""
    section = _section(path, before, after)
    if section is None:
        return None
    old, new = before.body.at(*section), after.body.at(*section)
    return None if _means_the_same(section[-1], old, new, after.reading) else section


def is_refused(change: Change) -> bool:
    """Whether the API server refuses `change` as an edit of the object that is there."""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or not change.path or before.address != after.address:
        return False
    return edited_section(change.path, before, after) is not None


def is_replaced_by_force(resource: Resource) -> bool:
    """Whether the GitOps engine is told to delete and create the object where it cannot be updated.

    https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#force-sync ;
    https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources
    """
    annotations = ("metadata", "annotations")
    forced = text_at(resource.body, *annotations, "kustomize.toolkit.fluxcd.io/force") or ""
    options = text_at(resource.body, *annotations, "argocd.argoproj.io/sync-options") or ""
    return forced.lower() in ("enabled", "true") or "Force=true" in (
        one.strip() for one in options.split(",")
    )


def is_one_way(change: Change) -> bool:
    """Whether the API server accepts `change` and then refuses to have it taken back."""
    if change.resource.kind == "Service":
        # An address that is left out stays what it was, so that stating it again changes nothing.
        return False
    return not is_refused(change) and is_refused(change.inverted())


def _group_of(resource: Resource) -> str:
    """API group; empty for the core group (``v1``)."""
    return (text_at(resource.body, "apiVersion") or "").rpartition("/")[0]


def _section(path: KeyPath, before: Resource, after: Resource) -> KeyPath | None:
    kind = (_group_of(before), before.kind)
    if path[0] in TOP_FIELDS.get(kind, ()):
        return path[:1]
    if kind in (("", "ConfigMap"), ("", "Secret")):
        frozen = text_at(before.body, "immutable") in TRUE
        return path[:1] if frozen and path[0] in ("data", "binaryData", "stringData", "immutable") else None
    if path[0] != "spec" or len(path) < 2:
        return None
    field = path[1]
    if kind == ("apps", "StatefulSet"):
        return path[:2] if field not in STATEFULSET_MUTABLE else None
    if kind == ("", "PersistentVolumeClaim"):
        return _claim_section(path, before, after)
    if field not in FIELDS.get(kind, ()):
        return None
    if kind == ("", "Service"):
        return path[:2] if _service_keeps(field, before, after) else None
    if kind == ("batch", "Job") and (_may_move(path, before) or _is_elastic(field, before)):
        return None
    if field == "nodeAffinity" and before.body.at("spec", field) is None:
        return None
    return path[:2]


def _claim_section(path: KeyPath, before: Resource, after: Resource) -> KeyPath | None:
    field = path[1]
    if field == "resources":
        return ("spec", "resources", "requests") if _shrinks(before, after) else None
    if field in CLAIM_MUTABLE or (field in FILLED_IN and text_at(before.body, "spec", field) is None):
        return None
    return path[:2]


def _shrinks(before: Resource, after: Resource) -> bool:
    """Volumes grow, never shrink: https://kubernetes.io/docs/concepts/storage/persistent-volumes/"""
    sizes = (text_at(one.body, "spec", "resources", "requests", "storage") for one in (before, after))
    old, new = (quantity_nanos(size) if size is not None else None for size in sizes)
    return old is not None and new is not None and new < old


def _service_keeps(field: str, before: Resource, after: Resource) -> bool:
    """An address left out keeps the one assigned, and one stated for the first time may be just that; only
    ``None`` (headless) differs from any that the cluster assigns. A change of type releases both fields."""
    types = [text_at(one.body, "spec", "type") or "ClusterIP" for one in (before, after)]
    old, new = (text_at(one.body, "spec", field) for one in (before, after))
    if field == "loadBalancerClass":
        return types == ["LoadBalancer", "LoadBalancer"]
    if "ExternalName" in types or new is None:
        return False
    return old is not None or new == "None"


def _may_move(path: KeyPath, before: Resource) -> bool:
    if text_at(before.body, "spec", "suspend") not in TRUE:
        return False
    return path[:3] == ("spec", "template", "metadata") or (
        path[:3] == ("spec", "template", "spec") and len(path) > 3 and path[3] in _SUSPENDED_MUTABLE
    )


def _is_elastic(field: str, before: Resource) -> bool:
    """An indexed Job grows and shrinks: https://kubernetes.io/docs/concepts/workloads/controllers/job/"""
    return field == "completions" and text_at(before.body, "spec", "completionMode") == "Indexed"


def _means_the_same(field: str, old: Node | None, new: Node | None, reading: Reading) -> bool:
    if field == "volumeClaimTemplates":
        return _claims(old, reading) == _claims(new, reading)
    if field in DEFAULTS and (old is None or new is None):
        return (text(old) or DEFAULTS[field]) == (text(new) or DEFAULTS[field])
    if old is None or new is None:
        return _is_empty(old) and _is_empty(new)
    return same(old, new, reading)


def _is_empty(node: Node | None) -> bool:
    if isinstance(node, Mapping):
        return not node.entries
    return not node.items if isinstance(node, Sequence) else text(node) is None


def _claims(node: Node | None, reading: Reading) -> dict[str | None, Value]:
    """Claim templates by name, without what the API server fills in or ignores."""
    found: dict[str | None, Value] = {}
    for item in node.items if isinstance(node, Sequence) else ():
        value = plain_value(item, reading)
        spec = value.get("spec") if isinstance(value, dict) else None
        if isinstance(value, dict) and isinstance(spec, dict):
            size = text_at(item, "spec", "resources", "requests", "storage") or ""
            ignored = ("apiVersion", "kind", "status")
            value = {key: part for key, part in value.items() if key not in ignored}
            value["spec"] = {"volumeMode": DEFAULTS["volumeMode"], **spec, "resources": quantity_nanos(size)}
        found[text_at(item, "metadata", "name")] = value
    return found
