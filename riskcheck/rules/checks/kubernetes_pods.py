"""Pod templates: where they are, their containers, and the ConfigMaps and Secrets they use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from riskcheck.nodes import KeyPath, Mapping, Node
from riskcheck.records import dataclass
from riskcheck.rules.checks.kubernetes_objects import (
    TRUE,
    items_at,
    mapping_at,
    name_of,
    neighbours,
    number_at,
    selects,
    text_at,
    texts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.rules.context import ResourceView

SERVING: Final = frozenset(
    {
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "ReplicaSet",
        "ReplicationController",
        "Rollout",
        "DeploymentConfig",
    }
)
"""Workloads whose pods keep running."""

AUTOSCALERS: Final = ("HorizontalPodAutoscaler", "ScaledObject", "MachineAutoscaler")

How: TypeAlias = Literal["env", "volume", "subPath", "unmounted", "pull"]
"""``env``: fixed when the container starts. ``volume``: the kubelet swaps the files some time after an edit.
``subPath``: a bind mount that never follows an edit. ``pull``: an image pull secret."""


@dataclass(frozen=True, slots=True, eq=False)
class ConfigUse:
    """One place where a pod names a ConfigMap or Secret. key: the entry it needs, None for all of it."""

    kind: Literal["ConfigMap", "Secret"]
    name: str
    key: str | None
    how: How
    optional: bool
    node: Node


def template_path(kind: str) -> KeyPath | None:
    """Path of the pod template in an object of `kind`, None where the kind has none."""
    if kind in SERVING or kind == "Job":
        return ("spec", "template")
    if kind == "CronJob":
        return ("spec", "jobTemplate", "spec", "template")
    return () if kind == "Pod" else None


def pod_template(resource: Resource) -> Mapping | None:
    path = template_path(resource.kind)
    if path is None or mapping_at(resource.body, *path, "spec") is None:
        return None
    return mapping_at(resource.body, *path)


def is_partial(resource: Resource) -> bool:
    """Whether a workload is known only from the patches of an object that is out of reach: a whole one has images,
    and a selector where its API requires one."""
    template = pod_template(resource)
    if template is None:
        path = template_path(resource.kind)
        return path is not None and bool(path)
    main = list(containers(template, "containers"))
    if not main or any(text_at(container, "image") is None for container in main):
        return True
    requires = resource.kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
    return requires and mapping_at(resource.body, "spec", "selector") is None


def pod_labels(resource: Resource) -> dict[str, str]:
    return texts(mapping_at(pod_template(resource), "metadata", "labels"))


def containers(template: Mapping, *fields: str) -> Iterator[Mapping]:
    """Containers of a pod template, of all kinds or of the lists named `fields`."""
    for field in fields or ("initContainers", "containers", "ephemeralContainers"):
        for item in items_at(template, "spec", field):
            if isinstance(item, Mapping):
                yield item


def container_path(path: KeyPath) -> KeyPath | None:
    """The part of a change's path that names a container, or None."""
    for index, step in enumerate(path[:-1]):
        if step in ("containers", "initContainers") and path[index + 1].startswith("["):
            return path[: index + 2]
    return None


def container_name(container: Node | None, path: KeyPath) -> str:
    return text_at(container, "name") or path[-1][1:-1]


def config_uses(template: Mapping) -> Iterator[ConfigUse]:
    """Every ConfigMap and Secret that pods of `template` name.

    https://kubernetes.io/docs/concepts/configuration/configmap/#using-configmaps
    """
    for container in containers(template):
        yield from _env_uses(container)
    for volume in items_at(template, "spec", "volumes"):
        yield from _volume_uses(template, volume)
    for item in items_at(template, "spec", "imagePullSecrets"):
        name = text_at(item, "name")
        if name:
            yield ConfigUse("Secret", name, None, "pull", False, item)


def _env_uses(container: Mapping) -> Iterator[ConfigUse]:
    for item in items_at(container, "env"):
        yield from _named(mapping_at(item, "valueFrom", "configMapKeyRef"), "ConfigMap")
        yield from _named(mapping_at(item, "valueFrom", "secretKeyRef"), "Secret")
    for item in items_at(container, "envFrom"):
        yield from _named(mapping_at(item, "configMapRef"), "ConfigMap")
        yield from _named(mapping_at(item, "secretRef"), "Secret")


def _named(reference: Mapping | None, kind: Literal["ConfigMap", "Secret"]) -> Iterator[ConfigUse]:
    name = text_at(reference, "name")
    if reference is not None and name:
        yield ConfigUse(kind, name, text_at(reference, "key"), "env", _optional(reference), reference)


