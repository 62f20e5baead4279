"""Which edits of which fields a deployment carries out how, and by which field items of a list are known.

Facts of the direct engine, rewritten from
https://github.com/databricks/cli/blob/7bbe285213/bundle/direct/dresources/resources.yml and
resources.generated.yml beside it. A path stands for itself and everything below it; ``*`` is every field.
"""

from __future__ import annotations

from typing import Final, NamedTuple

Path = tuple[str, ...]
EVERY: Final = ("*",)


class Lifecycle(NamedTuple):
    """recreate: delete and create. rename: the id changes in place. ignored: no deployment acts on it."""

    recreate: tuple[Path, ...] = ()
    rename: tuple[Path, ...] = ()
    ignored: tuple[Path, ...] = ()


def _paths(text: str) -> tuple[Path, ...]:
    return tuple(tuple(path.split(".")) for path in text.split())


def _of(recreate: str = "", rename: str = "", ignored: str = "") -> Lifecycle:
    return Lifecycle(_paths(recreate), _paths(rename), _paths(ignored))


LIFECYCLES: Final[dict[str, Lifecycle]] = {
    "alerts": _of(),
    "apps": _of(recreate="name"),
    "catalogs": _of(recreate="storage_root connection_name provider_name share_name", rename="name"),
    "clusters": _of(),
    "dashboards": _of(recreate="parent_path"),
    "database_catalogs": _of(recreate="*"),
    "database_instances": _of(recreate="name parent_instance_ref"),
    "experiments": _of(recreate="artifact_location trace_location", ignored="tags"),
    "external_locations": _of(recreate="credential_name encryption_details file_event_queue", rename="name"),
    "genie_spaces": _of(),
    "instance_pools": _of(
        recreate="disk_spec node_type_flexibility preloaded_spark_versions preloaded_docker_images"
    ),
    "job_runs": _of(recreate="*"),
    "jobs": _of(ignored="deployment.version_id"),
    "model_serving_endpoints": _of(
        recreate="name description route_optimized config.auto_capture_config.catalog_name "
        "config.auto_capture_config.schema_name config.auto_capture_config.table_name_prefix",
        ignored="budget_policy_id rate_limits",
    ),
    "models": _of(recreate="name", ignored="tags"),
    "pipelines": _of(
        recreate="storage ingestion_definition.connection_name ingestion_definition.ingestion_gateway_id "
        "ingestion_definition.ingest_from_uc_foreign_catalog gateway_definition.connection_id "
        "gateway_definition.connection_name gateway_definition.gateway_storage_catalog "
        "gateway_definition.gateway_storage_schema",
        ignored="deployment.version_id id",
    ),
    "postgres_branches": _of(
        recreate="parent branch_id source_branch source_branch_lsn source_branch_time",
        ignored="replace_existing",
    ),
    "postgres_catalogs": _of(recreate="*"),
    "postgres_databases": _of(recreate="parent database_id", ignored="replace_existing"),
    "postgres_endpoints": _of(recreate="parent endpoint_id endpoint_type", ignored="replace_existing"),
    "postgres_projects": _of(recreate="project_id pg_version"),
    "postgres_roles": _of(
        recreate="parent role_id postgres_role auth_method identity_type", ignored="replace_existing"
    ),
    "postgres_synced_tables": _of(recreate="*"),
    "quality_monitors": _of(recreate="table_name assets_dir"),
    "registered_models": _of(recreate="name catalog_name schema_name storage_location"),
    "schemas": _of(recreate="name catalog_name storage_root"),
    "secret_scopes": _of(
        recreate="scope name scope_backend_type backend_type backend_azure_keyvault keyvault_metadata "
        "initial_manage_principal"
    ),
    "secrets": _of(recreate="name catalog_name schema_name"),
    "sql_warehouses": _of(),
    "synced_database_tables": _of(recreate="*"),
    "vector_search_endpoints": _of(recreate="name endpoint_type"),
    "vector_search_indexes": _of(
        recreate="name endpoint_name index_type index_subtype primary_key delta_sync_index_spec "
        "direct_access_index_spec"
    ),
    "volumes": _of(recreate="catalog_name schema_name storage_location volume_type", rename="name"),
}

APART: Final = frozenset(("permissions", "grants"))
"""Lists that are deployed as objects of their own: they are updated, whatever holds for the resource."""

STARTABLE: Final = frozenset(("apps", "clusters", "sql_warehouses"))
"""Types whose ``lifecycle.started`` a deployment acts on. The rest of `lifecycle` only guards."""

NATURAL_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "tasks": ("task_key",),
    "depends_on": ("task_key", "outcome"),
    "job_clusters": ("job_cluster_key",),
    "environments": ("environment_key",),
    "parameters": ("name",),
    "rules": ("metric", "op"),
    "clusters": ("label",),
    "notifications": ("alerts",),
    "permissions": ("service_principal_name", "group_name", "user_name"),
    "grants": ("principal",),
    "served_entities": ("name", "entity_name"),
    "routes": ("served_entity_name",),
    "rate_limits": ("key", "renewal_period", "principal"),
    "resources": ("name",),
    "env": ("name",),
    "tags": ("key",),
    "custom_tags": ("key",),
    "aliases": ("alias_name",),
    "custom_metrics": ("name",),
    "membership_roles": (),
    "libraries": (),
    "init_scripts": (),
    "objects": (),
    "on_start": ("id",),
    "on_success": ("id",),
    "on_failure": ("id",),
    "on_duration_warning_threshold_exceeded": ("id",),
    "on_streaming_backlog_exceeded": ("id",),
    "subscriptions": ("destination_id", "user_email"),
}
"""By the key above a list, on any resource type."""
