"""Bundle changes that delete data, or take away the guard that would have kept it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.rules.checks.databricks_recreate import RECREATING, identity_at
from riskcheck.rules.checks.databricks_values import (
    counterpart,
    deployed_elsewhere,
    guard_of,
    is_guarded,
    likeness,
    listed,
    neighbours,
    subject,
    target_of,
    text_at,
    value_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext

LOSSES: Final = {
    "catalogs": "every schema and table in it",
    "schemas": "every table, view and volume in it",
    "volumes": "its files",
    "pipelines": "its streaming tables and materialized views",
    "registered_models": "all its versions",
    "experiments": "its runs",
    "secret_scopes": "its secrets",
    "secrets": "its value",
    "database_instances": "all its databases",
    "synced_database_tables": "its synced rows",
    "postgres_projects": "its branches, databases and endpoints",
    "postgres_branches": "the data on it",
    "postgres_databases": "its data",
    "vector_search_indexes": "its vectors",
}
"""Data-bearing resource kinds, and what a deletion takes with it:
https://github.com/databricks/cli/blob/7bbe285213/bundle/phases/messages.go"""


def data_removed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A data-bearing resource is no longer declared in a target that still exists, or the target itself went:
    then one match for the target and all that it held.

    Values: ``subject``, ``done``, ``loss``.
    """
    gone = change.resource_before
    if gone is None or change.resource_after is not None:
        return
    if gone.kind == "targets":
        yield from _target_removed(gone, context)
        return
    if keeps_data(gone) or not is_still_deployed(gone, context):
        return
    loss = f"the next deployment deletes it with {LOSSES.get(gone.kind, 'its data')}"
    twin = renamed(gone, context)
    if twin is None:
        yield Match(values={"subject": subject(gone), "done": "removed", "loss": loss})
        return
    yield Match(
        values={
            "subject": subject(gone),
            "done": f"removed and seems to come back as {twin.name}, which a bundle takes for another one",
            "loss": loss,
        },
        related=(Related("renamed to", location_of(twin.origin)),),
    )


def _target_removed(gone: Resource, context: CheckContext) -> Iterator[Match]:
    """A target that went, unless it lives on elsewhere."""
    if deployed_elsewhere(gone, context.head) is not None or renamed_target(gone, context) is not None:
        return
    orphans = [
        resource
        for kind in LOSSES
        for resource in neighbours(gone, kind, context.base)
        if not keeps_data(resource)
    ]
    if not orphans:
        return
    yield Match(
        values={
            "subject": subject(gone),
            "done": f"removed with {listed([subject(resource) for resource in orphans])}",
            "loss": "no deployment guards, updates or restores them any more",
        },
        resources=tuple(resource.address for resource in orphans),
    )


def renamed_target(gone: Resource, context: CheckContext) -> Resource | None:
    """The new target of the same bundle, in the same mode, that a removed one most likely became."""
    targets = {"platform": gone.platform, "kind": gone.kind, "unit": gone.unit}
    known = {other.name for other in context.base.find(**targets)}
    fresh = [
        other
        for other in context.head.find(**targets)
        if other.name not in known and text_at(other, "mode") == text_at(gone, "mode")
    ]
    return _most_alike(gone, fresh, context)


def renamed(gone: Resource, context: CheckContext) -> Resource | None:
    fresh = [
        other
        for other in neighbours(gone, gone.kind, context.head)
        if counterpart(other, context.base) is None
    ]
    return _most_alike(gone, fresh, context)


def _most_alike(gone: Resource, fresh: list[Resource], context: CheckContext) -> Resource | None:
    best = max(fresh, key=lambda other: likeness(gone, other), default=None)
    least = context.options.get("rename_likeness", 0.7)
    if best is None or not isinstance(least, int | float) or likeness(gone, best) < least:
        return None
    return best


def keeps_data(resource: Resource) -> bool:
    """Whether deleting `resource` leaves its data: an external volume, a pipeline told to keep its tables."""
    if resource.kind == "volumes":
        return text_at(resource, "volume_type").upper() == "EXTERNAL"
    return resource.kind == "pipelines" and value_at(resource, "cascade_on_destroy") is False


def is_still_deployed(gone: Resource, context: CheckContext) -> bool:
    """Whether a deployment of head would delete `gone`: its target still exists and no longer declares it."""
    if target_of(gone, context.head) is not None:
        return True
    target = target_of(gone, context.base)
    moved = deployed_elsewhere(target, context.head) if target is not None else None
    return moved is not None and context.head.get(moved.unit, gone.address, moved.environment.name) is None


def guard_removed(change: Change, context: CheckContext) -> Iterator[Match]:
    """``lifecycle.prevent_destroy`` no longer stands: taken off, set to false, or gone with its resource.

    Values: ``subject``, ``how``, and ``guard_removed_with_target``: whether the same change deletes the resource.
    """
    before, after = change.resource_before, change.resource_after
    if before is None or not is_guarded(before) or is_guarded(after):
        return
    if after is None:
        if is_still_deployed(before, context):
            how = "is removed together with its deletion guard, so that nothing stops its deletion"
            yield Match(
                values={"subject": subject(before), "how": how, "guard_removed_with_target": True},
                related=guard_of(before),
            )
        return
    if not change.path:
        return
    acts = [
        field
        for field in RECREATING.get(before.kind, ())
        if identity_at(before, (field,), context.base) != identity_at(after, (field,), context.head)
    ]
    how = "loses its deletion guard"
    if acts:
        how += f" while {' and '.join(acts)} changes, which deletes and recreates it"
    yield Match(values={"subject": subject(before), "how": how, "guard_removed_with_target": bool(acts)})
