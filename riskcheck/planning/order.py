"""In which order the services of one wave go: what others need first, then what least depends on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.plans import PlannedService, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from riskcheck.plans import Need

CRITICALITY: Final = {"tier-4": 0, "tier-3": 1, "tier-2": 3, "tier-1": 4}
UNKNOWN_CRITICALITY: Final = 2
"""Nobody said, so neither first nor last."""


def steps_of(services: Mapping[str, PlannedService], needs: Sequence[Need]) -> tuple[Step, ...]:
    """The services of one wave as steps: dependencies before dependants; among those that do not need each other,
    tier-4 before tier-1. Services that need each other in a circle go together."""
    behind = dependencies(services, needs)
    found: list[Step] = []
    done: set[str] = set()
    while len(done) < len(services):
        ready: dict[int, set[tuple[str, ...]]] = {}
        for name in services:
            circle = tuple(sorted({name, *_circle(name, behind)}))
            if name not in done and set().union(*(behind[one] for one in circle)) <= done.union(circle):
                ready.setdefault(_weight(circle, services), set()).add(circle)
        for weight in sorted(ready):
            names = sorted(name for circle in ready[weight] for name in circle)
            found.append(
                Step(
                    tuple(services[name] for name in names),
                    tuple(one for one in needs if one.dependant in names and one.dependency in done),
                    any(len(circle) > 1 for circle in ready[weight]),
                )
            )
        done.update(name for circles in ready.values() for circle in circles for name in circle)
    return tuple(found)


def dependencies(names: Iterable[str], needs: Sequence[Need]) -> dict[str, set[str]]:
    """Each of `names` to those of them that it needs, by whatever ways through other services."""
    wanted = list(names)
    direct: dict[str, set[str]] = {}
    for need in needs:
        direct.setdefault(need.dependant, set()).add(need.dependency)
    found: dict[str, set[str]] = {}
    for name in wanted:
        seen: set[str] = set()
        queue = [name]
        while queue:
            for dependency in direct.get(queue.pop(), ()):
                if dependency not in seen:
                    seen.add(dependency)
                    queue.append(dependency)
        found[name] = seen.intersection(wanted) - {name}
    return found


def _circle(name: str, behind: Mapping[str, set[str]]) -> set[str]:
    """The others that `name` needs and that need `name`."""
    return {other for other in behind[name] if name in behind[other]}


def _weight(group: tuple[str, ...], services: Mapping[str, PlannedService]) -> int:
    """How much is at stake in a group of services: that of its most critical one."""
    return max(CRITICALITY.get(services[name].criticality or "", UNKNOWN_CRITICALITY) for name in group)
