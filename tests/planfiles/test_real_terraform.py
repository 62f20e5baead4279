"""Plans of the real Terraform, read and put together with the files that they were made of."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from riskcheck.errors import RunError
from riskcheck.planfiles.model import DeploymentPlan
from riskcheck.planfiles.terraform import read_plan
from tests.cli.test_diff import riskcheck
from tests.planfiles.real import TERRAFORM, WHY_NOT, applied, planned, run

pytestmark = pytest.mark.skipif(TERRAFORM is None, reason=WHY_NOT)

MANY = (
    'resource "terraform_data" "many" {\n  count = %s\n  input = element(["a", "b", "c"], count.index)\n}\n'
)
KEYED = 'resource "terraform_data" "each" {\n  for_each = toset(%s)\n  input    = each.key\n}\n'
ONE = 'resource "terraform_data" "one" {\n  input = "%s"\n}\n'
TRIGGERED = 'resource "terraform_data" "one" {\n  input            = "x"\n  triggers_replace = ["%s"]\n}\n'
CREATE_FIRST = TRIGGERED.replace("]\n", "]\n  lifecycle {\n    create_before_destroy = true\n  }\n")
REMOVED = "removed {\n  from = terraform_data.one\n  lifecycle {\n    destroy = false\n  }\n}\n"
MOVED = (
    ONE.replace('"one"', '"other"')
    + "moved {\n  from = terraform_data.one\n  to   = terraform_data.other\n}\n"
)


def read(data: bytes) -> DeploymentPlan:
    return read_plan("plan.json", BytesIO(data), None)


def actions(plan: DeploymentPlan) -> dict[str, str]:
    return {
        address.removeprefix("terraform:terraform_data."): one.action
        for address, one in plan.resources.items()
    }


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", ONE % "x", {"one": "create"}),
        (ONE % "x", ONE % "y", {"one": "update"}),
        (ONE % "x", ONE % "x", {"one": "none"}),
        (TRIGGERED % "a", TRIGGERED % "b", {"one": "recreate"}),
        (CREATE_FIRST % "a", CREATE_FIRST % "b", {"one": "recreate"}),
        (ONE % "x", "", {"one": "delete"}),
        (MANY % 3, MANY % 1, {"many": "none", "many[1]": "delete", "many[2]": "delete"}),
        (KEYED % '["a", "b"]', KEYED % '["b"]', {'each["a"]': "delete", 'each["b"]': "none"}),
        (ONE % "x", MOVED % "x", {"other": "none"}),
        (ONE % "x", REMOVED, {"one": "none"}),
    ],
    ids=["create", "update", "none", "replace", "create-first", "delete", "count", "key", "moved", "forget"],
)
def test_what_terraform_would_do(tmp_path: Path, before: str, after: str, expected: dict[str, str]) -> None:
    applied(tmp_path, before)
    plan = read(planned(tmp_path, after))
    assert actions(plan) == expected
    assert plan.notes == ()


def state_of(plan: DeploymentPlan, name: str) -> Any:
    return plan.resources[f"terraform:terraform_data.{name}"].state


def test_the_reason_and_the_order_of_a_replacement(tmp_path: Path) -> None:
    applied(tmp_path, TRIGGERED % "a")
    state = state_of(read(planned(tmp_path, TRIGGERED % "b")), "one")
    assert (state.actions, state.reason) == (("delete", "create"), "replace_because_cannot_update")
    assert state.replacing[0].startswith("triggers_replace")
    first = state_of(read(planned(tmp_path, CREATE_FIRST % "b")), "one")
    assert first.actions == ("create", "delete")


def test_the_reason_of_instances_that_go(tmp_path: Path) -> None:
    applied(tmp_path, MANY % 3 + KEYED % '["a", "b"]')
    plan = read(planned(tmp_path, MANY % 1 + KEYED % '["b"]'))
    assert state_of(plan, "many[2]").reason == "delete_because_count_index"
    assert state_of(plan, 'each["a"]').reason == "delete_because_each_key"


def test_what_is_forgotten_is_no_deletion(tmp_path: Path) -> None:
    applied(tmp_path, ONE % "x")
    plan = read(planned(tmp_path, REMOVED))
    one = plan.resources["terraform:terraform_data.one"]
    assert (one.gone, one.action) == (True, "none")


def test_what_moved_is_known_by_its_old_name(tmp_path: Path) -> None:
    applied(tmp_path, ONE % "x")
    assert state_of(read(planned(tmp_path, MOVED % "x")), "other").earlier == "one"


def test_what_is_imported(tmp_path: Path) -> None:
    block = 'import {\n  to = terraform_data.one\n  id = "some-id"\n}\n'
    assert state_of(read(planned(tmp_path, ONE % "x" + block)), "one").importing


def test_a_partial_plan_says_so(tmp_path: Path) -> None:
    applied(tmp_path, ONE % "x" + MANY % 2)
    text = ONE % "y" + MANY % 1
    whole, part = read(planned(tmp_path, text)), read(planned(tmp_path, text, "-target=terraform_data.one"))
    assert whole.outline is not None
    assert part.outline is not None
    assert (whole.outline.complete, part.outline.complete) == (True, False)


def test_what_is_unknown_is_marked(tmp_path: Path) -> None:
    text = ONE % "x" + 'resource "terraform_data" "two" {\n  input = terraform_data.one.id\n}\n'
    state = state_of(read(planned(tmp_path, text)), "two")
    assert "input" in state.unknown
    assert state.after["input"] == "${(known after apply)}"


def test_no_sensitive_value_is_kept(tmp_path: Path) -> None:
    text = (
        'variable "token" {\n  sensitive = true\n  default = "%s"\n}\n'
        'resource "terraform_data" "one" {\n  input = {\n    plain = var.token\n    open = "shown"\n  }\n}\n'
        'output "token" {\n  value = var.token\n  sensitive = true\n}\n'
    )
    applied(tmp_path, text % "first-secret-1")
    data = planned(tmp_path, text % "second-secret-2")
    assert b"first-secret-1" in data
    plan = read(data)
    assert "secret-1" not in repr(plan)
    assert "secret-2" not in repr(plan)
    state = state_of(plan, "one")
    assert state.before["input"] == {"plain": "${(sensitive value)}", "open": "shown"}
    assert state.after["input"] == {"plain": "${(sensitive value, changed)}", "open": "shown"}
    assert plan.outline is not None
    assert plan.outline.outputs == ("token",)


def test_other_files_of_terraform_are_told_apart(tmp_path: Path) -> None:
    applied(tmp_path, ONE % "x")
    planned(tmp_path, ONE % "y")
    for data, message in (
        ((tmp_path / "plan.out").read_bytes(), "which only Terraform can read; convert it with"),
        ((tmp_path / "terraform.tfstate").read_bytes(), "is a state, not a plan"),
        (run(tmp_path, "show", "-json"), "shows a state, not a plan"),
        (run(tmp_path, "plan", "-json"), "is the log that `terraform plan -json` prints"),
        (run(tmp_path, "plan"), "is what `terraform plan` prints for people"),
    ):
        with pytest.raises(RunError, match="terraform show -json") as error:
            read(data)
        assert message in str(error.value)


def test_the_plan_completes_what_the_files_do_not_tell(tmp_path: Path) -> None:
    """A ``for_each`` over what only the plan knows: the instances, each at the line of its block."""
    text = (
        'variable "names" {\n  type = list(string)\n}\n'
        'resource "terraform_data" "each" {\n  for_each = toset(var.names)\n  input    = "%s-${each.key}"\n}\n'
    )
    root = tmp_path / "head" / "live" / "prod"
    applied(tmp_path / "work", text % "a", '-var=names=["x", "y"]')
    data = planned(tmp_path / "work", text % "b", '-var=names=["x"]')
    (tmp_path / "plan.json").write_bytes(data)
    for side, word in (("base", "a"), ("head", "b")):
        root = tmp_path / side / "live" / "prod"
        root.mkdir(parents=True)
        (root / "main.tf").write_text(text % word, encoding="utf-8")
    done = riskcheck(
        tmp_path,
        *("diff", "--from", "base", "--to", "head", "--format", "json"),
        *("--terraform-plan", "prod=plan.json"),
    )
    assert done.stderr == ""
    changed = {one["resource"]: one for one in json.loads(done.stdout)["changed"]}
    assert {name: one["action"] for name, one in changed.items()} == {
        'terraform:terraform_data.each["x"]': "update",
        'terraform:terraform_data.each["y"]': "delete",
    }
    assert "input" in changed['terraform:terraform_data.each["x"]']["fields"]
