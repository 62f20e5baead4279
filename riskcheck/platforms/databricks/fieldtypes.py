"""What type the fields of bundle resources have, by field name.

The bundle loader converts a scalar to the type of its field before anything is compared or deployed: ``"8"``
in a whole-number field is 8, ``1`` in a text field is "1", ``yes`` in a yes/no field is true
(https://github.com/databricks/cli/blob/7bbe285213/libs/dyn/convert/normalize.go). A name has one type wherever
it occurs, `value` excepted; names that newer releases add are left as written. Compiled by script from
https://github.com/databricks/cli/blob/7bbe285213/bundle/schema/jsonschema.json.
"""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BOOLS: Final = _words(
    """
    accelerated_sync alert_on_last_attempt allow_duplicate_names apply_policy_default_values as_variant
    auto_deploy bool_value burst_scaling_enabled bypassrls cascade_on_destroy continuous
    create_database_if_missing create_database_if_not_exists create_database_objects_if_missing createdb
    createrole development disable_auto_optimization disabled embed_credentials enable_auto_clustering
    enable_elastic_disk enable_encryption enable_file_events enable_local_disk_encryption
    enable_pg_native_login enable_photon enable_readable_secondaries enable_serverless_compute enabled
    enforce_schema fallback forward_user_access_token full_refresh ignore_corrupt_files incremental
    infer_column_types ingest_from_uc_foreign_catalog is_protected is_single_node jobs
    no_alert_for_canceled_runs no_alert_for_skipped_runs no_expiry no_suspension notebooks notify_on_ok
    on_bundle_deploy overwrite_existing pause_subscriptions paused photon prevent_destroy purge_on_delete
    query_lifetime read_only reader_case_sensitive refresh_after_update replace_existing retry_on_timeout
    route_optimized run_as_repl safety salesforce_include_formula_fields scale_to_zero_enabled serverless
    skip_builtin_dashboard skip_validation started stopped use_ml_runtime use_preemptible_executors
    """
)

INTS: Final = _words(
    """
    accelerator_count auto_stop_mins autotermination_minutes boot_disk_size caller_credential_id calls
    compute_max_instances compute_min_instances concurrency created_at custom_insights_lookback_window
    custom_max_retention_hours dbt_cloud_job_id disk_count disk_iops disk_size disk_throughput
    ebs_volume_count ebs_volume_iops ebs_volume_size ebs_volume_throughput embedding_dimension
    first_on_demand hard_deletion_sync_min_interval_in_seconds idle_instance_autotermination_minutes
    interval job_id local_ssd_count lookback_window_days max max_capacity max_concurrent_runs
    max_num_clusters max_offsets_per_trigger max_provisioned_concurrency max_provisioned_throughput
    max_retries max_workers min min_idle_instances min_interval_hours min_num_clusters
    min_provisioned_concurrency min_provisioned_throughput min_retry_interval_millis
    min_time_between_triggers_seconds min_workers node_count num_gpus num_workers pg_version
    provisioned_model_units remote_disk_throughput retention_window_in_days retrigger_seconds size
    spot_bid_price_percent start_hour target_qps timeout_seconds tokens total_initial_remote_disk_size
    traffic_percentage updated_at version_num wait_after_last_change_seconds
    """
)

FLOATS: Final = _words(
    """
    autoscaling_limit_max_cu autoscaling_limit_min_cu double_value sampling_fraction spot_bid_max_price
    """
)

MAPS: Final = _words(
    """
    base_parameters client_config configs configuration custom_tags environment_vars filters format_options
    job_parameters named_parameters notebook_base_parameters notebook_params options parameters pg_settings
    properties python_named_params spark_conf spark_env_vars sql_params table_properties tags
    """
)
"""Mappings whose keys are the user's and whose values are text."""

REQUIRED: Final = _words(
    """
    accelerator_type alert_id assets_dir aws_region azure_tenant_id bedrock_provider branch_id catalog
    catalog_id catalog_name clean_room_name column_name column_type command_path commands
    comparison_operator compute condition connection_name coordinates credential_name custom_provider_url
    dashboard_id database_id database_instance_name database_name databricks_workspace_url default
    definition destination destination_catalog destination_schema display_name dl_runtime_image dns_name
    endpoint_id endpoint_name endpoint_type entry_point environment_key experiment experiment_id finder
    gateway_storage_catalog gateway_storage_schema git_provider git_url granularities id index_type
    input_columns inputs instance_name instance_pool_name job_cluster_key key left level logs_table
    manager_account_id metric metrics_table model_id_col model_name model_version name node_type_id
    notebook_name notebook_path op output_data_type output_schema_name package package_name parent path
    permission pg_type pipeline_id postgres_database prediction_col primary_key problem_type project_id
    provider python_file quartz_cron_expression quartz_cron_schedule query_id query_text region
    renewal_period resource resource_id right role role_id schema schema_name scope securable_full_name
    securable_type source source_schema source_table source_url space_id sql_query_id synced_table_id
    table_name table_names task task_key timestamp_col timezone_id traces_table type unit url value
    warehouse_id
    """
)
"""Text fields that are required somewhere: there an empty text is sent, elsewhere it is dropped
(https://github.com/databricks/cli/blob/7bbe285213/bundle/config/mutator/drop_empty_strings.go)."""

