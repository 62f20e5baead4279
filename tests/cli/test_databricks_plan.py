"""`--databricks-plan`: what the deployment tool says, beside what the configuration says."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from riskcheck.errors import RunError
from riskcheck.planfiles.databricks import read_plan
from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo

BUNDLE = """\
bundle: {name: landing}
targets:
  staging: {workspace: {host: "https://staging.example.com"}}
  prod: {mode: production}
resources:
  volumes:
    raw: {catalog_name: main, schema_name: raw, name: raw, comment: as it comes}
  schemas:
    gold: {catalog_name: main, name: gold}
  jobs:
    ingest: {name: ingest, max_concurrent_runs: 1}
"""
KEPT = {"resources.volumes.raw": {"action": "update"}, "resources.jobs.ingest": {"action": "skip"}}
RECREATED = {
    "resources.volumes.raw": {"action": "recreate", "changes": {"volume_type": {"action": "recreate"}}}
}
MADE_BY = {
    "value": {"deployment": {"metadata_file_path": "/Users/x/.bundle/landing/prod/state/metadata.json"}}
}


def repository(
    tmp_path: Path, *, policy: str = "", old: str = "as it comes", new: str = "raw files"
) -> GitRepo:
    repo = GitRepo(tmp_path / "repo")
    files = {"databricks.yml": BUNDLE} | ({"riskcheck.yaml": policy} if policy else {})
    repo.commit(files)
    repo.commit(files | {"databricks.yml": BUNDLE.replace(old, new)})
    return repo


def plan_file(tmp_path: Path, entries: object, **more: object) -> Path:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({"plan_version": 2, "plan": entries, **more}))
    return path


def report(repo: GitRepo, *arguments: str) -> dict[str, Any]:
    done = riskcheck(repo.path, "diff", "HEAD~1..HEAD", "--format", "json", *arguments)
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def said(found: dict[str, Any]) -> dict[str, str]:
    return {one["kind"]: one["message"] for one in found["limitations"]}


def test_the_action_of_the_plan_is_shown_and_its_disagreement_told(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    found = report(repo, "--databricks-plan", f"prod={plan_file(tmp_path, RECREATED)}")
    assert [(one["resource"], one["action"]) for one in found["changed"]] == [
        ("databricks:volumes.raw", "recreate")
    ]
    assert said(found) == {
        "plan-disagrees": "recreates databricks:volumes.raw; by what differs here, a deployment updates it"
    }
    first = found["findings"][0]
    assert (first["code"], first["level"], first["environments"]) == ("DAB-055", "P0", ["prod"])
    assert found["verdict"] == "block"


def test_a_plan_that_agrees_adds_nothing(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    with_plan = report(repo, "--databricks-plan", f"prod={plan_file(tmp_path, KEPT)}")
    assert with_plan == report(repo)
    assert with_plan["findings"] == []


def test_the_target_is_read_from_where_the_state_lies(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    entries = {**RECREATED, "resources.jobs.ingest": {"action": "skip", "new_state": MADE_BY}}
    found = report(repo, "--databricks-plan", str(plan_file(tmp_path, entries)))
    assert found["findings"][0]["environments"] == ["prod"]


def test_a_plan_that_tells_no_target_asks_for_it(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    path = plan_file(tmp_path, RECREATED)
    done = riskcheck(repo.path, "diff", "HEAD~1..HEAD", "--databricks-plan", str(path))
    assert (done.returncode, done.stdout) == (2, "")
    assert f"for which target was it made? Write --databricks-plan prod={path}" in done.stderr


def test_a_plan_of_another_bundle_says_nothing_and_is_told(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    path = plan_file(tmp_path, {"resources.jobs.other": {"action": "delete"}})
    found = report(repo, "--databricks-plan", f"prod={path}")
    assert said(found) == {
        "plan-of-another-bundle": "is of another bundle: none of its 1 resources is declared in one that this "
        "change touches"
    }
    assert found["findings"] == []
    found = report(repo, "--databricks-plan", f"qa={path}")
    assert said(found)["plan-of-another-bundle"].startswith("is for target qa, of no bundle")


def test_what_neither_side_declares_is_told(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    path = plan_file(tmp_path, {**KEPT, "resources.schemas.old": {"action": "delete"}})
    found = report(repo, "--databricks-plan", f"prod={path}")
    assert said(found) == {
        "plan-beyond-configuration": "acts on databricks:schemas.old, which neither side declares"
    }


def test_a_trusted_plan_is_evidence_and_an_untrusted_one_is_not(tmp_path: Path) -> None:
    entries = {**KEPT, "resources.schemas.gold": {"action": "update_id"}}
    path = plan_file(tmp_path, entries)
    digest = sha256(path.read_bytes()).hexdigest()
    levels = {}
    for name, policy in (
        ("no", "version: 1\n"),
        ("yes", f"version: 1\ntrusted_plans: ['sha256:{digest}']\n"),
    ):
        repo = repository(tmp_path / name, policy=policy, old="name: gold", new="name: golden")
        found = report(repo, "--databricks-plan", f"prod={path}")
        finding = next(one for one in found["findings"] if one["code"] == "DAB-003")
        shadow = next(one for one in finding["canary"]["evidence"] if one["kind"] == "shadow")
        levels[name] = (shadow["found"], "does not trust" in shadow["detail"])
    assert levels == {"no": (False, True), "yes": (True, False)}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "plan.json:1: is not JSON"),
        (b"[]", "plan.json: is not a bundle plan"),
        (b'{"resource_changes": []}', "plan.json: is a Terraform plan, not one of a bundle"),
        (b'{"bundle": {}}', "plan.json: has no `plan`"),
        (b"\xff\x00\xfe", "plan.json: is not text in UTF-8 or UTF-16"),
        (b"[" * 100_000, "plan.json: is nested too deeply"),
    ],
)
def test_what_is_no_plan_ends_the_run_with_its_reason(tmp_path: Path, content: bytes, message: str) -> None:
    repo = repository(tmp_path)
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    done = riskcheck(repo.path, "diff", "HEAD~1..HEAD", "--databricks-plan", str(path))
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_there_is_a_mistake_of_the_call(tmp_path: Path) -> None:
    done = riskcheck(
        repository(tmp_path).path, "diff", "HEAD~1..HEAD", "--databricks-plan", "prod=nowhere.json"
    )
    assert done.returncode == 2
    assert "--databricks-plan nowhere.json: cannot be read (No such file or directory)" in done.stderr


def test_a_plan_written_by_a_windows_shell_is_read(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({"plan": RECREATED}), encoding="utf-16")
    assert report(repo, "--databricks-plan", f"prod={path}")["findings"][0]["code"] == "DAB-055"


def test_a_newer_plan_version_is_read_as_far_as_it_is_known(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({"plan_version": 9, "plan": KEPT}))
    found = report(repo, "--databricks-plan", f"prod={path}")
    assert said(found) == {"plan-not-understood": "is of plan_version 9; what is known here ends at 2"}


def test_halves_of_surrogates_in_a_plan_stop_no_rule(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    changes = {"a\ud800": {"action": "recreate", "reason": "\udfff"}}
    plan = {"resources.volumes.raw": {"action": "recreate", "changes": changes}, "\ud800": 1}
    found = report(repo, "--databricks-plan", f"prod={plan_file(tmp_path, plan)}")
    codes = {one["code"] for one in found["findings"]}
    assert "DAB-055" in codes
    assert "GOV-010" not in codes


def test_a_number_of_thousands_of_digits_is_no_defect(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="thousands of digits"):
        read_plan("plan.json", b'{"plan_version": ' + b"9" * 5_000 + b', "plan": {}}', None)


def test_permissions_of_a_new_resource_leave_it_new() -> None:
    entries = {
        "resources.jobs.new": {"action": "create"},
        "resources.jobs.new.permissions": {"action": "create"},
    }
    plan = read_plan("plan.json", json.dumps({"plan": entries}).encode(), "prod")
    assert {address: one.action for address, one in plan.resources.items()} == {
        "databricks:jobs.new": "create"
    }


def test_permissions_that_go_update_their_resource() -> None:
    entries = {
        "resources.jobs.old": {"action": "skip"},
        "resources.jobs.old.permissions": {"action": "delete"},
    }
    plan = read_plan("plan.json", json.dumps({"plan": entries}).encode(), "prod")
    assert {address: one.action for address, one in plan.resources.items()} == {
        "databricks:jobs.old": "update"
    }
