"""What a target's settings make of its resources."""

from __future__ import annotations

import pytest

from riskcheck.nodes import MISSING
from riskcheck.platforms.databricks.presets import LEVELS, identifier_prefix
from tests.platforms.databricks.bundles import at, body, field, find, place, resolve

SHORT = "${workspace.current_user.short_name}"


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("jobs", "name", "[dev] A"),
        ("pipelines", "name", "[dev] A"),
        ("models", "name", "[dev] A"),
        ("clusters", "cluster_name", "[dev] A"),
        ("instance_pools", "instance_pool_name", "[dev] A"),
        ("dashboards", "display_name", "[dev] A"),
        ("genie_spaces", "title", "[dev] A"),
        ("alerts", "display_name", "[dev] A"),
        ("sql_warehouses", "name", "[dev] A"),
        ("model_serving_endpoints", "name", "dev_A"),
        ("registered_models", "name", "dev_a"),
        ("schemas", "name", "dev_a"),
        ("catalogs", "name", "a"),
        ("volumes", "name", "a"),
        ("apps", "name", "A"),
        ("vector_search_endpoints", "name", "A"),
        ("vector_search_indexes", "name", "A"),
    ],
)
def test_the_prefix_goes_before_the_names_that_take_one(kind: str, name: str, expected: str) -> None:
    files = f"presets: {{name_prefix: '[dev] '}}\nresources: {{{kind}: {{a: {{{name}: A}}}}}}\n"
    assert field(files, f"{kind}.a", name) == expected


def test_only_the_last_step_of_an_experiment_takes_the_prefix() -> None:
    files = "presets: {name_prefix: 'dev '}\nresources: {experiments: {a: {name: /Users/x/trial}, b: {name: b}}}\n"
    assert field(files, "experiments.a", "name") == "/Users/x/dev trial"
    assert field(files, "experiments.b", "name") == "dev b"


@pytest.mark.parametrize(
    ("prefix", "identifier"),
    [
        ("[dev some.one] ", "dev_some_one_"),
        ("[prefix]", "prefix_"),
        ("prefix-", "prefix"),
        ("My Team__", "my_team"),
        (f"[dev {SHORT}] ", f"dev_{SHORT}_"),
        ("", ""),
    ],
)
def test_a_prefix_of_identifiers_has_letters_digits_and_underscores(prefix: str, identifier: str) -> None:
    assert identifier_prefix(prefix) == identifier


def test_a_prefixed_name_stays_where_it_was_written_and_knows_its_prefix() -> None:
    files = "presets:\n  name_prefix: x-\nresources:\n  jobs:\n    a:\n      name: A\n"
    name = at(find(resolve(files), "jobs.a").body, "name")
    assert name is not None
    assert place(name) == "databricks.yml:6"
    assert [place(each) for each in name.via] == ["databricks.yml:2"]
    assert not name.synthetic


def test_schemas_can_be_left_out_of_prefixing() -> None:
    files = """\
        presets: {name_prefix: x_}
        experimental: {skip_name_prefix_for_schema: true}
        resources: {schemas: {a: {name: s}}, registered_models: {m: {name: m}}}
        """
    assert field(files, "schemas.a", "name") == "s"
    assert field(files, "registered_models.m", "name") == "xm"


TRIGGERS = """\
    presets: {trigger_pause_status: PAUSED}
    resources:
      jobs:
        scheduled: {schedule: {quartz_cron_expression: x}}
        stated: {schedule: {pause_status: UNPAUSED}}
        continuous: {continuous: {}}
        triggered: {trigger: {periodic: {interval: 1}}}
      pipelines: {p: {continuous: true}, q: {continuous: false}}
      alerts: {a: {schedule: {quartz_cron_schedule: x}}, b: {schedule: {}}}
      quality_monitors: {m: {schedule: {quartz_cron_expression: x}}, n: {schedule: {pause_status: UNPAUSED}}}
    """


