"""Evidence that every lower stage of a production cell's ring already runs the value, and since when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.judged import CanaryEvidence
from riskcheck.rollout import ring
from riskcheck.rollout.sought import Sought, sought_of
from riskcheck.rollout.wanted import Ran, Wanted, is_removal, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riskcheck.models import Change, Resource
    from riskcheck.rollout.canary import CanaryFacts

_MOST_NEIGHBOURS: Final = 20
"""Resources of a unit by which the cells below it are looked for."""


def evidence(change: Change, facts: CanaryFacts) -> CanaryEvidence:
    """What every lower stage of the ring of `change` runs, and since when."""
    production = change.environment.name
    below = _cells(change, facts)
    if not below:
        return CanaryEvidence("promoted", False, production, _no_lower(change.resource, facts))
    wanted = Wanted(change, facts)
    return of_stages(production, [wanted.ran(sought, resource, facts.landings) for sought, resource in below])


def of_stages(production: str, all_answers: Sequence[Ran]) -> CanaryEvidence:
    """Evidence where some cell of each lower stage proves it. all_answers: lowest stage first, at least one."""
    proved: list[Ran] = []
    details: list[str] = []
    for stage in dict.fromkeys(answer.stage for answer in all_answers):
        answers = [answer for answer in all_answers if answer.stage == stage]
        good = [answer for answer in answers if answer.since is not None]
        if not good:
            return CanaryEvidence("promoted", False, production, answers[0].detail)
        proved.extend(good)
        details.append(min(good, key=lambda answer: answer.since or 0).detail)
    since = max(
        min(one.since for one in proved if one.since is not None and one.stage == stage)
        for stage in {one.stage for one in proved}
    )
    names = tuple(answer.environment for answer in proved if not answer.moved_on)
    return CanaryEvidence("promoted", True, production, "; ".join(details), stamp(since), names)


def _cells(change: Change, facts: CanaryFacts) -> list[tuple[Sought, Resource | None]]:
    """The cells below, with the resource as they have it at base. One that is removed may be gone there already:
    then the cells of its unit are meant."""
    resource = change.resource
    declared = facts.declared_order
    found: dict[tuple[str, str], tuple[Sought, Resource | None]] = {}
    for one in ring.lower(resource, facts.base, declared=declared):
        found.setdefault((one.unit, one.environment.name), (sought_of(one), one))
    if not is_removal(change):
        return list(found.values())
    neighbours = [
        one
        for one in facts.base
        if one.unit == resource.unit
        and one.platform == resource.platform
        and one.environment.name == resource.environment.name
        and one.key != resource.key
    ]
    for neighbour in neighbours[:_MOST_NEIGHBOURS]:
        for one in ring.lower(neighbour, facts.base, declared=declared):
            sought = sought_of(resource)._replace(unit=one.unit, environment=one.environment)
            found.setdefault((one.unit, one.environment.name), (sought, None))
    if not found:
        for gone in facts.vanished(resource):
            found.setdefault((gone.unit, gone.environment.name), (gone, None))
    return sorted(
        _nearest(resource, found.values()), key=lambda cell: ring.place_in_ring(cell[0].environment)
    )


def _nearest(
    resource: Resource, cells: Iterable[tuple[Sought, Resource | None]]
) -> Iterator[tuple[Sought, Resource | None]]:
    """Of each stage the cells whose unit is nearest: that another unit is without a resource which it never had
    proves nothing."""
    of_stages: dict[str, list[tuple[Sought, Resource | None]]] = {}
    for cell in cells:
        of_stages.setdefault(cell[0].environment.stage, []).append(cell)
    for alike in of_stages.values():
        most = max(ring.nearness(resource.unit, cell[0].unit) for cell in alike)
        yield from (cell for cell in alike if ring.nearness(resource.unit, cell[0].unit) == most)


def told(change: Change, resource: Resource, facts: CanaryFacts) -> tuple[str, int | None]:
    """What `resource`, the same thing in another cell, says of `change`; and the time (seconds since the epoch)
    from which it has run it for long enough, None where it has not, or runs something else by now."""
    ran = Wanted(change, facts).ran(sought_of(resource), resource, facts.landings)
    return ran.detail, None if ran.moved_on else ran.since


def runs(change: Change, resource: Resource, facts: CanaryFacts) -> bool:
    """Whether `resource` has at base what `change` brings to production, for however short a time."""
    return Wanted(change, facts).holds(resource)


def _no_lower(resource: Resource, facts: CanaryFacts) -> str:
    others = [
        other.environment
        for other in ring.relatives(resource, facts.base)
        if other.environment.stage in ("dev", "staging", "canary")
    ]
    tier = resource.environment.tier
    if others and tier:
        names = ", ".join(
            sorted({f"{one.name} is {one.tier}" for one in others if one.tier and one.tier != tier})
        )
        if names:
            return f"no lower environment of tier {tier} ({names})"
    return "no lower environment holds this resource"
