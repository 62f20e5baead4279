"""What the graph as a whole shows: circles, and the order in which services can change.

For the commands that look at a whole estate. networkx is imported where there is something for it to find: that
costs more than a whole small `riskcheck diff`, and most estates have no circle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.dependencies import PART_OF, Cycle, Edge, service_id

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    import networkx

    from riskcheck.dependencies import Coupling
    from riskcheck.graph.model import ServiceGraph


def cycles(graph: ServiceGraph, couplings: frozenset[Coupling] | None = None) -> tuple[Cycle, ...]:
    """One circle of each group of vertices that all need each other, by the ids of its vertices from the least on.

    couplings: only edges of these count; None for all.
    """
    edges: dict[tuple[str, str], Edge] = {}
    for edge in _all_edges(graph):
        if couplings is None or edge.coupling in couplings:
            edges.setdefault((edge.dependant, edge.dependency), edge)
    among = _without_ends(edges)
    if not among:
        return ()
    import networkx

    whole: networkx.DiGraph[str] = networkx.DiGraph()
    whole.add_edges_from(among)
    found = []
    for group in networkx.strongly_connected_components(whole):
        if len(group) > 1:
            names = _shortest_circle(whole, group)
            pairs = zip(names, (*names[1:], names[0]), strict=True)
            found.append(Cycle(names, tuple(edges[pair] for pair in pairs)))
    return tuple(sorted(found, key=lambda cycle: cycle.names))


def _without_ends(pairs: Collection[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those of `pairs` (dependant, dependency) that may lie on a circle: without what needs nothing, again and
    again, until nothing of that kind is left."""
    dependants: dict[str, list[str]] = {}
    needs: dict[str, int] = {}
    for dependant, dependency in pairs:
        dependants.setdefault(dependency, []).append(dependant)
        needs[dependant] = needs.get(dependant, 0) + 1
    ends = [name for name in dependants if name not in needs]
    gone = set(ends)
    while ends:
        for dependant in dependants.get(ends.pop(), ()):
            needs[dependant] -= 1
            if not needs[dependant]:
                gone.add(dependant)
                ends.append(dependant)
    return [pair for pair in pairs if gone.isdisjoint(pair)]


def _shortest_circle(whole: networkx.DiGraph[str], group: set[str]) -> tuple[str, ...]:
    """The shortest way from the least vertex of `group` back to it."""
    import networkx

    first = min(group)
    inside = whole.subgraph(group)
    ways = networkx.single_source_shortest_path(inside, first)
    last = min((name for name in inside.predecessors(first)), key=lambda name: (len(ways[name]), ways[name]))
    return tuple(ways[last])


def waves(graph: ServiceGraph, names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Services `names` in the order in which they can change: those of one wave need none of the same or a later
    one, directly or by way of services that are not named. Members of a circle share a wave."""
    import networkx

    wanted = set(names)
    needs = between_services(graph)
    whole: networkx.DiGraph[str] = networkx.DiGraph()
    whole.add_nodes_from(wanted)
    whole.add_edges_from(needs)
    groups = networkx.condensation(whole)
    ranks: dict[int, int] = {}
    found: dict[int, list[str]] = {}
    for group in reversed(list(networkx.topological_sort(groups))):
        members = sorted(wanted & groups.nodes[group]["members"])
        below = max((ranks[needed] for needed in groups.successors(group)), default=0)
        ranks[group] = below + bool(members)
        if members:
            found.setdefault(ranks[group], []).extend(members)
    return tuple(tuple(sorted(found[rank])) for rank in sorted(found))


def between_services(graph: ServiceGraph) -> Mapping[tuple[str, str], Edge]:
    """(dependant, dependency), both names of services, to the first edge that says so."""
    found: dict[tuple[str, str], Edge] = {}
    for edge in graph.edges:
        pair = (graph.vertex(edge.dependant).service, graph.vertex(edge.dependency).service)
        if pair[0] != pair[1]:
            found.setdefault(pair, edge)
    return found


def _all_edges(graph: ServiceGraph) -> Iterable[Edge]:
    yield from graph.edges
    for name in sorted(graph.services):
        yield from (edge for edge in graph.dependencies(service_id(name)) if edge.relation == PART_OF)
