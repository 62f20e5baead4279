"""The one graph of services and resources, whatever its edges were read from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from riskcheck.dependencies import PART_OF, SERVICE_PREFIX, Conflict, Dangling, Edge, Vertex, service_id
from riskcheck.models import Service
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from riskcheck.dependencies import CatalogEntry
    from riskcheck.models import Environment, Limitation


class Part(NamedTuple):
    """A piece of the graph that was looked up. environments: those that its edges name."""

    services: Sequence[Service] = ()
    vertices: Sequence[Vertex] = ()
    edges: Sequence[Edge] = ()
    environments: Sequence[Environment] = ()


class Beyond(Protocol):
    """Where the graph goes on beyond what was put into it: looked up when a search gets there."""

    def dependants(self, vertex: Vertex) -> Part:
        """The edges by which others need `vertex`, with the vertices and services at their other ends."""

    def entries(self, names: Iterable[str]) -> Sequence[CatalogEntry]:
        """What catalogs say of the services called `names`, by any of their names."""


class ServiceGraph:
    """Services, their resources and the edges among them.

    A resource is `part of` its service, whose vertex depends on it: what breaks the resource breaks the service.
    conflicts and dangling are complete only where the whole estate was read. environments: those that edges name.
    """

    def __init__(
        self,
        services: Mapping[str, Service],
        vertices: Iterable[Vertex] = (),
        edges: Iterable[Edge] = (),
        *,
        conflicts: Sequence[Conflict] = (),
        dangling: Sequence[Dangling] = (),
        limitations: Sequence[Limitation] = (),
        environments: Mapping[str, Environment] | None = None,
        beyond: Beyond | None = None,
    ) -> None:
        self._services: dict[str, Service] = {}
        self._vertices: dict[str, Vertex] = {}
        self._edges: dict[Edge, None] = {}
        self._dependants: dict[str, _Edges] = {}
        self._dependencies: dict[str, _Edges] = {}
        self._followed: set[str] = set()
        self.conflicts = tuple(conflicts)
        self.dangling = tuple(dangling)
        self.limitations = tuple(limitations)
        self.environments = dict(environments or {})
        self._beyond = beyond
        self._add(Part(tuple(services.values()), tuple(vertices), tuple(edges)))

    @property
    def services(self) -> Mapping[str, Service]:
        """Service by name: all that were put in or met so far."""
        return self._services

    @property
    def vertices(self) -> Mapping[str, Vertex]:
        """Vertex by id: all that were put in or met so far."""
        return self._vertices

    @property
    def edges(self) -> tuple[Edge, ...]:
        """Every edge, without `part of`, in a stable order."""
        return tuple(sorted((edge for edge in self._edges if edge.relation != PART_OF), key=_by_name))

    def vertex(self, name: str) -> Vertex:
        """The vertex called `name`, an id. One that only edges name is a service."""
        found = self._vertices.get(name)
        if found is not None:
            return found
        service = name.removeprefix(SERVICE_PREFIX)
        return Vertex(name, "service", service, service)

    def dependants(self, name: str) -> Sequence[Edge]:
        """The edges by which others need vertex `name` (an id), `part of` among them."""
        if self._beyond is not None and name not in self._followed:
            self._followed.add(name)
            self._add(self._beyond.dependants(self.vertex(name)))
        return _in_order(self._dependants, name)

    def dependencies(self, name: str) -> Sequence[Edge]:
        """The edges by which vertex `name` (an id) needs others, `part of` among them."""
        return _in_order(self._dependencies, name)

    def parts(self, service: str) -> tuple[Vertex, ...]:
        """The resources of a service, by id."""
        return tuple(
            self._vertices[edge.dependency]
            for edge in self.dependencies(service_id(service))
            if edge.relation == PART_OF
        )

    def _add(self, part: Part) -> None:
        for environment in part.environments:
            self.environments.setdefault(environment.name, environment)
        for service in part.services:
            self._add_service(service)
        for vertex in part.vertices:
            self._add_vertex(vertex)
        for edge in part.edges:
            self._add_edge(edge)

    def _add_service(self, service: Service) -> None:
        name = service.name
        if self._services.get(name, Service(name)) != Service(name):
            return  # the first that says something holds
        self._services[name] = service
        self._vertices.setdefault(service_id(name), Vertex(service_id(name), "service", name, name))

    def _add_vertex(self, vertex: Vertex) -> None:
        if vertex.id in self._vertices:
            if self._vertices[vertex.id].location is None:
                self._vertices[vertex.id] = vertex
            return
        self._vertices[vertex.id] = vertex
        self._add_service(Service(vertex.service))
        if vertex.id != service_id(vertex.service):
            self._add_edge(Edge(service_id(vertex.service), vertex.id, "hard", PART_OF))

    def _add_edge(self, edge: Edge) -> None:
        # A thing that needs itself says nothing about others.
        if edge not in self._edges and edge.dependant != edge.dependency:
            self._edges[edge] = None
            self._dependants.setdefault(edge.dependency, _Edges()).add(edge)
            self._dependencies.setdefault(edge.dependant, _Edges()).add(edge)


class _Edges:
    """Edges of one vertex. What is said about the graph must not depend on the order in which files were read."""

    __slots__ = ("_edges", "_sorted")

    def __init__(self) -> None:
        self._edges: list[Edge] = []
        self._sorted = True

    def add(self, edge: Edge) -> None:
        self._edges.append(edge)
        self._sorted = len(self._edges) == 1

    def in_order(self) -> Sequence[Edge]:
        if not self._sorted:
            self._edges.sort(key=_by_name)
            self._sorted = True
        return self._edges


def _in_order(edges: Mapping[str, _Edges], name: str) -> Sequence[Edge]:
    found = edges.get(name)
    return found.in_order() if found is not None else ()


def _by_name(edge: Edge) -> tuple[object, ...]:
    return (edge.dependant, edge.dependency, edge.relation, edge.location or (), edge.coupling, _names(edge))


def _names(edge: Edge) -> tuple[str, ...]:
    return tuple(sorted(edge.environments or ()))
