"""What resources and catalogs make one graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.dependencies import Dangling, Edge, Vertex, resource_id
from riskcheck.graph.index import keys_of
from riskcheck.graph.merge import deployed_as, merge, policy_entries
from riskcheck.graph.model import Beyond, ServiceGraph
from riskcheck.graph.reach import may_be_one
from riskcheck.models import Location, Resource, Service, location_of
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from riskcheck.dependencies import CatalogEntry
    from riskcheck.models import Environment, Reference
    from riskcheck.nodes import Node

_MOST_INSTANCES: Final = 20
"""Instances of one block to which a reference to all of them leads; there may be hundreds."""


def build(
    resources: Iterable[Resource],
    declared: Sequence[Service],
    name_of: Callable[[Resource], str],
    entries: Iterable[CatalogEntry] = (),
    beyond: Beyond | None = None,
) -> ServiceGraph:
    """The graph of what the policy declares, what catalogs say and what `resources` refer to.

    name_of: the service of a resource. beyond: where the graph goes on.
    """
    found = tuple(resources)
    homes = _Homes(found, name_of)
    if beyond is not None:
        names = {home.vertex.service for home in homes.all} | {service.name for service in declared}
        entries = (*entries, *beyond.entries(sorted(names)))
    merged = merge((*policy_entries(declared), *entries))
    services = dict(merged.services)
    vertices = {home.vertex.id: home.vertex for home in homes.all}
    for home in homes.all:
        name = home.vertex.service
        known = services.get(name, Service(name))
        if not known.source:
            services[name] = known._replace(source=home.resource.origin.source.path)
    aliased = (deployed_as(entry, name) for name, entry in merged.aliases.items() if name in services)
    edges: dict[tuple[str, str, str], Edge] = {}
    dangling: list[Dangling] = []
    for home in homes.all:
        for reference in home.resource.references:
            targets = homes.of(reference, home)
            for target in targets:
                _put(edges, home, target.vertex.id, reference)
            if not targets and not _is_hint(home, reference.target) and not homes.is_own(reference, home):
                dangling.append(_dangling(home, reference))
    return ServiceGraph(
        services,
        vertices.values(),
        (*merged.edges, *aliased, *edges.values()),
        conflicts=merged.conflicts,
        dangling=dangling,
        environments=_environments(found),
        beyond=beyond,
    )


def _is_hint(home: _Home, target: str) -> bool:
    """Whether nothing has to provide what a reference names: one column, a model by its last name alone. The table
    and the full name of the model are references of their own. SQL mostly names tables that others made."""
    return (
        home.resource.platform == "sql"
        or target.startswith("model:")
        or (target.startswith("uc:") and "#" in target)
    )


def label_of(kind: str, name: str) -> str:
    """``pipeline gold`` for ``pipelines``, ``Deployment web`` for ``Deployment`` ``shop/web``."""
    word = kind.replace("_", " ")
    if word[:1].islower():
        word = _singular(word)
    return f"{word} {name.rpartition('/')[2] or name}"


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word.removesuffix("es" if word.endswith("xes") else "s")


def vertex_of(resource: Resource, service: str) -> Vertex:
    """The vertex of a resource."""
    name = resource_id(service, resource.address)
    return Vertex(
        name, resource.kind, label_of(resource.kind, resource.name), service, location_of(resource.origin)
    )


def vertices() -> Callable[[Resource, str], Vertex]:
    """`vertex_of`, once for what one place declares: most resources are the same in several environments."""
    known: dict[tuple[Node, str, str, str], Vertex] = {}

    def vertex(resource: Resource, service: str) -> Vertex:
        key = (resource.origin, resource.kind, resource.name, service)
        found = known.get(key)
        if found is None:
            found = known[key] = vertex_of(resource, service)
        return found

    return vertex


class _Home(NamedTuple):
    resource: Resource
    vertex: Vertex


class _Homes:
    """Where references lead: to a resource of the same unit and environment, else to what provides that name."""

    def __init__(self, resources: Sequence[Resource], name_of: Callable[[Resource], str]) -> None:
        vertex = vertices()
        self.all = [_Home(one, vertex(one, name_of(one))) for one in resources]
        self._inside: dict[tuple[str, str, str], _Home] = {}
        self._provided: dict[str, list[_Home]] = {}
        self._instances: dict[tuple[str, str, str], list[_Home]] = {}
        for home in self.all:
            self._inside.setdefault(home.resource.key, home)
            block = _without_key(home.resource.address)
            if block is not None:
                unit, _, environment = home.resource.key
                self._instances.setdefault((unit, block, environment), []).append(home)
            for name in home.resource.provides:
                self._provided.setdefault(name, []).append(home)

    def of(self, reference: Reference, home: _Home) -> list[_Home]:
        one = home.resource
        inside = self._inside.get((one.unit, reference.target, one.environment.name))
        if inside is not None:
            return [inside] if inside.vertex.id != home.vertex.id else []
        instances = self._instances.get((one.unit, reference.target, one.environment.name))
        if instances is not None:
            key = one.address[len(_without_key(one.address) or one.address) :]
            same = [other for other in instances if key and other.resource.address.endswith(key)]
            found = {other.vertex.id: other for other in same or instances[:_MOST_INSTANCES]}
            return [found[name] for name in sorted(found) if name != home.vertex.id]
        there = {
            other.vertex.id: other
            for name in names_of_target(reference.target)
            for other in self._provided.get(name, ())
            if other.vertex.id != home.vertex.id and _together(other.resource.environment, one.environment)
        }
        return [there[name] for name in sorted(there)]

    def is_own(self, reference: Reference, home: _Home) -> bool:
        """Whether a resource names what it provides itself."""
        return reference.target in (home.resource.address, _without_key(home.resource.address)) or not set(
            names_of_target(reference.target)
        ).isdisjoint(home.resource.provides)


def _without_key(address: str) -> str | None:
    """The block of an instance of it, ``aws_eip.nat`` of ``aws_eip.nat["a"]``; None for what has no key."""
    if not address.endswith("]"):
        return None
    return address.rpartition('["' if address.endswith('"]') else "[")[0] or None


def names_of_target(target: str) -> tuple[str, ...]:
    """The names under which the target of a reference may be provided: a table, and the schema that holds it."""
    return keys_of(target)


def _together(one: Environment, other: Environment) -> bool:
    return one.name == other.name or may_be_one(one, other)


def _put(edges: dict[tuple[str, str, str], Edge], home: _Home, target: str, reference: Reference) -> None:
    """The same reference in several environments is one edge that holds in all of them."""
    here = frozenset([home.resource.environment.name])
    key = (home.vertex.id, target, reference.relation)
    known = edges.get(key)
    if known is None:
        place = location_of(reference.node)
        edges[key] = Edge(home.vertex.id, target, reference.kind, reference.relation, place, here)
    elif known.environments is not None and not here <= known.environments:
        edges[key] = known._replace(environments=known.environments | here)


def _dangling(home: _Home, reference: Reference) -> Dangling:
    here = frozenset([home.resource.environment.name])
    place: Location = location_of(reference.node)
    edge = Edge(home.vertex.id, reference.target, reference.kind, reference.relation, place, here)
    return Dangling(edge, reference.target)


def _environments(resources: Iterable[Resource]) -> dict[str, Environment]:
    return {one.environment.name: one.environment for one in resources}
