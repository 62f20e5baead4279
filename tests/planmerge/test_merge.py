"""Files and plans put together: values, presence, places."""

from __future__ import annotations

import json
from typing import Any

import pytest

from riskcheck.changes.compare import compare
from riskcheck.engine import Options, judged_run
from riskcheck.errors import RunError
from riskcheck.in_memory import _comparison
from riskcheck.models import Change, location_of
from riskcheck.planfiles.terraform import read_plan
from riskcheck.policy.load import load_policy
from tests.planfiles.test_terraform import entry, text

PATH = "live/prod/main.tf"
GROUP = "aws_security_group"
RULES = """\
variable "allowed" {}
resource "aws_security_group" "web" {
  name = "web"
  ingress {
    from_port   = 443
    cidr_blocks = %s
  }
  tags = { stage = "%s" }
}
"""


def block(cidrs: list[str], **more: object) -> dict[str, Any]:
    return {"name": "web", "ingress": [{"from_port": 443, "cidr_blocks": cidrs}], "egress": [], **more}


def changes(
    base: str, head: str, *entries: object, name: str | None = "prod", trusted: bool = False, **more: Any
) -> list[Change]:
    return changes_of({PATH: base}, {PATH: head}, *entries, name=name, trusted=trusted, **more)


def changes_of(
    base: dict[str, str],
    head: dict[str, str],
    *entries: object,
    name: str | None = "prod",
    trusted: bool = False,
    **more: Any,
) -> list[Change]:
    from io import BytesIO

    plan = read_plan("plan.json", BytesIO(text(*entries, **more).encode()), name)
    if trusted:
        policy = f"version: 1\ntrusted_plans: ['{plan.digest}']\n"
        base, head = {**base, "riskcheck.yaml": policy}, {**head, "riskcheck.yaml": policy}
    comparison = _comparison(
        {path: held.encode() for path, held in base.items()},
        {path: held.encode() for path, held in head.items()},
        (),
        1_800_000_000,
    )
    run = judged_run(comparison, load_policy(comparison.base, None), (), "sha256:0", Options(plans=(plan,)))
    resolved = run.resolved
    found = compare(resolved.base, resolved.head, resolved.natural_keys)
    # The settings of a root and its calls are changes of their own.
    return [one for one in found if "_" in one.resource.kind]


def told(found: list[Change]) -> list[tuple[str, str, Any, Any, int]]:
    return [
        (one.resource.name, ".".join(one.path), one.before, one.after, location_of(one.node).line)
        for one in found
    ]


def web(**change: Any) -> dict[str, Any]:
    return entry("web", GROUP, **change)


def test_a_plan_fills_in_what_a_file_leaves_open_at_its_line() -> None:
    found = changes(
        RULES % ("var.allowed", "a"),
        RULES % ("var.allowed", "b"),
        web(
            before=block(["10.0.0.0/8"], tags={"stage": "a"}), after=block(["0.0.0.0/0"], tags={"stage": "b"})
        ),
    )
    assert ("web", "tags.stage", "a", "b", 8) in told(found)
    assert {(one[0], one[4]) for one in told(found) if one[1].startswith("ingress")} == {("web", 6)}
    values = [value for one in told(found) for value in one[2:4]]
    assert "0.0.0.0/0" in str(values)
    assert "10.0.0.0/8" in str(values)


def test_what_files_state_stays_whatever_a_plan_says() -> None:
    found = changes(
        RULES % ('["10.0.0.0/8"]', "a"),
        RULES % ('["0.0.0.0/0"]', "a"),
        web(actions=["no-op"], before=block(["10.0.0.0/8"]), after=block(["10.0.0.0/8"])),
    )
    assert "0.0.0.0/0" in str(told(found))


def test_only_a_trusted_plan_makes_a_difference_of_expressions_disappear() -> None:
    arguments = (
        RULES % ("var.allowed", "a"),
        RULES % ("var.other", "a"),
        web(actions=["no-op"], before=block(["10.0.0.0/8"]), after=block(["10.0.0.0/8"])),
    )
    assert [one[3] for one in told(changes(*arguments))] == ["${var.other}"]
    assert changes(*arguments, trusted=True) == []


