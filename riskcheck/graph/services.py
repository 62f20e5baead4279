"""Which service a resource belongs to, and which services hang off which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from riskcheck.globs import matches_any
from riskcheck.models import Location, Resource, Service, location_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


class Edge(NamedTuple):
    """`dependant` needs `dependency`. location: the file and line that says so, None for the policy's word."""

    dependant: str
    dependency: str
    kind: Literal["hard", "soft", "build"]
    location: Location | None


class ServiceGraph:
    """Services and their edges. Names are unique; declared services win over inferred ones."""

    def __init__(self, services: Mapping[str, Service], edges: Sequence[Edge]) -> None:
        self.services = dict(services)
        self.edges = tuple(edges)
        self._dependants: dict[str, list[Edge]] = {}
        for edge in edges:
            self._dependants.setdefault(edge.dependency, []).append(edge)

    def dependants(self, name: str) -> Sequence[Edge]:
        """The edges by which other services need `name`."""
        return self._dependants.get(name, ())


def service_namer(declared: Sequence[Service]) -> Callable[[Resource], str]:
    """Names the service of a resource: the declared one whose paths hold the file that declares the resource,
    the last that matches as in CODEOWNERS; else what the platform inferred; else its unit."""
    globs = [(service.name, service.paths) for service in declared if service.paths]

    def name(resource: Resource) -> str:
        path = resource.origin.source.path
        for service, paths in reversed(globs):
            if matches_any(path, paths) or matches_any(resource.unit, paths):
                return service
        return resource.service or resource.unit

    return name


def build(
    resources: Iterable[Resource], declared: Sequence[Service], name_of: Callable[[Resource], str]
) -> ServiceGraph:
    """The graph of declared services and of the references between `resources`."""
    found = tuple(resources)
    services = {service.name: service for service in declared}
    owners: dict[tuple[str, str], str] = {}
    for resource in found:
        name = name_of(resource)
        services.setdefault(name, Service(name, source=resource.origin.source.path))
        owners.setdefault((resource.address, resource.environment.name), name)
    edges: dict[tuple[str, str], Edge] = {}
    for service in declared:
        for dependency in service.depends_on:
            services.setdefault(dependency, Service(dependency, source=service.source))
            edges[(service.name, dependency)] = Edge(service.name, dependency, "hard", None)
    for resource in found:
        dependant = name_of(resource)
        for reference in resource.references:
            owner = owners.get((reference.target, resource.environment.name))
            if owner is not None and owner != dependant:
                edge = Edge(dependant, owner, reference.kind, location_of(reference.node))
                edges.setdefault((dependant, owner), edge)
    return ServiceGraph(services, [edges[key] for key in sorted(edges)])
