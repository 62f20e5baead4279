"""`--terraform-plan`: what Terraform says that it would do, beside what its files say."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo
from tests.planfiles.test_terraform import entry, text

DATABASE = """\
resource "aws_db_instance" "main" {
  identifier     = "orders"
  engine_version = "%s"
  password       = var.password
}
resource "azurerm_storage_account_network_rules" "raw" {
  ip_rules = var.allowed
}
"""


def database(**change: Any) -> dict[str, Any]:
    held = {
        "before": {"id": "db-1", "identifier": "orders", "engine_version": "15", "password": "hunter-old"},
        "after": {"identifier": "orders", "engine_version": "16", "password": "hunter-new"},
        "after_unknown": {"id": True},
        "before_sensitive": {"password": True},
        "after_sensitive": {"password": True},
        **change,
    }
    return entry("main", "aws_db_instance", **held)


REPLACED = database(actions=["delete", "create"], replace_paths=[["engine_version"]])


def repository(tmp_path: Path, policy: str = "") -> GitRepo:
    repo = GitRepo(tmp_path / "repo")
    more = {"riskcheck.yaml": policy} if policy else {}
    repo.commit({"live/prod/main.tf": DATABASE % 15, **more})
    repo.commit({"live/prod/main.tf": DATABASE % 16, **more})
    return repo


def plan_file(tmp_path: Path, *entries: object, **more: object) -> Path:
    path = tmp_path / "plan.json"
    path.write_text(text(*entries, **more))
    return path


def report(repo: GitRepo, *arguments: str, **environment: str) -> dict[str, Any]:
    done = riskcheck(repo.path, "diff", "HEAD~1..HEAD", "--format", "json", *arguments, **environment)
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_replacement_that_only_the_plan_foresees_blocks(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    assert report(repo)["findings"] == []
    found = report(repo, "--terraform-plan", f"prod={plan_file(tmp_path, REPLACED)}")
    first = found["findings"][0]
    assert (first["code"], first["level"], first["environments"]) == ("TFP-001", "P0", ["prod"])
    assert (first["location"]["path"], first["location"]["line"]) == ("live/prod/main.tf", 3)
    assert found["changed"][0]["action"] == "recreate"
    assert found["verdict"] == "block"
    said = {one["kind"]: one["message"] for one in found["limitations"]}
    assert said["plan-disagrees"].startswith("recreates terraform:aws_db_instance.main; by what differs")


def test_a_plan_that_agrees_adds_nothing(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    found = report(repo, "--terraform-plan", f"prod={plan_file(tmp_path, database())}")
    assert (found["findings"], found["limitations"]) == ([], [])
    assert found["changed"][0]["action"] == "update"


def test_the_environment_variable_and_the_plan_command(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    path = plan_file(tmp_path, REPLACED)
    found = report(repo, RISKCHECK_TERRAFORM_PLAN=f"prod={path}")
    assert found["findings"][0]["code"] == "TFP-001"
    done = riskcheck(repo.path, "plan", "HEAD~1..HEAD", "--terraform-plan", f"prod={path}")
    assert "TFP-001" in done.stdout


def test_an_environment_that_there_is_not_ends_the_run(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    done = riskcheck(
        repo.path, "diff", "HEAD~1..HEAD", "--terraform-plan", f"qa={plan_file(tmp_path, REPLACED)}"
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no environment of this name; there are prod" in done.stderr


def test_a_plan_of_another_root_is_told(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    found = report(repo, "--terraform-plan", str(plan_file(tmp_path, entry("other", "aws_sqs_queue"))))
    assert [one["kind"] for one in found["limitations"]] == ["plan-of-another-root"]


def test_what_files_change_and_the_plan_does_not_know_is_told(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    other = entry("raw", "azurerm_storage_account_network_rules", actions=["no-op"])
    found = report(repo, "--terraform-plan", f"prod={plan_file(tmp_path, other)}")
    assert {one["kind"]: one["message"] for one in found["limitations"]} == {
        "plan-misses-change": "does not know terraform:aws_db_instance.main, which the files change: "
        "it is partial, or of another commit"
    }


def test_a_trusted_plan_is_evidence_and_an_untrusted_one_is_not(tmp_path: Path) -> None:
    rules = entry(
        "raw",
        "azurerm_storage_account_network_rules",
        before={"ip_rules": ["192.0.2.1"]},
        after={},
        after_unknown={"ip_rules": True},
    )
    path = plan_file(tmp_path, database(), rules)
    digest = sha256(path.read_bytes()).hexdigest()
    levels = {}
    for name, policy in (
        ("no", "version: 1\n"),
        ("yes", f"version: 1\ntrusted_plans: ['sha256:{digest}']\n"),
    ):
        repo = GitRepo(tmp_path / name)
        repo.commit({"live/prod/main.tf": DATABASE % 15, "riskcheck.yaml": policy})
        repo.commit({"live/prod/main.tf": (DATABASE % 15).replace("var.allowed", "var.more")})
        found = report(repo, "--terraform-plan", f"prod={path}")
        finding = next(one for one in found["findings"] if one["code"] == "TFP-007")
        shadow = next(one for one in finding["canary"]["evidence"] if one["kind"] == "shadow")
        levels[name] = (shadow["found"], "does not trust" in shadow["detail"])
    assert levels == {"no": (False, True), "yes": (True, False)}


@pytest.mark.parametrize("arguments", [("--format", "text"), ("--format", "json"), ("--explain",)])
@pytest.mark.parametrize("command", ["diff", "plan"])
def test_no_secret_of_a_plan_is_in_any_report(
    tmp_path: Path, arguments: tuple[str, ...], command: str
) -> None:
    if command == "plan" and arguments == ("--explain",):
        arguments = ("--format", "markdown")
    repo = repository(tmp_path)
    secrets = {
        "connection_string": "Server=x;Password=hunter-a;",
        "kube_config": [{"client_key": "hunter-b"}],
        "user_data": "hunter-c",
        "settings": {"api_token": "hunter-d"},
    }
    entries = [
        REPLACED,
        {
            **entry("x", "aws_db_instance", actions=["delete"], before=secrets),
            "module_address": "module.gone",
        },
        {
            **entry(
                "y", "aws_instance", before={"a": 1}, after={"a": 2, **secrets}, after_sensitive={"a": True}
            ),
            "module_address": "module.gone",
        },
    ]
    outputs = {"o": {"actions": ["update"], "before": "hunter-e", "after": "hunter-f"}}
    path = plan_file(tmp_path, *entries, output_changes=outputs, resource_drift=entries)
    target = tmp_path / "report"
    done = riskcheck(
        repo.path,
        *(command, "HEAD~1..HEAD", "--terraform-plan", f"prod={path}", "--output", f"json:{target}"),
        *arguments,
    )
    assert done.stdout
    assert "hunter" not in done.stdout + done.stderr + target.read_text()


def test_a_missing_or_broken_file(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    done = riskcheck(repo.path, "diff", "HEAD~1..HEAD", "--terraform-plan", "prod=nowhere.json")
    assert done.returncode == 2
    assert "--terraform-plan nowhere.json: cannot be read (No such file or directory)" in done.stderr
    path = plan_file(tmp_path, REPLACED)
    path.write_text(path.read_text()[:-20])
    done = riskcheck(repo.path, "diff", "HEAD~1..HEAD", "--terraform-plan", f"prod={path}")
    assert done.returncode == 2
    assert "the plan ends here, in the middle" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_plan_is_judged_though_no_file_differs(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    plan = plan_file(tmp_path, REPLACED)
    done = riskcheck(repo.path, "diff", "HEAD..HEAD", "--format", "json", "--terraform-plan", f"prod={plan}")
    found = json.loads(done.stdout)
    assert (found["summary"]["files_changed"], found["verdict"], done.returncode) == (0, "block", 1)
    assert found["findings"][0]["code"] == "TFP-001"
    assert "nothing changed" in riskcheck(repo.path, "diff", "HEAD..HEAD").stdout


def test_a_plan_of_another_commit_is_told(tmp_path: Path) -> None:
    old = {"id": "db-1", "identifier": "orders", "engine_version": "15"}
    plan = plan_file(tmp_path, database(actions=["no-op"], before=old, after=old, after_unknown={}))
    found = report(repository(tmp_path), "--terraform-plan", f"prod={plan}")
    said = {one["kind"]: one["message"] for one in found["limitations"]}
    assert said["plan-outdated"].startswith("has terraform:aws_db_instance.main as before this change")


def test_a_plan_without_resources_is_told(tmp_path: Path) -> None:
    found = report(repository(tmp_path), "--terraform-plan", f"prod={plan_file(tmp_path, planned_values={})}")
    assert [one["kind"] for one in found["limitations"]] == ["plan-without-resources"]


def test_what_is_imported_is_no_disagreement(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    more = 'resource "aws_eip" "a" {\n  domain = "vpc"\n}\nimport {\n  to = aws_eip.a\n  id = "e"\n}\n'
    repo.commit({"live/prod/eip.tf": more})
    same = {"domain": "vpc"}
    taken = entry("a", "aws_eip", before=same, after={**same, "tags": {"a": "b"}}, importing={"id": "e"})
    found = report(repo, "--terraform-plan", f"prod={plan_file(tmp_path, taken)}")
    assert found["limitations"] == []
    assert {one["resource"]: one["action"] for one in found["changed"]} == {
        "terraform:aws_eip.a": "update",
        "terraform:import.aws_eip.a": "none",
    }


def test_an_emptied_root_is_no_resource(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    repo.commit({"live/prod/main.tf": "# nothing\n"})
    addresses = [one["resource"] for one in report(repo)["changed"]]
    assert addresses == [
        "terraform:aws_db_instance.main",
        "terraform:azurerm_storage_account_network_rules.raw",
    ]