def test_what_was_edited_by_hand_and_is_set_back_is_a_change() -> None:
    same = RULES % ('["10.0.0.0/8"]', "a")
    found = changes(
        same,
        same + "# a comment\n",
        web(before=block(["10.0.0.0/8", "192.0.2.1/32"]), after=block(["10.0.0.0/8"])),
    )
    assert "192.0.2.1/32" in str(told(found))
    assert {one[4] for one in told(found)} == {6}


def test_a_plan_of_another_commit_changes_no_stated_value() -> None:
    same = RULES % ('["10.0.0.0/8"]', "a")
    found = changes(
        same, same + "# a comment\n", web(before=block(["1.0.0.0/8"]), after=block(["2.0.0.0/8"]))
    )
    assert found == []


def test_what_is_unknown_stays_the_expression() -> None:
    found = changes(
        RULES % ("var.allowed", "a"),
        RULES % ("var.allowed", "b"),
        web(
            before=block(["10.0.0.0/8"], tags={"stage": "a"}),
            after={"name": "web", "tags": {"stage": "b"}},
            after_unknown={"ingress": True},
        ),
    )
    assert [one[1] for one in told(found)] == ["tags.stage"]


MODULE = (
    'module "net" {\n  source  = "terraform-aws-modules/vpc/aws"\n  version = "%s"\n  cidr_block = "%s"\n}\n'
)


def test_what_a_module_of_a_registry_makes_stands_at_its_call() -> None:
    found = changes(
        MODULE % ("5.0.0", "10.0.0.0/16"),
        MODULE % ("6.0.0", "10.1.0.0/16"),
        {
            **entry(
                "this",
                "aws_vpc",
                actions=["delete", "create"],
                before={"id": "vpc-1", "cidr_block": "10.0.0.0/16", "tags": None},
                after={"cidr_block": "10.1.0.0/16", "tags": {}},
                after_unknown={"id": True},
            ),
            "module_address": "module.net",
            "index": 0,
        },
    )
    assert told(found) == [
        ("module.net.this", "cidr_block", "10.0.0.0/16", "10.1.0.0/16", 4),
        ("module.net.this", "id", "vpc-1", "${(known after apply)}", 1),
    ]


def test_what_stands_in_no_file_is_placed_at_the_plan() -> None:
    found = changes(
        RULES % ("[]", "a"),
        RULES % ("[]", "b"),
        web(before=block([]), after=block([])),
        entry("orphan", "aws_db_instance", actions=["delete"], before={"id": "x"}, after=None),
    )
    gone = next(one for one in found if one.resource.name == "orphan")
    assert (gone.kind, gone.path, location_of(gone.node).path) == ("removed", (), "plan.json")


KEYED = 'resource "aws_sqs_queue" "q" {\n  for_each = var.%s\n  name     = "%s-${each.key}"\n}\n'


def queue(key: str, *actions: str, before: object = None, after: object = None) -> dict[str, Any]:
    return {**entry("q", "aws_sqs_queue", actions=list(actions), before=before, after=after), "index": key}


def test_instances_that_a_file_does_not_tell_apart() -> None:
    found = changes(
        KEYED % ("names", "a"),
        KEYED % ("names", "b"),
        queue("x", "update", before={"name": "a-x"}, after={"name": "b-x"}),
        queue("y", "delete", before={"name": "a-y"}),
        queue("z", "create", after={"name": "b-z"}),
    )
    assert [(one.resource.name, one.kind, ".".join(one.path)) for one in found] == [
        ('q["x"]', "modified", "name"),
        ('q["y"]', "removed", ""),
        ('q["z"]', "added", ""),
    ]
    assert location_of(found[0].node).line == 3


def test_a_block_that_goes_is_gone_though_the_plan_keeps_its_instances() -> None:
    found = changes(
        KEYED % ("names", "a") + RULES % ("[]", "a"),
        RULES % ("[]", "a"),
        queue("x", "no-op", before={"name": "a-x"}, after={"name": "a-x"}),
    )
    assert [(one.resource.name, one.kind) for one in found] == [('q["x"]', "removed")]


def test_a_plan_that_deletes_what_files_keep_is_believed() -> None:
    same = RULES % ("[]", "a")
    found = changes(same, same + "# a\n", web(actions=["delete"], before=block([]), after=None))
    assert [(one.resource.name, one.kind, one.path) for one in found] == [("web", "removed", ())]


