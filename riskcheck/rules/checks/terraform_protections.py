"""What keeps a Terraform resource, its backups or its logs from being deleted: the attributes of each type.

From https://github.com/hashicorp/terraform-provider-aws/tree/main/website/docs/r ,
https://github.com/hashicorp/terraform-provider-azurerm/tree/69697b7fe6/website/docs (its ``guides/features-block``
for the provider), https://github.com/hashicorp/terraform-provider-google/tree/main/website/docs/r and
https://github.com/databricks/terraform-provider-databricks/tree/684f44249/docs/resources.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

UNKNOWN: Final = "?"
"""Stands for a default that differs between versions of the provider, or that the service chooses."""

_ANY: Final = (
    "deletion_protection=true:? deletion_protection_enabled=true:? force_destroy=false:false "
    "force_delete=false:false"
)
_RDS: Final = (
    "skip_final_snapshot=false:false delete_automated_backups=false:true deletion_protection=true:false"
)
_BUCKET_DAYS: Final = "blob_properties.delete_retention_policy.days=more:0"

PROTECTIONS: Final[Mapping[str, str]] = {
    "aws_alb": "enable_deletion_protection=true:false",
    "aws_backup_vault_lock_configuration": "min_retention_days=more:0",
    "aws_cloudtrail_event_data_store": "termination_protection_enabled=true:true log:retention_period=more:2555",
    "aws_cloudwatch_log_group": "log:retention_in_days=more0:0 skip_destroy=true:false",
    "aws_cognito_user_pool": "deletion_protection=ACTIVE:INACTIVE",
    "aws_db_instance": f"{_RDS} backup_retention_period=more:0",
    "aws_docdb_cluster": "deletion_protection=true:false skip_final_snapshot=false:false "
    "backup_retention_period=more:1",
    "aws_dynamodb_table": "deletion_protection_enabled=true:false point_in_time_recovery.enabled=true:false "
    "point_in_time_recovery.recovery_period_in_days=more:?",
    "aws_efs_backup_policy": "backup_policy.status=ENABLED:?",
    "aws_eks_cluster": "deletion_protection=true:false",
    "aws_elasticache_cluster": "snapshot_retention_limit=more:0",
    "aws_elasticache_replication_group": "snapshot_retention_limit=more:0",
    "aws_instance": "disable_api_termination=true:false",
    "aws_kms_key": "deletion_window_in_days=more:30",
    "aws_lb": "enable_deletion_protection=true:false",
    "aws_memorydb_cluster": "snapshot_retention_limit=more:0",
    "aws_neptune_cluster": "deletion_protection=true:false skip_final_snapshot=false:false "
    "backup_retention_period=more:1",
    "aws_networkfirewall_firewall": "delete_protection=true:false",
    "aws_rds_cluster": f"{_RDS} backup_retention_period=more:1 backtrack_window=more:0",
    "aws_rds_global_cluster": "deletion_protection=true:false force_destroy=false:false",
    "aws_redshift_cluster": "skip_final_snapshot=false:false automated_snapshot_retention_period=more:1",
    "aws_s3_bucket": "force_destroy=false:false versioning.enabled=true:?",
    "aws_s3_bucket_versioning": "versioning_configuration.status=Enabled:?",
    "aws_secretsmanager_secret": "recovery_window_in_days=more:30",
    "azurerm_app_configuration": "purge_protection_enabled=true:false soft_delete_retention_days=more:7",
    "azurerm_cosmosdb_account": "backup.type=Continuous:? backup.retention_in_hours=more:?",
    "azurerm_data_protection_backup_vault": "soft_delete=!Off:On immutability=!Disabled:Disabled "
    "retention_duration_in_days=more:14",
    "azurerm_key_vault": "purge_protection_enabled=true:false soft_delete_retention_days=more:90",
    "azurerm_key_vault_managed_hardware_security_module": "purge_protection_enabled=true:false "
    "soft_delete_retention_days=more:90",
    "azurerm_log_analytics_workspace": "log:retention_in_days=more:30",
    "azurerm_mssql_database": "short_term_retention_policy.retention_days=more:? geo_backup_enabled=true:true",
    "azurerm_mssql_managed_database": "short_term_retention_days=more:?",
    "azurerm_mssql_database_extended_auditing_policy": "log:retention_in_days=more0:0",
    "azurerm_mssql_server_extended_auditing_policy": "log:retention_in_days=more0:0",
    "azurerm_mysql_flexible_server": "backup_retention_days=more:7 geo_redundant_backup_enabled=true:false",
    "azurerm_postgresql_flexible_server": "backup_retention_days=more:? geo_redundant_backup_enabled=true:false",
    "azurerm_recovery_services_vault": "soft_delete_enabled=true:true immutability=!Disabled:?",
    "azurerm_storage_account": "blob_properties.versioning_enabled=true:false "
    f"{_BUCKET_DAYS} blob_properties.container_delete_retention_policy.days=more:0 "
    "share_properties.retention_policy.days=more:?",
    "google_bigquery_dataset": "delete_contents_on_destroy=false:false max_time_travel_hours=more:168",
    "google_bigquery_table": "deletion_protection=true:true",
    "google_bigtable_instance": "deletion_protection=true:true force_destroy=false:false",
    "google_bigtable_table": "deletion_protection=PROTECTED:UNPROTECTED",
    "google_cloud_run_v2_service": "deletion_protection=true:?",
    "google_compute_instance": "deletion_protection=true:false",
    "google_container_cluster": "deletion_protection=true:true",
    "google_firestore_database": "delete_protection_state=DELETE_PROTECTION_ENABLED:DELETE_PROTECTION_DISABLED "
    "point_in_time_recovery_enablement=POINT_IN_TIME_RECOVERY_ENABLED:POINT_IN_TIME_RECOVERY_DISABLED "
    "deletion_policy=!DELETE:ABANDON",
    "google_logging_project_bucket_config": "log:retention_days=more:?",
    "google_project": "deletion_policy=!DELETE:?",
    "google_spanner_database": "deletion_protection=true:true enable_drop_protection=true:false",
    "google_sql_database_instance": "deletion_protection=true:true settings.deletion_protection_enabled=true:false "
    "settings.backup_configuration.enabled=true:? "
    "settings.backup_configuration.point_in_time_recovery_enabled=true:? "
    "settings.backup_configuration.transaction_log_retention_days=more:? "
    "settings.backup_configuration.backup_retention_settings.retained_backups=more:?",
    "google_storage_bucket": "force_destroy=false:false versioning.enabled=true:? "
    "soft_delete_policy.retention_duration_seconds=more:604800 retention_policy.retention_period=more:0",
    "provider.azurerm": " ".join(
        (
            "features.key_vault.purge_soft_delete_on_destroy=false:true",
            "features.key_vault.purge_soft_deleted_certificates_on_destroy=false:true",
            "features.key_vault.purge_soft_deleted_keys_on_destroy=false:true",
            "features.key_vault.purge_soft_deleted_secrets_on_destroy=false:true",
            "features.resource_group.prevent_deletion_if_contains_resources=true:true",
            "features.log_analytics_workspace.permanently_delete_on_destroy=false:?",
            "features.app_configuration.purge_soft_delete_on_destroy=false:true",
            "features.api_management.purge_soft_delete_on_destroy=false:true",
            "features.cognitive_account.purge_soft_delete_on_destroy=false:true",
            "features.machine_learning.purge_soft_deleted_workspace_on_destroy=false:false",
            "features.recovery_services_vault.purge_protected_items_from_vault_on_destroy=false:false",
            "features.recovery_service.purge_protected_items_from_vault_on_destroy=false:false",
            "features.databricks_workspace.force_delete=false:false",
            "features.netapp.prevent_volume_destruction=true:true",
            "features.netapp.delete_backups_on_backup_vault_destroy=false:false",
            "features.subscription.prevent_cancellation_on_destroy=true:false",
        )
    ),
}
"""Resource type to its attributes, with dots into blocks: ``path=safe:default``. safe: the value that protects,
``!value`` for all but that one, ``more`` where the larger number protects more, ``more0`` where moreover 0 is
without end. ``log:`` marks what keeps logs rather than data."""

_NOT_DATA: Final = frozenset(
    {"aws_iam_user", "aws_iam_role", "aws_iam_policy", "aws_iam_group", "google_service_account"}
)
"""Types whose ``force_`` attributes only detach what hangs off them."""

GUARDS: Final[Mapping[str, str]] = {
    "aws_backup_vault_lock_configuration": "the lock of a backup vault",
    "aws_efs_backup_policy": "the backups of a file system",
    "aws_s3_bucket_object_lock_configuration": "the object lock of a bucket",
    "aws_s3_bucket_versioning": "the versioning of a bucket",
    "azurerm_management_lock": "the lock against deletion",
    "azurerm_backup_protected_vm": "the backup of a virtual machine",
    "google_resource_manager_lien": "the lien on a project",
}
"""Types that are a protection as a whole, and what goes with one of them."""


class Protection(NamedTuple):
    """One attribute. safe, default: as in `PROTECTIONS`. of_logs: what it keeps are logs."""

    path: tuple[str, ...]
    safe: str
    default: str
    of_logs: bool


@lru_cache(maxsize=512)
def protections_of(kind: str) -> tuple[Protection, ...]:
    """What protects resources of a type, or with ``provider.`` before it what a provider is configured with."""
    if kind.startswith("AWS::"):
        from riskcheck.rules.checks.stack_protections import STACK_PROTECTIONS

        return tuple(map(_protection, STACK_PROTECTIONS.get(kind, "").split()))
    own = tuple(map(_protection, PROTECTIONS.get(kind, "").split()))
    if kind in _NOT_DATA or kind.startswith("provider."):
        return own
    known = {one.path for one in own}
    common = [*map(_protection, _ANY.split())]
    if kind.startswith("google_"):
        common.append(Protection(("deletion_policy",), "PREVENT", "DELETE", of_logs=False))
    return (*own, *(one for one in common if one.path not in known))


def _protection(text: str) -> Protection:
    path, _, rest = text.partition("=")
    safe, _, default = rest.partition(":")
    logs, of_logs, plain = path.rpartition("log:")
    return Protection(tuple(plain.split(".")), safe, default, bool(of_logs) and not logs)
