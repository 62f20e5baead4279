"""In which order the services of one wave go: what others need first, then what least depends on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.plans import PlannedService, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from riskcheck.plans import Need

CRITICALITY: Final = {"tier-4": 0, "tier-3": 1, "tier-2": 3, "tier-1": 4}
UNKNOWN_CRITICALITY: Final = 2
"""Nobody said, so neither first nor last."""


def steps_of(
    services: Mapping[str, PlannedService], layers: Sequence[Sequence[str]], needs: Sequence[Need]
) -> tuple[Step, ...]:
    """The services of one wave as steps: dependencies before dependants; among those that do not need each other,
    tier-4 before tier-1.

    layers: the names in dependency order; services that need each other in a circle share one, and go together.
    """
    found: list[Step] = []
    done: set[str] = set()
    for layer in layers:
        for names, together in _by_weight(layer, services, needs):
            found.append(
                Step(
                    tuple(services[name] for name in names),
                    tuple(one for one in needs if one.dependant in names and one.dependency in done),
                    together,
                )
            )
        done.update(layer)
    return tuple(found)


def _by_weight(
    layer: Sequence[str], services: Mapping[str, PlannedService], needs: Sequence[Need]
) -> Iterator[tuple[list[str], bool]]:
    """The names of one layer with the least at stake first, and whether some of them need each other."""
    inside = [one for one in needs if one.dependant in layer and one.dependency in layer]
    circle = {name for one in inside for name in (one.dependant, one.dependency)}
    weights = {name: _weight(services[name]) for name in layer}
    heaviest = max((weights[name] for name in circle), default=0)
    groups: dict[int, list[str]] = {}
    for name in sorted(layer):
        groups.setdefault(heaviest if name in circle else weights[name], []).append(name)
    for weight in sorted(groups):
        yield groups[weight], bool(circle.intersection(groups[weight]))


def _weight(service: PlannedService) -> int:
    return CRITICALITY.get(service.criticality or "", UNKNOWN_CRITICALITY)
