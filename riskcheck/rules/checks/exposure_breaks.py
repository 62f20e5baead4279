"""What a break between members of a set is, and where a Service is found by who names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.records import NamedTuple
from riskcheck.rules.checks.kubernetes_objects import (
    group_of,
    leaves_the_cluster,
    name_of,
    namespace_of,
)
from riskcheck.rules.checks.service_ports import ports_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import KeyPath, Node
    from riskcheck.rules.checks.route_backends import Backend
    from riskcheck.rules.context import CheckContext, ResourceView


class Member(NamedTuple):
    """One place of a set that belongs together: a field of a resource. part: which, in words."""

    resource: Resource
    part: str
    node: Node

    def __str__(self) -> str:
        return f"{self.resource.kind} {name_of(self.resource)} {self.part}"


class Break(NamedTuple):
    """Two members that agreed before and agree no more. cause: the one that changed. left: the one that did not.
    weight: 2 requests fail, 1 something watches or protects no more."""

    cause: Member
    left: Member
    effect: str
    weight: int


class Side(NamedTuple):
    """The objects of one unit and environment on one side."""

    view: ResourceView
    resources: tuple[Resource, ...]

    def of(self, *kinds: str) -> Iterator[Resource]:
        return (one for one in self.resources if one.kind in kinds)

    def service(self, name: str, namespace: str) -> Resource | None:
        for one in self.of("Service"):
            if name_of(one) == name and group_of(one) == "" and _same(namespace_of(one), namespace):
                return one
        return None


def _same(one: str, other: str) -> bool:
    return not one or not other or one == other


def serves(service: Resource, backend: Backend) -> bool:
    """Whether a Service has the port that a route names."""
    if not backend.port:
        return True
    for port in ports_of(service):
        if backend.port in (str(port.number), port.name) or (
            backend.by_target and backend.port == port.target
        ):
            return True
    return not ports_of(service)


def has_changed(resource: Resource, context: CheckContext, *prefixes: KeyPath) -> bool:
    return any(_touches(one, prefixes) for one in context.changes_of(resource))


def _touches(change: Change, prefixes: tuple[KeyPath, ...]) -> bool:
    path = change.path
    return not path or any(path[: len(one)] == one or one[: len(path)] == path for one in prefixes)


def is_gone(resource: Resource, context: CheckContext) -> bool:
    """Whether an object of base really leaves the cluster."""
    return context.head.get(*resource.key) is None and leaves_the_cluster(resource, context)
