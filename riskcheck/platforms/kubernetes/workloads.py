"""Kinds that run pods, and where their pod template stands."""

from __future__ import annotations

from typing import Final

from riskcheck.nodes import Mapping

POD_TEMPLATES: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        ("DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "Rollout", "StatefulSet"),
        ("spec", "template"),
    ),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "PodTemplate": ("template",),
    "Pod": (),
}


def pod_template(kind: str, body: Mapping) -> Mapping | None:
    """The mapping that holds the pods' ``metadata`` and ``spec``; None for kinds without pods."""
    path = POD_TEMPLATES.get(kind)
    if path is None:
        return None
    found = body.at(*path)
    return found if isinstance(found, Mapping) else None


def pod_spec(kind: str, body: Mapping) -> Mapping | None:
    template = pod_template(kind, body)
    found = template.get("spec") if template is not None else None
    return found if isinstance(found, Mapping) else None
