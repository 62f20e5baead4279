"""Services: their ports, the pods behind them, and who moves them at run time.

https://kubernetes.io/docs/concepts/services-networking/service/
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from riskcheck.nodes import Mapping
from riskcheck.progressive.surroundings import made_by_flagger
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.delivery_reading import around
from riskcheck.rules.checks.kubernetes_objects import (
    items_at,
    mapping_at,
    name_of,
    number_at,
    same_namespace,
    text_at,
    texts,
)
from riskcheck.rules.checks.kubernetes_pods import SERVING, containers, pod_labels, pod_template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import Node
    from riskcheck.rules.context import ResourceView

_labelled: WeakKeyDictionary[ResourceView, dict[tuple[str, str], list[tuple[Resource, dict[str, str]]]]] = (
    WeakKeyDictionary()
)
"""Workloads and labels of their pods by environment and unit, read once a run."""


class ServicePort(NamedTuple):
    """target: number or name of a port of the pods; that of the Service where none is stated."""

    number: int
    name: str
    target: str
    protocol: str
    node: Mapping

    def __str__(self) -> str:
        return f"{self.number} ({self.name})" if self.name else str(self.number)


def ports_of(service: Resource) -> list[ServicePort]:
    found = []
    for item in items_at(service.body, "spec", "ports"):
        number = number_at(item, "port")
        if isinstance(item, Mapping) and number is not None:
            target = text_at(item, "targetPort") or str(number)
            protocol = text_at(item, "protocol") or "TCP"
            found.append(ServicePort(number, text_at(item, "name") or "", target, protocol, item))
    return found


def selector_of(service: Resource) -> dict[str, str]:
    """Labels of the pods behind it; empty where somebody else writes its endpoints."""
    if text_at(service.body, "spec", "type") == "ExternalName":
        return {}
    return texts(mapping_at(service.body, "spec", "selector"))


def behind(service: Resource, view: ResourceView) -> list[Resource]:
    """Workloads of the unit whose pods it leads to."""
    wanted = selector_of(service)
    if not wanted:
        return []
    return [
        one
        for one, labels in labelled(service, view)
        if wanted.items() <= labels.items() and same_namespace(service, one)
    ]


def labelled(near: Resource, view: ResourceView) -> list[tuple[Resource, dict[str, str]]]:
    """The serving workloads of the unit and environment of `near`, and the labels of their pods."""
    known = _labelled.setdefault(view, {})
    place = (near.environment.name, near.unit)
    if place not in known:
        found = view.find(platform="kubernetes", environment=near.environment.name, unit=near.unit)
        known[place] = [(one, pod_labels(one)) for one in found if one.kind in SERVING]
    return known[place]


def is_moved(service: Resource, view: ResourceView) -> bool:
    """Whether a Rollout or Flagger writes its selector.

    https://argo-rollouts.readthedocs.io/en/stable/features/specification/
    """
    if made_by_flagger(service, around(view, service.environment.name)):
        return True
    for rollout in view.find(platform="kubernetes", kind="Rollout", environment=service.environment.name):
        for strategy, fields in (
            ("canary", ("stableService", "canaryService")),
            ("blueGreen", ("activeService", "previewService")),
        ):
            named = (text_at(rollout.body, "spec", "strategy", strategy, field) for field in fields)
            if same_namespace(rollout, service) and name_of(service) in named:
                return True
    return False


def declared_ports(workload: Resource) -> Iterator[tuple[int, str, Node]]:
    """Number and name of the ports that containers of a workload state. Stating one is optional."""
    template = pod_template(workload)
    for container in containers(template, "containers", "initContainers") if template is not None else ():
        for item in items_at(container, "ports"):
            number = number_at(item, "containerPort")
            if number is not None:
                yield number, text_at(item, "name") or "", item
