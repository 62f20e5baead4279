"""Types of the Databricks provider of Terraform by the name that bundles have for the same thing.

https://github.com/databricks/terraform-provider-databricks/tree/684f44249/docs/resources ;
https://github.com/databricks/cli/blob/7bbe285213/bundle/schema/jsonschema.json
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

SECTIONS: Final[Mapping[str, str]] = {
    "databricks_app": "apps",
    "databricks_catalog": "catalogs",
    "databricks_cluster": "clusters",
    "databricks_cluster_policy": "cluster_policies",
    "databricks_dashboard": "dashboards",
    "databricks_external_location": "external_locations",
    "databricks_instance_pool": "instance_pools",
    "databricks_job": "jobs",
    "databricks_lakehouse_monitor": "quality_monitors",
    "databricks_mlflow_experiment": "experiments",
    "databricks_mlflow_model": "models",
    "databricks_model_serving": "model_serving_endpoints",
    "databricks_pipeline": "pipelines",
    "databricks_quality_monitor": "quality_monitors",
    "databricks_registered_model": "registered_models",
    "databricks_schema": "schemas",
    "databricks_secret_scope": "secret_scopes",
    "databricks_sql_endpoint": "sql_warehouses",
    "databricks_storage_credential": "storage_credentials",
    "databricks_vector_search_endpoint": "vector_search_endpoints",
    "databricks_vector_search_index": "vector_search_indexes",
    "databricks_volume": "volumes",
}
"""Resource type to the section of a bundle. What is not in it is known by its own name."""

SECURABLES: Final = frozenset(
    (
        *("catalog", "schema", "table", "view", "volume", "function", "model", "metastore", "pipeline"),
        *("external_location", "storage_credential", "foreign_connection", "share", "recipient"),
    )
)
"""Attributes by which a grant of Terraform says what it is on:
https://registry.terraform.io/providers/databricks/databricks/latest/docs/resources/grants"""
