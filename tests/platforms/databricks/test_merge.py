"""A target over the root, and items with the same key in one list."""

from __future__ import annotations

import pytest

from riskcheck.nodes import MISSING
from tests.platforms.databricks.bundles import at, body, field, find, place, resolve, said

TARGETS = """\
    bundle: {name: shop}
    run_as: {user_name: someone@example.com}
    workspace: {host: https://root, root_path: /Shared/shop}
    permissions: [{group_name: readers, level: CAN_VIEW}]
    presets: {tags: {team: data}, name_prefix: "root "}
    resources:
      jobs:
        ingest:
          name: Ingest
          timeout_seconds: 60
          tags: {a: "1"}
          email_notifications: {on_failure: [a@example.com]}
    targets:
      prod:
        mode: production
        run_as: {service_principal_name: sp}
        workspace: {host: https://prod}
        permissions: [{group_name: owners, level: CAN_MANAGE}]
        presets: {tags: {stage: prod}}
        resources:
          jobs:
            ingest:
              timeout_seconds: 120
              description:
              tags: {b: "2"}
              email_notifications: {on_failure: [b@example.com]}
    """


def test_a_target_merges_deeply_into_the_root() -> None:
    job = find(resolve(TARGETS), "jobs.ingest", "prod")
    assert field(TARGETS, "jobs.ingest", "timeout_seconds", "prod") == 120
    assert field(TARGETS, "jobs.ingest", "tags", "prod") == {
        "a": "1",
        "b": "2",
        "team": "data",
        "stage": "prod",
    }
    assert place(at(job.body, "timeout_seconds")) == "databricks.yml:23"
    assert place(at(job.body, "tags.a")) == "databricks.yml:11"


def test_lists_of_a_target_are_appended() -> None:
    assert field(TARGETS, "jobs.ingest", "email_notifications.on_failure", "prod") == [
        "a@example.com",
        "b@example.com",
    ]
    groups = [each["group_name"] for each in _permissions()]
    assert groups == ["readers", "owners"]


def _permissions() -> list[dict[str, str]]:
    found = field(TARGETS, "targets.prod", "permissions", "prod")
    assert isinstance(found, list)
    return [{key: str(value) for key, value in each.items()} for each in found if isinstance(each, dict)]


def test_identity_and_mode_are_replaced_not_merged() -> None:
    assert field(TARGETS, "targets.prod", "run_as", "prod") == {"service_principal_name": "sp"}
    assert field(TARGETS, "targets.prod", "mode", "prod") == "production"


def test_other_settings_are_merged() -> None:
    assert field(TARGETS, "targets.prod", "workspace.host", "prod") == "https://prod"
    assert field(TARGETS, "targets.prod", "workspace.root_path", "prod") == "/Workspace/Shared/shop"
    assert field(TARGETS, "targets.prod", "presets.name_prefix", "prod") == "root "


@pytest.mark.parametrize("null", ["", "null", "~"])
def test_null_in_a_target_unsets_nothing(null: str) -> None:
    files = f"""\
        resources: {{jobs: {{a: {{name: A, tags: {{x: "1"}}}}}}}}
        targets: {{dev: {{resources: {{jobs: {{a: {{name: {null}, tags: {null}}}}}}}}}}}
        """
    assert field(files, "jobs.a", "name", "dev") == "A"
    assert field(files, "jobs.a", "tags", "dev") == {"x": "1"}


def test_null_is_as_good_as_absent() -> None:
    assert field("resources: {jobs: {a: {name: A, description: null}}}", "jobs.a", "description") is MISSING


def test_kinds_that_do_not_merge_are_said_and_the_target_stands() -> None:
    files = """\
        resources:
          clusters:
            a: {num_workers: 2, spark_conf: {x: y}, autotermination_minutes: 10}
        targets:
          dev:
            resources:
              clusters:
                a:
                  num_workers: ${var.workers}
                  spark_conf: [x]
                  autotermination_minutes: "20"
        variables: {workers: {default: 5}}
        """
    assert said(resolve(files)) == ["databricks.yml:9 unmergeable", "databricks.yml:10 unmergeable"]
    assert field(files, "clusters.a", "num_workers", "dev") == 5
    assert field(files, "clusters.a", "autotermination_minutes", "dev") == 20


def test_tasks_merge_by_key_and_are_sorted() -> None:
    files = """\
        resources:
          jobs:
            a:
              tasks:
                - {task_key: write, max_retries: 1, libraries: [{jar: /a.jar}]}
                - {task_key: read}
        targets:
          dev:
            resources:
              jobs:
                a:
                  tasks:
                    - {task_key: write, max_retries: 3, libraries: [{jar: /b.jar}]}
                    - {task_key: check}
        """
    assert field(files, "jobs.a", "tasks", "dev") == [
        {"task_key": "check"},
        {"task_key": "read"},
        {"task_key": "write", "max_retries": 3, "libraries": [{"jar": "/a.jar"}, {"jar": "/b.jar"}]},
    ]


def test_job_clusters_and_parameters_merge_by_key_in_their_order() -> None:
    files = """\
        resources:
          jobs:
            a:
              job_clusters:
                - {job_cluster_key: z, new_cluster: {num_workers: 1, spark_version: x}}
                - {job_cluster_key: b, new_cluster: {num_workers: 2}}
                - {job_cluster_key: z, new_cluster: {num_workers: 9}}
              parameters: [{name: p, default: one}, {name: p, default: two}]
        """
    clusters = field(files, "jobs.a", "job_clusters")
    assert clusters == [
        {"job_cluster_key": "z", "new_cluster": {"num_workers": 9, "spark_version": "x"}},
        {"job_cluster_key": "b", "new_cluster": {"num_workers": 2}},
    ]
    assert field(files, "jobs.a", "parameters") == [{"name": "p", "default": "two"}]


def test_pipeline_clusters_merge_by_label_which_is_default_where_missing() -> None:
    files = """\
        resources:
          pipelines:
            a:
              clusters:
                - {num_workers: 1, node_type_id: small}
                - {label: maintenance, num_workers: 1}
                - {label: DEFAULT, num_workers: 5}
        """
    assert field(files, "pipelines.a", "clusters") == [
        {"num_workers": 5, "node_type_id": "small", "label": "default"},
        {"label": "maintenance", "num_workers": 1},
    ]


def test_grants_merge_by_principal_without_repeating_privileges() -> None:
    files = """\
        resources:
          schemas:
            a:
              name: s
              grants:
                - {principal: readers, privileges: [SELECT, USE_SCHEMA]}
                - {principal: owners, privileges: [MANAGE]}
                - {principal: readers, privileges: [MODIFY, SELECT]}
        """
    assert field(files, "schemas.a", "grants") == [
        {"principal": "readers", "privileges": ["SELECT", "USE_SCHEMA", "MODIFY"]},
        {"principal": "owners", "privileges": ["MANAGE"]},
    ]


def test_resources_of_an_app_are_replaced_by_name() -> None:
    files = """\
        resources:
          apps:
            a:
              name: app
              resources:
                - {name: db, sql_warehouse: {id: w1, permission: CAN_USE}, description: old}
                - {name: db, sql_warehouse: {id: w2, permission: CAN_MANAGE}}
        """
    assert field(files, "apps.a", "resources") == [
        {"name": "db", "sql_warehouse": {"id": "w2", "permission": "CAN_MANAGE"}}
    ]


def test_types_the_loader_does_not_know_yet_are_kept() -> None:
    assert body("resources: {future_things: {a: {size: 3, list: [1, two]}}}", "future_things.a") == {
        "size": 3,
        "list": [1, "two"],
    }
