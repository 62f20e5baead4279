"""Sets of network resources of which one changed and others did not follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.network.coupled.read import builtin_sets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.network.coupled.estate import Estate
    from riskcheck.network.coupled.evaluate import Incomplete, Sides
    from riskcheck.network.coupled.model import CoupledSet
    from riskcheck.nodes import Value
    from riskcheck.rules.context import CheckContext, ResourceView

_WORDS: Final = {"created": "is new", "replaced": "is made anew", "removed": "is removed"}
_estates: Final[WeakKeyDictionary[ResourceView, dict[tuple[str, str], Estate]]] = WeakKeyDictionary()


def incomplete(change: Change, context: CheckContext) -> Iterator[Match]:
    """An anchor of a set was created, replaced or removed, and members of the set did not follow it.

    Values: ``what``; ``weight``: ``certain`` (traffic is cut at once), ``required``, ``expected``, ``unused``
    (nobody depends on it yet) or ``elsewhere`` (another state may hold what is lacking, so that it cannot be told).
    """
    kind = change.resource.kind
    sets = [one for one in (*builtin_sets(), *context.coupled) if kind in one.anchor.kinds]
    if not sets:
        return
    for one in sets:
        if _speaker(change, context, one) is change:
            yield from _matches(change, context, one)


def _speaker(change: Change, context: CheckContext, one: CoupledSet) -> Change:
    """Of several changes of one anchor that which says why it is another one."""
    fields = (*one.anchor.fields, *(condition.path for condition in one.anchor.where))
    changes = context.changes_of(change.resource)
    for each in changes:
        plain = ".".join(step for step in each.path if not step.startswith("["))
        if plain and any(f"{field}.".startswith(f"{plain}.") or plain.startswith(field) for field in fields):
            return each
    return changes[0] if changes else change


def _matches(change: Change, context: CheckContext, one: CoupledSet) -> Iterator[Match]:
    from riskcheck.network.coupled.evaluate import incomplete as incomplete_set
    from riskcheck.network.coupled.evaluate import trigger_of

    trigger = trigger_of(one, change.resource_before, change.resource_after)
    if trigger is None or _is_greenfield(change.resource, context):
        return
    found = incomplete_set(one, change.resource, trigger, _sides(change.resource, context))
    if found is not None:
        values: dict[str, Value] = {"what": _told(found), "weight": found.weight}
        yield Match(values=values, related=tuple(_related(found)))


def _is_greenfield(resource: Resource, context: CheckContext) -> bool:
    """Whether the environment is new as a whole, so that nothing runs there which could break."""
    cell = context.base.find(unit=resource.unit, environment=resource.environment.name)
    return next(iter(cell), None) is None


def _sides(resource: Resource, context: CheckContext) -> Sides:
    from riskcheck.network.coupled.evaluate import Sides

    def declared(kind: str) -> bool:
        if any(True for view in (context.head, context.base) for _ in view.find(kind=kind)):
            return True
        return any(other.kind == kind for other in context.relatives(resource))

    return Sides(
        _estate(context.base, resource),
        _estate(context.head, resource),
        lambda other: bool(context.changes_of(other)),
        declared,
    )


def _estate(view: ResourceView, near: Resource) -> Estate:
    from riskcheck.network.coupled.estate import Estate

    known = _estates.setdefault(view, {})
    key = (near.platform, near.environment.name)
    if key not in known:
        known[key] = Estate(view.find(platform=near.platform, environment=near.environment.name))
    return known[key]


def _told(found: Incomplete) -> str:
    anchor = f"{found.anchor.kind}.{found.anchor.name} {_WORDS[found.trigger]}"
    parts: list[str] = []
    if found.missing:
        parts.append(
            "not changed with it: "
            + "; ".join(_lacking(one.member.label, one.detail) for one in found.missing)
        )
        gravest = next(
            (one for one in found.missing if one.member.requirement == "required"), found.missing[0]
        )
        if gravest.member.missing:
            parts.append(gravest.member.missing)
    if found.elsewhere:
        parts.append(f"not declared here, so that it cannot be told: {', '.join(found.elsewhere)}")
    return "; ".join([anchor, *parts]) if not parts else f"{anchor}, " + "; ".join(parts)


def _lacking(label: str, detail: str) -> str:
    return f"{label} ({detail})" if detail else label


def _related(found: Incomplete) -> Iterator[Related]:
    seen: set[object] = set()
    for one in found.missing:
        for node in one.nodes:
            place = location_of(node)
            if place not in seen:
                seen.add(place)
                yield Related(one.member.label, place)
