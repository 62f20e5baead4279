"""What notices that something is wrong: objectives, alerts and their routes (GRF-005)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.rules.checks import alert_routes, alert_rules, objectives
from riskcheck.rules.checks.weaknesses import matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Match
    from riskcheck.rules.context import CheckContext


def weakened(change: Change, context: CheckContext) -> Iterator[Match]:
    """A failure is noticed later, less loudly or not at all. Values: ``what``."""
    before, after = change.resource_before, change.resource_after
    if before is None:
        return
    if before.kind == "openslo":
        found = objectives.weaknesses(before, after, context)
    elif before.kind == "PrometheusRule":
        found = alert_rules.weaknesses(before, after, context)
    else:
        found = alert_routes.weaknesses(before, after)
    yield from matches(change, context, list(found))
