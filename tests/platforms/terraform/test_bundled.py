"""Terraform's Databricks resources in the shape of bundles, and what they were called before."""

from __future__ import annotations

import pytest

from riskcheck.changes.compare import compare
from riskcheck.models import Change
from riskcheck.nodes import Value
from riskcheck.platforms.terraform import PLATFORM
from riskcheck.platforms.terraform.discovery import told_by
from tests.platforms.terraform.test_terraform import resolved, root

JOB = """\
resource "databricks_job" "nightly" {
  name = "nightly"
  task {
    task_key = "b"
    depends_on { task_key = "a" }
    new_cluster {
      num_workers = 2
      autoscale {
        max_workers = 3
      }
    }
    library {
      pypi { package = "requests" }
    }
  }
  task { task_key = "a" }
  git_source {
    url    = "https://example.com/x.git"
    branch = "main"
  }
  schedule { quartz_cron_expression = "0 0 2 * * ?" }
  webhook_notifications {
    on_failure { id = "1" }
  }
}
"""


def changes(before: str, after: str) -> list[Change]:
    old, new = ({"prod/main.tf": text} for text in (before, after))
    keys = lambda resource: lambda field: PLATFORM.natural_keys(resource.kind, field)  # noqa: E731
    return list(compare(resolved(old).resources, resolved(new).resources, keys))


def test_blocks_are_lists_and_mappings_as_in_bundles() -> None:
    assert root(JOB) == {
        "databricks_job.nightly": {
            "name": "nightly",
            "max_concurrent_runs": 1,
            "tasks": [
                {
                    "task_key": "b",
                    "depends_on": [{"task_key": "a"}],
                    "new_cluster": {"num_workers": 2, "autoscale": {"max_workers": 3}},
                    "libraries": [{"pypi": {"package": "requests"}}],
                },
                {"task_key": "a"},
            ],
            "git_source": {"git_url": "https://example.com/x.git", "git_branch": "main"},
            "schedule": {"quartz_cron_expression": "0 0 2 * * ?", "pause_status": "UNPAUSED"},
            "webhook_notifications": {"on_failure": [{"id": "1"}]},
        }
    }


def test_tasks_are_known_by_their_keys() -> None:
    first = '  task {\n    task_key = "a"\n    max_retries = 2\n  }\n  task {\n    task_key = "b"'
    edited = JOB.replace('  task { task_key = "a" }\n', "").replace('  task {\n    task_key = "b"', first)
    found = changes(JOB, edited)
    assert [(one.path, one.kind) for one in found] == [(("tasks", "[a]", "max_retries"), "added")]


@pytest.mark.parametrize(
    ("text", "kind", "body"),
    [
        (
            (
                'resource "databricks_permissions" "p" {\n  job_id = "1"\n  access_control {\n'
                '    group_name = "ops"\n    permission_level = "CAN_MANAGE"\n  }\n}\n'
            ),
            "databricks_permissions.p",
            {"job_id": "1", "permissions": [{"group_name": "ops", "level": "CAN_MANAGE"}]},
        ),
        (
            (
                'resource "databricks_quality_monitor" "m" {\n  notifications {\n'
                '    on_failure { email_addresses = ["a"] }\n  }\n}\n'
            ),
            "databricks_quality_monitor.m",
            {"notifications": {"on_failure": {"email_addresses": ["a"]}}},
        ),
        (
            (
                'resource "databricks_model_serving" "m" {\n  config {\n    served_entities { name = "a" }\n'
                "    traffic_config {\n      routes { traffic_percentage = 100 }\n    }\n  }\n}\n"
            ),
            "databricks_model_serving.m",
            {
                "config": {
                    "served_entities": [{"name": "a"}],
                    "traffic_config": {"routes": [{"traffic_percentage": 100}]},
                }
            },
        ),
        (
            'resource "aws_s3_bucket" "b" {\n  rule { a = 1 }\n  lifecycle { prevent_destroy = true }\n}\n',
            "aws_s3_bucket.b",
            {"rule": [{"a": 1}], "lifecycle": {"prevent_destroy": True}},
        ),
        (
            'resource "databricks_job" "j" {\n  task = "hostile"\n  schedule = null\n  library = []\n}\n',
            "databricks_job.j",
            {
                "task": "hostile",
                "schedule": None,
                "library": [],
                "name": "Untitled",
                "max_concurrent_runs": 1,
            },
        ),
    ],
)
def test_other_types(text: str, kind: str, body: Value) -> None:
    assert root(text) == {kind: body}


def test_a_definition_in_jsonencode_is_what_it_encodes() -> None:
    text = (
        'variable "most" { default = 8 }\nresource "databricks_cluster_policy" "p" {\n'
        '  definition = jsonencode({\n    "num_workers" = { type = "range", maxValue = var.most }\n  })\n}\n'
        'resource "databricks_cluster_policy" "q" {\n  definition = jsonencode(merge({ a = 1 }, { b = 2 }))\n}\n'
    )
    assert root(text) == {
        "databricks_cluster_policy.p": {"definition": {"num_workers": {"type": "range", "maxValue": 8}}},
        "databricks_cluster_policy.q": {"definition": {"a": 1, "b": 2}},
    }
    policy = resolved({"prod/main.tf": text}).resources[0]
    limit = policy.body.at("definition", "num_workers", "type")
    assert limit is not None
    assert limit.file_line == 4


