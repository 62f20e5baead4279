"""What the resources of a bundle need."""

from __future__ import annotations

from tests.platforms.databricks.bundles import find, place, resolve

FILES = """\
    variables: {wh: {lookup: {warehouse: Shared}}, ref: {default: "${resources.pipelines.load.id}"}}
    resources:
      catalogs: {main: {name: Main}}
      schemas: {raw: {name: Raw, catalog_name: main}}
      volumes: {landing: {name: landing, catalog_name: MAIN, schema_name: raw}}
      pipelines: {load: {name: load, catalog: main, schema: raw}}
      registered_models: {m: {name: m, catalog_name: main, schema_name: raw}}
      quality_monitors: {q: {table_name: main.raw.t, output_schema_name: main.raw}}
      vector_search_endpoints: {search: {name: search-endpoint}}
      vector_search_indexes: {index: {name: main.raw.i, endpoint_name: search-endpoint}}
      model_serving_endpoints:
        chat:
          name: chat
          config: {served_entities: [{entity_name: main.raw.m, entity_version: "1"}]}
          ai_gateway: {inference_table_config: {catalog_name: main, schema_name: raw}}
      apps: {front: {name: front, resources: [{name: c, serving_endpoint: {name: chat, permission: CAN_QUERY}}]}}
      jobs:
        nightly:
          trigger: {table_update: {table_names: [main.raw.orders, other.x.y]}}
          tasks:
            - {task_key: a, pipeline_task: {pipeline_id: "${var.ref}"}}
            - {task_key: b, run_job_task: {job_id: "${resources.jobs.report.id}"}}
            - {task_key: c, existing_cluster_id: 0101-abc}
            - {task_key: d, sql_task: {warehouse_id: "${var.wh}"}}
            - {task_key: e, run_job_task: {job_id: 123}, depends_on: [{task_key: d}]}
        report: {name: "for ${resources.schemas.raw.name} of ${resources.catalogs.main.name}"}
    presets: {name_prefix: dev_}
    """


def edges(name: str) -> dict[str, str]:
    return {each.target: each.kind for each in find(resolve(FILES), name).references}


def test_references_to_resources_are_hard_edges() -> None:
    assert edges("jobs.report") == {"databricks:schemas.raw": "hard", "databricks:catalogs.main": "hard"}


def test_tasks_name_what_they_run_and_on_what() -> None:
    assert edges("jobs.nightly") == {
        "databricks:schemas.raw": "soft",
        "uc:main.raw.orders": "soft",
        "uc:other.x.y": "soft",
        "databricks:pipelines.load": "hard",
        "databricks:jobs.report": "hard",
        "databricks:clusters#0101-abc": "soft",
        "databricks:sql_warehouses@Shared": "soft",
        "databricks:jobs#123": "soft",
    }


def test_names_of_the_bundles_own_schemas_and_catalogs_are_edges() -> None:
    both = {"databricks:schemas.raw": "hard", "databricks:catalogs.main": "hard"}
    assert edges("volumes.landing") == both
    assert edges("pipelines.load") == both
    assert edges("registered_models.m") == both
    assert edges("schemas.raw") == {"databricks:catalogs.main": "hard"}


def test_endpoints_and_tables_are_known_by_name() -> None:
    assert edges("vector_search_indexes.index") == {"databricks:vector_search_endpoints.search": "soft"}
    assert edges("apps.front") == {"databricks:model_serving_endpoints.chat": "soft"}
    assert edges("model_serving_endpoints.chat") == {
        "databricks:schemas.raw": "soft",
        "uc:main.raw.m": "soft",
        "model:m": "soft",
        "databricks:catalogs.main": "hard",
    }
    assert edges("quality_monitors.q")["uc:main.raw.t"] == "soft"


def test_an_edge_points_at_the_value_that_makes_it() -> None:
    found = {each.target: each.node for each in find(resolve(FILES), "jobs.nightly").references}
    assert place(found["databricks:jobs#123"]) == "databricks.yml:25"
    assert place(found["databricks:pipelines.load"]) == "databricks.yml:1"
