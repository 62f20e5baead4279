"""Resources as the loader hands them on: typed, without empty values, paths from the root."""

from __future__ import annotations

import pytest

from riskcheck.nodes import MISSING
from tests.platforms.databricks.bundles import at, field, find, place, resolve


@pytest.mark.parametrize(
    ("kind", "path", "written", "value"),
    [
        ("clusters", "num_workers", "'4'", 4),
        ("clusters", "num_workers", "4.0", 4),
        ("clusters", "num_workers", "010", 10),
        ("clusters", "num_workers", "many", "many"),
        ("clusters", "enable_elastic_disk", "'true'", True),
        ("clusters", "spark_version", "13.3", "13.3"),
        ("clusters", "spark_version", "1.10", "1.1"),
        ("clusters", "spark_version", "1e3", "1000"),
        ("clusters", "policy_id", "12345", "12345"),
        ("clusters", "policy_id", "2024-01-01", "2024-01-01"),
        ("clusters", "policy_id", "true", "true"),
        ("jobs", "max_concurrent_runs", "'3'", 3),
        ("pipelines", "continuous", "yes", True),
        ("pipelines", "continuous", "off", False),
        ("pipelines", "development", "maybe", "maybe"),
        ("apps", "future_field", "3", 3),
    ],
)
def test_a_scalar_has_the_type_of_its_field(kind: str, path: str, written: str, value: object) -> None:
    found = field(f"resources: {{{kind}: {{a: {{{path}: {written}}}}}}}\n", f"{kind}.a", path)
    assert found == value
    assert type(found) is type(value)


def test_values_of_free_mappings_are_text() -> None:
    files = """\
        resources:
          clusters: {a: {spark_conf: {x: 1, y: true, z: 'v', n: null}, custom_tags: {num_workers: 2}}}
        """
    assert field(files, "clusters.a", "spark_conf") == {"x": "1", "y": "true", "z": "v"}
    assert field(files, "clusters.a", "custom_tags") == {"num_workers": "2"}


def test_the_same_name_may_be_a_number_in_health_rules_and_a_text_elsewhere() -> None:
    files = """\
        resources:
          jobs: {a: {health: {rules: [{metric: RUN_DURATION_SECONDS, op: GREATER_THAN, value: "60"}]}}}
          apps: {b: {config: {env: [{name: n, value: 60}]}}}
        """
    assert field(files, "jobs.a", "health.rules.0.value") == 60
    assert field(files, "apps.b", "config.env.0.value") == "60"


def test_a_typed_value_stays_at_its_place() -> None:
    files = "resources:\n  clusters:\n    a:\n      num_workers: '4'\n"
    node = at(find(resolve(files), "clusters.a").body, "num_workers")
    assert node is not None
    assert place(node) == "databricks.yml:4"
    assert not node.synthetic


def test_an_empty_text_is_dropped_unless_the_field_is_required() -> None:
    files = """\
        variables: {none: {default: ""}}
        resources:
          clusters: {a: {policy_id: "", spark_conf: {x: ""}, instance_pool_id: "${var.none}"}}
          jobs: {b: {parameters: [{name: p, default: ""}]}}
          apps: {c: {name: c, description: ""}}
        """
    assert field(files, "clusters.a", "policy_id") is MISSING
    assert field(files, "clusters.a", "instance_pool_id") is MISSING
    assert field(files, "clusters.a", "spark_conf") == {"x": ""}
    assert field(files, "jobs.b", "parameters.0.default") == ""
    assert field(files, "apps.c", "description") == ""


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("catalogs", "name"),
        ("schemas", "name"),
        ("schemas", "catalog_name"),
        ("volumes", "name"),
        ("volumes", "schema_name"),
        ("registered_models", "name"),
        ("pipelines", "catalog"),
        ("pipelines", "schema"),
        ("pipelines", "target"),
    ],
)
def test_names_of_the_catalog_are_lower_case(kind: str, path: str) -> None:
    files = f"resources: {{{kind}: {{a: {{{path}: 'Main_${{resources.schemas.Raw.name}}'}}}}}}\n"
    assert field(files, f"{kind}.a", path) == "main_${resources.schemas.Raw.name}"


def test_other_names_keep_their_case() -> None:
    assert field("resources: {jobs: {a: {name: Main}}}\n", "jobs.a", "name") == "Main"


def test_a_trailing_slash_of_a_storage_location_means_nothing() -> None:
    files = """\
        resources:
          volumes: {a: {storage_location: "s3://bucket/a/"}}
          schemas: {b: {storage_root: "s3://bucket/b/"}}
        """
    assert field(files, "volumes.a", "storage_location") == "s3://bucket/a"
    assert field(files, "schemas.b", "storage_root") == "s3://bucket/b"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("../src/a.py", "src/a.py"),
        ("./a.py", "resources/a.py"),
        ("../../shared/a.py", "../shared/a.py"),
        ("/Workspace/x/a", "/Workspace/x/a"),
        ("dbfs:/a.py", "dbfs:/a.py"),
        ("${workspace.file_path}/a.py", "/Workspace/Shared/files/a.py"),
        ("${resources.jobs.b.name}", "${resources.jobs.b.name}"),
        ("${var.path}", "resources/src/a.py"),
        ("../${var.folder}/a.py", "lib/a.py"),
    ],
)
def test_a_path_counts_from_the_root_wherever_it_is_written(written: str, expected: str) -> None:
    files = {
        "databricks.yml": """\
            include: [resources/*.yml]
            workspace: {root_path: /Shared}
            variables: {path: {default: ./src/a.py}, folder: {default: lib}}
            """,
        "resources/jobs.yml": "resources: {jobs: {a: {tasks: "
        f"[{{task_key: t, notebook_task: {{notebook_path: '{written}'}}}}]}}}}}}\n",
    }
    assert field(files, "jobs.a", "tasks.0.notebook_task.notebook_path") == expected


