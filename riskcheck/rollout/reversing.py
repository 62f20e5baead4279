"""The order in which changed things go back: readers before writers.

On the way out what is depended upon goes first. On the way back whoever reads goes first, so that nobody meets a
schema, an API version or a secret that is gone already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from riskcheck.dependencies import Edge


def rollback_order(changed: Iterable[str], edges: Iterable[Edge]) -> tuple[tuple[str, ...], ...]:
    """Waves of `changed` (vertex ids), the first to go back first, each sorted.

    A thing goes back when everything changed that needs it, however indirectly, has. What needs each other goes
    back together. edges: of the whole graph; unchanged vertices on the way count. Quadratic in the changed
    ones, linear in what each reaches.
    """
    names = sorted(set(changed))
    needs: dict[str, set[str]] = {}
    for edge in edges:
        needs.setdefault(edge.dependant, set()).add(edge.dependency)
    below = {name: _reached(name, needs) for name in names}
    # What needs each other is one; a thing waits for the groups that reach it and that it does not reach.
    readers = {
        name: {other for other in names if name in below[other] and other not in below[name]}
        for name in names
    }
    waves: list[tuple[str, ...]] = []
    left = set(names)
    while left:
        wave = tuple(sorted(name for name in left if not readers[name] & left))
        waves.append(wave)
        left.difference_update(wave)
    return tuple(waves)


def _reached(start: str, needs: Mapping[str, Iterable[str]]) -> set[str]:
    """All that `start` needs, directly or not; itself only where it is in a cycle."""
    found: set[str] = set()
    stack = list(needs.get(start, ()))
    while stack:
        name = stack.pop()
        if name not in found:
            found.add(name)
            stack.extend(needs.get(name, ()))
    return found


def together(wave: Iterable[str], edges: Iterable[Edge]) -> tuple[tuple[str, ...], ...]:
    """Those of one wave that need each other, which therefore go back at once."""
    needs: dict[str, set[str]] = {}
    for edge in edges:
        needs.setdefault(edge.dependant, set()).add(edge.dependency)
    names = sorted(wave)
    below = {name: _reached(name, needs) for name in names}
    groups: list[tuple[str, ...]] = []
    seen: set[str] = set()
    for name in names:
        if name not in seen:
            group = tuple(
                other for other in names if other == name or (other in below[name] and name in below[other])
            )
            seen.update(group)
            if len(group) > 1:
                groups.append(group)
    return tuple(groups)
