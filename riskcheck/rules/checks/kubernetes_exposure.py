"""What exposes a Service, changed in one place and left behind in others (set CPL-6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.phrases import listed
from riskcheck.rules.checks.kubernetes_objects import is_preview

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.checks.exposure_breaks import Break
    from riskcheck.rules.context import CheckContext, ResourceView

_FOUND_BY: Final = frozenset({"labels", "metadata", "ports"})
_COUNT: Final = ("spec", "replicas")
_BLOCKS: Final = frozenset({"template", "spec", "containers"})
_known: WeakKeyDictionary[ResourceView, dict[tuple[str, str], tuple[Break, ...]]] = WeakKeyDictionary()
"""Breaks by unit and environment, found once a run: each change of a set asks."""


def members_left(change: Change, context: CheckContext) -> Iterator[Match]:
    """A member changed, and others that agreed with it did not.

    Values: changed (text), left (text), effect (text), weight (2 requests fail, 1 nobody watches or protects).
    """
    resource = change.resource
    if not _is_asked(change, context) or is_preview(change):
        return
    if all(one.path == _COUNT for one in context.changes_of(resource)):
        # How many pods there are nobody else names; what follows would be read for the commonest change of all.
        return
    found = (one for one in _breaks(resource, context) if one.cause.resource.key == resource.key)
    mine = sorted(found, key=lambda one: -one.weight)
    if not mine:
        return
    worst = mine[0]
    changed = dict.fromkeys(str(one.cause) for one in mine)
    left = {str(one.left): one.left for one in mine}
    yield Match(
        {
            "changed": listed(changed),
            "left": listed(left, most=4),
            "effect": listed(dict.fromkeys(one.effect for one in mine)),
            "weight": worst.weight,
        },
        node=worst.cause.node if change.path else None,
        related=tuple(Related("not changed", location_of(one.node)) for one in list(left.values())[:5]),
        resources=tuple(sorted({one.resource.address for one in left.values()} - {resource.address})),
    )


def _is_asked(change: Change, context: CheckContext) -> bool:
    """Whether it is the first change of its resource that others may hang on."""
    first = next((one for one in context.changes_of(change.resource) if _matters(one)), None)
    return change is first


def _matters(change: Change) -> bool:
    path = change.path
    if change.resource_before is None:
        return False
    if not path or path[:2] == ("metadata", "labels") or path == ("metadata",):
        return True
    if path[0] != "spec":
        return False
    # Of a pod template only what others find it by; an image, say, is the concern of nobody else.
    return (
        "template" not in path
        or bool(_FOUND_BY & set(path))
        or path[-1] in _BLOCKS
        or path[-1].startswith("[")
    )


def _breaks(resource: Resource, context: CheckContext) -> tuple[Break, ...]:
    known = _known.setdefault(context.head, {})
    place = (resource.unit, resource.environment.name)
    if place not in known:
        known[place] = tuple(_found(resource, context))
    return known[place]


def _found(near: Resource, context: CheckContext) -> Iterator[Break]:
    # Most changes of a workload concern nobody else: what follows is loaded for those that may.
    from riskcheck.rules.checks.exposure_breaks import Side
    from riskcheck.rules.checks.exposure_links import probed, routed, targeted
    from riskcheck.rules.checks.exposure_selectors import certificates, monitored, recorded, selected

    base, head = (
        Side(
            view,
            tuple(view.find(platform="kubernetes", environment=near.environment.name, unit=near.unit)),
        )
        for view in (context.base, context.head)
    )
    for find in (routed, targeted, probed, selected, monitored, certificates, recorded):
        yield from find(base, head, context)
