"""Which lists a strategic merge patch merges item by item, and by which keys; all others are replaced.

Facts as in the OpenAPI document of Kubernetes 1.21 that kustomize 5 carries (``x-kubernetes-patch-merge-key``,
``x-kubernetes-list-map-keys``):
https://github.com/kubernetes-sigs/kustomize/tree/kustomize/v5.5.0/kyaml/openapi/kubernetesapi
"""

from __future__ import annotations

from typing import Final

from riskcheck.platforms.kubernetes.scopes import is_built_in


class Schema:
    """What is known about a mapping's fields: a nested mapping, or a list whose items merge by `keys`.

    keys: None for a mapping; ``()`` for a list of scalars that merges as a set.
    """

    __slots__ = ("fields", "keys")

    def __init__(self, fields: dict[str, Schema] | None = None, keys: tuple[str, ...] | None = None) -> None:
        self.fields = fields or {}
        self.keys = keys

    def field(self, name: str) -> Schema | None:
        return self.fields.get(name)


def _listed(*keys: str, **fields: Schema) -> Schema:
    return Schema(fields, keys)


_METADATA: Final = Schema({"finalizers": _listed(), "ownerReferences": _listed("uid")})
_CONTAINERS: Final = _listed(
    "name",
    env=_listed("name"),
    ports=_listed("containerPort", "protocol"),
    volumeDevices=_listed("devicePath"),
    volumeMounts=_listed("mountPath"),
)
_EPHEMERAL: Final = _listed(
    "name", env=_listed("name"), volumeDevices=_listed("devicePath"), volumeMounts=_listed("mountPath")
)
_VOLUMES: Final = _listed("name", ephemeral=Schema({"volumeClaimTemplate": Schema({"metadata": _METADATA})}))
_POD: Final = Schema(
    {
        "containers": _CONTAINERS,
        "initContainers": _CONTAINERS,
        "ephemeralContainers": _EPHEMERAL,
        "hostAliases": _listed("ip"),
        "imagePullSecrets": _listed("name"),
        "topologySpreadConstraints": _listed("topologyKey", "whenUnsatisfiable"),
        "volumes": _VOLUMES,
    }
)
_TEMPLATE: Final = Schema({"metadata": _METADATA, "spec": _POD})
_CONDITIONS: Final = Schema({"conditions": _listed("type")})


def _root(**fields: Schema) -> Schema:
    return Schema({"metadata": _METADATA, **fields})


_WORKLOAD: Final = _root(spec=Schema({"template": _TEMPLATE}), status=_CONDITIONS)
_JOB_TEMPLATE: Final = Schema({"metadata": _METADATA, "spec": Schema({"template": _TEMPLATE})})
_CRON_JOB: Final = _root(spec=Schema({"jobTemplate": _JOB_TEMPLATE}))
_WEBHOOKS: Final = _root(webhooks=_listed("name"))
_CONDITIONED: Final = _root(status=_CONDITIONS)
_ANY: Final = _root()

_KINDS: Final[dict[tuple[str, str], Schema]] = {
    ("apps/v1", "DaemonSet"): _WORKLOAD,
    ("apps/v1", "Deployment"): _WORKLOAD,
    ("apps/v1", "ReplicaSet"): _WORKLOAD,
    ("apps/v1", "StatefulSet"): _WORKLOAD,
    ("batch/v1", "Job"): _WORKLOAD,
    ("v1", "ReplicationController"): _WORKLOAD,
    ("batch/v1", "CronJob"): _CRON_JOB,
    ("batch/v1beta1", "CronJob"): _CRON_JOB,
    ("v1", "Pod"): _root(spec=_POD, status=_CONDITIONS),
    ("v1", "PodTemplate"): _root(template=_TEMPLATE),
    ("v1", "Service"): _root(spec=Schema({"ports": _listed("port", "protocol")}), status=_CONDITIONS),
    ("v1", "ServiceAccount"): _root(secrets=_listed("name")),
    ("v1", "Node"): _root(spec=Schema({"podCIDRs": _listed()})),
    ("v1", "Namespace"): _CONDITIONED,
    ("v1", "PersistentVolumeClaim"): _CONDITIONED,
    ("policy/v1", "PodDisruptionBudget"): _CONDITIONED,
    ("policy/v1beta1", "PodDisruptionBudget"): _CONDITIONED,
    ("storage.k8s.io/v1", "CSINode"): _root(spec=Schema({"drivers": _listed("name")})),
    ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"): _WEBHOOKS,
    ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"): _WEBHOOKS,
    ("admissionregistration.k8s.io/v1beta1", "MutatingWebhookConfiguration"): _WEBHOOKS,
    ("admissionregistration.k8s.io/v1beta1", "ValidatingWebhookConfiguration"): _WEBHOOKS,
}


def schema_of(api_version: str, kind: str) -> Schema | None:
    """None for kinds that are not built in: all their lists are replaced."""
    found = _KINDS.get((api_version, kind))
    return found or (_ANY if is_built_in(api_version, kind) else None)
