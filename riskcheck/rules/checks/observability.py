"""What notices that something is wrong: objectives, alerts and their routes (GRF-005)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.rules.checks import alert_routes, alert_rules, objectives
from riskcheck.rules.checks.weaknesses import Weakness, matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Match, Resource
    from riskcheck.rules.context import CheckContext


def weakened(change: Change, context: CheckContext) -> Iterator[Match]:
    """A failure is noticed later, less loudly or not at all. Values: ``what``."""
    before, after = change.resource_before, change.resource_after
    if before is None:
        return
    yield from matches(change, context, lambda: _weaknesses(before, after, context))


def _weaknesses(before: Resource, after: Resource | None, context: CheckContext) -> Iterator[Weakness]:
    if before.kind == "openslo":
        return objectives.weaknesses(before, after, context)
    if before.kind in (alert_rules.OBJECT, "file"):
        return alert_rules.weaknesses(before, after, context)
    return alert_routes.weaknesses(before, after)
