"""Fields that the platform cannot change in place: an edit deletes the resource and creates it anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.bundles.acting import action_on, fields_of, recreating_inside
from riskcheck.bundles.losses import holding, keeps_data
from riskcheck.models import Change, Match, Resource
from riskcheck.replacing import forces_new
from riskcheck.rules.checks.databricks_values import (
    TERRAFORM,
    dereferenced,
    guard_of,
    is_guarded,
    moved_away,
    shown,
    subject,
    target_of,
    text_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.nodes import KeyPath, MaybeValue
    from riskcheck.rules.context import CheckContext, ResourceView

_UNITY_CATALOG: Final = frozenset({"catalogs", "schemas", "volumes", "registered_models"})
"""Kinds whose names are stored in lower case and whose paths lose a trailing slash:
https://github.com/databricks/cli/blob/7bbe285213/bundle/direct/dresources/resources.yml"""

_PATHS: Final = frozenset({"storage_root", "storage_location"})

_UPDATED_BY_TERRAFORM: Final = frozenset({("model_serving_endpoints", "description")})
"""https://github.com/databricks/terraform-provider-databricks/blob/684f44249/docs/resources/model_serving.md"""


def identity_changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A resource is deleted and created anew: said once, at the first field that asks for it. Other spellings of
    the same value are no change.

    Values: ``subject``, ``field``, ``was`` and ``becomes`` of the first such field, ``changes`` (all of them, in
    words), ``deleted`` ("deleted with its files").
    """
    match = recreated(change, context)
    if match is not None:
        yield match


def recreated(change: Change, context: CheckContext) -> Match | None:
    """The match of `identity_changed`, if `change` is the one to speak."""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or not change.path:
        return None
    changes = recreating(after, context)
    if not changes or not _speaks(change, changes[0], context):
        return None
    held = holding(before)
    return Match(
        values={
            "subject": subject(after),
            "field": change.path[-1],
            "was": _value(change.before),
            "becomes": _value(change.after),
            "changes": ", ".join((_told(change, "goes "), *map(_told, changes[1:])))
            + ("; lifecycle.prevent_destroy makes the deployment refuse that" if is_guarded(after) else ""),
            "deleted": "deleted" if held is None else f"deleted with {held.taken}",
        },
        related=guard_of(after),
    )


def recreating(resource: Resource, context: CheckContext) -> Sequence[Change]:
    """The changes of `resource`, which is in head, that delete and create it. A target that lost its identity
    creates it beside the old one, whatever else changed."""
    old, new = target_of(resource, context.base), target_of(resource, context.head)
    if old is not None and new is not None and moved_away(old, new):
        return ()
    return [change for change in context.changes_of(resource) if is_recreating(change, context)]


def is_recreating(change: Change, context: CheckContext) -> bool:
    """Whether a deployment deletes the resource and creates it anew for `change`, one of its own changes.

    The Terraform engine (``bundle.engine``) also does so where a block that holds such a field comes or goes.
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or not change.path:
        return False
    if after.platform == TERRAFORM:
        return forces_new(change) and _is_another(change, context)
    kind, path = after.kind, fields_of(change.path)
    terraform = text_at(target_of(after, context.head), "bundle", "engine") == "terraform"
    action = action_on(change)
    if terraform and (kind, path[0]) in _UPDATED_BY_TERRAFORM:
        return False
    if action in ("recreate", "unknown"):
        was, becomes = (
            identity_at(side, change.path, view)
            for side, view in ((before, context.base), (after, context.head))
        )
        return action == "recreate" if was == becomes == "" else was != becomes
    return terraform and action == "update" and bool(recreating_inside(change))


def _is_another(change: Change, context: CheckContext) -> bool:
    """Whether the value is known to be another one: an expression may come to what stood there before."""
    before, after = change.resource_before, change.resource_after
    assert before is not None
    assert after is not None
    was, becomes = (
        identity_at(before, change.path, context.base),
        identity_at(after, change.path, context.head),
    )
    return (was == becomes == "") or (was != becomes and "${" not in was + becomes)


def _speaks(change: Change, first: Change, context: CheckContext) -> bool:
    """Whether a finding about the resource hangs on `change`: on the first, or on the first field inside of it."""
    if context.within is None:
        return change.path == first.path
    return context.within == first.path and change.path in recreating_inside(first)[:1]


def _told(change: Change, verb: str = "") -> str:
    return f"{change.path[-1]} {verb}from {_value(change.before)} to {_value(change.after)}"


def _value(value: MaybeValue) -> str:
    return "another value" if isinstance(value, dict | list) else shown(value)


def identity_at(resource: Resource, path: KeyPath, view: ResourceView) -> str:
    """The value of an identity field, spelt as the platform stores it; ``""`` where it is unset or no text."""
    text = dereferenced(text_at(resource, *path), resource, view)
    if path[-1] == "route_optimized":
        return text.replace("false", "")
    if resource.section in _UNITY_CATALOG:
        return text.rstrip("/") if path[-1] in _PATHS else text.lower()
    return text


def volume_recreated(change: Change, context: CheckContext) -> Iterator[Match]:
    """As `identity_changed`, of volumes. An external one that is created over the same files loses nothing.

    Values: those of `identity_changed`; ``changes`` goes on with where the files of an external volume stay.
    """
    match = recreated(change, context)
    before, after = change.resource_before, change.resource_after
    if match is None or before is None or after is None:
        return
    stays = ""
    if keeps_data(before):
        location = ("storage_location",)
        there = identity_at(before, location, context.base)
        if keeps_data(after) and there == identity_at(after, location, context.head):
            return
        stays = "; its files stay where they were"
    values = match.values or {}
    yield match._replace(values={**values, "changes": f"{values.get('changes')}{stays}"})
