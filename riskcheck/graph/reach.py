"""How far a change reaches: a max-product search over the edges towards dependants.

A plain adjacency search instead of networkx: importing that costs more than a whole small run, and this is
the hot path; networkx serves the exports and analyses of the graph.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.graph.services import ServiceGraph

COUPLING: Final = {"hard": 1.0, "soft": 0.3, "build": 0.1}
"""Strength of an edge: how much of a failure passes on."""

WEAKEST: Final = 0.05
"""Paths weaker than this are not followed."""


class Reached(NamedTuple):
    """A service that hangs off a changed one. path: from the changed service to this one, both included."""

    name: str
    strength: float
    path: tuple[str, ...]

    @property
    def hops(self) -> int:
        return len(self.path) - 1


def reach(graph: ServiceGraph, changed: Iterable[str]) -> dict[str, Reached]:
    """Every service reached from `changed` by its strongest path, the changed ones with zero hops."""
    best: dict[str, Reached] = {}
    queue: list[tuple[float, int, tuple[str, ...]]] = [(-1.0, 0, (name,)) for name in sorted(set(changed))]
    while queue:
        negative, _, path = heappop(queue)
        name = path[-1]
        if name in best:
            continue
        best[name] = Reached(name, -negative, path)
        for edge in graph.dependants(name):
            strength = -negative * COUPLING[edge.kind]
            if edge.dependant not in best and strength >= WEAKEST:
                heappush(queue, (-strength, len(path), (*path, edge.dependant)))
    return best
