"""What a deployment would do, given what differs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from riskcheck.bundles.lifecycles import LIFECYCLES
from riskcheck.changes.compare import compare
from riskcheck.models import Action, Resource
from riskcheck.platforms.databricks import PLATFORM
from tests.platforms.databricks.bundles import Files, workspace


def action(before: str, after: str, kind: str) -> Action:
    changes = compare(_resources({"databricks.yml": before}), _resources({"databricks.yml": after}), _keys)
    return PLATFORM.action([each for each in changes if each.resource.kind == kind])


def _resources(files: Files) -> tuple[Resource, ...]:
    return PLATFORM.resolve(workspace(files), ["."]).resources


def _keys(resource: Resource) -> Callable[[str], Sequence[str]]:
    return lambda field: PLATFORM.natural_keys(resource.kind, field)


def edited(kind: str, before: str, after: str) -> Action:
    return action(
        f"resources: {{{kind}: {{a: {{{before}}}}}}}\n", f"resources: {{{kind}: {{a: {{{after}}}}}}}\n", kind
    )


@pytest.mark.parametrize(
    ("kind", "before", "after", "expected"),
    [
        ("jobs", "name: a", "name: b", "update"),
        ("jobs", "tasks: [{task_key: a}]", "tasks: [{task_key: b}]", "update"),
        ("schemas", "name: a", "name: b", "recreate"),
        ("schemas", "name: a", "name: A", "none"),
        ("schemas", "comment: a", "comment: b", "update"),
        ("catalogs", "name: a", "name: b", "rename"),
        ("catalogs", "name: a, storage_root: x", "name: b, storage_root: y", "recreate"),
        ("volumes", "name: a", "name: b", "rename"),
        ("volumes", "name: a", "name: a, volume_type: MANAGED", "none"),
        ("volumes", "name: a", "name: a, volume_type: EXTERNAL", "recreate"),
        ("volumes", "storage_location: 's3://b/'", "storage_location: 's3://b'", "none"),
        ("pipelines", "storage: a", "storage: b", "recreate"),
        ("pipelines", "catalog: a", "catalog: b", "update"),
        (
            "pipelines",
            "ingestion_definition: {connection_name: a}",
            "ingestion_definition: {connection_name: b}",
            "recreate",
        ),
        ("model_serving_endpoints", "description: a", "description: b", "recreate"),
        (
            "model_serving_endpoints",
            "config: {served_entities: [{entity_name: m, entity_version: 1}]}",
            "config: {served_entities: [{entity_name: m, entity_version: 2}]}",
            "update",
        ),
        ("experiments", "name: a, tags: [{key: a, value: b}]", "name: a, tags: [{key: a, value: c}]", "none"),
        ("database_catalogs", "name: a", "name: a, create_database_if_not_exists: true", "recreate"),
        ("schemas", "grants: [{principal: a}]", "grants: [{principal: b}]", "update"),
        ("database_catalogs", "permissions: [{level: a}]", "permissions: [{level: b}]", "update"),
        ("volumes", "lifecycle: {prevent_destroy: true}", "lifecycle: {prevent_destroy: false}", "none"),
        ("apps", "lifecycle: {started: true}", "lifecycle: {started: false}", "update"),
        ("secret_scopes", "name: a", "name: b", "recreate"),
        ("future_things", "name: a", "name: b", "unknown"),
        ("pipelines", "name: a", "name: a, gateway_definition: {connection_name: c}", "update"),
        ("pipelines", "name: a", "name: a, continuous: false", "none"),
        ("pipelines", "name: a", "name: a, cascade_on_destroy: false", "update"),
        ("pipelines", "name: a, cascade_on_destroy: false", "name: a", "update"),
        (
            "pipelines",
            "name: a",
            "name: a, storage: 'dbfs:/pipelines/0f1e2d3c-0000-4000-8000-aabbccddeeff'",
            "none",
        ),
        ("pipelines", "name: a", "name: a, storage: 'dbfs:/pipelines/custom'", "recreate"),
        ("postgres_branches", "branch_id: a, purge_on_delete: false", "branch_id: a", "none"),
        ("sql_warehouses", "name: a", "name: a, enable_serverless_compute: false", "update"),
        ("jobs", "tasks: [{task_key: a}]", "tasks: [{task_key: a, run_if: ALL_SUCCESS}]", "none"),
        ("model_serving_endpoints", "name: a", "name: a, route_optimized: false", "none"),
        ("secret_scopes", "name: a", "name: a, backend_type: DATABRICKS", "none"),
        ("secret_scopes", "name: a, backend_type: DATABRICKS", "name: a", "recreate"),
        ("experiments", "name: /Users/a/e", "name: /Workspace/Users/a/e", "none"),
        ("schemas", "catalog_name: main", "catalog_name: '${resources.catalogs.main.name}'", "unknown"),
        (
            "synced_database_tables",
            "name: a, spec: {primary_key_columns: [x, y]}",
            "name: a, spec: {primary_key_columns: [y, x]}",
            "recreate",
        ),
        ("apps", "name: a", "name: a, lifecycle: {started: true}", "update"),
        ("apps", "name: a", "name: a, lifecycle: {started: false}", "none"),
        ("clusters", "cluster_name: a", "cluster_name: a, lifecycle: {prevent_destroy: true}", "none"),
        (
            "job_runs",
            "job_id: 1",
            "job_id: 1, lifecycle: {triggers: [{on_bundle_deploy: true}]}",
            "recreate",
        ),
        ("job_runs", "job_id: 1, lifecycle: {triggers: [{on_bundle_deploy: true}]}", "job_id: 1", "update"),
    ],
)
def test_the_gravest_field_decides(kind: str, before: str, after: str, expected: Action) -> None:
    assert edited(kind, before, after) == expected


def test_a_new_resource_is_created_and_a_missing_one_deleted() -> None:
    one, two = "resources: {jobs: {a: {}}}\n", "resources: {jobs: {a: {}, b: {}}}\n"
    assert action(one, two, "jobs") == "create"
    assert action(two, one, "jobs") == "delete"


def test_settings_of_a_target_are_not_deployed_themselves() -> None:
    assert action("bundle: {name: a}\n", "bundle: {name: b}\n", "targets") == "none"


def test_nothing_is_done_for_no_change() -> None:
    assert PLATFORM.action([]) == "none"


@pytest.mark.parametrize("kind", sorted(LIFECYCLES))
def test_no_field_is_both_ignored_and_acted_on(kind: str) -> None:
    lifecycle = LIFECYCLES[kind]
    assert not set(lifecycle.ignored) & (set(lifecycle.recreate) | set(lifecycle.rename))


def test_the_version_of_the_only_unnamed_entity_is_one_changed_field() -> None:
    entity = "{entity_name: m, entity_version: 1}"
    before = f"resources: {{model_serving_endpoints: {{a: {{config: {{served_entities: [{entity}]}}}}}}}}\n"
    changes = compare(
        _resources({"databricks.yml": before}),
        _resources({"databricks.yml": before.replace("version: 1", "version: 2")}),
        _keys,
    )
    assert [(each.path, each.kind) for each in changes] == [
        (("config", "served_entities", "[m]", "entity_version"), "modified")
    ]


@pytest.mark.parametrize(
    ("field", "keys"),
    [
        ("tasks", ("task_key",)),
        ("job_clusters", ("job_cluster_key",)),
        ("clusters", ("label",)),
        ("grants", ("principal",)),
        ("routes", ("served_entity_name",)),
        ("environments", ("environment_key",)),
        ("libraries", ()),
        ("unheard_of", ()),
    ],
)
def test_lists_have_natural_keys(field: str, keys: tuple[str, ...]) -> None:
    assert PLATFORM.natural_keys("jobs", field) == keys
