"""A target's own settings, which are a resource so that rules can match them."""

from __future__ import annotations

import pytest

from riskcheck.nodes import MISSING
from tests.platforms.databricks.bundles import at, body, field, find, place, resolve, said

HOME = "/Workspace/Users/${workspace.current_user.userName}"


def test_a_bundle_without_targets_has_one_called_default() -> None:
    resolution = resolve("bundle: {name: shop}\n")
    assert [each.name for each in resolution.environments] == ["default"]
    assert find(resolution, "targets.default").unit == "."


def test_an_environment_knows_where_its_target_is_declared() -> None:
    files = "targets:\n  live:\n    mode: production\n  us_dev:\n    workspace: {host: https://x}\n"
    found = {each.name: each for each in resolve(files).environments}
    assert found["live"].source == "databricks.yml:2"
    assert found["live"].stage == "prod"
    assert found["us_dev"].stage == "dev"


def test_the_host_may_tell_the_stage_where_the_name_does_not() -> None:
    files = "targets: {blue: {workspace: {host: https://shop-staging.cloud.databricks.com}}}\n"
    assert resolve(files).environments[0].stage == "staging"


def test_resources_belong_to_the_service_that_the_bundle_is_named_after() -> None:
    files = "bundle: {name: shop}\nresources: {jobs: {a: {name: A, tags: {team: data}}}}\n"
    job = find(resolve({"etl/databricks.yml": files}, "etl"), "jobs.a")
    assert (job.service, job.unit, job.address) == ("shop", "etl", "databricks:jobs.a")
    assert job.labels == {"team": "data"}


def test_identity_is_the_same_in_all_targets_of_a_bundle_and_in_no_other() -> None:
    bundle = "resources: {jobs: {a: {}}}\ntargets: {dev: , prod: }\n"
    files = {"one/databricks.yml": bundle, "two/databricks.yml": bundle}
    found = [each for unit in ("one", "two") for each in resolve(files, unit).resources]
    assert {(each.kind, each.identity) for each in found} == {
        ("targets", "one/targets"),
        ("targets", "two/targets"),
        ("jobs", "one/jobs.a"),
        ("jobs", "two/jobs.a"),
    }


def test_paths_are_below_the_deploying_user_unless_stated() -> None:
    workspace = field("bundle: {name: shop}\ntargets: {dev: }\n", "targets.dev", "workspace", "dev")
    root = f"{HOME}/.bundle/shop/dev"
    assert workspace == {
        "root_path": root,
        "file_path": f"{root}/files",
        "resource_path": f"{root}/resources",
        "artifact_path": f"{root}/artifacts",
        "state_path": f"{root}/state",
    }


@pytest.mark.parametrize(
    ("stated", "root"),
    [
        ("~/etl/", f"{HOME}/etl"),
        ("/Shared/etl", "/Workspace/Shared/etl"),
        ("/Workspace/Shared/etl", "/Workspace/Shared/etl"),
        ("/Volumes/main/etl", "/Volumes/main/etl"),
        ("/Shared/${bundle.name}/${bundle.target}", "/Workspace/Shared/shop/dev"),
    ],
)
def test_a_stated_root_is_spelled_as_the_workspace_knows_it(stated: str, root: str) -> None:
    paths = f"{{root_path: '{stated}', state_path: /state}}"
    files = f"bundle: {{name: shop}}\nworkspace: {paths}\ntargets: {{dev: }}\n"
    assert field(files, "targets.dev", "workspace.root_path", "dev") == root
    assert field(files, "targets.dev", "workspace.file_path", "dev") == f"{root}/files"
    assert field(files, "targets.dev", "workspace.state_path", "dev") == "/Workspace/state"


def test_a_derived_path_comes_from_the_root_it_is_below() -> None:
    files = "workspace:\n  root_path: /Shared/${bundle.target}\n"
    path = at(find(resolve(files), "targets.default").body, "workspace.state_path")
    assert path is not None
    assert place(path) == "databricks.yml:2"
    assert "databricks.yml:2" in [place(each) for each in path.via]
    assert path.synthetic


def test_paths_can_be_referred_to_without_doubling_their_prefix() -> None:
    files = """\
        bundle: {name: shop}
        workspace: {root_path: /Shared/shop}
        resources: {jobs: {a: {name: "/Workspace${workspace.file_path}/x", description: "${workspace.root_path}"}}}
        """
    assert field(files, "jobs.a", "name") == "/Workspace/Shared/shop/files/x"
    assert field(files, "jobs.a", "description") == "/Workspace/Shared/shop"


