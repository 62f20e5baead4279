"""What holds data or serves in the azurerm provider: what forces a new resource (`riskcheck.replacing`).

From https://github.com/hashicorp/terraform-provider-azurerm/tree/69697b7fe6/website/docs/r ("Changing
this forces a new resource to be created").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FORCES_NEW: Final[Mapping[str, str]] = {
    "azurerm_api_management": "name resource_group_name location",
    "azurerm_app_configuration": "name resource_group_name location soft_delete_retention_days?",
    "azurerm_application_insights": "name resource_group_name location application_type",
    "azurerm_container_app": "name resource_group_name container_app_environment_id",
    "azurerm_container_app_environment": (
        "name resource_group_name location infrastructure_resource_group_name? "
        "infrastructure_subnet_id internal_load_balancer_enabled~ zone_redundancy_enabled~"
    ),
    "azurerm_container_registry": "name resource_group_name location zone_redundancy_enabled?",
    "azurerm_cosmosdb_account": (
        "name resource_group_name location create_mode? kind~ free_tier_enabled "
        "analytical_storage_enabled? key_vault_key_id?"
    ),
    "azurerm_cosmosdb_mongo_collection": "name resource_group_name account_name database_name shard_key",
    "azurerm_cosmosdb_mongo_database": "name resource_group_name account_name",
    "azurerm_cosmosdb_sql_container": (
        "name resource_group_name account_name database_name partition_key_paths partition_key_kind~ "
        "unique_key conflict_resolution_policy?"
    ),
    "azurerm_cosmosdb_sql_database": "name resource_group_name account_name",
    "azurerm_data_factory": "name resource_group_name location",
    "azurerm_data_protection_backup_vault": "name resource_group_name location datastore_type redundancy",
    "azurerm_eventhub": "name namespace_id?",
    "azurerm_eventhub_namespace": "name resource_group_name location dedicated_cluster_id",
    "azurerm_iothub": "name resource_group_name location min_tls_version?",
    "azurerm_key_vault": "name resource_group_name location",
    "azurerm_key_vault_certificate": "name key_vault_id",
    "azurerm_key_vault_key": "name key_vault_id key_type curve~ key_size~ release_policy?",
    "azurerm_key_vault_managed_hardware_security_module": (
        "name resource_group_name location admin_object_ids sku_name tenant_id "
        "purge_protection_enabled? soft_delete_retention_days?"
    ),
    "azurerm_key_vault_secret": "name key_vault_id",
    "azurerm_kubernetes_cluster": (
        "name resource_group_name location dns_prefix~ dns_prefix_private_cluster "
        "disk_encryption_set_id edge_zone node_resource_group~ private_cluster_enabled~ "
        "private_dns_zone_id~ role_based_access_control_enabled~ network_profile.network_mode~ "
        "network_profile.dns_service_ip~ network_profile.network_data_plane? "
        "network_profile.service_cidr~ network_profile.service_cidrs~ network_profile.ip_versions~ "
        "network_profile.load_balancer_sku~ network_profile? linux_profile.admin_username "
        "windows_profile.admin_username? default_node_pool.type~ "
        "default_node_pool.capacity_reservation_group_id? default_node_pool.host_group_id? "
        "default_node_pool.proximity_placement_group_id?"
    ),
    "azurerm_kusto_cluster": "name resource_group_name location double_encryption_enabled~ zones?",
    "azurerm_kusto_database": "name resource_group_name location cluster_name",
    "azurerm_linux_function_app": "name resource_group_name location",
    "azurerm_linux_web_app": "name resource_group_name location",
    "azurerm_log_analytics_workspace": "name resource_group_name location",
    "azurerm_machine_learning_workspace": (
        "name resource_group_name location application_insights_id? key_vault_id storage_account_id "
        "container_registry_id? encryption? high_business_impact?"
    ),
    "azurerm_managed_disk": (
        "name resource_group_name location create_option? upload_size_bytes? edge_zone "
        "hyper_v_generation image_reference_id? gallery_image_reference_id? logical_sector_size? "
        "source_resource_id? source_uri? storage_account_id? trusted_launch_enabled? security_type "
        "secure_vm_disk_encryption_set_id zone"
    ),
    "azurerm_mssql_database": (
        "name server_id create_mode? creation_source_database_id? collation~ ledger_enabled~ "
        "sku_name? secondary_type?"
    ),
    "azurerm_mssql_elasticpool": "name resource_group_name location server_name",
    "azurerm_mssql_managed_database": "name managed_instance_id point_in_time_restore?",
    "azurerm_mssql_managed_instance": (
        "name resource_group_name location administrator_login? collation~ dns_zone_partner_id? timezone_id~"
    ),
    "azurerm_mssql_server": "name resource_group_name location version administrator_login?",
    "azurerm_mysql_flexible_database": "name server_name resource_group_name charset collation",
    "azurerm_mysql_flexible_server": (
        "name resource_group_name location administrator_login~ create_mode? delegated_subnet_id "
        "geo_redundant_backup_enabled~ point_in_time_restore_time_in_utc? private_dns_zone_id "
        "source_server_id?"
    ),
    "azurerm_netapp_volume": (
        "name resource_group_name location zone? account_name pool_name? volume_path subnet_id? "
        "create_from_snapshot_resource_id?"
    ),
    "azurerm_postgresql_flexible_server": (
        "name resource_group_name location geo_redundant_backup_enabled~ delegated_subnet_id "
        "customer_managed_key? point_in_time_restore_time_in_utc? source_server_id? "
        "administrator_login? create_mode? private_dns_zone_id? version?"
    ),
    "azurerm_postgresql_flexible_server_database": "name server_id charset~ collation~",
    "azurerm_recovery_services_vault": "name resource_group_name location",
    "azurerm_redis_cache": "name resource_group_name location private_static_ip_address~ subnet_id zones?",
    "azurerm_search_service": "name resource_group_name location hosting_mode~",
    "azurerm_service_plan": "name resource_group_name location os_type",
    "azurerm_servicebus_namespace": "name resource_group_name location premium_messaging_partitions?",
    "azurerm_servicebus_queue": (
        "name namespace_id requires_duplicate_detection~ requires_session~ partitioning_enabled~"
    ),
    "azurerm_servicebus_subscription": "name topic_id requires_session~ client_scoped_subscription?",
    "azurerm_servicebus_topic": "name namespace_id partitioning_enabled~ requires_duplicate_detection~",
    "azurerm_storage_account": (
        "name resource_group_name location account_tier account_kind? account_replication_type? "
        "provisioned_billing_model_version? edge_zone is_hns_enabled~ nfsv3_enabled~ "
        "queue_encryption_key_type~ table_encryption_key_type~ infrastructure_encryption_enabled~ "
        "immutability_policy? dns_endpoint_type~"
    ),
    "azurerm_storage_container": (
        "name storage_account_id? storage_account_name? default_encryption_scope? "
        "encryption_scope_override_enabled?"
    ),
    "azurerm_storage_data_lake_gen2_filesystem": "name storage_account_id default_encryption_scope?",
    "azurerm_storage_queue": "name storage_account_id? storage_account_name?",
    "azurerm_storage_share": "name storage_account_id? storage_account_name? enabled_protocol~",
    "azurerm_storage_table": "name storage_account_id? storage_account_name?",
    "azurerm_synapse_workspace": (
        "name resource_group_name location storage_data_lake_gen2_filesystem_id "
        "sql_administrator_login? compute_subnet_id data_exfiltration_protection_enabled~ "
        "managed_resource_group_name~ managed_virtual_network_enabled~"
    ),
    "azurerm_user_assigned_identity": "name resource_group_name location",
    "azurerm_windows_function_app": "name resource_group_name location",
    "azurerm_windows_web_app": "name resource_group_name location",
}
