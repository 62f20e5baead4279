"""Fields that the platform cannot change in place: an edit deletes the resource and creates it anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Resource
from riskcheck.nodes import MISSING, KeyPath
from riskcheck.rules.checks.databricks_values import (
    dereferenced,
    guard_of,
    mapping_along,
    shown,
    speaks_for,
    subject,
    target_of,
    text_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext, ResourceView

RECREATING: Final[dict[str, tuple[str, ...]]] = {
    "catalogs": ("storage_root", "connection_name", "provider_name", "share_name"),
    "schemas": ("name", "catalog_name", "storage_root"),
    "volumes": ("catalog_name", "schema_name", "volume_type", "storage_location"),
    "registered_models": ("name", "catalog_name", "schema_name", "storage_location"),
    "pipelines": ("storage",),
    "experiments": ("artifact_location",),
    "secret_scopes": ("scope", "scope_backend_type", "initial_manage_principal"),
    "database_instances": ("name",),
}
"""Top-level fields of data-bearing resources whose change deletes and creates the resource:
https://github.com/databricks/cli/blob/7bbe285213/bundle/direct/dresources/resources.yml"""

BLOCK_FIELDS: Final = (
    "connection_name",
    "connection_id",
    "ingestion_gateway_id",
    "ingest_from_uc_foreign_catalog",
    "gateway_storage_catalog",
    "gateway_storage_schema",
    "catalog_name",
    "schema_name",
    "table_name_prefix",
)
"""Such fields inside a block of a pipeline or a serving endpoint (same source)."""

_UNITY_CATALOG: Final = frozenset({"catalogs", "schemas", "volumes", "registered_models"})
"""Kinds whose names are stored in lower case and whose paths lose a trailing slash (same source)."""

_PATHS: Final = frozenset({"storage_root", "storage_location"})

_CAPTURE: Final = ("config", "auto_capture_config")

_GENERATED_STORAGE: Final = "dbfs:/pipelines/"
"""Where the platform puts a pipeline that states no storage: writing that down moves nothing."""


def identity_changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A field changed that cannot be changed in place. Other spellings of the same value are no change.

    Values: ``subject``, ``field``, ``was``, ``becomes``.
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or (after.kind == "catalogs" and change.path == ("name",)):
        return  # a catalog is renamed in place
    if identity_at(before, change.path, context.base) == identity_at(after, change.path, context.head):
        return
    if _is_harmless(change, context) or not _is_said_here(change, context):
        return
    yield Match(
        values={
            "subject": subject(after),
            "field": change.path[-1],
            "was": shown(change.before),
            "becomes": shown(change.after),
        },
        related=guard_of(after),
    )


def identity_at(resource: Resource, path: KeyPath, view: ResourceView) -> str:
    """The value of an identity field, spelt as the platform stores it; ``""`` where it is unset."""
    text = dereferenced(text_at(resource, *path), resource, view)
    if path[-1] == "route_optimized":
        return text.replace("false", "")
    if resource.kind in _UNITY_CATALOG:
        return text.rstrip("/") if path[-1] in _PATHS else text.lower()
    return text


def _is_harmless(change: Change, context: CheckContext) -> bool:
    if change.resource.kind == "pipelines" and change.path == ("storage",):
        return change.before is MISSING and str(change.after).startswith(_GENERATED_STORAGE)
    terraform = text_at(target_of(change.resource, context.head), "bundle", "engine") == "terraform"
    if change.path == ("description",):
        # Terraform updates it in place; the direct engine, the default, recreates the endpoint.
        return terraform
    if change.path[:2] == _CAPTURE:
        # The direct engine updates an endpoint whose whole block came or went; its fields alone recreate it.
        sides = (change.resource_before, change.resource_after)
        return not terraform and any(mapping_along(context, side, _CAPTURE) is None for side in sides)
    return False


def _is_said_here(change: Change, context: CheckContext) -> bool:
    """A block that came or went as a whole is reported once, at the first of its identity fields."""
    block = change.path[:-1]
    if not block or all(
        mapping_along(context, side, block) is not None
        for side in (change.resource_before, change.resource_after)
    ):
        return True
    return speaks_for(change, context, block, [(field,) for field in BLOCK_FIELDS])