def test_development_implies_presets_at_the_line_of_the_mode() -> None:
    files = "bundle: {name: shop}\ntargets:\n  dev:\n    mode: development\n"
    assert field(files, "targets.dev", "presets", "dev") == {
        "name_prefix": "[dev ${workspace.current_user.short_name}] ",
        "tags": {"dev": "${workspace.current_user.short_name}"},
        "jobs_max_concurrent_runs": 4,
        "trigger_pause_status": "PAUSED",
        "pipelines_development": True,
    }
    prefix = at(find(resolve(files), "targets.dev", "dev").body, "presets.name_prefix")
    assert prefix is not None
    assert prefix.synthetic
    assert place(prefix) == "databricks.yml:4"


def test_stated_presets_count_more_than_implied_ones() -> None:
    files = """\
        targets:
          dev:
            mode: development
            presets:
              name_prefix: mine_
              pipelines_development: false
              jobs_max_concurrent_runs: 9
              trigger_pause_status: UNPAUSED
              tags: {dev: someone}
        """
    assert field(files, "targets.dev", "presets", "dev") == {
        "name_prefix": "mine_",
        "pipelines_development": False,
        "jobs_max_concurrent_runs": 9,
        "trigger_pause_status": "UNPAUSED",
        "tags": {"dev": "someone"},
    }


def test_production_implies_nothing() -> None:
    assert field("targets: {p: {mode: production}}\n", "targets.p", "presets", "p") is MISSING


def test_variables_are_shown_as_the_target_sees_them() -> None:
    files = """\
        variables:
          workers: {default: 2, type: int}
          policy: {lookup: {cluster_policy: Small}}
          secret: {description: from CI}
        targets: {dev: {variables: {workers: 4}}, qa: }
        """
    assert field(files, "targets.dev", "variables", "dev") == {
        "workers": {"value": 4, "type": "int"},
        "policy": {"lookup": {"cluster_policy": "Small"}},
        "secret": {},
    }
    assert (
        place(at(find(resolve(files), "targets.dev", "dev").body, "variables.workers.value"))
        == "databricks.yml:5"
    )


def test_the_settings_have_the_fields_that_rules_ask_for() -> None:
    files = """\
        bundle: {name: shop, deployment: {lock: {enabled: true}}}
        permissions: [{group_name: g, level: CAN_VIEW}]
        targets:
          prod:
            default: true
            mode: production
            workspace: {host: https://x, root_path: /Shared/x}
            run_as: {service_principal_name: "${var.sp}"}
        variables: {sp: {default: principal}}
        """
    settings = body(files, "targets.prod", "prod")
    assert isinstance(settings, dict)
    assert settings["bundle"] == {"name": "shop", "deployment": {"lock": {"enabled": True}}}
    assert (settings["mode"], settings["default"]) == ("production", True)
    assert settings["run_as"] == {"service_principal_name": "principal"}
    assert settings["permissions"] == [{"group_name": "g", "level": "CAN_VIEW"}]
    assert said(resolve(files)) == []


def test_the_settings_point_at_the_target() -> None:
    assert (
        place(find(resolve("x: 1\ntargets:\n  dev: {}\n"), "targets.dev", "dev").origin) == "databricks.yml:3"
    )


def test_a_cluster_of_the_target_replaces_the_compute_of_its_tasks() -> None:
    files = """\
        resources:
          jobs:
            a:
              tasks:
                - {task_key: a, job_cluster_key: main}
                - {task_key: b, for_each_task: {inputs: "[1]", task: {task_key: c, new_cluster: {num_workers: 1}}}}
                - {task_key: d, run_job_task: {job_id: 1}}
        targets: {dev: {cluster_id: my-cluster}, qa: {compute_id: other}, prod: }
        """
    assert field(files, "jobs.a", "tasks", "dev") == [
        {"task_key": "a", "existing_cluster_id": "my-cluster"},
        {
            "task_key": "b",
            "for_each_task": {
                "inputs": "[1]",
                "task": {"task_key": "c", "existing_cluster_id": "my-cluster"},
            },
        },
        {"task_key": "d", "run_job_task": {"job_id": 1}},
    ]
    assert field(files, "jobs.a", "tasks.0.existing_cluster_id", "qa") == "other"
    assert field(files, "jobs.a", "tasks.0.job_cluster_key", "prod") == "main"


def test_a_slash_at_the_end_of_the_host_is_no_part_of_it() -> None:
    files = """\
        variables: {host: {default: https://b.example/}}
        targets:
          one: {workspace: {host: https://a.example/}}
          two: {workspace: {host: "${var.host}"}}
        """
    assert field(files, "targets.one", "workspace.host", "one") == "https://a.example"
    assert field(files, "targets.two", "workspace.host", "two") == "https://b.example"
