"""Sets of network resources of which one changed and others did not follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.network.coupled.read import builtin_sets
from riskcheck.network.coupled.triggers import entered, trigger_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.network.coupled.estate import Estate
    from riskcheck.network.coupled.evaluate import Incomplete, Missing, Sides
    from riskcheck.network.coupled.model import CoupledSet, Trigger
    from riskcheck.network.known import Use
    from riskcheck.nodes import Value
    from riskcheck.rules.context import CheckContext, ResourceView

_WORDS: Final = {"created": "new", "replaced": "made anew", "removed": "removed"}
_novel: Final[WeakKeyDictionary[ResourceView, dict[tuple[str, str], list[Resource]]]] = WeakKeyDictionary()
_MOST_RELATED: Final = 8
_first: Final[WeakKeyDictionary[ResourceView, dict[tuple[str, ...], Change]]] = WeakKeyDictionary()
_estates: Final[WeakKeyDictionary[ResourceView, dict[tuple[str, str, str], Estate]]] = WeakKeyDictionary()


def incomplete(change: Change, context: CheckContext) -> Iterator[Match]:
    """An anchor of a set was created, replaced or removed, and members of the set did not follow it.

    Values: ``what``; ``weight``: ``certain`` (traffic is cut at once), ``required``, ``expected``, ``unused``
    (nobody depends on it yet) or ``elsewhere`` (another state may hold what is lacking, so that it cannot be told).
    """
    kind = change.resource.kind
    for one in (*builtin_sets(), *context.coupled):
        if kind in one.anchor.kinds and _speaker(change, context, one) is change:
            yield from _matches(change, context, one)
    if change.kind == "added" and not change.path:
        yield from _legacy(change, context)


def _legacy(change: Change, context: CheckContext) -> Iterator[Match]:
    """New lists and rules that do not let in what those before did: told once, at the first of them."""
    from riskcheck.network.coupled.legacy import left_out, let_in

    here = change.resource
    if let_in(here) is None or _is_greenfield(here, context):
        return
    new = _only_in(context.head, context.base, here)
    if next((one for one in new if let_in(one) is not None), None) is not here:
        return
    old = _only_in(context.base, context.head, here)
    migrates = _migrates(here, context)
    book = context.address_book if here.environment.stage in ("prod", "unknown") else None
    found = left_out(new, old, book, migrates=migrates)
    if found is None:
        return
    names = " and ".join(f"{one.kind}.{one.name}" for one in found.new[:2])
    after = f" after {found.old[0].kind}.{found.old[0].name}" if found.old else ""
    what = f"changed: {names} (new, {'let' if len(found.new) > 1 else 'lets'} traffic in{after})"
    related = [Related("let in before", location_of(one.origin)) for one in found.old]
    related += [Related("known address", use.location) for use in found.uses[:_MOST_RELATED]]
    values: dict[str, Value] = {
        "what": f"{what}; legacy addresses never carried over: {found.written}{_told_by(found.uses)}",
        "weight": "required",
    }
    yield Match(values=values, related=tuple(related))


def _told_by(uses: tuple[Use, ...]) -> str:
    """Which lists of the policy name them."""
    paths = dict.fromkeys(use.location.path for use in uses)
    return f" (in use: {', '.join(paths)})" if paths else ""


def _migrates(near: Resource, context: CheckContext) -> bool:
    """Whether the change gives something in the environment of `near` another way, and may close the old one."""
    return any(
        triggered(one, anchor, context) is not None
        for one in (*builtin_sets(), *context.coupled)
        for kind in (one.anchor.kinds if one.moves else ())
        for anchor in context.head.find(
            platform=near.platform, kind=kind, unit=near.unit, environment=near.environment.name
        )
    )


def _only_in(view: ResourceView, other: ResourceView, near: Resource) -> list[Resource]:
    """What one side has in the environment and unit of `near` and the other has not, under whichever address."""
    known = _novel.setdefault(view, {})
    key = (near.unit, near.environment.name)
    if key not in known:
        there = {
            one.identity or one.address
            for one in other.find(unit=near.unit, environment=near.environment.name)
        }
        here = view.find(unit=near.unit, environment=near.environment.name)
        known[key] = [one for one in here if (one.identity or one.address) not in there]
    return known[key]


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

    trigger = triggered(one, change.resource, context)
    if trigger is None or _is_greenfield(change.resource, context):
        return
    before, after = change.resource_before, change.resource_after
    found = incomplete_set(one, before, after, trigger, _sides(change.resource, context))
    if found is not None and (found.weight != "elsewhere" or _is_first(change, context, found)):
        values: dict[str, Value] = {"what": _told(found, before), "weight": found.weight}
        yield Match(values=values, related=tuple(_related(found)))


def _is_first(change: Change, context: CheckContext, found: Incomplete) -> bool:
    """Whether nothing was said yet in the environment of what another state may hold: once is enough."""
    key = (found.set.id, change.resource.unit, change.environment.name, *found.elsewhere)
    return _first.setdefault(context.head, {}).setdefault(key, change) is change


def triggered(one: CoupledSet, anchor: Resource, context: CheckContext) -> Trigger | None:
    """What the change did to `anchor` that sets `one` in motion."""
    change = next(iter(context.changes_of(anchor)), None)
    if change is None or anchor.kind not in one.anchor.kinds:
        return None
    before, after = change.resource_before, change.resource_after
    return trigger_of(one, before, after, _estate(context.base, anchor), _estate(context.head, anchor))


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

    beside = tuple(
        other
        for other in context.relatives(resource)
        if other.environment.name == resource.environment.name and other.platform == resource.platform
    )
    return Sides(
        _estate(context.base, resource, beside),
        _estate(context.head, resource, beside),
        lambda other: bool(context.changes_of(other)),
        declared,
    )


def _estate(view: ResourceView, near: Resource, beside: tuple[Resource, ...] | None = None) -> Estate:
    """The environment of `near` on one side. beside: what it holds in roots that the change does not touch; None
    where only references within a root matter."""
    from riskcheck.network.coupled.estate import Estate

    known = _estates.setdefault(view, {})
    key = (near.platform, near.environment.name, "" if beside is None else near.unit)
    if key not in known:
        here = view.find(platform=near.platform, environment=near.environment.name)
        known[key] = Estate((*here, *(beside or ())))
    return known[key]


def _told(found: Incomplete, before: Resource | None) -> str:
    """``changed: an endpoint (new); not changed: a link (none for a network), a record: what comes of it``."""
    how = _WORDS[found.trigger]
    if found.trigger == "replaced" and entered(found.set, before):
        how = found.set.anchor.entered or "changed"
    parts = [f"changed: {found.anchor.kind}.{found.anchor.name} ({how})"]
    if found.missing:
        gravest = next(
            (one for one in found.missing if one.member.requirement == "required"), found.missing[0]
        )
        effect = f": {gravest.member.missing}" if gravest.member.missing else ""
        parts.append(f"not changed: {', '.join(map(_lacking, found.missing))}{effect}")
    if found.elsewhere:
        parts.append(f"not declared here, so that it cannot be told: {', '.join(found.elsewhere)}")
    return "; ".join(parts)


def _lacking(one: Missing) -> str:
    """The member, what of it is lacking, and the line of the first that is there and does not agree."""
    places = [location_of(node) for node in one.nodes[:1]]
    parts = [one.detail] if one.detail else []
    parts += [f"{place.path}:{place.line}" for place in places]
    return f"{one.member.label} ({', '.join(parts)})" if parts else one.member.label


def _related(found: Incomplete) -> Iterator[Related]:
    seen: set[object] = set()
    for one in found.missing:
        for node in one.nodes:
            place = location_of(node)
            if place not in seen:
                seen.add(place)
                yield Related(one.member.label, place)
