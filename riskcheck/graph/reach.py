"""How far a change reaches: a max-product search over the edges towards dependants.

A plain adjacency search instead of networkx: importing that costs more than a whole small run, and this is
the hot path; networkx serves the exports and analyses of the graph.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final, TypeAlias

from riskcheck.dependencies import Edge, Reached, service_id
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from riskcheck.graph.model import ServiceGraph
    from riskcheck.models import Environment

COUPLING: Final = {"hard": 1.0, "soft": 0.3, "build": 0.1}
"""Strength of an edge: how much of a failure passes on."""

WEAKEST: Final = 0.05
"""Paths weaker than this are not followed."""

EVERYWHERE: Final = ""
"""Stands for a change in all environments."""

Names: TypeAlias = frozenset[str]


def reach(
    graph: ServiceGraph, changed: Iterable[str] | Mapping[str, Names | None], most_hops: int | None = None
) -> dict[str, Reached]:
    """Every service reached from `changed` by its strongest path, of equal ones that with the fewest hops; the
    changed services with zero hops.

    changed: vertex ids, with the names of the environments in which each changed (None, or no mapping: in all). An
    edge carries a change only in environments in which it holds. most_hops: paths with more steps from service to
    service do not count, however strong.
    """
    starts = changed if hasattr(changed, "keys") else dict.fromkeys(changed)
    search = _Search(graph, most_hops)
    for name in sorted(starts):
        wanted: Names | None = starts[name]  # type: ignore[index]  # a mapping, since it has keys
        search.start(name, frozenset([EVERYWHERE]) if wanted is None else wanted)
    return search.run()


class _Step(NamedTuple):
    """One vertex on a path. length: edges so far. before: the step before, None at the start; edge: by which it was
    reached."""

    vertex: str
    service: str
    hops: int
    length: int
    before: _Step | None
    edge: Edge | None


class _Search:
    """Settles vertices in order of strength, in each environment once."""

    def __init__(self, graph: ServiceGraph, most_hops: int | None) -> None:
        self._graph = graph
        self._most_hops = most_hops
        self._carried = Carried(graph.environments)
        self._settled: dict[object, Names] = {}
        self._pushed = 0
        self._queue: list[tuple[float, int, int, str, str, int, Names, _Step]] = []

    def start(self, vertex: str, names: Names) -> None:
        self._push(1.0, _Step(vertex, self._graph.vertex(vertex).service, 0, 0, None, None), names)

    def _push(self, strength: float, step: _Step, names: Names) -> None:
        before = step.before.vertex if step.before else ""
        self._pushed += 1
        entry = (-strength, step.hops, step.length, step.vertex, before, self._pushed, names, step)
        heappush(self._queue, entry)

    def run(self) -> dict[str, Reached]:
        best: dict[str, Reached] = {}
        while self._queue:
            negative, _, _, vertex, _, _, names, step = heappop(self._queue)
            # With a limit of hops, a weaker path with fewer of them may lead further.
            key = vertex if self._most_hops is None else (vertex, step.hops)
            before = self._settled.get(key, frozenset())
            new = names - before
            if not new:
                continue
            self._settled[key] = before | new
            if vertex == service_id(step.service) and step.service not in best:
                best[step.service] = self._reached(step, -negative)
            self._follow(step, -negative, new)
        return best

    def _follow(self, step: _Step, strength: float, names: Names) -> None:
        for edge in self._graph.dependants(step.vertex):
            passed_on = strength * COUPLING[edge.coupling]
            if passed_on < WEAKEST:
                continue
            carried = names if edge.environments is None else self._carried.of(edge.environments, names)
            if not carried:
                continue
            service = self._graph.vertex(edge.dependant).service
            hops = step.hops + (service != step.service)
            if self._most_hops is None or hops <= self._most_hops:
                self._push(
                    passed_on, _Step(edge.dependant, service, hops, step.length + 1, step, edge), carried
                )

    def _reached(self, last: _Step, strength: float) -> Reached:
        steps: list[_Step] = []
        step: _Step | None = last
        while step is not None:
            steps.append(step)
            step = step.before
        steps.reverse()
        return Reached(
            last.service,
            strength,
            tuple(self._graph.vertex(step.vertex).label for step in steps),
            _without_repeats(step.service for step in steps),
            tuple(step.edge for step in steps if step.edge is not None),
        )


def _without_repeats(names: Iterable[str]) -> tuple[str, ...]:
    found: list[str] = []
    for name in names:
        if not found or found[-1] != name:
            found.append(name)
    return tuple(found)


class Carried:
    """In which environments an edge carries a change. Units name environments as they like, so those of one cell
    count as one, and what no side says is no difference."""

    def __init__(self, environments: Mapping[str, Environment]) -> None:
        self._environments = environments
        self._known: dict[tuple[Names, str], bool] = {}

    def of(self, edge: Names, names: Names) -> Names:
        """Those of `names` that an edge which holds in `edge` carries."""
        return frozenset(name for name in names if self._carries(edge, name))

    def _carries(self, edge: Names, name: str) -> bool:
        if name == EVERYWHERE or name in edge:
            return True
        known = self._known.get((edge, name))
        if known is None:
            known = any(self._same(name, other) for other in edge)
            self._known[(edge, name)] = known
        return known

    def _same(self, one: str, other: str) -> bool:
        left, right = self._environments.get(one), self._environments.get(other)
        return left is not None and right is not None and may_be_one(left, right)


def may_be_one(one: Environment, other: Environment) -> bool:
    """Whether two environments, named differently, may be the same cell. An unknown stage may be any."""
    return (
        (one.stage == other.stage or "unknown" in (one.stage, other.stage))
        and (one.tier == other.tier or one.tier is None or other.tier is None)
        and (one.region == other.region or one.region is None or other.region is None)
    )
