"""What the workloads of a namespace ask for at least, all at once: drivers and executors of Spark included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.quantities import NANO, quantity_nanos
from riskcheck.rules.checks.kubernetes_objects import same_namespace, text_at
from riskcheck.rules.checks.kubernetes_pods import SERVING, containers, pod_template, replicas_of
from riskcheck.spark.allocation import executors
from riskcheck.spark.memory import Role, footprints
from riskcheck.spark.operator import application
from riskcheck.spark.sizes import MIB
from riskcheck.sparkapps import application_of, is_suspended

if TYPE_CHECKING:
    from riskcheck.models import Resource
    from riskcheck.nodes import Mapping
    from riskcheck.rules.context import ResourceView
    from riskcheck.spark.settings import Settings

RESOURCES: Final = {
    "memory": "memory",
    "requests.memory": "memory",
    "cpu": "cpu",
    "requests.cpu": "cpu",
}
"""Names in ``spec.hard`` to what they are of. https://kubernetes.io/docs/concepts/policy/resource-quotas/"""

_ROLES: Final[tuple[Role, ...]] = ("driver", "executor")


def demand(quota: Resource, name: str, view: ResourceView) -> int | None:
    """Nano-units of resource `name` of `quota` that is asked for at least; None where nothing is known of it."""
    what = RESOURCES.get(name)
    if what is None:
        return None
    asked = [
        _asked(one, what, view)
        for one in view.find(platform="kubernetes", environment=quota.environment.name)
        if same_namespace(one, quota)
    ]
    known = [one for one in asked if one]
    return sum(known) if known else None


def _asked(resource: Resource, what: str, view: ResourceView) -> int:
    """0 where it is not known, which makes the sum a lower bound."""
    if resource.kind in SERVING:
        template = pod_template(resource)
        count = replicas_of(resource, view)
        if template is None or count is None:
            return 0
        return count * sum(_container(one, what) for one in containers(template, "containers"))
    if application_of(resource) is None or is_suspended(resource):
        return 0
    settings = application(resource.kind, resource.body, resource.reading)
    return 0 if settings is None else sum(_role(settings, role, what) for role in _ROLES)


def _container(container: Mapping, what: str) -> int:
    for section in ("requests", "limits"):
        stated = text_at(container, "resources", section, what)
        if stated is not None:
            return quantity_nanos(stated) or 0
    return 0


def _role(settings: Settings, role: Role, what: str) -> int:
    count = 1
    if role == "executor":
        found = executors(settings)
        count = (found.initial if found.dynamic else found.highest) or 0 if found is not None else 0
    if what == "memory":
        return count * min((one.total for one in footprints(settings, role)), default=0) * MIB * NANO
    stated = settings.text(f"spark.kubernetes.{role}.request.cores") or settings.text(f"spark.{role}.cores")
    return count * ((quantity_nanos(stated) if stated is not None else None) or 0)
