"""Attributes whose edit makes a Terraform provider destroy a resource and create another one.

From the pages of https://github.com/databricks/terraform-provider-databricks/tree/684f44249/docs/resources ("Change
forces creation of a new resource"), in the names that `riskcheck.platforms.terraform.unity` gives them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECURABLES: Final = (
    "catalog schema table view volume function model external_location storage_credential metastore share "
    "foreign_connection pipeline recipient"
)

FORCES_NEW: Final[Mapping[str, frozenset[str]]] = {
    kind: frozenset(fields.split())
    for kind, fields in {
        "databricks_catalog": "storage_root connection_name provider_name share_name",
        "databricks_grant": _SECURABLES,
        "databricks_grants": _SECURABLES,
        "databricks_schema": "name catalog_name storage_root",
        "databricks_sql_table": "name catalog_name schema_name type format partitioned_by storage_credential_name "
        "options",
        "databricks_volume": "catalog_name schema_name volume_type storage_location",
    }.items()
}
"""Resource type to the attributes that force a new one; its other attributes are updated in place."""
