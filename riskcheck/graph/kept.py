"""A whole graph as JSON can hold it, and back: what `riskcheck graph` keeps from one run to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.dependencies import Conflict, Dangling, Edge, Vertex
from riskcheck.graph.model import ServiceGraph
from riskcheck.models import Environment, Limitation, Location, Service

if TYPE_CHECKING:
    from typing import Any

    from riskcheck.nodes import Value

FORMAT: Final = 1
"""Of what `written` gives."""


def written(graph: ServiceGraph) -> Value:
    """All of a graph that goes on nowhere beyond itself."""
    return {
        "services": [_plain(one) for one in graph.services.values()],
        "vertices": [[*one[:4], _placed(one.location)] for one in graph.vertices.values()],
        "edges": [_edge(one) for one in graph.edges],
        "conflicts": [
            [one.service, one.field, [[value, _placed(place)] for value, place in one.values]]
            for one in graph.conflicts
        ],
        "dangling": [[_edge(one.edge), one.target] for one in graph.dangling],
        "limitations": [_plain(one) for one in graph.limitations],
        "environments": [_plain(one) for one in graph.environments.values()],
    }


def read(held: object) -> ServiceGraph | None:
    """The graph that `written` was given; None where `held` is something else."""
    try:
        parts = dict(held)  # type: ignore[call-overload]
        return ServiceGraph(
            {one[0]: _service(one) for one in parts["services"]},
            [_vertex(row) for row in parts["vertices"]],
            [_edge_of(row) for row in parts["edges"]],
            conflicts=[
                Conflict(service, field, tuple((value, Location(*place)) for value, place in values))
                for service, field, values in parts["conflicts"]
            ],
            dangling=[Dangling(_edge_of(edge), target) for edge, target in parts["dangling"]],
            limitations=[Limitation(*row) for row in parts["limitations"]],
            environments={row[0]: Environment(*row) for row in parts["environments"]},
        )
    except (TypeError, ValueError, KeyError, IndexError, AttributeError):
        return None


def _plain(record: tuple[object, ...]) -> Value:
    return [list(one) if isinstance(one, tuple) else one for one in record]  # type: ignore[misc]


def _placed(place: Location | None) -> Value:
    return None if place is None else list(place)


def _location(row: list[Any] | None) -> Location | None:
    return None if row is None else Location(*row)


def _vertex(row: list[Any]) -> Vertex:
    name, kind, label, service, place = row
    return Vertex(name, kind, label, service, _location(place))


def _edge(edge: Edge) -> Value:
    environments: Value = None if edge.environments is None else [*sorted(edge.environments)]
    return [*edge[:4], _placed(edge.location), environments]


def _edge_of(row: list[Any]) -> Edge:
    dependant, dependency, coupling, relation, place, environments = row
    where = None if environments is None else frozenset(environments)
    return Edge(dependant, dependency, coupling, relation, _location(place), where)


def _service(row: list[Any]) -> Service:
    return Service._make(tuple(one) if isinstance(one, list) else one for one in row)
