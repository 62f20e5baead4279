"""Pod specifications of whatever runs pods: workloads, and the drivers, executors and servers of Spark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple
from riskcheck.rules.checks.kubernetes_objects import items_at, mapping_at, text_at
from riskcheck.rules.checks.kubernetes_pods import is_partial, pod_template
from riskcheck.sparkapps import GROUP, PATHS, application_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import Mapping

_CONNECT: Final = "SparkConnect"


class Pods(NamedTuple):
    """The pods of one role on both sides. role: ``driver``, ``executor`` or ``server`` of Spark, else ``""``."""

    role: str
    before: Mapping
    after: Mapping

    @property
    def subject(self) -> str:
        """``pods``, ``executor pods``."""
        return f"{self.role} pods" if self.role else "pods"


class Containers(NamedTuple):
    """One container on both sides. name: its name, the role for a pod of Spark. resident: it runs as long as its
    pod does, other than an init container that ends."""

    name: str
    before: Mapping
    after: Mapping
    resident: bool


def pods_kept(change: Change) -> Iterator[Pods]:
    """Pod specifications that `change`'s resource has in base and in head; none where one side is known in part."""
    before, after = change.resource_before, change.resource_after
    if before is not None and after is not None:
        yield from pods_between(before, after)


def pods_between(before: Resource, after: Resource) -> Iterator[Pods]:
    """The same for any two states of a resource."""
    if before.kind != after.kind:
        return
    if pod_template(after) is not None and (is_partial(before) or is_partial(after)):
        return
    old, new = pod_specs(before), pod_specs(after)
    for role, spec in new.items():
        if role in old:
            yield Pods(role, old[role], spec)


def pod_specs(resource: Resource) -> dict[str, Mapping]:
    """What has the fields of a pod specification, by role.

    A driver or executor of the Spark operator has those of its pod and of its container in one mapping:
    https://github.com/kubeflow/spark-operator/blob/38082f33/api/v1beta2/sparkapplication_types.go ; of SparkConnect
    they stand in pod templates: https://github.com/kubeflow/spark-operator/blob/38082f33/api/v1alpha1/sparkconnect_types.go
    """
    found: dict[str, Mapping | None] = {}
    template = pod_template(resource)
    if template is not None:
        found[""] = mapping_at(template, "spec")
    elif resource.kind in PATHS:
        application = application_of(resource)
        found = {role: mapping_at(application, role) for role in ("driver", "executor")}
    elif resource.kind == _CONNECT and (text_at(resource.body, "apiVersion") or "").startswith(GROUP + "/"):
        for role in ("server", "executor"):
            found[role] = mapping_at(resource.body, "spec", role, "template", "spec")
    return {role: spec for role, spec in found.items() if spec is not None}


def containers_kept(pods: Pods) -> Iterator[Containers]:
    """Containers that are there in base and in head, by name."""
    if pods.role and not items_at(pods.after, "containers") and not items_at(pods.before, "containers"):
        yield Containers(pods.role, pods.before, pods.after, resident=True)
        return
    old, new = _by_name(pods.before), _by_name(pods.after)
    for name, (container, resident) in new.items():
        if name in old:
            yield Containers(name, old[name][0], container, resident)


def _by_name(spec: Mapping) -> dict[str, tuple[Mapping, bool]]:
    """An init container that is always restarted is a sidecar and runs as long as the pod:
    https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/"""
    found: dict[str, tuple[Mapping, bool]] = {}
    for field in ("initContainers", "containers"):
        for item in items_at(spec, field):
            name, container = text_at(item, "name"), mapping_at(item)
            if name is not None and container is not None:
                resident = field == "containers" or text_at(item, "restartPolicy") == "Always"
                found[name] = (container, resident)
    return found
