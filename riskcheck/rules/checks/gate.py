"""The merge gate itself: its policy, its hook, the CI that runs it, required approvals, code owners (GOV-006)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from riskcheck.documents.scalars import plain_value
from riskcheck.models import Change, Match, Resource
from riskcheck.rules.checks import (
    gate_baseline,
    gate_ci,
    gate_facts,
    gate_hooks,
    gate_owners,
    gate_policy,
    gate_protection,
    gate_rules,
    gate_runners,
)
from riskcheck.rules.checks.gate_values import Plain, Weakening

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from riskcheck.nodes import KeyPath
    from riskcheck.rules.context import CheckContext


def weakened(change: Change, context: CheckContext) -> Iterator[Match]:
    """A guard holds less than before. Values: ``what``; ``shown``: whether all of it only warns."""
    before = change.resource_before
    changes = _Same(context.changes_of(change.resource))
    found = _placed(before, change.resource_after, context.now, _moved(before, context), changes).get(change)
    if found:
        what = "; ".join(dict.fromkeys(one.what for one in found))
        yield Match(values={"what": what, "shown": all(one.shown for one in found)})


class _Same:
    """The changes of a resource, as a key that is equal to itself only: there may be thousands."""

    __slots__ = ("changes",)

    def __init__(self, changes: Sequence[Change]) -> None:
        self.changes = changes

    def __hash__(self) -> int:
        return id(self.changes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.changes is self.changes


@lru_cache(maxsize=8)
def _placed(
    before: Resource | None, after: Resource | None, now: int, moved: bool, same: _Same
) -> Mapping[Change, Sequence[Weakening]]:
    """The weakenings of a resource by the change they are reported at: the nearest to their path, else the first.
    Asked for at each of its changes, worked out once."""
    at_path: dict[KeyPath, Change] = {}
    below: dict[KeyPath, Change] = {}
    for change in same.changes:
        at_path.setdefault(change.path, change)
        for length in range(len(change.path) + 1):
            below.setdefault(change.path[:length], change)
    found: dict[Change, list[Weakening]] = {}
    for weakening in _weakenings(before, after, now, moved):
        path = weakening.path
        above = (at_path[path[:length]] for length in range(len(path), -1, -1) if path[:length] in at_path)
        place = next(above, None) if path not in below or path in at_path else below[path]
        place = place or below.get(())
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
        # Below the root nothing reads a policy before a call names it, which then is judged itself.
        read = before is not None or "/" not in resource.unit
        return tuple(gate_policy.weakenings(old, new, now, _severity)) if read else ()
    if resource.kind == "Prices":
        return tuple(gate_facts.prices(old, new)) if before is not None else ()
    if resource.kind == "Addresses":
        return tuple(gate_facts.addresses(resource.name, old, new))
    if resource.kind == "Baseline":
        return tuple(gate_baseline.weakenings(old, new))
    if moved and after is None:
        return ()
    if resource.kind == "Hook":
        if "runs" in old or "runs" in new:
            return tuple(gate_runners.weakenings(resource.name, old, new, moved=moved))
        return tuple(gate_hooks.weakenings(old, new))
    if resource.kind == "Rule":
        return tuple(gate_rules.weakenings(old, new))
    if resource.kind == "Protection":
        return tuple(gate_protection.weakenings(old, new))
    if resource.kind == "Owners":
        return tuple(gate_owners.weakenings(old, new))
    return tuple(gate_ci.weakenings(old, new, moved=moved))


@lru_cache(maxsize=32)
def _plain(resource: Resource | None) -> Plain:
    value = plain_value(resource.body, resource.reading) if resource is not None else None
    return value if isinstance(value, dict) else {}


def _moved(before: Resource | None, context: CheckContext) -> bool:
    """Whether another guard of this change does what `before` did, and did not before: a definition or a hook that
    runs riskcheck, a rule file that says the same."""
    if before is None:
        return False
    if before.kind == "Rule":
        return any(
            _plain(other) == _plain(before) and other.unit != before.unit
            for other in context.head.find(platform="gate", kind="Rule")
        )
    if not _runs_riskcheck(before):
        return False
    for other in context.head.find(platform="gate", kind=before.kind):
        was = context.base.get(other.unit, other.address, other.environment.name)
        ran = was is not None and _runs_riskcheck(was)
        if other.address != before.address and _runs_riskcheck(other) and not ran:
            return True
    return False


@lru_cache(maxsize=128)
def _runs_riskcheck(resource: Resource) -> bool:
    body = _plain(resource)
    if resource.kind == "Hook":
        return "runs" not in body or gate_runners.runs_riskcheck(body)
    return resource.kind == "Workflow" and gate_ci.runs_riskcheck(body)


def _severity(rule: str) -> str | None:
    from riskcheck.rules.load import load_rules

    found = load_rules().get(rule)
    return None if found is None else found.severity
