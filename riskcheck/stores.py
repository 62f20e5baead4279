"""Resource types of Terraform that hold what no later apply brings back, and those that serve traffic.

From the documentation of each type: https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs ,
…/hashicorp/aws/latest/docs , …/hashicorp/google/latest/docs , …/databricks/databricks/latest/docs
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Store(NamedTuple):
    """What a resource holds. loss: what goes with it, for people.

    refused: the provider, or the cloud, does not delete it as long as it holds anything, unless `forced` (an
    attribute) says true. protected: attributes that make the cloud refuse its deletion while they are true (or say
    ``ENABLED``). recoverable: for how long the cloud keeps what was deleted, "" where it does not. skips: an
    attribute that says that no last snapshot is made. guarded: the first of `protected` is true unless stated.
    grave: what is lost is there nowhere else; queues, caches and images can mostly be made again.
    """

    loss: str
    forced: str = ""
    refused: bool = False
    protected: tuple[str, ...] = ()
    recoverable: str = ""
    skips: str = ""
    guarded: bool = False
    grave: bool = True


_DATABASE: Final = "its databases"
_DISK: Final = "what is written on it"
_CLUSTER: Final = "everything that runs on it, and the volumes that it made"
_QUEUE: Final = "the messages that wait in it"
_TABLES: Final = "its tables"
_KEYS: Final = "everything that is encrypted with its keys"
_LOGS: Final = "its logs"
_POLICY: Final = ("deletion_protection",)
_ENABLED: Final = ("deletion_protection_enabled",)

STORES: Final[Mapping[str, Store]] = {
    # azurerm
    "azurerm_app_configuration": Store(
        "its settings", recoverable="as long as its soft delete says", grave=False
    ),
    "azurerm_container_registry": Store("its images", grave=False),
    "azurerm_cosmosdb_account": Store(_DATABASE),
    "azurerm_cosmosdb_cassandra_keyspace": Store(_TABLES),
    "azurerm_cosmosdb_mongo_collection": Store("its documents"),
    "azurerm_cosmosdb_mongo_database": Store("its collections"),
    "azurerm_cosmosdb_sql_container": Store("its items"),
    "azurerm_cosmosdb_sql_database": Store("its containers"),
    "azurerm_data_protection_backup_vault": Store("its backups", refused=True),
    "azurerm_eventhub": Store("the events that it keeps", grave=False),
    "azurerm_eventhub_namespace": Store("its event hubs", grave=False),
    "azurerm_iothub": Store("its registered devices", grave=False),
    "azurerm_key_vault": Store(_KEYS, recoverable="7 to 90 days, by its soft delete"),
    "azurerm_key_vault_key": Store(
        "everything that is encrypted with it", recoverable="by the soft delete of its vault"
    ),
    "azurerm_key_vault_managed_hardware_security_module": Store(_KEYS, recoverable="7 to 90 days"),
    "azurerm_kubernetes_cluster": Store(_CLUSTER),
    "azurerm_kusto_cluster": Store(_DATABASE),
    "azurerm_kusto_database": Store(_TABLES),
    "azurerm_log_analytics_workspace": Store(_LOGS, recoverable="14 days", grave=False),
    "azurerm_machine_learning_workspace": Store("its models and runs", recoverable="14 days", grave=False),
    "azurerm_managed_disk": Store(_DISK),
    "azurerm_mssql_database": Store(
        "its data", recoverable="as long as its server stands and its backups reach"
    ),
    "azurerm_mssql_managed_database": Store("its data", recoverable="as long as its backups reach"),
    "azurerm_mssql_managed_instance": Store(_DATABASE),
    "azurerm_mssql_server": Store("its databases and their backups"),
    "azurerm_mysql_flexible_database": Store(_TABLES),
    "azurerm_mysql_flexible_server": Store(_DATABASE),
    "azurerm_netapp_volume": Store(_DISK),
    "azurerm_postgresql_flexible_server": Store(_DATABASE),
    "azurerm_postgresql_flexible_server_database": Store(_TABLES),
    "azurerm_recovery_services_vault": Store("its backups", refused=True),
    "azurerm_redis_cache": Store("its entries", grave=False),
    "azurerm_resource_group": Store("everything in it", refused=True),
    "azurerm_search_service": Store("its indexes", grave=False),
    "azurerm_servicebus_namespace": Store("its queues and topics", grave=False),
    "azurerm_servicebus_queue": Store(_QUEUE, grave=False),
    "azurerm_servicebus_topic": Store("its subscriptions and their messages", grave=False),
    "azurerm_storage_account": Store(
        "its containers, shares, queues and tables", recoverable="14 days, at the best"
    ),
    "azurerm_storage_container": Store("its blobs", recoverable="as long as its account's soft delete says"),
    "azurerm_storage_data_lake_gen2_filesystem": Store("its files"),
    "azurerm_storage_queue": Store(_QUEUE, grave=False),
    "azurerm_storage_share": Store("its files", recoverable="as long as its account's soft delete says"),
    "azurerm_storage_table": Store("its rows"),
    "azurerm_synapse_workspace": Store("its pools and their tables"),
    "azurerm_user_assigned_identity": Store("every right that was given to it", grave=False),
    "azurerm_databricks_workspace": Store("its jobs, notebooks and the managed storage"),
    # aws
    "aws_backup_vault": Store("its recovery points", forced="force_destroy", refused=True),
    "aws_cognito_user_pool": Store("its users", protected=_POLICY),
    "aws_db_instance": Store(
        "its data and automated backups", protected=_POLICY, skips="skip_final_snapshot"
    ),
    "aws_docdb_cluster": Store("its data", protected=_POLICY, skips="skip_final_snapshot"),
    "aws_dynamodb_table": Store("its items", protected=_ENABLED),
    "aws_ebs_volume": Store(_DISK),
    "aws_ecr_repository": Store("its images", forced="force_delete", refused=True, grave=False),
    "aws_efs_file_system": Store("its files"),
    "aws_eks_cluster": Store(_CLUSTER, protected=_POLICY),
    "aws_elasticache_replication_group": Store("its entries", grave=False),
    "aws_elasticsearch_domain": Store("its indexes"),
    "aws_fsx_lustre_file_system": Store("its files"),
    "aws_kinesis_stream": Store("the records that it keeps", grave=False),
    "aws_kms_key": Store(
        "everything that is encrypted with it", recoverable="7 to 30 days, in which it cannot be used"
    ),
    "aws_memorydb_cluster": Store("its data"),
    "aws_mq_broker": Store("its queues", grave=False),
    "aws_msk_cluster": Store("its topics"),
    "aws_neptune_cluster": Store("its data", protected=_POLICY, skips="skip_final_snapshot"),
    "aws_opensearch_domain": Store("its indexes"),
    "aws_rds_cluster": Store(
        "its data and automated backups", protected=_POLICY, skips="skip_final_snapshot"
    ),
    "aws_redshift_cluster": Store("its data", skips="skip_final_snapshot"),
    "aws_s3_bucket": Store("its objects", forced="force_destroy", refused=True),
    "aws_secretsmanager_secret": Store(
        "its value", recoverable="7 to 30 days, unless recovery_window_in_days is 0"
    ),
    "aws_sns_topic": Store("its subscriptions", grave=False),
    "aws_sqs_queue": Store(_QUEUE, grave=False),
    "aws_timestreamwrite_database": Store(_TABLES, refused=True),
    "aws_timestreamwrite_table": Store("its records"),
    # google
    "google_alloydb_cluster": Store("its data", protected=_POLICY, guarded=True),
    "google_artifact_registry_repository": Store("its artifacts", grave=False),
    "google_bigquery_dataset": Store(_TABLES, forced="delete_contents_on_destroy", refused=True),
    "google_bigquery_table": Store(
        "its rows", protected=_POLICY, recoverable="7 days, by time travel", guarded=True
    ),
    "google_bigtable_instance": Store(_TABLES, protected=_POLICY, guarded=True),
    "google_compute_disk": Store(_DISK),
    "google_compute_region_disk": Store(_DISK),
    "google_container_cluster": Store(_CLUSTER, protected=_POLICY, guarded=True),
    "google_filestore_instance": Store("its files", protected=_ENABLED),
    "google_firestore_database": Store("its documents"),
    "google_iam_workload_identity_pool": Store(
        "every right that was given through it", recoverable="30 days", grave=False
    ),
    "google_kms_crypto_key": Store(
        "everything that is encrypted with it", recoverable="1 to 120 days, in which it cannot be used"
    ),
    "google_pubsub_subscription": Store("the messages that wait in it", grave=False),
    "google_pubsub_topic": Store("its subscriptions' source", grave=False),
    "google_redis_instance": Store("its entries", grave=False),
    "google_secret_manager_secret": Store("its versions", protected=_POLICY),
    "google_spanner_database": Store("its data", protected=_POLICY, guarded=True),
    "google_spanner_instance": Store(_DATABASE, forced="force_destroy"),
    "google_sql_database": Store(_TABLES),
    "google_sql_database_instance": Store("its databases and backups", protected=_POLICY, guarded=True),
    "google_storage_bucket": Store("its objects", forced="force_destroy", refused=True),
    # databricks
    "databricks_metastore": Store("its catalogs", forced="force_destroy", refused=True),
    "databricks_mws_workspaces": Store("its jobs, notebooks and the managed storage"),
}

DATABRICKS_STORES: Final[Mapping[str, Store]] = {
    "databricks_catalog": Store("every schema in it", forced="force_destroy", refused=True),
    "databricks_pipeline": Store("its streaming tables and materialized views"),
    "databricks_registered_model": Store("its model versions"),
    "databricks_schema": Store("every table and volume in it", forced="force_destroy", refused=True),
    "databricks_secret_scope": Store("its secrets", grave=False),
    "databricks_sql_table": Store("its rows"),
    "databricks_vector_search_index": Store("its embeddings", grave=False),
    "databricks_volume": Store("its files"),
}
"""Types of whose removal and replacement the rules for Databricks tell where a file shows it: only what a plan
alone foresees is told beside them."""

SERVING: Final = frozenset(
    {
        *(
            "aws_acm_certificate",
            "aws_alb",
            "aws_alb_target_group",
            "aws_apigatewayv2_api",
            "aws_ecs_service",
        ),
        *(
            "aws_autoscaling_group",
            "aws_cloudfront_distribution",
            "aws_eks_node_group",
            "aws_elb",
            "aws_instance",
        ),
        *("aws_lambda_function", "aws_lb", "aws_lb_listener", "aws_lb_target_group", "aws_nat_gateway"),
        *("aws_route53_record", "aws_route53_zone", "aws_vpc_endpoint", "aws_vpn_gateway", "aws_eip"),
        *("aws_api_gateway_rest_api", "aws_elasticache_cluster", "aws_vpn_connection"),
        *("azurerm_api_management", "azurerm_application_gateway", "azurerm_cdn_frontdoor_endpoint"),
        *("azurerm_cdn_frontdoor_profile", "azurerm_container_app", "azurerm_container_app_environment"),
        *("azurerm_dns_a_record", "azurerm_dns_cname_record", "azurerm_dns_zone", "azurerm_firewall"),
        *("azurerm_kubernetes_cluster_node_pool", "azurerm_lb", "azurerm_linux_function_app"),
        *(
            "azurerm_linux_virtual_machine",
            "azurerm_linux_virtual_machine_scale_set",
            "azurerm_linux_web_app",
        ),
        *("azurerm_nat_gateway", "azurerm_private_dns_a_record", "azurerm_private_dns_zone"),
        *(
            "azurerm_private_endpoint",
            "azurerm_public_ip",
            "azurerm_service_plan",
            "azurerm_virtual_network_gateway",
        ),
        *("azurerm_windows_function_app", "azurerm_windows_virtual_machine", "azurerm_windows_web_app"),
        *("google_cloud_run_service", "google_cloud_run_v2_service", "google_cloudfunctions2_function"),
        *("google_compute_address", "google_compute_backend_service", "google_compute_forwarding_rule"),
        *(
            "google_compute_global_address",
            "google_compute_global_forwarding_rule",
            "google_compute_instance",
        ),
        *("google_compute_instance_group_manager", "google_compute_managed_ssl_certificate"),
        *("google_compute_region_backend_service", "google_compute_region_instance_group_manager"),
        *("google_compute_router_nat", "google_compute_ssl_certificate", "google_compute_target_https_proxy"),
        *(
            "google_compute_url_map",
            "google_container_node_pool",
            "google_dns_managed_zone",
            "google_dns_record_set",
        ),
        *("databricks_app", "databricks_model_serving", "databricks_sql_endpoint"),
    }
)
"""Types whose absence, even for minutes, somebody who calls them notices."""
