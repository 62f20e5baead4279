"""Which edits of which attributes make a provider destroy and create a resource, and how items of lists are known.

Attributes that force a new resource, from the schemas of
https://github.com/databricks/terraform-provider-databricks/tree/684f44249/docs/resources. For types that are not
listed here nothing is known without a plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.tables.shape import NATURAL_KEYS as TABLE_KEYS

if TYPE_CHECKING:
    from collections.abc import Collection
    from collections.abc import Mapping as MappingOf

    from riskcheck.models import Action, Change

FORCES_NEW: Final[MappingOf[str, frozenset[str]]] = {
    kind: frozenset(fields.split())
    for kind, fields in {
        "databricks_grant": "catalog schema table view volume function model external_location "
        "storage_credential metastore",
        "databricks_grants": "catalog schema table view volume function model external_location storage_credential "
        "metastore",
        "databricks_schema": "catalog_name storage_root",
        # In the names that `unity` gives them.
        "databricks_sql_table": "name catalog_name schema_name type format partitioned_by storage_credential_name "
        "options",
        "databricks_volume": "catalog_name schema_name volume_type storage_location",
    }.items()
}
"""Resource type to the attributes that force a new one; other attributes of these types are updated in place."""

NATURAL_KEYS: Final[MappingOf[str, tuple[str, ...]]] = {
    **TABLE_KEYS,
    "access_control": ("service_principal_name", "group_name", "user_name"),
    "library": (),
    "privileges": (),
    "task": ("task_key",),
}
"""By the name of the nested block or list."""


def action_of(changes: Collection[Change]) -> Action:
    """What ``terraform apply`` would do to one resource, as far as its configuration tells."""
    kinds = {change.kind for change in changes if not change.path}
    if kinds:
        return "create" if "added" in kinds else "delete" if "removed" in kinds else "unknown"
    if not changes:
        return "none"
    forcing = next(FORCES_NEW.get(change.resource.kind) for change in changes)
    if forcing is None:
        return "unknown"
    # What an edit of `lifecycle` allows is seen by Terraform alone.
    steps = {change.path[0] for change in changes} - {"lifecycle"}
    return "recreate" if steps & forcing else "update" if steps else "none"
