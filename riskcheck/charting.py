"""Charts of a tree, of a service in it, and of a change: what `riskcheck graph` shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.charts import Chart, Link, Member, Scope
from riskcheck.dependencies import Dangling, resource_id, service_id
from riskcheck.errors import RunError
from riskcheck.estate import changed_graph, whole_graph
from riskcheck.graph.analysis import cycles
from riskcheck.graph.reach import COUPLING, reach
from riskcheck.models import UNDEPLOYED
from riskcheck.resolving import all_paths, service_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from riskcheck.dependencies import Cycle, Edge
    from riskcheck.graph.model import ServiceGraph
    from riskcheck.models import Change, Limitation
    from riskcheck.observing import Observer
    from riskcheck.platforms.base import Memory
    from riskcheck.policy.model import Policy
    from riskcheck.trees import Comparison

NEAR: Final = 3
"""Names that are proposed for one that is not known."""


class UnknownService(RunError):
    """A service that nothing in the tree names. Exit code 2."""


def chart_whole(
    comparison: Comparison,
    policy: Policy,
    memory: Memory | None = None,
    observer: Observer | None = None,
    jobs: int = 1,
) -> Chart:
    """The graph of the head of `comparison`. memory, observer, jobs: see `whole_graph`."""
    graph = whole_graph(comparison, policy, memory, observer, jobs)
    members = [Member(service, graph.parts(name)) for name, service in graph.services.items()]
    return _chart("whole", comparison.head.label, members, graph, graph.limitations)


def chart_service(
    comparison: Comparison,
    policy: Policy,
    name: str,
    memory: Memory | None = None,
    observer: Observer | None = None,
    jobs: int = 1,
) -> Chart:
    """`name`, all that it needs and all that hangs off it. Raises `UnknownService`. memory, observer, jobs:
    see `whole_graph`."""
    graph = whole_graph(comparison, policy, memory, observer, jobs)
    if name not in graph.services:
        raise UnknownService(_unknown(name, graph.services))
    reached = reach(graph, [service_id(name), *(part.id for part in graph.parts(name))])
    names = {name, *reached, *_needed(graph, name)}
    members = [
        Member(graph.services[one], graph.parts(one), one == name, reached.get(one))
        for one in names
        if one in graph.services
    ]
    return _chart("service", name, members, graph, graph.limitations)


def chart_changed(
    comparison: Comparison,
    policy: Policy,
    memory: Memory | None = None,
    observer: Observer | None = None,
    jobs: int = 1,
) -> Chart:
    """What `comparison` changes and all that hangs off it. memory, observer, jobs: see `whole_graph`."""
    from riskcheck.changes.compare import compare
    from riskcheck.environments import EnvironmentModel
    from riskcheck.resolving import resolve_both

    environments = EnvironmentModel(
        policy.environments, policy.promotion, paths=lambda: all_paths(comparison)
    )
    resolved = resolve_both(comparison, environments, policy, memory, observer=observer)
    changes = [
        change
        for change in compare(resolved.base, resolved.head, resolved.natural_keys)
        if change.resource.platform not in UNDEPLOYED
    ]
    graph = changed_graph(comparison, policy, environments, resolved.base, memory, observer, jobs)
    starts = _starts(changes, graph)
    reached = reach(graph, starts)
    touched = {graph.vertex(vertex).service for vertex in starts}
    members = [
        Member(
            graph.services[name],
            tuple(part for part in graph.parts(name) if part.id in starts),
            name in touched,
            None if name in touched else one,
        )
        for name, one in reached.items()
        if name in graph.services
    ]
    limits = tuple(dict.fromkeys((*resolved.limitations, *graph.limitations)))
    subject = f"{comparison.base.label}..{comparison.head.label}"
    return _chart("changed", subject, members, graph, limits, comparison.notes)


def _starts(changes: Iterable[Change], graph: ServiceGraph) -> dict[str, frozenset[str]]:
    """The vertices that change, with the names of the environments in which they do. What is gone from the head is
    its service's loss."""
    found: dict[str, frozenset[str]] = {}
    for change in changes:
        service = service_name(change.resource)
        vertex = resource_id(service, change.resource.address)
        if vertex not in graph.vertices:
            vertex = service_id(service)
        found[vertex] = found.get(vertex, frozenset()) | {change.environment.name}
    return found


def _needed(graph: ServiceGraph, name: str) -> set[str]:
    """The services that `name` needs, directly or not."""
    found: set[str] = set()
    waiting = [service_id(name)]
    seen = set(waiting)
    while waiting:
        for edge in graph.dependencies(waiting.pop()):
            if edge.dependency not in seen:
                seen.add(edge.dependency)
                waiting.append(edge.dependency)
                found.add(graph.vertex(edge.dependency).service)
    return found


def _chart(
    scope: Scope,
    subject: str,
    members: Iterable[Member],
    graph: ServiceGraph,
    limits: tuple[Limitation, ...],
    notes: Iterable[str] = (),
) -> Chart:
    shown = tuple(sorted(members, key=lambda one: one.service.name))
    names = {one.service.name for one in shown}
    found: tuple[Cycle, ...] = cycles(graph)
    dangling = (*graph.dangling, *_undescribed(graph))
    conflicts = graph.conflicts
    if scope != "whole":
        found = tuple(one for one in found if any(graph.vertex(name).service in names for name in one.names))
        dangling = tuple(one for one in dangling if graph.vertex(one.edge.dependant).service in names)
        conflicts = tuple(one for one in conflicts if one.service in names)
    links = tuple(_links(graph, names))
    return Chart(
        scope,
        subject,
        shown,
        links,
        found,
        conflicts,
        dangling,
        limits,
        _labels(graph, (*_edges(shown, links), *(one.edge for one in dangling)), found),
        len(graph.services),
        tuple(notes),
    )


def _links(graph: ServiceGraph, names: Collection[str]) -> Iterator[Link]:
    """The edges between two services of `names`, as one link each."""
    found: dict[tuple[str, str], list[Edge]] = {}
    for edge in graph.edges:
        pair = (graph.vertex(edge.dependant).service, graph.vertex(edge.dependency).service)
        if pair[0] != pair[1] and pair[0] in names and pair[1] in names:
            found.setdefault(pair, []).append(edge)
    for (dependant, dependency), edges in sorted(found.items()):
        strongest = max(edges, key=lambda edge: COUPLING[edge.coupling]).coupling
        yield Link(dependant, dependency, strongest, tuple(edges))


def _undescribed(graph: ServiceGraph) -> Iterator[Dangling]:
    """Services that others need and nothing describes."""
    for edge in graph.edges:
        for name in (edge.dependency, edge.dependant):
            vertex = graph.vertex(name)
            service = graph.services.get(vertex.service)
            if name == service_id(vertex.service) and (service is None or not service.source):
                yield Dangling(edge, vertex.label)


def _edges(members: Iterable[Member], links: Iterable[Link]) -> Iterator[Edge]:
    for link in links:
        yield from link.edges
    for member in members:
        if member.reached is not None:
            yield from member.reached.edges


def _labels(graph: ServiceGraph, edges: Iterable[Edge], circles: Iterable[Cycle]) -> dict[str, str]:
    """What the ends of edges are called."""
    every = [*edges, *(edge for circle in circles for edge in circle.edges)]
    ends = {name for edge in every for name in (edge.dependant, edge.dependency)}
    return {name: graph.vertex(name).label for name in sorted(ends)}


def _unknown(name: str, known: Collection[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=NEAR)
    hint = f"did you mean {' or '.join(near)}?" if near else "`riskcheck graph` shows those that are known"
    return f"no service called {name}: {hint}"
