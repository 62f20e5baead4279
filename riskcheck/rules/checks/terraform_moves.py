"""Terraform resources that come under another address without a ``moved`` block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.bundles.losses import DATA
from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.phrases import many
from riskcheck.rules.checks.terraform_renames import local_name, renamed_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Value
    from riskcheck.rules.context import CheckContext

_CHEAP: Final = (
    *("null_", "time_", "local_", "terraform_data", "template_", "archive_", "external"),
    *("aws_iam_role_policy", "aws_iam_policy_attachment", "aws_iam_user_policy", "aws_iam_group_policy"),
    *(
        "aws_cloudwatch_metric_alarm",
        "aws_cloudwatch_dashboard",
        "aws_cloudwatch_event",
        "aws_lambda_permission",
    ),
    *("aws_route_table_association", "aws_ssm_parameter", "aws_s3_object", "aws_cloudwatch_query_definition"),
    *("aws_cloudwatch_log_metric_filter", "aws_cloudwatch_log_subscription_filter", "aws_s3_bucket_"),
    *("aws_ecr_lifecycle_policy", "aws_ecr_repository_policy", "aws_glue_trigger", "aws_glue_crawler"),
    *("azurerm_role_assignment", "azurerm_monitor_", "azurerm_role_definition"),
    *("google_project_iam_", "google_project_service", "google_storage_bucket_iam_", "google_monitoring_"),
    *(
        "google_storage_bucket_object",
        "databricks_permissions",
        "databricks_grant",
        "github_",
        "aws_athena_named",
    ),
)
"""Beginnings of types that come back from the configuration alone, at once."""

_DATA: Final = (
    *("aws_db_instance", "aws_rds_cluster", "aws_dynamodb_table", "aws_efs_file_system", "aws_ebs_volume"),
    *("aws_elasticache_", "aws_opensearch_domain", "aws_elasticsearch_domain", "aws_redshift_cluster"),
    *(
        "aws_docdb_cluster",
        "aws_neptune_cluster",
        "aws_kms_key",
        "aws_secretsmanager_secret",
        "aws_sqs_queue",
    ),
    *(
        "aws_kinesis_",
        "aws_ecr_repository",
        "aws_cognito_user_pool",
        "aws_eks_cluster",
        "aws_msk_",
        "aws_fsx_",
    ),
    *("aws_cloudwatch_log_group", "aws_memorydb_", "aws_timestream", "aws_backup_vault", "aws_route53_zone"),
    *("azurerm_storage_", "azurerm_key_vault", "azurerm_mssql_", "azurerm_postgresql_", "azurerm_mysql_"),
    *("azurerm_cosmosdb_", "azurerm_managed_disk", "azurerm_databricks_workspace", "azurerm_eventhub"),
    *("azurerm_servicebus_", "azurerm_kubernetes_cluster", "azurerm_container_registry", "azurerm_redis_"),
    *("azurerm_log_analytics_workspace", "azurerm_dns_zone", "azurerm_private_dns_zone", "azurerm_netapp_"),
    *(
        "google_sql_database",
        "google_storage_bucket",
        "google_bigquery_",
        "google_spanner_",
        "google_bigtable_",
    ),
    *("google_container_cluster", "google_compute_disk", "google_filestore_", "google_kms_", "google_redis_"),
    *(
        "google_pubsub_",
        "google_firestore_",
        "google_alloydb_",
        "google_secret_manager_secret",
        "google_project",
    ),
    *("google_dns_managed_zone", "google_artifact_registry_repository", "databricks_mws_workspaces"),
    *("databricks_metastore", "random_password", "random_id", "tls_private_key", "databricks_secret"),
)
"""Beginnings of types with data, keys or names in them that a new one does not have."""


def renamed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A resource is destroyed and created again under another address; of a module that was renamed, once.

    Values: ``what``, ``old``, ``new`` (of the block to add), ``data``, ``cheap``; ``restored`` where nothing
    is lost with it.
    """
    gone = change.resource_before
    if gone is None or change.resource_after is not None or gone.section in DATA:
        return
    new = renamed_to(gone, context)
    if new is None:
        return
    modules = _modules(gone, new)
    together = [gone] if modules is None else _moving(gone, modules, context)
    if together[0].address != gone.address:
        return
    old, later = (_address(gone), _address(new)) if modules is None else (one.rstrip(".") for one in modules)
    holds = [one for one in together if holds_data(one)]
    values: dict[str, Value] = {
        "what": _what(gone, new, modules, len(together)),
        "old": old,
        "new": later,
        "data": bool(holds),
        "cheap": all(map(is_cheap, together)),
        "restored": not holds,
    }
    yield Match(
        values=values,
        related=(Related("renamed to", location_of(new.origin)),),
        resources=tuple(one.address for one in together) if modules is not None else (),
    )


def is_cheap(resource: Resource) -> bool:
    """Whether it comes back from the configuration alone, at once."""
    return resource.kind.startswith(_CHEAP) and not holds_data(resource)


def holds_data(resource: Resource) -> bool:
    """Whether a new one lacks what is in it."""
    if resource.kind == "aws_s3_bucket":
        return True
    return resource.kind.startswith(_DATA) and not resource.kind.startswith(_CHEAP)


def _modules(gone: Resource, new: Resource) -> tuple[str, str] | None:
    """The paths of a module call that was renamed, where that is all that differs between the addresses."""
    (old_place, old_name), (new_place, new_name) = local_name(gone), local_name(new)
    if old_name != new_name or not old_place or not new_place or old_place == new_place:
        return None
    return old_place, new_place


def _moving(gone: Resource, modules: tuple[str, str], context: CheckContext) -> list[Resource]:
    """All that goes from one module to the other in this root and environment, what holds data first."""
    found = [
        one
        for one in context.base.find(platform="terraform", unit=gone.unit, environment=gone.environment.name)
        if local_name(one)[0] == modules[0]
        and one.section not in DATA
        and (new := renamed_to(one, context)) is not None
        and _modules(one, new) == modules
    ]
    found.sort(key=lambda one: (not holds_data(one), one.kind.startswith(_CHEAP), one.kind, one.name))
    return found or [gone]


def _what(gone: Resource, new: Resource, modules: tuple[str, str] | None, count: int) -> str:
    if modules is not None and count > 1:
        old, later = (one.rstrip(".") for one in modules)
        return f"{old} becomes {later}, and {many(count, 'resource')} with it, such as {_address(gone)}"
    return f"{_address(gone)} becomes {_address(new)}"


def _address(resource: Resource) -> str:
    """As Terraform writes it: the modules stand before the type."""
    place, name = local_name(resource)
    return f"{place}{resource.kind}.{name}"
