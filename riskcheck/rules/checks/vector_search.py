"""Vector search indexes and endpoints that an edit deletes and creates anew.

https://github.com/databricks/cli/blob/7bbe285213/bundle/direct/dresources/resources.yml
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match
from riskcheck.nodes import MISSING, render_path
from riskcheck.rules.checks.databricks_recreate import is_recreating
from riskcheck.rules.checks.databricks_values import (
    TERRAFORM,
    guard_of,
    items,
    neighbours,
    shown,
    subject,
    text_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.rules.context import CheckContext

_FIELDS: Final = {
    "vector_search_endpoints": frozenset({"name", "endpoint_type"}),
    "vector_search_indexes": frozenset(
        {
            "name",
            "endpoint_name",
            "index_type",
            "index_subtype",
            "primary_key",
            "delta_sync_index_spec",
            "direct_access_index_spec",
        }
    ),
}

_DEFAULTS: Final = {"index_subtype": "HYBRID", "endpoint_type": "STANDARD"}
"""What the platform assigns where nothing is stated."""


def recreated(change: Change, context: CheckContext) -> Iterator[Match]:
    """A field changed that only a new index or endpoint can have. Speaks once a resource.

    Values: ``subject``, ``field``, ``how``, ``loss``; ``restored`` where the index is made of a
    table.
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None:
        return
    acting = [
        one
        for one in context.changes_of(after)
        if _acts(one) and (after.platform != TERRAFORM or is_recreating(one, context))
    ]
    if not acting or acting[0].path != change.path:
        return
    loss, restored = _loss(before, context)
    count = len(acting) - 1
    scalar = not isinstance(change.before, dict | list) and not isinstance(change.after, dict | list)
    how = f"goes from {shown(change.before)} to {shown(change.after)}" if scalar else "changes"
    yield Match(
        values={
            "subject": subject(after),
            "field": render_path(change.path),
            "how": how + (f" with {count} more" if count else ""),
            "loss": loss,
            "restored": restored,
        },
        related=guard_of(after),
    )


def _acts(change: Change) -> bool:
    fields = _FIELDS.get(change.resource.section, frozenset())
    if not change.path or change.path[0] not in fields:
        return False
    field = change.path[0]
    if field in ("name", "endpoint_name") and _same_name(change):
        return False
    default = _DEFAULTS.get(field)
    if change.before is MISSING and str(change.after).upper() == default:
        return False
    return not (_is_nothing(change.before) and _is_nothing(change.after))


def _is_nothing(value: object) -> bool:
    return value is MISSING or value in (None, "", [], {})


def _same_name(change: Change) -> bool:
    """Unity Catalog keeps the name of an index in lower case."""
    same = str(change.before).lower() == str(change.after).lower()
    return same and change.resource.section == "vector_search_indexes" and change.path == ("name",)


def _loss(gone: Resource, context: CheckContext) -> tuple[str, bool]:
    """What goes with it, and whether it is made again of what is kept."""
    if gone.section == "vector_search_endpoints":
        held = [
            one.name
            for one in neighbours(gone, "vector_search_indexes", context.base)
            if text_at(one, "endpoint_name") in (text_at(gone, "name"), _reference(gone))
        ]
        what = f"index {held[0]}" if len(held) == 1 else f"its {len(held)} indexes" if held else "its indexes"
        return f"{what} cannot be queried until it is back and they are made anew", False
    if text_at(gone, "index_type").upper() == "DIRECT_ACCESS":
        return "all vectors that were written to it are gone", False
    computed = any(True for _ in items(gone, "delta_sync_index_spec", "embedding_source_columns"))
    again = "every embedding is computed again" if computed else "it is filled again from its table"
    return f"{again}, and until then nothing is found", True


def _reference(endpoint: Resource) -> str:
    if endpoint.platform == TERRAFORM:
        return f"${{{endpoint.kind}.{endpoint.name}.name}}"
    return f"${{resources.{endpoint.kind}.{endpoint.name}.name}}"
