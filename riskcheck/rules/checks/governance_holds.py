"""What keeps a change as a whole from being merged now: freezes, windows, approvals (GOV-001, GOV-002)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.models import Match, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Hold, RunFacts
    from riskcheck.rules.context import CheckContext


def held_by_time(subject: RunFacts, context: CheckContext) -> Iterator[Match]:
    """The change reaches something inside of a freeze or outside of its deploy windows; or a sync window goes."""
    for hold in subject.holds:
        if hold.role in ("freeze", "window"):
            yield _match(hold)
    projects = [
        change
        for change in subject.changes
        if change.resource.kind == "AppProject" and change.resource.platform == "kubernetes"
    ]
    if projects:
        from riskcheck.rules.checks.argocd_windows import loosened

        yield from loosened(projects)


def not_approved(subject: RunFacts, context: CheckContext) -> Iterator[Match]:
    """The change reaches something in a scope that needs an approval which nobody handed in."""
    for hold in subject.holds:
        if hold.role == "approval":
            yield _match(hold)


def _match(hold: Hold) -> Match:
    """One finding a hold, at the first edit that it holds, whatever else is said of that line."""
    first, others = next(iter(hold.places), hold.source), hold.places[1:]
    return Match(
        {"what": hold.what, "cause": f"{hold.source.path}:{hold.source.line}"},
        location=first,
        related=(Related(hold.role, hold.source), *(Related("also", place) for place in others)),
        environments=hold.environments,
        resources=hold.resources,
    )
