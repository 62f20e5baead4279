"""Pipelines: where they publish, and whether a deletion would take their tables along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match
from riskcheck.nodes import MISSING
from riskcheck.rules.checks.databricks_recreate import recreating
from riskcheck.rules.checks.databricks_values import dereferenced, subject, target_of, text_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.rules.context import CheckContext, ResourceView

_PUBLISHING: Final = ("catalog", "schema", "target")


def publishing_moved(change: Change, context: CheckContext) -> Iterator[Match]:
    """A pipeline that stays publishes its datasets to another catalog or schema. Said once, at the first field.

    Values: ``subject``, ``was``, ``becomes``.
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None:
        return
    mine = [each for each in context.changes_of(after) if each.path and each.path[0] in _PUBLISHING]
    if not mine or mine[0].path != change.path or recreating(after, context):
        return
    was, becomes = _published(before, context.base), _published(after, context.head)
    if was != becomes and was is not None:
        values = {"subject": subject(after), "was": was, "becomes": becomes or "nowhere"}
        yield Match(values=values)


def _published(pipeline: Resource, view: ResourceView) -> str | None:
    """``catalog.schema`` that the datasets of a pipeline are published to; None where it publishes none."""
    catalog, schema, target = (
        dereferenced(text_at(pipeline, field), pipeline, view).lower() for field in _PUBLISHING
    )
    return ".".join(filter(None, (catalog, schema or target))) or None


def cascade_unguarded(change: Change, context: CheckContext) -> Iterator[Match]:
    """``cascade_on_destroy: false`` no longer stands on a pipeline that stays.

    Values: ``subject``, ``how``.
    """
    after = change.resource_after
    if after is None or change.before is not False or change.after not in (True, None, MISSING):
        return
    if text_at(target_of(after, context.head), "bundle", "engine") == "terraform":
        return
    how = "becomes true" if change.after is True else "is no longer set to false"
    yield Match(values={"subject": subject(after), "how": how})
