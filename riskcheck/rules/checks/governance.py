"""The limits of the analysis itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.models import Location, Match
from riskcheck.nodes import render_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext
    from riskcheck.runfacts import RunFacts


def not_analysed(subject: RunFacts, context: CheckContext) -> Iterator[Match]:
    """Changed input that could not be analysed, and new production values that could not be resolved (GOV-010)."""
    told = set()
    for limitation in subject.limitations:
        if limitation.failed:
            line = limitation.line or 1
            told.add((limitation.path, line))
            yield Match(
                {"reason": limitation.message, "failed": True, "path": limitation.path},
                location=Location(limitation.path, limitation.side, line, 1, line, 1),
            )
    if not subject.unresolved:
        return
    from riskcheck.causes import edited_place

    for change in subject.unresolved:
        place = edited_place(change)
        if (place.path, place.line) in told:
            continue
        told.add((place.path, place.line))
        where = f"{change.resource.address} {render_path(change.path)}".strip()
        yield Match(
            {
                "reason": f"the new value {change.after} cannot be resolved offline",
                "failed": False,
                "path": where,
            },
            location=place,
            environments=(change.environment.name,),
            resources=(change.resource.address,),
        )
