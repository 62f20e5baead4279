"""Risky edits that a declared canary never sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match, Related, location_of
from riskcheck.progressive.belongs import belongs
from riskcheck.progressive.triggers import flows_through
from riskcheck.rules.checks.delivery_reading import around, controlled_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.judged import RiskyEdit
    from riskcheck.models import Change
    from riskcheck.progressive.model import ProgressiveDelivery
    from riskcheck.rules.context import CheckContext

_OWN: Final = "CAN-"
"""Findings about the canary itself: an edit of its declaration goes through no canary, and nobody expects it to."""
_GUARDED: Final = ("canary", "blue-green", "ab-test")


def canary_bypassed(subject: RiskyEdit, context: CheckContext) -> Iterator[Match]:
    """A production edit of something that has a canary, which the canary does not react to (CAN-005).

    Values: reason (text), canary (text).
    """
    exposure, finding = subject.exposure, subject.finding
    if exposure.whole or finding.code.startswith(_OWN):
        return
    receiving = {one.name for one in exposure.production}
    found = [
        (change.environment.name, delivery, reason)
        for change in exposure.changes
        if change.environment.name in receiving
        for delivery, reason in _bypassed(change, context)
    ]
    if not found:
        return
    _, first, reason = found[0]
    names = tuple(dict.fromkeys(name for name, _, _ in found))
    places = dict.fromkeys(location_of(delivery.resource.origin) for _, delivery, _ in found)
    yield Match(
        {"reason": reason, "canary": first.resource.address},
        related=tuple(Related("canary", place) for place in places),
        environments=names,
    )


def _bypassed(change: Change, context: CheckContext) -> list[tuple[ProgressiveDelivery, str]]:
    """The canaries that `change` belongs to and passes by; none where any of them sees it."""
    name = change.environment.name
    missed = []
    for delivery in controlled_in(context.head, name):
        if delivery.strategy not in _GUARDED or delivery.skipped or delivery.workload is None:
            continue
        if not belongs(delivery, change.resource, around(context.head, name)):
            continue
        if not change.path and change.resource.address == delivery.workload.address:
            return []
        through, reason = flows_through(delivery, change)
        if through:
            return []
        missed.append((delivery, reason))
    return missed
