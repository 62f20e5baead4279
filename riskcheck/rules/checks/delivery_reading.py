"""Declared canaries as the delivery checks meet them: before and after a change, and all of an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from riskcheck.progressive.read import read
from riskcheck.progressive.surroundings import Surroundings
from riskcheck.progressive.values import as_number
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.models import Resource
    from riskcheck.nodes import KeyPath
    from riskcheck.progressive.model import ProgressiveDelivery
    from riskcheck.rules.context import CheckContext, ResourceView

STEPS: Final[tuple[KeyPath, ...]] = (
    ("spec", "strategy", "canary", "steps"),
    ("spec", "analysis"),
    ("spec", "canaryAnalysis"),
)
"""Where a Rollout and a Canary write their steps."""

_CONTROLLED: Final = ("Rollout", "Canary")

_MOST_CHARACTERS: Final = 120
"""What a message shows of one value."""

_around: WeakKeyDictionary[ResourceView, dict[str, Surroundings]] = WeakKeyDictionary()
_controlled: WeakKeyDictionary[ResourceView, dict[str, tuple[ProgressiveDelivery, ...]]] = WeakKeyDictionary()

_read: WeakKeyDictionary[ResourceView, dict[int, tuple[Resource, ProgressiveDelivery | None]]] = (
    WeakKeyDictionary()
)
"""What a resource declares, by its identity: each of its changes asks, for several rules."""


class Sides(NamedTuple):
    """What one object declared in base and declares in head; None where it is absent or declares nothing."""

    before: ProgressiveDelivery | None
    after: ProgressiveDelivery | None


def sides(before: Resource | None, after: Resource | None, context: CheckContext) -> Sides:
    return Sides(_declared(before, context.base), _declared(after, context.head))


def around(view: ResourceView, environment: str) -> Surroundings:
    """The resources of one environment of one side, indexed once a run."""
    known = _around.setdefault(view, {})
    if environment not in known:
        known[environment] = Surroundings(view.find(environment=environment))
    return known[environment]


def controlled_in(view: ResourceView, environment: str) -> tuple[ProgressiveDelivery, ...]:
    """The deliveries of one environment of one side that a controller runs, read once a run."""
    known = _controlled.setdefault(view, {})
    if environment not in known:
        known[environment] = tuple(
            delivery
            for kind in _CONTROLLED
            for resource in view.find(platform="kubernetes", kind=kind, environment=environment)
            for delivery in read(resource, around(view, environment))
        )
    return known[environment]


def _declared(resource: Resource | None, view: ResourceView) -> ProgressiveDelivery | None:
    if resource is None:
        return None
    known = _read.setdefault(view, {})
    if id(resource) not in known:
        # The resource is kept beside the answer, so that its identity stays its own.
        known[id(resource)] = resource, next(read(resource, around(view, resource.environment.name)), None)
    return known[id(resource)][1]


def option(context: CheckContext, name: str, default: float) -> float:
    found = as_number(context.options.get(name))
    return default if found is None else found


def summed(texts: Iterable[str]) -> str:
    """All that one edit does, as far as one line holds it; how much more there is otherwise."""
    found = list(dict.fromkeys(texts))
    whole = "; ".join(found)
    if len(whole) <= _MOST_CHARACTERS:
        return whole
    said = found[0]
    for number, text in enumerate(found[1:], start=1):
        if len(said) + len(text) + len("; ") > _MOST_CHARACTERS - len(" (and 99 more)"):
            return f"{said} (and {len(found) - number} more)"
        said += f"; {text}"
    return said


def counted(number: int, word: str) -> str:
    """``3 steps``, ``1 step``."""
    return f"{number} {word}" + ("" if number == 1 else "s")
