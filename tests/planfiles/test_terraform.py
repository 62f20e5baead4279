"""`terraform show -json` in shapes that no built-in resource makes, and what is no plan."""

from __future__ import annotations

import json
import tracemalloc
from io import BytesIO
from typing import Any

import pytest

from riskcheck.errors import RunError
from riskcheck.planfiles.model import DeploymentPlan
from riskcheck.planfiles.terraform import read_plan


def entry(name: str = "web", kind: str = "aws_instance", /, **change: Any) -> dict[str, Any]:
    held = {
        "actions": ["update"],
        "before": {"ami": "a"},
        "after": {"ami": "b"},
        "after_unknown": {},
        **change,
    }
    return {"address": f"{kind}.{name}", "mode": "managed", "type": kind, "name": name, "change": held}


def text(*entries: object, **more: object) -> str:
    return json.dumps({"format_version": "1.2", "resource_changes": list(entries), **more})


def read(data: str | bytes) -> DeploymentPlan:
    return read_plan("plan.json", BytesIO(data.encode() if isinstance(data, str) else data), None)


def state(plan: DeploymentPlan, address: str = "terraform:aws_instance.web") -> Any:
    return plan.resources[address].state


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_of_a_shell_is_read(encoding: str) -> None:
    plan = read(text(entry()).encode(encoding))
    assert state(plan).after == {"ami": "b"}


def test_the_digest_is_of_the_bytes() -> None:
    from hashlib import sha256

    data = (text(entry()) + "\n").encode()
    assert read(data).digest == f"sha256:{sha256(data).hexdigest()}"


@pytest.mark.parametrize(
    ("actions", "action", "gone"),
    [
        (["no-op"], "none", False),
        (["read"], "none", False),
        (["create"], "create", False),
        (["update"], "update", False),
        (["delete"], "delete", False),
        (["delete", "create"], "recreate", False),
        (["create", "delete"], "recreate", False),
        (["forget"], "none", True),
        (["create", "forget"], "create", True),
        (["a-word-to-come"], "unknown", False),
        (["a-word-to-come", "delete"], "delete", False),
    ],
)
def test_actions_by_what_they_hold(actions: list[str], action: str, gone: bool) -> None:
    found = read(text(entry(actions=actions))).resources["terraform:aws_instance.web"]
    assert (found.action, found.gone) == (action, gone)


def test_addresses_are_those_of_files() -> None:
    inner = {**entry("web", "aws_instance"), "module_address": 'module.a[0].module.b["x.y"]', "index": 0}
    keyed = {**entry("web", "aws_instance"), "module_address": "module.a[1]", "index": "k"}
    assert set(read(text(inner, keyed)).resources) == {
        'terraform:aws_instance.module.a.module.b["x.y"].web',
        'terraform:aws_instance.module.a[1].web["k"]',
    }


def test_data_sources_and_deposed_objects_are_left_out() -> None:
    data = {**entry("d"), "mode": "data"}
    deposed = {**entry("web", actions=["delete"]), "deposed": "12345678"}
    assert read(text(data, deposed)).resources == {}


def test_lists_of_false_are_known() -> None:
    unknown = {"tags": [False], "id": True, "net": [{"ip": True, "name": False}]}
    after = {"ami": "b", "tags": ["x"], "net": [{"name": "n"}]}
    found = state(read(text(entry(after=after, after_unknown=unknown))))
    assert found.after == {
        "ami": "b",
        "tags": ["x"],
        "net": [{"name": "n", "ip": "${(known after apply)}"}],
        "id": "${(known after apply)}",
    }
    assert found.unknown == ("id", "net.ip")


def test_replace_paths_name_the_attributes_first() -> None:
    found = read(text(entry(actions=["delete", "create"], replace_paths=[["net", 0, "name"], ["ami"]])))
    fields = found.resources["terraform:aws_instance.web"].fields
    assert [(one.path, one.action) for one in fields[:2]] == [
        ("net[0].name", "recreate"),
        ("ami", "recreate"),
    ]


def test_drift_is_told_beside_the_change() -> None:
    drift = [entry(before={"ami": "by hand"}, after={"ami": "a"})]
    plan = read(text(entry(), entry("other", actions=["no-op"]), resource_drift=drift))
    assert state(plan).drifted == ("ami",)
    assert state(plan).before == {"ami": "a"}
    assert state(plan, "terraform:aws_instance.other").drifted == ()


SECRETS = {
    "sensitive": entry(
        before={"ami": "hunter-old"}, after={"ami": "hunter-new"}, before_sensitive={"ami": True},
        after_sensitive={"ami": True},
    ),
    "whole": entry(
        before={"a": "hunter-old"}, after={"a": "hunter-new"}, before_sensitive=True, after_sensitive=True
    ),
    "in a list": entry(
        before={"a": [{"b": "hunter-old"}]}, after={"a": [{"b": "hunter-new"}]},
        before_sensitive={"a": [{"b": True}]}, after_sensitive={"a": [{"b": True}]},
    ),
    "by its key": entry(before={"master_password": "hunter-old"}, after={"master_password": "hunter-new"}),
    "nested key": entry(
        before={"kube_config": [{"host": "hunter-old"}]}, after={"auth": [{"client_secret": "hunter-new"}]}
    ),
    "copied": entry(
        before={"a": "hunter-old", "b": "hunter-old"}, after={"a": "hunter-new", "b": "hunter-new"},
        before_sensitive={"a": True}, after_sensitive={"a": True},
    ),
    "in a url": entry(before={"u": "db://x:hunter-old@h"}, after={"u": "db://x:hunter-new@h"}),
    "user data": entry(before={"user_data": "hunter-old"}, after={"user_data": "hunter-new"}),
    "deleted": entry(actions=["delete"], before={"password": "hunter-old"}, after=None),
    "unchanged": entry(actions=["no-op"], before={"password": "hunter-o"}, after={"password": "hunter-o"}),
}  # fmt: skip


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_is_kept(name: str) -> None:
    assert "hunter" in text(SECRETS[name])
    assert "hunter" not in repr(read(text(SECRETS[name])))


