"""The resources of one environment, as declarations of progressive delivery find each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.progressive.values import Part, body_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.models import Resource

_TEMPLATES: Final = frozenset({"DaemonSet", "Deployment", "ReplicaSet", "Rollout", "StatefulSet"})


class Surroundings:
    """An index over the resources of one environment."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._by_kind: dict[str, list[Resource]] = {}
        self._by_name: dict[str, dict[str, list[Resource]]] = {}
        for resource in resources:
            self._by_kind.setdefault(resource.kind, []).append(resource)

    def kind(self, name: str) -> list[Resource]:
        return self._by_kind.get(name, [])

    def find(self, kind: str, name: str, near: Resource, namespace: str = "") -> Resource | None:
        """The object of `kind` that `near` names: in its own unit first; in `namespace`, else in that of `near`."""
        wanted = namespace or namespace_of(near)
        found = [one for one in self._named(kind).get(name, ()) if same_place(wanted, namespace_of(one))]
        return min(found, key=lambda one: one.unit != near.unit, default=None)

    def _named(self, kind: str) -> dict[str, list[Resource]]:
        """The objects of `kind` by each of their names."""
        if kind not in self._by_name:
            named: dict[str, list[Resource]] = {}
            for one in self.kind(kind):
                for name in {name_of(one), deployed_name(one)}:
                    named.setdefault(name, []).append(one)
            self._by_name[kind] = named
        return self._by_name[kind]

    def workloads(self, near: Resource) -> Iterator[Resource]:
        """What runs pods in the namespace of `near`."""
        for kind in _TEMPLATES:
            for one in self.kind(kind):
                if same_place(namespace_of(near), namespace_of(one)):
                    yield one


def group_of(resource: Resource) -> str:
    """API group; empty for the core group and for what is no Kubernetes object."""
    return body_of(resource).text("apiVersion").rpartition("/")[0]


def name_of(resource: Resource) -> str:
    """Name as declared, without the hash that a generator puts behind it."""
    return resource.name.rpartition("/")[2]


def deployed_name(resource: Resource) -> str:
    return body_of(resource).text("metadata", "name") or name_of(resource)


def namespace_of(resource: Resource) -> str:
    return resource.name.rpartition("/")[0]


def template_of(workload: Resource) -> Part:
    """The pod template of a Deployment and its like."""
    return (
        body_of(workload).part("spec", "template")
        if workload.kind in _TEMPLATES
        else Part(None, workload.reading)
    )


def made_by_flagger(resource: Resource, around: Surroundings) -> bool:
    """Whether a Canary makes, and rewrites, a Service or route of this name.

    https://github.com/fluxcd/flagger/blob/15bd6ad5/docs/gitbook/usage/how-it-works.md#canary-service
    """
    for canary in around.kind("Canary"):
        spec = body_of(canary).part("spec")
        name = spec.text("service", "name") or spec.text("targetRef", "name")
        if name == name_of(resource) and same_place(namespace_of(canary), namespace_of(resource)):
            return True
    return False


def config_of(resource: Resource) -> tuple[str, frozenset[str]] | None:
    """ConfigMap or Secret, and its names, that `resource` is or that a controller makes of it; None for others."""
    if resource.kind in ("ConfigMap", "Secret"):
        return resource.kind, frozenset((name_of(resource), deployed_name(resource)))
    body = body_of(resource)
    if resource.kind == "SealedSecret":
        return "Secret", frozenset({body.text("spec", "template", "metadata", "name") or name_of(resource)})
    if resource.kind == "ExternalSecret":
        return "Secret", frozenset({body.text("spec", "target", "name") or name_of(resource)})
    return None


def configs_of(workload: Resource) -> frozenset[tuple[str, str]]:
    """Kind and name of the ConfigMaps and Secrets that containers take variables or files from."""
    pod = template_of(workload).part("spec")
    found: set[tuple[str, str]] = set()
    for volume in pod.parts("volumes"):
        found.add(("ConfigMap", volume.text("configMap", "name")))
        found.add(("Secret", volume.text("secret", "secretName")))
        for source in volume.parts("projected", "sources"):
            found.add(("ConfigMap", source.text("configMap", "name")))
            found.add(("Secret", source.text("secret", "name")))
    for field in ("containers", "initContainers"):
        for container in pod.parts(field):
            for variable in container.parts("env"):
                found.add(("ConfigMap", variable.text("valueFrom", "configMapKeyRef", "name")))
                found.add(("Secret", variable.text("valueFrom", "secretKeyRef", "name")))
            for source in container.parts("envFrom"):
                found.add(("ConfigMap", source.text("configMapRef", "name")))
                found.add(("Secret", source.text("secretRef", "name")))
    return frozenset(one for one in found if one[1])


def same_place(one: str, other: str) -> bool:
    """A manifest without a namespace goes where it is applied, so it matches any."""
    return not one or not other or one == other
