"""Fields that the API server refuses to change on an existing object.

Facts: the ``Validate…Update`` functions of https://github.com/kubernetes/kubernetes/tree/v1.32.0/pkg/apis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from riskcheck.nodes import KeyPath

_STATEFUL_MUTABLE: Final = frozenset(
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
_PATHS: Final[dict[str, tuple[KeyPath, ...]]] = {
    "Deployment": (("spec", "selector"),),
    "ReplicaSet": (("spec", "selector"),),
    "DaemonSet": (("spec", "selector"),),
    "Job": (("spec", "template"), ("spec", "selector"), ("spec", "completionMode")),
    "Service": (("spec", "clusterIP"), ("spec", "loadBalancerClass")),
    "StorageClass": (("provisioner",), ("parameters",), ("reclaimPolicy",), ("volumeBindingMode",)),
    "RoleBinding": (("roleRef",),),
    "ClusterRoleBinding": (("roleRef",),),
    "PersistentVolumeClaim": (
        ("spec", "accessModes"),
        ("spec", "selector"),
        ("spec", "storageClassName"),
        ("spec", "volumeName"),
        ("spec", "volumeMode"),
        ("spec", "dataSource"),
    ),
}


def is_immutable(kind: str, path: KeyPath) -> bool:
    """Whether a change at `path` of an object of `kind` is refused."""
    if kind == "StatefulSet":
        return len(path) > 1 and path[0] == "spec" and path[1] not in _STATEFUL_MUTABLE
    return any(path[: len(fixed)] == fixed for fixed in _PATHS.get(kind, ()))
