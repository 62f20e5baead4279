"""Which edits of which fields a deployment carries out how.

Facts of the direct engine, rewritten from
https://github.com/databricks/cli/blob/7bbe285213/bundle/direct/dresources/resources.yml, resources.generated.yml
and the code of each type beside it (``PrepareState``: what of a block is deployed at all). A path stands for itself
and everything below it, never for a block that holds it: a block that comes or goes as a whole is an update. Items
of lists are left out of paths; ``*`` is every field.
"""

from __future__ import annotations

from typing import Final

from riskcheck.records import NamedTuple

Path = tuple[str, ...]
EVERY: Final = ("*",)


class Lifecycle(NamedTuple):
    """recreate: delete and create. rename: the id changes in place. ignored: no deployment acts on it.

    supplied: fields that the workspace fills in where a bundle states nothing, so that stating false, 0 or nothing
    is another value.
    """

    recreate: tuple[Path, ...] = ()
    rename: tuple[Path, ...] = ()
    ignored: tuple[Path, ...] = ()
    supplied: tuple[Path, ...] = ()


def _paths(text: str) -> tuple[Path, ...]:
    return tuple(tuple(path.split(".")) for path in text.split())


def _of(recreate: str = "", rename: str = "", ignored: str = "", supplied: str = "") -> Lifecycle:
    return Lifecycle(_paths(recreate), _paths(rename), _paths(ignored), _paths(supplied))


LIFECYCLES: Final[dict[str, Lifecycle]] = {
    "alerts": _of(),
    "apps": _of(recreate="name", supplied="compute_size forward_user_access_token"),
    "catalogs": _of(recreate="storage_root connection_name provider_name share_name", rename="name"),
    "clusters": _of(supplied="enable_elastic_disk enable_local_disk_encryption"),
    "dashboards": _of(recreate="parent_path"),
    "database_catalogs": _of(recreate="*"),
    "database_instances": _of(recreate="name parent_instance_ref"),
    "experiments": _of(recreate="artifact_location trace_location", ignored="tags"),
    "external_locations": _of(recreate="credential_name encryption_details file_event_queue", rename="name"),
    "genie_spaces": _of(),
    "instance_pools": _of(
        recreate="disk_spec node_type_flexibility preloaded_spark_versions preloaded_docker_images",
        supplied="enable_elastic_disk idle_instance_autotermination_minutes max_capacity",
    ),
    "job_runs": _of(recreate="*"),
    "jobs": _of(
        ignored="deployment.version_id",
        supplied="tasks.new_cluster.enable_elastic_disk tasks.new_cluster.enable_local_disk_encryption "
        "job_clusters.new_cluster.enable_elastic_disk job_clusters.new_cluster.enable_local_disk_encryption",
    ),
    "model_serving_endpoints": _of(
        recreate="name description route_optimized config.auto_capture_config.catalog_name "
        "config.auto_capture_config.schema_name config.auto_capture_config.table_name_prefix",
        ignored="budget_policy_id rate_limits",
        supplied="config.auto_capture_config.enabled",
    ),
    "models": _of(recreate="name", ignored="tags"),
    "pipelines": _of(
        recreate="storage ingestion_definition.connection_name ingestion_definition.ingestion_gateway_id "
        "ingestion_definition.ingest_from_uc_foreign_catalog gateway_definition.connection_id "
        "gateway_definition.connection_name gateway_definition.gateway_storage_catalog "
        "gateway_definition.gateway_storage_schema",
        ignored="deployment.version_id id",
        supplied="cascade_on_destroy clusters.enable_local_disk_encryption",
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
    "secrets": _of(recreate="name catalog_name schema_name", ignored="owner"),
    "sql_warehouses": _of(supplied="enable_serverless_compute min_num_clusters"),
    "synced_database_tables": _of(recreate="*"),
    "vector_search_endpoints": _of(recreate="name endpoint_type"),
    "vector_search_indexes": _of(
        recreate="name endpoint_name index_type index_subtype primary_key delta_sync_index_spec "
        "direct_access_index_spec"
    ),
    "volumes": _of(recreate="catalog_name schema_name storage_location volume_type", rename="name"),
}

DEFAULTS: Final[dict[str, dict[Path, str | int | bool]]] = {
    "instance_pools": {("idle_instance_autotermination_minutes",): 60},
    "jobs": {
        ("tasks", "run_if"): "ALL_SUCCESS",
        ("tasks", "for_each_task", "task", "run_if"): "ALL_SUCCESS",
    },
    "model_serving_endpoints": {("route_optimized",): False},
    "secret_scopes": {("backend_type",): "DATABRICKS"},
}
"""What the workspace fills in where nothing is stated: writing it down is no change, taking it away is one."""

APART: Final = frozenset(("permissions", "grants"))
"""Lists that are deployed as objects of their own: they are updated, whatever holds for the resource."""

STARTABLE: Final = frozenset(("apps", "clusters", "sql_warehouses"))
"""Types whose ``lifecycle.started`` a deployment acts on. The rest of `lifecycle` only guards."""