def _optional(reference: Mapping) -> bool:
    return text_at(reference, "optional") in TRUE


def _volume_uses(template: Mapping, volume: Node) -> Iterator[ConfigUse]:
    sources: list[tuple[Literal["ConfigMap", "Secret"], str, Mapping | None]] = [
        ("ConfigMap", "name", mapping_at(volume, "configMap")),
        ("Secret", "secretName", mapping_at(volume, "secret")),
    ]
    for item in items_at(volume, "projected", "sources"):
        sources.append(("ConfigMap", "name", mapping_at(item, "configMap")))
        sources.append(("Secret", "name", mapping_at(item, "secret")))
    mounts = tuple(_mounts(template, text_at(volume, "name")))
    for kind, field, source in sources:
        name = text_at(source, field)
        if source is None or not name:
            continue
        for key, how in _entries(source, mounts):
            yield ConfigUse(kind, name, key, how, _optional(source), source)


def _mounts(template: Mapping, volume: str | None) -> Iterator[str | None]:
    """The sub-path of every mount of `volume`, None where all of it is mounted."""
    for container in containers(template):
        for mount in items_at(container, "volumeMounts"):
            if volume is not None and text_at(mount, "name") == volume:
                yield text_at(mount, "subPath") or text_at(mount, "subPathExpr")


def _entries(source: Mapping, mounts: tuple[str | None, ...]) -> Iterator[tuple[str | None, How]]:
    chosen = {text_at(item, "path"): text_at(item, "key") for item in items_at(source, "items")}
    whole: How | None = "volume" if None in mounts else None if mounts else "unmounted"
    if whole:
        yield from ((key, whole) for key in chosen.values()) if chosen else [(None, whole)]
    for path in mounts:
        if path is not None and "$(" not in path:
            file = path.strip("/").partition("/")[0]
            yield (chosen.get(file) or chosen.get(path) if chosen else file), "subPath"


def autoscaler_of(workload: Resource, view: ResourceView) -> Resource | None:
    """The HorizontalPodAutoscaler, ScaledObject or MachineAutoscaler that sets the replica count of `workload`."""
    for kind in AUTOSCALERS:
        found = _targeting(workload, view, kind, "scaleTargetRef")
        if found is not None:
            return found
    return None


def vertical_autoscaler_of(workload: Resource, view: ResourceView) -> Resource | None:
    """The VerticalPodAutoscaler that writes the requests of `workload`, unless it only recommends."""
    found = _targeting(workload, view, "VerticalPodAutoscaler", "targetRef")
    if found is None or text_at(found.body, "spec", "updatePolicy", "updateMode") == "Off":
        return None
    return found


def _targeting(workload: Resource, view: ResourceView, kind: str, field: str) -> Resource | None:
    for scaler in neighbours(workload, view, kind):
        target = mapping_at(scaler.body, "spec", field)
        named = (text_at(target, "kind") or "Deployment", text_at(target, "name"))
        if named == (workload.kind, name_of(workload)):
            return scaler
    return None


def replicas_of(workload: Resource, view: ResourceView) -> int | None:
    """The least number of pods that `workload` runs; None where nothing in the unit tells (DaemonSets)."""
    if workload.kind in ("DaemonSet", "CronJob", "Job", "Pod"):
        return None
    scaler = autoscaler_of(workload, view)
    if scaler is None:
        return number_at(workload.body, "spec", "replicas") if _states_replicas(workload) else 1
    field = "minReplicaCount" if scaler.kind == "ScaledObject" else "minReplicas"
    least = number_at(scaler.body, "spec", field)
    return least if least is not None else (1 if scaler.kind == "HorizontalPodAutoscaler" else 0)


def _states_replicas(workload: Resource) -> bool:
    return mapping_at(workload.body, "spec") is not None and workload.body.at("spec", "replicas") is not None


def stated_replicas(workload: Resource) -> int | None:
    """The count that a file states; None where the API server fills it in."""
    node = workload.body.at("spec", "replicas")
    return None if node is None or node.synthetic else number_at(node)


def selected_by(selector: Node | None, owner: Resource, view: ResourceView) -> list[Resource]:
    """Serving workloads beside `owner` whose pods the label selector holds for."""
    return [
        other
        for other in neighbours(owner, view)
        if other.kind in SERVING and selects(selector, pod_labels(other))
    ]


def container_images(template: Mapping) -> Iterator[str]:
    for container in containers(template):
        image = text_at(container, "image")
        if image:
            yield image