@pytest.mark.parametrize(
    ("name", "path", "expected"),
    [
        ("jobs.scheduled", "schedule.pause_status", "PAUSED"),
        ("jobs.stated", "schedule.pause_status", "UNPAUSED"),
        ("jobs.continuous", "continuous.pause_status", "PAUSED"),
        ("jobs.triggered", "trigger.pause_status", "PAUSED"),
        ("pipelines.p", "continuous", False),
        ("pipelines.q", "continuous", False),
        ("alerts.a", "schedule.pause_status", "PAUSED"),
        ("alerts.b", "schedule.pause_status", MISSING),
        ("quality_monitors.m", "schedule", MISSING),
        ("quality_monitors.n", "schedule", {"pause_status": "UNPAUSED"}),
    ],
)
def test_triggers_that_state_nothing_are_paused(name: str, path: str, expected: object) -> None:
    assert field(TRIGGERS, name, path) == expected


def test_a_paused_trigger_points_at_the_preset() -> None:
    status = at(find(resolve(TRIGGERS), "jobs.scheduled").body, "schedule.pause_status")
    assert place(status) == "databricks.yml:1"


def test_runs_and_development_fill_what_is_unset() -> None:
    files = """\
        presets: {jobs_max_concurrent_runs: 4, pipelines_development: true}
        resources: {jobs: {a: {}, b: {max_concurrent_runs: 2}}, pipelines: {p: {}, q: {development: false}}}
        """
    assert field(files, "jobs.a", "max_concurrent_runs") == 4
    assert field(files, "jobs.b", "max_concurrent_runs") == 2
    assert field(files, "pipelines.p", "development") is True
    assert field(files, "pipelines.q", "development") is True


def test_tags_are_added_to_the_types_that_have_them() -> None:
    files = """\
        presets: {tags: {team: data, cost: "7"}}
        resources:
          jobs: {a: {tags: {team: own}}}
          clusters: {a1: {}}
          models: {m: {tags: [{key: team, value: own}]}}
          experiments: {e: {name: x}}
          sql_warehouses: {w: {name: w}}
          apps: {p: {name: p}}
        """
    assert field(files, "jobs.a", "tags") == {"team": "own", "cost": "7"}
    assert field(files, "clusters.a1", "custom_tags") == {"team": "data", "cost": "7"}
    both = [{"key": "team", "value": "own"}, {"key": "cost", "value": "7"}]
    assert field(files, "models.m", "tags") == both
    assert field(files, "experiments.e", "tags.1") == {"key": "cost", "value": "7"}
    assert field(files, "sql_warehouses.w", "tags.custom_tags.0") == {"key": "team", "value": "data"}
    assert field(files, "apps.p", "tags") is MISSING


def test_the_identity_reaches_jobs_pipelines_and_alerts_that_state_none() -> None:
    files = """\
        run_as: {service_principal_name: sp}
        resources:
          jobs: {a: {}, b: {run_as: {user_name: me}}}
          pipelines: {p: {}}
          alerts: {c: {}}
          apps: {d: {name: d}}
        """
    identity = {"service_principal_name": "sp"}
    assert field(files, "jobs.a", "run_as") == identity
    assert field(files, "jobs.b", "run_as") == {"user_name": "me"}
    assert field(files, "pipelines.p", "run_as") == identity
    assert field(files, "alerts.c", "run_as") == identity
    assert field(files, "apps.d", "run_as") is MISSING
    assert place(at(find(resolve(files), "jobs.a").body, "run_as")) == "databricks.yml:1"


def test_the_old_way_of_identity_reaches_jobs_only() -> None:
    files = """\
        run_as: {service_principal_name: sp}
        experimental: {use_legacy_run_as: true}
        resources: {jobs: {a: {}}, pipelines: {p: {}}}
        """
    assert field(files, "jobs.a", "run_as") == {"service_principal_name": "sp"}
    assert field(files, "pipelines.p", "run_as") is MISSING


@pytest.mark.parametrize("kind", sorted(LEVELS))
def test_permissions_of_the_bundle_reach_each_type_under_its_own_names(kind: str) -> None:
    files = f"""\
        permissions: [{{group_name: m, level: CAN_MANAGE}}, {{user_name: v, level: CAN_VIEW}},
                      {{service_principal_name: r, level: CAN_RUN}}]
        resources: {{{kind}: {{a: {{}}}}}}
        """
    levels = LEVELS[kind]
    expected: list[dict[str, str]] = [
        {"group_name": "m", "level": levels["CAN_MANAGE"]},
        {"user_name": "v", "level": levels["CAN_VIEW"]},
    ]
    if "CAN_RUN" in levels:
        expected.append({"service_principal_name": "r", "level": levels["CAN_RUN"]})
    assert field(files, f"{kind}.a", "permissions") == expected


