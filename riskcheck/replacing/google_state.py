"""What holds data or serves in the google provider: what forces a new resource (`riskcheck.replacing`).

From https://github.com/hashicorp/terraform-provider-google/tree/e03b7622a2/google/services (``ForceNew``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FORCES_NEW: Final[Mapping[str, str]] = {
    "google_alloydb_cluster": "cluster_id location~ encryption_config.kms_key_name? project~",
    "google_alloydb_instance": "cluster instance_id instance_type",
    "google_artifact_registry_repository": (
        "format repository_id kms_key_name location~ mode~ project~ remote_repository_config?"
    ),
    "google_bigquery_dataset": "dataset_id location~ external_dataset_reference project~",
    "google_bigquery_table": (
        "table_id dataset_id project~ time_partitioning.field range_partitioning.field "
        "encryption_configuration? biglake_configuration? materialized_view.query schema? clustering? "
        "external_data_configuration.schema? table_replication_info?"
    ),
    "google_bigtable_instance": "name project~",
    "google_cloud_run_service": "name location project~",
    "google_cloud_run_v2_service": "name location project~",
    "google_cloudfunctions2_function": "name location project~",
    "google_compute_disk": (
        "name architecture~ disk_encryption_key? description enable_confidential_compute~ image? "
        "licenses~ physical_block_size_bytes~ snapshot source_disk type~ zone~ project~ size?"
    ),
    "google_compute_region_disk": (
        "name replica_zones description disk_encryption_key? licenses~ physical_block_size_bytes~ "
        "region~ snapshot source_disk type~ project~ size?"
    ),
    "google_container_cluster": (
        "name location~ cluster_ipv4_cidr~ description enable_kubernetes_alpha~ enable_tpu~ "
        "enable_autopilot~ initial_node_count? confidential_nodes? network~ node_pool? project~ "
        "subnetwork~ ip_allocation_policy? networking_mode~ "
        "private_cluster_config.master_ipv4_cidr_block~ "
        "private_cluster_config.private_endpoint_subnetwork~ default_max_pods_per_node~ "
        "datapath_provider~ node_config? private_cluster_config?"
    ),
    "google_container_node_pool": (
        "name~ cluster location~ project~ placement_policy? queued_provisioning? max_pods_per_node~ "
        "initial_node_count? name_prefix~ network_config? node_config?"
    ),
    "google_filestore_instance": (
        "name file_shares.name networks tier kms_key_name location~ protocol~ zone~ project~"
    ),
    "google_firestore_database": "name location_id cmek_config? database_edition~ project~",
    "google_iam_workload_identity_pool": "workload_identity_pool_id project~",
    "google_kms_crypto_key": (
        "name key_ring crypto_key_backend? destroy_scheduled_duration~ import_only~ purpose~ "
        "version_template.protection_level~"
    ),
    "google_kms_key_ring": "name location project~",
    "google_memcache_instance": "name node_config authorized_network~ region~ zones~ project~",
    "google_pubsub_subscription": "name topic enable_message_ordering~ filter project~",
    "google_pubsub_topic": "name project~",
    "google_redis_instance": (
        "name alternative_location_id~ authorized_network~ connect_mode~ customer_managed_key "
        "location_id~ region~ reserved_ip_range~ tier~ transit_encryption_mode~ project~"
    ),
    "google_secret_manager_secret": "secret_id replication? project~",
    "google_spanner_database": "name instance database_dialect~ encryption_config project~",
    "google_spanner_instance": "name config project~",
    "google_sql_database": "name instance project~",
    "google_sql_database_instance": (
        "name~ region~ encryption_key_name~ master_instance_name? settings.collation "
        "replica_configuration? database_version? project~"
    ),
    "google_storage_bucket": (
        "name location project~ enable_object_retention~ custom_placement_config? hierarchical_namespace?"
    ),
}
