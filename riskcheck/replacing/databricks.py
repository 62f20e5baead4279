"""Attributes whose edit makes a Terraform provider destroy a resource and create another one.

From https://github.com/databricks/terraform-provider-databricks/tree/684f44249: "Change forces creation of a new
resource" in docs/resources, and ``force_new`` of the code of each type, in the names that
`riskcheck.platforms.terraform.shapes` and its `unity` give them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.kinds import SECURABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

_OBJECTS: Final = (
    "app_name cluster_id cluster_policy_id instance_pool_id job_id pipeline_id notebook_id notebook_path "
    "directory_id directory_path workspace_file_id workspace_file_path repo_id repo_path experiment_id "
    "registered_model_id serving_endpoint_id vector_search_endpoint_id sql_endpoint_id sql_dashboard_id "
    "sql_query_id sql_alert_id dashboard_id database_instance_name authorization"
)

FORCES_NEW: Final[Mapping[str, str]] = {
    "databricks_grant": " ".join(sorted(SECURABLES)),
    "databricks_grants": " ".join(sorted(SECURABLES)),
    "databricks_catalog": "storage_root connection_name provider_name share_name",
    "databricks_cluster": "idempotency_token",
    "databricks_cluster_policy": "",
    "databricks_dashboard": "parent_path",
    "databricks_external_location": "name",
    "databricks_instance_pool": "node_type_id enable_elastic_disk disk_spec preloaded_spark_versions "
    "preloaded_docker_images node_type_flexibility aws_attributes azure_attributes gcp_attributes "
    "instance_pool_fleet_attributes",
    "databricks_job": "",
    "databricks_mlflow_experiment": "trace_location",
    "databricks_mlflow_model": "name",
    "databricks_model_serving": "name route_optimized config.auto_capture_config.catalog_name "
    "config.auto_capture_config.schema_name config.auto_capture_config.table_name_prefix",
    "databricks_permissions": _OBJECTS,
    "databricks_pipeline": "storage gateway_definition.connection_id gateway_definition.connection_name "
    "gateway_definition.gateway_storage_catalog gateway_definition.gateway_storage_schema "
    "ingestion_definition.connection_name ingestion_definition.ingestion_gateway_id "
    "ingestion_definition.ingest_from_uc_foreign_catalog",
    "databricks_quality_monitor": "",
    "databricks_registered_model": "name catalog_name schema_name storage_location",
    "databricks_schema": "name catalog_name storage_root",
    "databricks_secret_scope": "name backend_type keyvault_metadata initial_manage_principal",
    "databricks_sql_endpoint": "",
    "databricks_sql_table": "name catalog_name schema_name type format partitioned_by storage_credential_name "
    "options",
    "databricks_storage_credential": "name",
    "databricks_vector_search_endpoint": "name endpoint_type",
    "databricks_vector_search_index": "name endpoint_name index_type primary_key delta_sync_index_spec "
    "direct_access_index_spec",
    "databricks_volume": "catalog_name schema_name volume_type storage_location",
    "databricks_workspace_binding": "workspace_id securable_name securable_type",
}