def test_a_type_without_permissions_gets_none() -> None:
    files = "permissions: [{group_name: g, level: CAN_VIEW}]\nresources: {volumes: {v: {name: v}}}\n"
    assert field(files, "volumes.v", "permissions") is MISSING


def test_permissions_of_a_resource_count_more_than_those_of_the_bundle() -> None:
    files = """\
        permissions: [{group_name: g, level: CAN_MANAGE}, {group_name: h, level: CAN_VIEW}]
        resources: {jobs: {a: {permissions: [{group_name: g, level: CAN_VIEW}]}}}
        """
    assert field(files, "jobs.a", "permissions") == [
        {"group_name": "g", "level": "CAN_VIEW"},
        {"group_name": "h", "level": "CAN_VIEW"},
    ]


def test_of_two_levels_for_one_principal_the_stronger_counts() -> None:
    files = """\
        resources: {jobs: {a: {permissions: [{group_name: g, level: CAN_VIEW}, {user_name: g, level: CAN_VIEW}]}}}
        targets: {dev: {resources: {jobs: {a: {permissions: [{group_name: g, level: CAN_MANAGE_RUN}]}}}}}
        """
    assert field(files, "jobs.a", "permissions", "dev") == [
        {"group_name": "g", "level": "CAN_MANAGE_RUN"},
        {"user_name": "g", "level": "CAN_VIEW"},
    ]


def test_defaults_are_filled_in_as_values_that_no_file_states() -> None:
    files = (
        "resources:\n  jobs:\n    a: {schedule: {quartz_cron_expression: x}, trigger: {}, continuous: {}}\n"
    )
    assert body(files, "jobs.a") == {
        "name": "Untitled",
        "max_concurrent_runs": 1,
        "queue": {"enabled": True},
        "schedule": {"quartz_cron_expression": "x", "pause_status": "UNPAUSED"},
        "trigger": {"pause_status": "UNPAUSED"},
        "continuous": {"pause_status": "UNPAUSED"},
    }
    runs = at(find(resolve(files), "jobs.a").body, "max_concurrent_runs")
    assert runs is not None
    assert runs.synthetic
    assert place(runs) == "databricks.yml:3"


@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [
        ("volumes", "volume_type", "MANAGED"),
        ("pipelines", "edition", "ADVANCED"),
        ("pipelines", "channel", "CURRENT"),
        ("sql_warehouses", "auto_stop_mins", 120),
        ("sql_warehouses", "enable_photon", True),
        ("sql_warehouses", "max_num_clusters", 1),
        ("sql_warehouses", "spot_instance_policy", "COST_OPTIMIZED"),
        ("clusters", "autotermination_minutes", 60),
        ("dashboards", "embed_credentials", False),
        ("apps", "description", ""),
        ("genie_spaces", "parent_path", "/Workspace/Shared/resources"),
    ],
)
def test_each_type_has_its_defaults(kind: str, path: str, expected: object) -> None:
    files = f"bundle: {{name: b}}\nworkspace: {{root_path: /Shared}}\nresources: {{{kind}: {{a: {{}}}}}}\n"
    assert field(files, f"{kind}.a", path) == expected


def test_a_stated_default_is_kept_as_stated() -> None:
    files = "resources: {volumes: {v: {volume_type: EXTERNAL}}, jobs: {j: {queue: {enabled: false}}}}\n"
    assert field(files, "volumes.v", "volume_type") == "EXTERNAL"
    assert field(files, "jobs.j", "queue") == {"enabled": False}


def test_a_job_cluster_that_names_one_client_serves_the_other_too() -> None:
    files = """\
        bundle: {name: a}
        resources:
          jobs:
            j:
              job_clusters:
                - job_cluster_key: main
                  new_cluster: {num_workers: 1, workload_type: {clients: {notebooks: false}}}
                - job_cluster_key: other
                  new_cluster: {num_workers: 1}
    """
    workload = field(files, "jobs.j", "job_clusters.0.new_cluster.workload_type")
    assert workload == {"clients": {"notebooks": False, "jobs": True}}
    assert field(files, "jobs.j", "job_clusters.1.new_cluster") == {"num_workers": 1}
