"""What holds data or serves in the aws provider: what forces a new resource (`riskcheck.replacing`).

From https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service (``ForceNew``),
and what version 5.100 plans to replace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FORCES_NEW: Final[Mapping[str, str]] = {
    "aws_acm_certificate": (
        "certificate_authority_arn domain_name~ validation_method~ subject_alternative_names? "
        "key_algorithm~ options?"
    ),
    "aws_apigatewayv2_api": "protocol_type",
    "aws_cloudfront_distribution": "",
    "aws_cognito_user_pool": "name alias_attributes username_attributes username_configuration? schema?",
    "aws_db_cluster_snapshot": "db_cluster_identifier db_cluster_snapshot_identifier",
    "aws_db_instance": (
        "identifier_prefix~ engine~ username~ db_name~ kms_key_id~ storage_encrypted~ "
        "character_set_name~ nchar_character_set_name~ timezone~ availability_zone~ "
        "custom_iam_instance_profile? snapshot_identifier? replicate_source_db? "
        "restore_to_point_in_time? s3_import? backup_target~"
    ),
    "aws_db_snapshot": "db_instance_identifier db_snapshot_identifier",
    "aws_docdb_cluster": (
        "port~ cluster_identifier~ cluster_identifier_prefix~ master_username~ engine~ kms_key_id~ "
        "storage_encrypted db_subnet_group_name~ availability_zones~ snapshot_identifier?"
    ),
    "aws_dynamodb_table": (
        "name hash_key range_key local_secondary_index? attribute? import_table? restore_source_name? "
        "restore_to_time?"
    ),
    "aws_ebs_volume": (
        "availability_zone encrypted~ kms_key_id~ snapshot_id~ outpost_arn multi_attach_enabled~ "
    ),
    "aws_ecr_repository": "name encryption_configuration?",
    "aws_ecs_service": (
        "name cluster~ launch_type~ scheduling_strategy~ iam_role~ deployment_controller? load_balancer?"
    ),
    "aws_efs_file_system": "creation_token~ availability_zone_name encrypted~ kms_key_id~ performance_mode~",
    "aws_eks_cluster": (
        "name role_arn access_config.bootstrap_cluster_creator_admin_permissions? encryption_config? "
        "kubernetes_network_config? outpost_config? bootstrap_self_managed_addons? "
        "vpc_config.subnet_ids?"
    ),
    "aws_eks_node_group": (
        "node_group_name~ node_group_name_prefix~ cluster_name node_role_arn subnet_ids ami_type~ "
        "capacity_type~ disk_size~ instance_types~ remote_access"
    ),
    "aws_elasticache_cluster": (
        "cluster_id availability_zone~ az_mode? engine~ node_type? port~ replication_group_id "
        "subnet_group_name~ snapshot_arns? snapshot_name? network_type? security_group_ids? "
        "engine_version? transit_encryption_enabled~"
    ),
    "aws_elasticache_replication_group": (
        "replication_group_id at_rest_encryption_enabled~ kms_key_id port~ subnet_group_name~ "
        "snapshot_arns? snapshot_name? data_tiering_enabled~ network_type? "
        "global_replication_group_id? engine_version? transit_encryption_enabled? num_node_groups? "
        "engine?"
    ),
    "aws_elasticsearch_domain": (
        "domain_name encrypt_at_rest? node_to_node_encryption? vpc_options? "
        "advanced_security_options? elasticsearch_version?"
    ),
    "aws_fsx_lustre_file_system": (
        "subnet_ids security_group_ids kms_key_id~ deployment_type~ storage_type~ import_path? "
        "export_path? per_unit_storage_throughput? backup_id? storage_capacity? copy_tags_to_backups~ "
        "drive_cache_type"
    ),
    "aws_kinesis_stream": "name",
    "aws_kms_key": "customer_master_key_spec~ key_usage~ custom_key_store_id multi_region~ xks_key_id",
    "aws_lambda_function": "function_name package_type~",
    "aws_memorydb_cluster": (
        "multi_region_cluster_name name? name_prefix? kms_key_arn subnet_group_name~ tls_enabled~ port~ "
        "data_tiering~ auto_minor_version_upgrade~ snapshot_arns snapshot_name engine?"
    ),
    "aws_mq_broker": (
        "broker_name deployment_mode~ engine_type storage_type~ subnet_ids~ publicly_accessible~ "
        "authentication_strategy~ encryption_options user?"
    ),
    "aws_msk_cluster": (
        "cluster_name broker_node_group_info.client_subnets broker_node_group_info.az_distribution~ "
        "encryption_info.encryption_at_rest_kms_key_arn~ "
        "encryption_info.encryption_in_transit.in_cluster~ kafka_version?"
    ),
    "aws_neptune_cluster": (
        "port~ cluster_identifier~ cluster_identifier_prefix~ engine~ kms_key_arn~ storage_encrypted~ "
        "availability_zones~ neptune_subnet_group_name~ snapshot_identifier?"
    ),
    "aws_opensearch_domain": (
        "domain_name ip_address_type~ encrypt_at_rest? node_to_node_encryption? vpc_options? "
        "advanced_security_options? engine_version?"
    ),
    "aws_rds_cluster": (
        "cluster_identifier~ cluster_identifier_prefix~ engine master_username~ database_name~ "
        "kms_key_id~ storage_encrypted~ availability_zones~ db_subnet_group_name~ engine_mode~ "
        "snapshot_identifier? restore_to_point_in_time? s3_import? source_region? db_system_id~ "
        "ca_certificate_identifier?"
    ),
    "aws_redshift_cluster": (
        "cluster_identifier master_username~ snapshot_identifier? snapshot_arn? snapshot_cluster_identifier? "
        "cluster_subnet_group_name?"
    ),
    "aws_s3_bucket": "bucket~ bucket_prefix~ object_lock_enabled~",
    "aws_secretsmanager_secret": "name~ name_prefix~",
    "aws_sns_topic": "name~ name_prefix~ fifo_topic~",
    "aws_sqs_queue": "name~ name_prefix~ fifo_queue~",
    "aws_ssm_parameter": "name",
    "aws_timestreamwrite_database": "database_name",
    "aws_timestreamwrite_table": "database_name table_name",
}
