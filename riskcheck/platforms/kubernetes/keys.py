"""Natural keys of list items: the patch merge keys of the API, and what custom kinds name theirs by."""

from __future__ import annotations

from typing import Final

_NAMED: Final = ("name",)
_BY_FIELD: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        (
            "containers",
            "initContainers",
            "ephemeralContainers",
            "env",
            "volumes",
            "imagePullSecrets",
            "secrets",
            "configMaps",
            "sidecars",
            "webhooks",
            "versions",
            "drivers",
            "parameters",
        ),
        _NAMED,
    ),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "tolerations": ("key", "effect", "operator", "value"),
    "conditions": ("type",),
    "subjects": ("name", "namespace", "kind"),
    "ownerReferences": ("uid",),
    "matchExpressions": ("key", "operator"),
    "paths": ("path", "pathType"),
    "tls": ("secretName",),
    "listeners": ("name",),
    "dependsOn": ("name", "namespace"),
    "items": ("key",),
    "elements": ("nameNormalized", "name", "cluster", "env", "environment"),
}
_BY_KIND: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("Kustomization", "images"): _NAMED,
    ("Kustomization", "replicas"): _NAMED,
    ("Kustomization", "configMapGenerator"): _NAMED,
    ("Kustomization", "secretGenerator"): _NAMED,
    ("Kustomization", "helmCharts"): ("releaseName", "name"),
    ("Service", "ports"): ("port", "protocol"),
    ("Ingress", "rules"): ("host",),
    ("NetworkPolicy", "ports"): ("port", "protocol"),
}


def natural_keys(kind: str, field: str) -> tuple[str, ...]:
    """Keys by which the items of list `field` are matched; () where values or likeness decide."""
    known = _BY_KIND.get((kind, field)) or _BY_FIELD.get(field)
    if known is None and field == "ports":
        return ("containerPort", "protocol")
    return known or ()
