"""Service level objectives of OpenSLO. https://github.com/OpenSLO/OpenSLO"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.catalogs.nodes import at, items, number, text, word
from riskcheck.catalogs.openslo import target_of
from riskcheck.rules.checks.weaknesses import Weakness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import Node
    from riskcheck.rules.context import CheckContext

_DAY: Final = 86_400
_UNITS: Final = {
    "m": 60,
    "h": 3_600,
    "d": _DAY,
    "w": 7 * _DAY,
    "M": 30 * _DAY,
    "Q": 91 * _DAY,
    "Y": 365 * _DAY,
}
"""Units of ``timeWindow[].duration`` to seconds."""


def weaknesses(before: Resource, after: Resource | None, context: CheckContext) -> Iterator[Weakness]:
    """What an objective asks less of than before, or that it is gone while its service goes on."""
    kind, name = word(before.body.get("kind")), word(before.body.at("metadata", "name"))
    if kind not in ("SLO", "AlertPolicy"):
        return
    if after is None:
        if not _goes_with_its_service(before, context):
            what = "objective" if kind == "SLO" else "alert policy"
            yield Weakness(f"{what} {name} is removed", before.origin, None)
    elif kind == "SLO":
        old, new = before.body.get("spec"), after.body.get("spec")
        yield from _targets(old, new, name or "")
        yield from _windows(old, new, name or "")
        yield from _policies(old, new, name or "")


def _goes_with_its_service(gone: Resource, context: CheckContext) -> bool:
    """Whether another objective of the same service is added, or nothing of the service is described any more."""
    described = [one for one in context.base.find(platform="catalog") if one.service == gone.service]
    left = [one for one in context.head.find(platform="catalog") if one.service == gone.service]
    known = {one.key for one in described}
    if any(one.kind == "openslo" and one.key not in known for one in left):
        return True
    return len(described) > 1 and not left


def _targets(old: Node | None, new: Node | None, name: str) -> Iterator[Weakness]:
    kept = {_label(one, place): one for place, one in enumerate(items(at(new, "objectives")))}
    for place, one in enumerate(items(at(old, "objectives"))):
        was, was_at = target_of(one)
        other = kept.get(_label(one, place))
        if other is None:
            if was is not None:
                yield Weakness(f"{name} has no target of {_percent(was)} any more", one, None)
            continue
        becomes, is_at = target_of(other)
        if was is not None and becomes is not None and becomes < was:
            yield Weakness(
                f"the target of {name} falls from {_percent(was)} to {_percent(becomes)}", was_at, is_at
            )
        slice_was, slice_is = at(one, "timeSliceTarget"), at(other, "timeSliceTarget")
        low, high = number(slice_is), number(slice_was)
        if low is not None and high is not None and low < high:
            what = f"the time slice target of {name} falls from {high:g} to {low:g}"
            yield Weakness(what, slice_was, slice_is)


def _label(objective: Node, place: int) -> str:
    """Objectives are matched by name, without one by their place."""
    return word(at(objective, "displayName")) or word(at(objective, "name")) or f"#{place}"


def _percent(share: float) -> str:
    return f"{share * 100:.6g}%"


def _windows(old: Node | None, new: Node | None, name: str) -> Iterator[Weakness]:
    before, after = items(at(old, "timeWindow")), items(at(new, "timeWindow"))
    if len(before) != 1 or len(after) != 1:
        return
    was, becomes = at(before[0], "duration"), at(after[0], "duration")
    short, long = _seconds(word(was)), _seconds(word(becomes))
    if short is not None and long is not None and long > short:
        yield Weakness(f"the window of {name} grows from {word(was)} to {word(becomes)}", was, becomes)


def _seconds(duration: str | None) -> int | None:
    """Seconds of ``28d``; None where `duration` is none."""
    if not duration or duration[-1] not in _UNITS or not duration[:-1].isdecimal() or len(duration) > 9:
        return None
    return int(duration[:-1]) * _UNITS[duration[-1]]


def _policies(old: Node | None, new: Node | None, name: str) -> Iterator[Weakness]:
    before, after = items(at(old, "alertPolicies")), items(at(new, "alertPolicies"))
    kept = {_policy(one) for one in after}
    for one in before:
        policy = _policy(one)
        if policy is not None and policy not in kept and len(after) < len(before):
            yield Weakness(f"{name} alerts by {policy} no more", one, None)


def _policy(node: Node) -> str | None:
    """The name of an alert policy: referred to, by ``alertPolicyRef``, or written out."""
    found = text(node) or text(at(node, "alertPolicyRef")) or text(at(node, "metadata", "name"))
    return found.raw if found is not None else None
