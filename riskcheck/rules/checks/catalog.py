"""What catalogs and code owners say of a service, and whether less of it is left than before (GRF-004)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.catalogs import backstage, cortex, datadog, opslevel
from riskcheck.catalogs.criticality import rank_of
from riskcheck.rules.checks import catalog_owners
from riskcheck.rules.checks.weaknesses import Weakness, matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.catalogs.nodes import Metadata
    from riskcheck.models import Change, Match, Resource
    from riskcheck.rules.context import CheckContext

_UNSAID_RANK: Final = 2
"""A service that says nothing of its criticality is weighed as one of tier 2."""
_LIVE: Final = frozenset({"production", "prod", "ga", "generally_available", "generally-available", "live"})
_TRIED: Final = frozenset(
    {
        "experimental",
        "development",
        "dev",
        "alpha",
        "pre-alpha",
        "beta",
        "sandbox",
        "poc",
        "prototype",
        "incubating",
    }
)


def downgraded(change: Change, context: CheckContext) -> Iterator[Match]:
    """A service loses its owner, part of its criticality or its place in production; a changed path loses its code
    owners. Values: ``what``."""
    before, after = change.resource_before, change.resource_after
    if change.resource.kind == "Owners":
        yield from catalog_owners.lost(change, context)
    elif before is not None and after is not None:
        yield from matches(change, context, lambda: _weaknesses(before, after))
    elif before is not None and _lives_on(before, context):
        what = f"{before.name} is in no catalog any more, and this change goes on configuring it"
        yield from matches(change, context, lambda: [Weakness(what, before.origin, None)])


def _weaknesses(before: Resource, after: Resource) -> Iterator[Weakness]:
    old, new = _metadata(before), _metadata(after)
    inherited = after.kind == "datadog" and datadog.inherits(after.body)
    if old.team is not None and new.team is None and not inherited:
        yield Weakness(f"{after.name} has no owner any more", old.owner, new.owner)
    fallen = _fallen(old, new, inherited)
    if fallen is not None:
        what = f"criticality of {after.name} falls from {fallen}"
        yield Weakness(what, old.criticality, new.criticality)
    if old.stage in _LIVE and new.stage in _TRIED:
        what = f"lifecycle of {after.name} falls from {old.stage} to {new.stage}"
        yield Weakness(what, old.lifecycle, new.lifecycle)


def _fallen(old: Metadata, new: Metadata, inherited: bool) -> str | None:
    """``tier-1 to tier-3`` where the criticality falls. Words that are no tier are left alone: what they say is
    not known."""
    was = None if old.criticality is None else rank_of(old.criticality.raw)
    if was is None or old.criticality is None:
        return None
    if new.criticality is None:
        return f"{old.criticality.raw} to nothing" if was < _UNSAID_RANK and not inherited else None
    becomes = rank_of(new.criticality.raw)
    fell = becomes is not None and was < becomes
    return f"{old.criticality.raw} to {new.criticality.raw}" if fell else None


def _metadata(resource: Resource) -> Metadata:
    if resource.kind == "backstage":
        return backstage.metadata(resource.body)
    if resource.kind == "datadog":
        return datadog.metadata(resource.body)
    if resource.kind == "cortex":
        return cortex.metadata(resource.body)
    return opslevel.metadata(resource.body)


def _lives_on(gone: Resource, context: CheckContext) -> bool:
    """Whether no catalog of this change describes the service of `gone` and something else of it is changed."""
    live = False
    for resource in context.head.find():
        if resource.service == gone.service:
            if resource.platform == gone.platform:
                return False
            live = live or (resource.platform != "gate" and bool(context.changes_of(resource)))
    return live
