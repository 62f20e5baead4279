"""Rules about a change as a whole: what keeps it from being merged now, what it costs, whether it is several.

Every run asks them, and most have nothing to say: what answers in full is imported when there may be something.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.models import Match, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext
    from riskcheck.runfacts import Hold, RunFacts


def held_by_time(subject: RunFacts, context: CheckContext) -> Iterator[Match]:
    """The change reaches something inside of a freeze or outside of its deploy windows; or a sync window of Argo CD
    holds less (GOV-001). Value: ``what``."""
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
    """The change reaches something in a scope that needs an approval which nobody handed in (GOV-002). Value:
    ``what``."""
    for hold in subject.holds:
        if hold.role == "approval":
            yield _match(hold)


def above_cap(subject: RunFacts, context: CheckContext) -> Iterator[Match]:
    """The change may cost more than the policy's cap (GOV-003): `riskcheck.rules.checks.budget`."""
    if subject.budget is not None:
        from riskcheck.rules.checks import budget

        yield from budget.above(subject.budget, subject, context)


def several_risks(subject: RunFacts, context: CheckContext) -> Iterator[Match]:
    """Independent risky changes in one merge (GOV-009): `riskcheck.rules.checks.merge_scope`."""
    if len(subject.risky) > 1:
        from riskcheck.rules.checks import merge_scope

        yield from merge_scope.independent(subject.risky, context)


def copy_edited(subject: RunFacts, context: CheckContext) -> Iterator[Match]:
    """A generated file is edited without what it is generated from (GOV-011). Values: ``object``, ``source``."""
    for copy in subject.lone_copies():
        from riskcheck.envelopes import own_name

        resource = copy.change.resource
        yield Match(
            {
                "object": f"{resource.kind} {own_name(resource.name).rpartition('/')[2]}",
                "source": f"{copy.source.path}:{copy.source.line}",
            },
            node=copy.change.node if copy.change.path else resource.origin,
            related=(Related("source", copy.source),),
            environments=(resource.environment.name,),
            resources=(resource.address,),
        )


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