def test_what_moved_inside_of_a_module_is_the_same() -> None:
    found = changes(
        MODULE % ("5.0.0", "a"),
        MODULE % ("6.0.0", "a"),
        {
            **entry("new", "aws_vpc", actions=["no-op"], before={"a": "1"}, after={"a": "1"}),
            "module_address": "module.net",
            "previous_address": "module.net.aws_vpc.old[0]",
        },
    )
    assert [(one.kind, one.before, one.after) for one in found] == [
        ("moved", "terraform:aws_vpc.module.net.old", "terraform:aws_vpc.module.net.new")
    ]


DYNAMIC = """\
resource "aws_security_group" "web" {
  name = "web"
  dynamic "ingress" {
    for_each = var.%s
    content {
      cidr_blocks = ingress.value
    }
  }
}
"""


def test_dynamic_blocks_become_those_of_the_plan() -> None:
    found = changes(
        DYNAMIC % "rules",
        DYNAMIC % "rules" + "# a\n",
        web(before=block(["10.0.0.0/8"]), after=block(["0.0.0.0/0"])),
    )
    assert found
    assert all(one.path[0] == "ingress" for one in found)
    assert {location_of(one.node).line for one in found} == {3, 4} or all(
        3 <= location_of(one.node).line <= 8 for one in found
    )


def test_a_root_that_the_change_does_not_touch() -> None:
    """A file that Terraform reads by itself changes: the plan tells which root it is of."""
    same = {PATH: RULES % ("[]", "a"), "live/staging/main.tf": RULES % ("[]", "b"), "p.json": "{}"}
    found = changes_of(
        same,
        {**same, "p.json": "[]"},
        web(before=block(["10.0.0.0/8"]), after=block([])),
    )
    assert {one.environment.name for one in found if one.resource.platform == "terraform"} == {"prod"}


def test_the_environment_has_to_be_told_where_several_fit() -> None:
    base = {PATH: RULES % ("[]", "a"), "live/staging/main.tf": RULES % ("[]", "a")}
    head = {path: held.replace('"a"', '"b"') for path, held in base.items()}
    with pytest.raises(
        RunError, match=r"for which environment was it made\? Write --terraform-plan prod=plan.json"
    ):
        changes_of(base, head, web(), name=None)
    with pytest.raises(RunError, match="there is no environment of this name; there are prod, staging"):
        changes_of(base, head, web(), name="prd")
    cell = {
        one.environment.name
        for one in changes_of(base, head, web(before=block([]), after=block([])), name="prod")
    }
    assert cell == {"prod", "staging"}


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, True, [1], [{"a": 1}], {"a": [1]}])
def test_values_of_any_shape_stop_nothing(value: object) -> None:
    for before, after in ((value, "x"), ("x", value), (value, value), ([value], [[value]])):
        for name in ("ingress", "tags", "name", "other", "lifecycle"):
            changes(
                RULES % ("var.allowed", "a"),
                RULES % ("[]", "b"),
                web(before={name: before}, after={name: after}),
            )


def test_databricks_resources_have_the_shape_of_rules() -> None:
    file = 'module "jobs" {\n  source = "example/jobs/databricks"\n  version = "%s"\n}\n'
    task = {"task_key": "a", "notebook_task": [{"notebook_path": "/%s"}]}
    found = changes(
        file % 1,
        file % 2,
        {
            **entry(
                "nightly",
                "databricks_job",
                before={"name": "n", "task": [json.loads(json.dumps(task) % "x")]},
                after={"name": "n", "task": [json.loads(json.dumps(task) % "y")]},
            ),
            "module_address": "module.jobs",
        },
    )
    assert [(one.path, one.before, one.after) for one in found] == [
        (("tasks", "[a]", "notebook_task", "notebook_path"), "/x", "/y")
    ]


def test_without_the_parser_a_plan_is_not_taken_for_one_of_another_root(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from io import BytesIO

    from riskcheck.planmerge import matching

    monkeypatch.setattr(matching, "is_available", lambda: False)
    comparison = _comparison({PATH: b""}, {PATH: b"# a\n"}, (), 1_800_000_000)
    plan = read_plan("plan.json", BytesIO(text(web()).encode()), "prod")
    policy = load_policy(comparison.base, None)
    report = judged_run(comparison, policy, (), "sha256:0", Options(plans=(plan,))).report
    assert [one.kind for one in report.limitations] == ["not-installed"]
