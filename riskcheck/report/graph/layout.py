"""Where the boxes of a drawn graph go: what needs others to the left of what it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riskcheck.charts import Link

SWEEPS: Final = 4
"""Times that each layer is sorted by the places of its neighbours, so that few edges cross."""


class Spot(NamedTuple):
    """layer: from the left; row: from the top of the layer; both from 0."""

    layer: int
    row: int


def place(names: Sequence[str], links: Sequence[Link]) -> Mapping[str, Spot]:
    """A spot for each of `names`; the same graph always gets the same drawing."""
    needs: dict[str, list[str]] = {name: [] for name in names}
    for link in links:
        needs[link.dependant].append(link.dependency)
    forward = _without_circles(needs)
    ranks = _ranks(forward)
    layers: list[list[str]] = [[] for _ in range(max(ranks.values(), default=-1) + 1)]
    for name in sorted(names):
        layers[ranks[name]].append(name)
    _sort(layers, forward)
    return {
        name: Spot(layer, row) for layer, members in enumerate(layers) for row, name in enumerate(members)
    }


def _without_circles(needs: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The edges that close no circle, found by a walk in depth."""
    forward: dict[str, list[str]] = {name: [] for name in needs}
    done: set[str] = set()
    for start in sorted(needs):
        path = {start: None}
        stack = [(start, iter(sorted(needs[start])))] if start not in done else []
        while stack:
            name, rest = stack[-1]
            other = next(rest, None)
            if other is None:
                done.add(name)
                path.pop(name, None)
                stack.pop()
            elif other not in path:
                forward[name].append(other)
                if other not in done:
                    path[other] = None
                    stack.append((other, iter(sorted(needs[other]))))
    return forward


def _ranks(forward: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The longest way from the left. forward: without circles."""
    waiting = dict.fromkeys(forward, 0)
    for others in forward.values():
        for other in others:
            waiting[other] += 1
    ranks = dict.fromkeys(forward, 0)
    ready = sorted(name for name, number in waiting.items() if not number)
    while ready:
        name = ready.pop()
        for other in forward[name]:
            ranks[other] = max(ranks[other], ranks[name] + 1)
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    return ranks


def _sort(layers: list[list[str]], forward: Mapping[str, Sequence[str]]) -> None:
    near: dict[str, list[str]] = {name: list(others) for name, others in forward.items()}
    for name, others in forward.items():
        for other in others:
            near[other].append(name)
    rows = {name: float(row) for layer in layers for row, name in enumerate(layer)}
    for _ in range(SWEEPS):
        for layer in layers:
            middles = {
                name: sum(rows[other] for other in near[name]) / len(near[name]) if near[name] else rows[name]
                for name in layer
            }
            layer.sort(key=lambda name, middles=middles: (middles[name], name))  # type: ignore[misc]
            rows.update((name, float(row)) for row, name in enumerate(layer))
