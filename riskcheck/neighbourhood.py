"""What rules ask of the service graph: who uses what a change takes away, which critical services hang off it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.dependencies import Dependant, Downstream, critical_because, resource_id, service_id
from riskcheck.documents.scalars import same
from riskcheck.graph.reach import Carried, reach
from riskcheck.graph.services import label_of, names_of_target
from riskcheck.models import Service, location_of
from riskcheck.resolving import service_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from riskcheck.dependencies import Edge
    from riskcheck.graph.beyond import Estate
    from riskcheck.graph.model import ServiceGraph
    from riskcheck.models import Location, Reference, Resource
    from riskcheck.resolving import Resolved

SETTINGS: Final = ("databricks", "targets")
"""A bundle target's own settings: no resource that goes."""

RETIRED: Final = frozenset({"deprecated", "retired", "decommissioned", "end-of-life", "eol"})
"""Lifecycles of services whose dependencies are no longer kept true."""


class Neighbourhood:
    """`riskcheck.rules.context.Surrounding` of one run."""

    def __init__(self, graph: ServiceGraph, estate: Estate, resolved: Resolved) -> None:
        self._graph = graph
        self._estate = estate
        self._resolved = resolved
        self._touched = {
            path: change for change in resolved.changes for path in (change.path, change.old_path)
        }
        self._downstream: dict[tuple[str, str, int], tuple[Downstream, ...]] = {}
        self._uses: dict[str, list[tuple[Resource, Reference]]] | None = None

    def downstream(self, resource: Resource, hops: int) -> tuple[Downstream, ...]:
        """Critical services that hang off `resource`, in its environment, within so many hops: near ones first."""
        key = (resource_id(service_name(resource), resource.address), resource.environment.name, hops)
        known = self._downstream.get(key)
        if known is None:
            found = reach(self._graph, {key[0]: frozenset([key[1]])}, hops).values()
            critical = [
                Downstream(one.name, because, one.hops, one.path, _places(one.edges))
                for one in found
                if one.hops
                for because in [critical_because(self._service(one.name))]
                if because is not None
            ]
            known = self._downstream[key] = tuple(sorted(critical, key=lambda one: (one.hops, one.name)))
        return known

    def dependants(self, resource: Resource) -> tuple[Dependant, ...]:
        """What other services still use of a resource of base by a name that nothing in head provides any more; and
        what needs its service, where that goes as a whole."""
        found = [*self._by_name(resource), *self._by_service(resource)]
        return tuple(sorted(set(found), key=lambda one: (one.service, one.label, one.location)))

    def users(self, names: Collection[str], near: Resource) -> tuple[Dependant, ...]:
        """What uses a thing in head, in the environment of `near`, by one of its names. An address means the
        resource of `near`'s unit."""
        carried = Carried(self._graph.environments)
        here = frozenset([near.environment.name])
        found: dict[Dependant, None] = {}
        for name in names:
            for user, reference in self._users(name):
                if user.address == near.address and user.unit == near.unit:
                    continue
                if _is_address(name) and user.unit != near.unit:
                    continue
                if carried.of(frozenset([user.environment.name]), here):
                    found[self._dependant(user, reference)] = None
            for vertex, edge in self._estate.users(name):
                if edge.location is not None and (
                    edge.environments is None or carried.of(edge.environments, here)
                ):
                    place = edge.location._replace(side="head")
                    found[Dependant(vertex.service, vertex.label, edge.relation, place)] = None
        return tuple(found)

    def _dependant(self, user: Resource, reference: Reference) -> Dependant:
        place = location_of(reference.node)
        return Dependant(service_name(user), label_of(user.kind, user.name), reference.relation, place)

    def _service(self, name: str) -> Service:
        return self._graph.services.get(name, Service(name))

    def _by_name(self, resource: Resource) -> Iterator[Dependant]:
        own = service_name(resource)
        kept = {
            name
            for other in self._resolved.head
            if other.environment.name == resource.environment.name
            for name in other.provides
        }
        carried = Carried(self._graph.environments)
        here = frozenset([resource.environment.name])
        for name in resource.provides:
            if name in kept:
                continue
            for user, reference in self._users(name):
                if carried.of(frozenset([user.environment.name]), here):
                    label = label_of(user.kind, user.name)
                    place = location_of(reference.node)
                    yield from self._one(own, service_name(user), label, reference.relation, place)
            for vertex, edge in self._estate.users(name):
                if edge.location is not None and (
                    edge.environments is None or carried.of(edge.environments, here)
                ):
                    yield from self._one(own, vertex.service, vertex.label, edge.relation, edge.location)

    def _users(self, name: str) -> list[tuple[Resource, Reference]]:
        """The references of head that lead to `name`."""
        if self._uses is None:
            self._uses = {}
            for user in self._resolved.head:
                for reference in user.references:
                    for target in names_of_target(reference.target):
                        self._uses.setdefault(target, []).append((user, reference))
        return self._uses.get(name, [])

    def _by_service(self, resource: Resource) -> Iterator[Dependant]:
        """Told once for a service: at the first of its resources in an environment."""
        own = service_name(resource)
        if any(service_name(other) == own for other in self._resolved.head):
            return
        mates = [
            one.address
            for one in self._resolved.base
            if service_name(one) == own
            and one.environment.name == resource.environment.name
            and (one.platform, one.kind) != SETTINGS
        ]
        if resource.address != min(mates, default=""):
            return
        for edge in self._graph.dependants(service_id(own)):
            user = self._graph.vertex(edge.dependant)
            if edge.location is None or self._is_edited(edge.location.path):
                continue
            if edge.dependant == service_id(user.service):
                for one in self._one(own, user.service, user.label, edge.relation, edge.location):
                    yield one._replace(whole=True)

    def _is_edited(self, path: str) -> bool:
        """Whether the change edits values of the file: catalogs are read from the tree that decides, where they say
        what they may no longer say in head."""
        change = self._touched.get(path)
        if change is None:
            return False
        before = self._resolved.documents("base").get(change.old_path)
        after = self._resolved.documents("head").get(change.path)
        roots = [[chunk.root for chunk in one.chunks if chunk.root is not None] for one in (before, after)]
        pairs = zip(*roots, strict=False)
        return len(roots[0]) != len(roots[1]) or not all(same(one, other, "yaml-1.2") for one, other in pairs)

    def _one(self, own: str, service: str, label: str, relation: str, place: Location) -> Iterator[Dependant]:
        if service != own:
            retired = (self._service(service).lifecycle or "").lower() in RETIRED
            yield Dependant(service, label, relation, place._replace(side="head"), retired)


def _is_address(name: str) -> bool:
    """``databricks:jobs.ingest``, as opposed to a name by which other units know it."""
    return name.startswith("databricks:") and not {"@", "=", "#"}.intersection(name)


def _places(edges: tuple[Edge, ...]) -> tuple[Location, ...]:
    return tuple(edge.location for edge in edges if edge.location is not None)
