"""Which environments come before a production cell on its own way up.

The ring of a production cell is made of the environments that hold the same resource in lower stages, in its
own workspace tier where lower environments are told apart by tier at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from riskcheck.environments import order_of, stands_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from riskcheck.models import Environment, Resource

_Named: TypeAlias = "dict[tuple[str, str, str], list[Resource]]"
"""Resources by platform, kind and name, those of one name in the order in which they are known."""

_last: Final[list[tuple[tuple[Resource, ...], _Named]]] = []
"""What was asked for last, and the names in it: thousands of questions are about the same resources."""


def relatives(resource: Resource, known: Iterable[Resource]) -> tuple[Resource, ...]:
    """The same resource elsewhere, of each stage the nearest family: those whose unit shares the longest leading
    path, then the longest trailing one. Two components may hold objects of one name; the one in the sibling overlay
    is meant, and of `env/production/eks` the one in `env/staging/eks`.
    """
    nearest: dict[str, tuple[tuple[int, int], list[Resource]]] = {}
    for other in _by_name(known).get(_name(resource), ()):
        if other.environment.name == resource.environment.name:
            continue
        steps = nearness(resource.unit, other.unit)
        most, family = nearest.setdefault(other.environment.stage, (steps, []))
        if steps > most:
            nearest[other.environment.stage] = (steps, [other])
        elif steps == most:
            family.append(other)
    return tuple(other for _, family in nearest.values() for other in family)


def _by_name(known: Iterable[Resource]) -> _Named:
    if isinstance(known, tuple):
        for asked, named in _last:
            if asked is known:
                return named
    found: _Named = {}
    for one in known:
        found.setdefault(_name(one), []).append(one)
    if isinstance(known, tuple):
        _last[:] = [(known, found), *_last[:1]]
    return found


def _name(resource: Resource) -> tuple[str, str, str]:
    return resource.platform, resource.kind, resource.identity or resource.address


def lower(resource: Resource, known: Iterable[Resource], *, declared: bool) -> tuple[Resource, ...]:
    """The resources that stand before production `resource` in its ring, lowest stage first.

    A lower environment that names a tier stands only for that tier; one that names none stands for all. A
    development environment counts only where it is itself declared, in an order, or is the only lower stage: others
    are often sized and wired on their own.
    """
    below = before(resource, known)
    if any(other.environment.stage != "dev" for other in below):
        below = [
            other
            for other in below
            if other.environment.stage != "dev" or (declared and other.environment.order is not None)
        ]
    return tuple(below)


def before(resource: Resource, known: Iterable[Resource]) -> list[Resource]:
    """The resources in lower stages that stand for production `resource`, development included, lowest first."""
    stage = order_of(resource.environment.stage)
    found = [
        other
        for other in relatives(resource, known)
        if other.environment.stage != "unknown"
        and order_of(other.environment.stage) < stage
        and stands_for(other.environment, resource.environment)
    ]
    return sorted(found, key=lambda other: place_in_ring(other.environment))


def place_in_ring(environment: Environment) -> tuple[int, str]:
    """What environments below a production cell are sorted by: lowest stage first."""
    return order_of(environment.stage), environment.name


def nearness(one: str, other: str) -> tuple[int, int]:
    """How many leading steps two units share, and how many trailing ones."""
    steps, others = one.split("/"), other.split("/")
    return _shared_steps(steps, others), _shared_steps(steps[::-1], others[::-1])


def _shared_steps(one: Sequence[str], other: Sequence[str]) -> int:
    steps = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        steps += 1
    return steps