def test_paths_in_a_git_source_are_left_alone() -> None:
    files = (
        "resources: {jobs: {a: {git_source: {git_url: u}, tasks: [{notebook_task: {notebook_path: ./a}}]}}}\n"
    )
    assert field(files, "jobs.a", "tasks.0.notebook_task.notebook_path") == "./a"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("../dist/a.whl", "./dist/a.whl"),
        ("./dist/a.whl", "./resources/dist/a.whl"),
        ("dist/a.whl", "resources/dist/a.whl"),
        ("-r ../requirements.txt", "-r requirements.txt"),
        ("requests==2.0", "requests==2.0"),
        ("pkg @ https://host/pkg.whl", "pkg @ https://host/pkg.whl"),
        ("/Volumes/x/a.whl", "/Volumes/x/a.whl"),
        ("--index-url https://host", "--index-url https://host"),
    ],
)
def test_only_local_dependencies_are_paths(written: str, expected: str) -> None:
    files = {
        "databricks.yml": "include: [resources/*.yml]\n",
        "resources/jobs.yml": "resources: {jobs: {a: {environments: "
        f"[{{environment_key: e, spec: {{dependencies: ['{written}']}}}}]}}}}}}\n",
    }
    assert field(files, "jobs.a", "environments.0.spec.dependencies.0") == expected


def test_a_dashboard_is_below_the_workspace_however_its_parent_is_spelled() -> None:
    files = "resources: {dashboards: {a: {parent_path: /Shared/x}, b: {parent_path: /Workspace/Shared/x}}}\n"
    assert field(files, "dashboards.a", "parent_path") == field(files, "dashboards.b", "parent_path")


def test_an_instance_pool_decides_what_its_clusters_cannot() -> None:
    files = """\
        resources:
          clusters:
            pooled: {instance_pool_id: p, node_type_id: n, driver_node_type_id: d, enable_elastic_disk: true,
                     driver_instance_pool_id: q, aws_attributes: {zone_id: z, instance_profile_arn: arn}}
            free: {node_type_id: n, driver_instance_pool_id: q, aws_attributes: {zone_id: z}}
        """
    assert field(files, "clusters.pooled", "node_type_id") is MISSING
    assert field(files, "clusters.pooled", "driver_instance_pool_id") == "q"
    assert field(files, "clusters.pooled", "aws_attributes") == {"instance_profile_arn": "arn"}
    assert field(files, "clusters.free", "node_type_id") == "n"
    assert field(files, "clusters.free", "driver_instance_pool_id") is MISSING
    assert field(files, "clusters.free", "aws_attributes") == {"zone_id": "z"}


def test_a_job_cluster_without_a_size_has_no_workers() -> None:
    files = """\
        resources:
          jobs:
            a:
              job_clusters:
                - {job_cluster_key: one, new_cluster: {spark_version: x}}
                - {job_cluster_key: two, new_cluster: {autoscale: {min_workers: 1, max_workers: 2}}}
        """
    assert field(files, "jobs.a", "job_clusters.0.new_cluster.num_workers") == 0
    assert field(files, "jobs.a", "job_clusters.1.new_cluster.num_workers") is MISSING


def test_served_models_are_served_entities() -> None:
    files = """\
        resources:
          model_serving_endpoints:
            chat:
              name: chat
              config:
                served_models:
                  - {name: a, model_name: main.ml.m, model_version: 3, workload_size: Small}
                traffic_config: {routes: [{served_model_name: a, traffic_percentage: "100"}]}
        """
    assert field(files, "model_serving_endpoints.chat", "config") == {
        "served_entities": [
            {"name": "a", "entity_name": "main.ml.m", "entity_version": "3", "workload_size": "Small"}
        ],
        "traffic_config": {"routes": [{"served_entity_name": "a", "traffic_percentage": 100}]},
    }
    entities = at(find(resolve(files), "model_serving_endpoints.chat").body, "config.served_entities")
    assert place(entities) == "databricks.yml:7"


def test_served_models_beside_served_entities_are_said() -> None:
    files = """\
        resources:
          model_serving_endpoints:
            chat:
              config:
                served_entities: [{entity_name: a}]
                served_models: [{model_name: b}]
        """
    assert [each.kind for each in resolve(files).limitations] == ["ambiguous-field"]
    assert field(files, "model_serving_endpoints.chat", "config") == {
        "served_entities": [{"entity_name": "a"}]
    }


def test_a_cluster_that_names_its_clients_serves_the_others_too() -> None:
    files = "resources: {clusters: {a: {workload_type: {clients: {jobs: false}}}}}\n"
    assert field(files, "clusters.a", "workload_type.clients") == {"jobs": False, "notebooks": True}
