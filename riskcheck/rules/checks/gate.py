"""The merge gate itself: its policy, its hook, the CI that runs it, required approvals, code owners (GOV-006)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from riskcheck.documents.scalars import plain_value
from riskcheck.models import Change, Match, Resource
from riskcheck.rules.checks import gate_ci, gate_hooks, gate_owners, gate_policy
from riskcheck.rules.checks.gate_values import Plain, Weakening

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from riskcheck.rules.context import CheckContext


def weakened(change: Change, context: CheckContext) -> Iterator[Match]:
    """A guard holds less than before. Values: ``what``."""
    yield from _matches(change, context, waiver=False)


def waiver_added(change: Change, context: CheckContext) -> Iterator[Match]:
    """The policy lets one more finding be: the stated way for a risk that is meant. Values: ``what``."""
    yield from _matches(change, context, waiver=True)


def _matches(change: Change, context: CheckContext, *, waiver: bool) -> Iterator[Match]:
    before = change.resource_before
    changes = tuple(context.changes_of(change.resource))
    found = _placed(before, change.resource_after, context.now, _moved(before, context), changes)
    own = [one.what for one in found.get(change, ()) if one.waiver is waiver]
    if own:
        yield Match(values={"what": "; ".join(dict.fromkeys(own))})


def _stands_for(weakening: Weakening, changes: Iterable[Change]) -> Change | None:
    """The change that a weakening is reported at: the nearest to its path, else the first of the resource."""
    best: Change | None = None
    depth = 0
    for change in changes:
        common = _common(change.path, weakening.path)
        inside = common == min(len(change.path), len(weakening.path))
        if best is None or (inside and common > depth):
            best, depth = change, common if inside else 0
    return best


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return length


@lru_cache(maxsize=8)
def _placed(
    before: Resource | None, after: Resource | None, now: int, moved: bool, changes: tuple[Change, ...]
) -> Mapping[Change, Sequence[Weakening]]:
    """The weakenings of a resource by the change they are reported at. Asked for at each of its changes, worked
    out once."""
    found: dict[Change, list[Weakening]] = {}
    for weakening in _weakenings(before, after, now, moved):
        place = _stands_for(weakening, changes)
        if place is not None:
            found.setdefault(place, []).append(weakening)
    return found


def _weakenings(
    before: Resource | None, after: Resource | None, now: int, moved: bool
) -> tuple[Weakening, ...]:
    resource = after or before
    old, new = _plain(before), _plain(after)
    if resource is None or (resource.kind == "Policy" and after is None):
        return (Weakening((), "the policy is removed"),)
    if resource.kind == "Policy":
        return tuple(gate_policy.weakenings(old, new, now, _severity))
    if resource.kind == "Hook":
        return tuple(gate_hooks.weakenings(old, new))
    if resource.kind == "Owners":
        return tuple(gate_owners.weakenings(old, new))
    return tuple(gate_ci.weakenings(old, new, moved=moved))


@lru_cache(maxsize=32)
def _plain(resource: Resource | None) -> Plain:
    value = plain_value(resource.body, resource.reading) if resource is not None else None
    return value if isinstance(value, dict) else {}


def _moved(before: Resource | None, context: CheckContext) -> bool:
    """Whether another CI definition of this change runs riskcheck that did not before."""
    if before is None or not _runs_riskcheck(before):
        return False
    for other in context.head.find(platform="gate", kind="Workflow"):
        was = context.base.get(other.unit, other.address, other.environment.name)
        ran = was is not None and _runs_riskcheck(was)
        if other.address != before.address and _runs_riskcheck(other) and not ran:
            return True
    return False


@lru_cache(maxsize=128)
def _runs_riskcheck(resource: Resource) -> bool:
    return resource.kind == "Workflow" and gate_ci.runs_riskcheck(_plain(resource))


def _severity(rule: str) -> str | None:
    from riskcheck.rules.load import load_rules

    found = load_rules().get(rule)
    return None if found is None else found.severity