TEXTS: Final = REQUIRED | _words(
    """
    action_attribution_windows action_breakdowns action_report_time aggregation ai21labs_api_key
    ai21labs_api_key_plaintext alerts algorithm alias_name aliases alternate_node_type_ids annotations_table
    anthropic_api_key anthropic_api_key_plaintext artifact_location attachment_mode auth_method
    authentication_method availability aws_access_key_id aws_access_key_id_plaintext aws_kms_key_arn
    aws_secret_access_key aws_secret_access_key_plaintext azure_cmk_access_connector_id
    azure_cmk_managed_identity_id azure_disk_volume_type azure_key_vault_key_id backend_type
    base_environment baseline_table_name behavior body_format branch branch_time breakdowns budget_policy_id
    canned_acl capacity capacity_reservation_group channel client cluster_name cluster_size
    clustering_columns code_source_path cohere_api_base cohere_api_key cohere_api_key_plaintext
    columns_to_index columns_to_sync command comment commit compute_size confidential_compute_type
    connection_id connection_resource_name connector_type corrupt_record_column create_time created_by
    creator_name cursor_columns custom_description custom_subject custom_summary customer_managed_key_id
    data_level data_security_mode database databricks_api_token databricks_api_token_plaintext
    dataset_catalog dataset_schema days_of_week dbsql_version dbt_commands dbt_platform_job_id
    default_branch deletion_condition dependencies dependency_mode description destination_id
    destination_table dimensions display docker_image_url driver_instance_pool_id driver_node_type_id
    ebs_volume_type edition egg email_addresses email_recipients embedding_model_endpoint_name
    embedding_writeback_table empty_result_state enabled_telemetry_features encryption_type endpoint
    entity_granularity entity_name entity_type entity_version environment_version etag exclude
    exclude_columns exclusions existing_cluster_id existing_pipeline_id fanout_by fields file_path
    folder_filter format full_name full_refresh_selection gateway_storage_name gcp_availability git_branch
    git_commit git_tag google_service_account gpu_node_pool_id gpu_type group_name hardware_accelerator
    history_retention_duration identity_type include include_columns include_confluence_spaces
    include_folders include_jira_spaces include_mailboxes include_senders include_subjects index_subtype
    ingestion_gateway_id input_column instance_pool_id instance_profile_arn invalid_keywords jar jar_params
    jar_uri java_dependencies kind kms_key label label_col latest_monitor_failure_msg lifecycle_state
    log_analytics_primary_key log_analytics_workspace_id logical_database_name lsn main main_class_name
    maintenance membership_roles metastore_id metrics microsoft_entra_client_id
    microsoft_entra_client_secret microsoft_entra_client_secret_plaintext microsoft_entra_tenant_id
    mlflow_artifact_location mlflow_experiment_directory mlflow_experiment_name mlflow_run mode
    model_endpoint_name_for_query modified_after modified_before netsuite_jar_path
    on_duration_warning_threshold_exceeded on_failure on_start on_streaming_backlog_exceeded on_success
    on_update_failure on_update_success only openai_api_base openai_api_key openai_api_key_plaintext
    openai_api_type openai_api_version openai_deployment_name openai_organization outcome output_column
    owner palm_api_key palm_api_key_plaintext parameters parent_path password path_filter patterns
    pause_status performance_target pipeline_channel pipeline_type policy_id postgres_role
    prediction_proba_col preloaded_spark_versions primary_key_columns primary_keys principal private_key
    private_key_plaintext privileges profiles_directory project_directory provider_name publication_name
    python_params queue_url refresh_flow_selection refresh_selection repo report_type requirements
    rescued_data_column reset_checkpoint_selection resource_fields resource_group root_path row_filter
    run_as_user_name run_if runtime_engine scd_type scheduling_policy schema_evolution_mode schema_file_path
    schema_hints schema_json securable_name segments sender_filter sequence_by served_entity_name
    served_model_name serverless_compute_id service_principal_name share_name single_user_name
    single_variant_column slicing_exprs slot_name source_branch source_branch_lsn source_catalog
    source_code_path source_metadata_column source_table_full_name space spark_submit_params spark_version
    spot_instance_policy ssh_public_keys start_date starting_offset storage storage_catalog storage_location
    storage_mode storage_root storage_schema string_value subject_filter subscription_id subscription_name
    suspend_timeout_duration sync_start_date table_name_prefix table_prefix tag target task_retry_mode
    telemetry_profile_id time_granularity time_increment time_zone_id timeseries_key title token
    token_plaintext topic_pattern topics training_script_path trigger_mode ttl update_time updated_by
    usage_policy_id user_api_scopes user_email user_name username valid_topics value_from value_plaintext
    volume_name volume_type warehouse_type whl workload_size workload_type workspace_name workspace_path
    yaml_parameters yaml_parameters_file_path zone_id
    """
)
"""Text fields, lists of text included."""
