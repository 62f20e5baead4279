"""What the policy holds against a change as a whole, as rules and the gate see it. Imported where it says any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.causes import edited_place
from riskcheck.models import UNDEPLOYED, Location
from riskcheck.policy.holding import Affected, holds
from riskcheck.runfacts import BudgetCap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from riskcheck.models import Change, Resource, Service
    from riskcheck.policy.model import Approval, Policy
    from riskcheck.runfacts import Hold


def holds_of(
    changes: Sequence[Change],
    service_of: Callable[[Resource], Service],
    policy: Policy,
    approvals: Sequence[Approval],
    now: int,
) -> tuple[Hold, ...]:
    """What holds `changes` at `now`, in seconds since the epoch."""
    return holds(policy, tuple(_affected(changes, service_of)), approvals, now, edited_place)


def cap_of(policy: Policy) -> BudgetCap | None:
    """The policy's cap on cost; None where it has none."""
    budget = policy.budget
    if budget.max_increase is None:
        return None
    path, _, line = budget.source.rpartition(":")
    number = int(line) if line.isdigit() else 1
    return BudgetCap(
        budget.max_increase,
        budget.monthly,
        budget.resources,
        Location(path, "base", number, 1, number, 1),
        budget.prices,
    )


def _affected(changes: Sequence[Change], service_of: Callable[[Resource], Service]) -> Iterator[Affected]:
    """What is reached where, one for each resource and file. Guards of the merge and catalogs are not deployed."""
    found: dict[tuple[str, str, str], Affected] = {}
    for change in changes:
        resource = change.resource
        if resource.platform in UNDEPLOYED:
            continue
        service = service_of(resource)
        path = edited_place(change).path
        key = (change.environment.name, f"{resource.unit} {resource.address}", path)
        if key not in found:
            found[key] = affected_by(change, service)
    yield from (found[key] for key in sorted(found, key=lambda key: (found[key].service.name, key)))


def affected_by(change: Change, service: Service) -> Affected:
    """What one change of `service` reaches."""
    return Affected(change.environment, service, tuple(_labels(change)), change)


def _labels(change: Change) -> Iterator[tuple[str, str]]:
    """Of both sides: a label that goes with this change still counts."""
    for side in (change.resource_before, change.resource_after):
        if side is not None and side.labels:
            yield from side.labels.items()
