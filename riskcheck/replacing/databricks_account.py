"""Account-level networks and workspaces of the Databricks provider (`riskcheck.replacing`).

From https://github.com/databricks/terraform-provider-databricks/tree/684f44249/docs/resources
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FORCES_NEW: Final[Mapping[str, str]] = {
    "databricks_account_network_policy": "network_policy_id~",
    "databricks_mws_credentials": "account_id? credentials_name role_arn?",
    "databricks_mws_ncc_binding": "workspace_id",
    "databricks_mws_ncc_private_endpoint_rule": (
        "network_connectivity_config_id endpoint_service group_id resource_id"
    ),
    "databricks_mws_network_connectivity_config": "name region",
    "databricks_mws_networks": (
        "account_id network_name vpc_id subnet_ids security_group_ids vpc_endpoints "
        "gcp_network_info.network_project_id gcp_network_info.vpc_id gcp_network_info.subnet_id "
        "gcp_network_info.subnet_region gcp_network_info.pod_ip_range_name~ "
        "gcp_network_info.service_ip_range_name~"
    ),
    "databricks_mws_private_access_settings": "",
    "databricks_mws_storage_configurations": "account_id? bucket_name storage_configuration_name role_arn?",
    "databricks_mws_vpc_endpoint": (
        "account_id aws_vpc_endpoint_id vpc_endpoint_name region gcp_vpc_endpoint_info"
    ),
    "databricks_mws_workspaces": (
        "account_id workspace_name deployment_name? aws_region storage_configuration_id location "
        "cloud_resource_container compute_mode pricing_tier~ customer_managed_key_id external_customer_info "
        "gcp_managed_network_config? gke_config?"
    ),
    "databricks_workspace_network_option": "workspace_id~",
}