def test_dynamic_blocks_are_written_out() -> None:
    text = (
        'variable "open" {}\nvariable "sizes" { default = { a = 2, b = 3 } }\n'
        'resource "databricks_job" "j" {\n  name = "j"\n  task { task_key = "first" }\n'
        '  dynamic "task" {\n    for_each = var.sizes\n    iterator = each_size\n    content {\n'
        "      task_key = each_size.key\n      new_cluster {\n        num_workers = each_size.value\n"
        '        dynamic "autoscale" {\n          for_each = []\n          content { max_workers = 1 }\n        }\n'
        "      }\n    }\n  }\n"
        '  dynamic "parameter" {\n    for_each = var.open\n    content { name = parameter.value }\n  }\n}\n'
    )
    body = root(text)["databricks_job.j"]
    assert isinstance(body, dict)
    assert body["tasks"] == [
        {"task_key": "first"},
        {"task_key": "a", "new_cluster": {"num_workers": 2}},
        {"task_key": "b", "new_cluster": {"num_workers": 3}},
    ]
    assert "parameters" not in body
    assert "dynamic" in body


def test_a_block_that_becomes_dynamic_is_no_change() -> None:
    plain = 'resource "databricks_cluster" "c" {\n  autoscale { max_workers = 4 }\n}\n'
    dynamic = (
        'resource "databricks_cluster" "c" {\n  dynamic "autoscale" {\n    for_each = [4]\n'
        "    content { max_workers = autoscale.value }\n  }\n}\n"
    )
    assert changes(plain, dynamic) == []


@pytest.mark.parametrize(
    ("over", "key"),
    [('["x"]', 0), ('toset(["x"])', "x"), ("var.names", 0), ('{ x = "y" }', "x")],
)
def test_keys_of_dynamic_blocks(over: str, key: Value) -> None:
    text = (
        'variable "names" { default = ["x"] }\nresource "databricks_job" "j" {\n  dynamic "parameter" {\n'
        f"    for_each = {over}\n    content {{ name = parameter.key }}\n  }}\n}}\n"
    )
    body = root(text)["databricks_job.j"]
    assert isinstance(body, dict)
    assert body["parameters"] == [{"name": key}]


VOLUME = 'resource "databricks_volume" "{}" {{\n  name = "x"\n}}\n'


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        (
            VOLUME.format("a"),
            VOLUME.format("b") + "moved {\n  from = databricks_volume.a\n  to = databricks_volume.b\n}\n",
            "databricks_volume.b",
        ),
        (
            VOLUME.format("a"),
            VOLUME.format("c")
            + "moved {\n  from = databricks_volume.a\n  to = databricks_volume.b\n}\n"
            + "moved {\n  from = databricks_volume.b\n  to = databricks_volume.c\n}\n",
            "databricks_volume.c",
        ),
        (
            VOLUME.format("a"),
            (
                'resource "databricks_volume" "a" {\n  for_each = toset(["k"])\n  name = "x"\n}\n'
                'moved {\n  from = databricks_volume.a\n  to = databricks_volume.a["k"]\n}\n'
            ),
            'databricks_volume.a["k"]',
        ),
        (
            'resource "databricks_volume" "a" {\n  for_each = toset(["k"])\n  name = "x"\n}\n',
            (
                'resource "databricks_volume" "b" {\n  for_each = toset(["k"])\n  name = "x"\n}\n'
                "moved {\n  from = databricks_volume.a\n  to = databricks_volume.b\n}\n"
            ),
            'databricks_volume.b["k"]',
        ),
    ],
)
def test_a_moved_resource_is_the_same(before: str, after: str, moved: str) -> None:
    found = changes(before, after)
    assert [(one.kind, one.path) for one in found] == [("moved", ())]
    assert found[0].resource.address == f"terraform:{moved}"
    assert PLATFORM.action(found) == "none"


def test_a_move_that_was_made_before_is_none() -> None:
    done = VOLUME.format("b") + "moved {\n  from = databricks_volume.a\n  to = databricks_volume.b\n}\n"
    assert changes(done, done) == []
    assert changes(done, VOLUME.format("b")) == []


@pytest.mark.parametrize(
    "block",
    [
        "moved {\n  from = 1\n  to = databricks_volume.b\n}\n",
        "moved {}\n",
        "moved {\n  from = databricks_volume.a\n  to = databricks_volume.a\n}\n",
        "removed {\n  from = [1]\n}\n",
        "removed {\n  from = databricks_volume.x\n}\n",
    ],
)
def test_blocks_that_say_nothing(block: str) -> None:
    assert list(root(VOLUME.format("a") + block)) == ["databricks_volume.a"]


def test_what_is_only_forgotten_is_known() -> None:
    block = "removed {\n  from = databricks_volume.a\n  lifecycle {\n    destroy = false\n  }\n}\n"
    assert list(root(block)) == ["removed.databricks_volume.a"]


@pytest.mark.parametrize(
    ("before", "after", "action"),
    [
        ("storage = 1", "storage = 2", "recreate"),
        ("name = 1", "name = 2", "update"),
        ('target = "a"', 'target = "b"', "update"),
        (
            'gateway_definition {\n connection_name = "a"\n}',
            'gateway_definition {\n connection_name = "b"\n}',
            "recreate",
        ),
        ("lifecycle {\n prevent_destroy = true\n}", "", "none"),
    ],
)
def test_actions(before: str, after: str, action: str) -> None:
    old, new = (f'resource "databricks_pipeline" "p" {{\n  {one}\n}}\n' for one in (before, after))
    assert PLATFORM.action(changes(old, new)) == action


def test_what_a_file_tells_of_the_layout() -> None:
    assert told_by(b'module "a" {\n  source = "../b"\n}\nmodule "c" { source = "x/y/z" }\n') == ("../b", "+")
    assert told_by(b'terraform {\n  backend "s3" {}\n}\n') == ("*", "+")
    assert told_by(b'{"module": {"a": {"source": "./b"}}}') == ("./b", "+")
    assert told_by(b"") == ()