@pytest.mark.parametrize("name", ["sensitive", "in a list", "by its key", "in a url", "user data"])
def test_that_a_secret_changes_is_told(name: str) -> None:
    assert "changed" in repr(state(read(text(SECRETS[name]))).after)


def test_outputs_are_known_by_name_only() -> None:
    outputs = {
        "a": {"actions": ["update"], "before": "hunter", "after": "hunter2"},
        "b": {"actions": ["no-op"]},
    }
    plan = read(text(entry(), output_changes=outputs))
    assert plan.outline is not None
    assert plan.outline.outputs == ("a",)
    assert "hunter" not in repr(plan)


def test_what_is_not_understood_is_counted() -> None:
    plan = read(text(entry(), {"address": "x"}, 7, entry("b", actions=[]), entry("c", actions="delete")))
    assert plan.notes == ("has 4 entries that are not understood, such as x",)


def test_other_keys_and_later_minor_versions_are_accepted() -> None:
    plan = read(
        json.dumps({"format_version": "1.99", "new": [{"a": ']}\\"'}], "resource_changes": [entry()]})
    )
    assert list(plan.resources) == ["terraform:aws_instance.web"]


def test_a_plan_without_resources() -> None:
    assert read('{"format_version": "1.2", "planned_values": {}}').resources == {}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "plan.json: is empty"),
        (b"  \n", "plan.json: is empty"),
        (b"[]", "plan.json:1:1: is not JSON (does not begin with {)"),
        (b"{}", "has no `format_version`"),
        (b"{'a': 1}", "plan.json:1:2: is not JSON"),
        (b'{"format_version": "2.0"}', "is of format_version 2.0; only 1.x is known here"),
        (b'{"format_version": 1}', "is of format_version 1;"),
        (b'{"format_version": "1.0", "values": {}}', "shows a state, not a plan"),
        (b'{"version": 4, "lineage": "x", "resources": []}', "is a state, not a plan"),
        (b'{"plan_version": 2, "plan": {}}', "give it with --databricks-plan"),
        (b"PK\x03\x04rest", "which only Terraform can read"),
        (
            b'{"@level":"info","@message":"x"}\n{"@level":"info"}',
            "is the log that `terraform plan -json` prints",
        ),
        (b"\xff\x00\xff", "plan.json"),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "is not text in UTF-8 or UTF-16"),
        (b'{"format_version": "1.2", "x": "\xe4"}', "is not text in UTF-8 or UTF-16"),
        (b'{"format_version": "1.2", "resource_changes": [' + b"9" * 5_000 + b"]}", "thousands of digits"),
        (b'{"format_version": "1.2", "resource_changes": [' + b"[" * 100_000, "is nested too deeply"),
        (text(entry(before={"a": json.loads("[" * 100 + "]" * 100)})).encode(), "is nested too deeply"),
    ],
)
def test_what_is_no_plan_ends_with_its_reason(data: bytes, message: str) -> None:
    with pytest.raises(RunError) as error:
        read(data)
    assert message in str(error.value)


def test_a_plan_that_ends_early_says_where() -> None:
    whole = json.dumps(
        {
            "format_version": "1.2",
            "planned_values": {"a": ["x\\", '"]}']},
            "resource_changes": [entry(), entry("b")],
            "complete": True,
        }
    )
    assert read(whole).resources
    for end in range(1, len(whole)):
        with pytest.raises(RunError) as error:
            read(whole[:end])
        assert "plan.json:1:" in str(error.value) or "is empty" in str(error.value)
    with pytest.raises(RunError, match="the plan ends here, in the middle") as error:
        read(whole[:200])
    assert "terraform show -json" in str(error.value)


def test_odd_values_stop_nothing() -> None:
    odd = [None, 1, "x", [], {}, True, [None], {"a": None}]
    for value in odd:
        for key in (
            "change",
            "index",
            "module_address",
            "previous_address",
            "action_reason",
            "deposed",
            "type",
        ):
            read(text({**entry(), key: value}))
        for key in (
            "before",
            "after",
            "after_unknown",
            "before_sensitive",
            "after_sensitive",
            "replace_paths",
        ):
            read(text(entry(**{key: value})))
        for key in (
            "resource_changes",
            "resource_drift",
            "checks",
            "deferred_changes",
            "output_changes",
            "complete",
        ):
            read(json.dumps({"format_version": "1.2", "planned_values": 1, key: value}))
            read(json.dumps({"format_version": "1.2", "planned_values": 1, key: [value]}))


def test_a_large_plan_takes_little_memory() -> None:
    """What repeats the resources is passed over; of what changes nothing only a part is kept."""
    values = {f"key-{number}": f"value {number} " + "x" * 40 for number in range(200)}
    row = json.dumps(entry(actions=["no-op"], before=values, after=values))
    rows = ",".join(row.replace("web", f"web{number}") for number in range(600))
    other = f'{{"root_module": {{"resources": [{rows}]}}}}'
    data = (
        f'{{"format_version": "1.2", "planned_values": {other}, "resource_changes": [{rows}], '
        f'"prior_state": {other}, "complete": true}}'
    ).encode()
    assert len(data) > 40_000_000
    file = BytesIO(data)
    tracemalloc.start()
    plan = read_plan("plan.json", file, None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(plan.resources) == 600
    assert peak < len(data)
