"""`riskcheck diff --evidence` and `riskcheck evidence verify` as processes, on real repositories."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from riskcheck.commands.recorded import Material
from riskcheck.commands.verifying import verified
from riskcheck.data import data_text
from riskcheck.evidence.canonical import digest, written
from tests.cli.test_diff import ROOT, riskcheck
from tests.gitrepo import GitRepo
from tests.manifests import VOLUME, WEB

POLICY = """\
version: 1
promotion: git
environments:
  - {name: staging, stage: staging, paths: ["**/staging/**"]}
  - {name: prod, stage: prod, paths: ["**/prod/**"]}
services: [{name: web, owner: team-shop, criticality: tier-1, scopes: [sox], paths: ["clusters/**"]}]
approvals: [{scope: sox, teams: [team-finance]}]
waivers:
  - {rule: K8S-001, where: "kubernetes:Deployment.shop/web", owner: team-shop, max_level: P0, reason: planned,
     until: 2099-01-31}
"""
FEWER = WEB.replace("replicas: 3", "replicas: 1").replace("1.4.2", "2.0.0")
Json = dict[str, Any]


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit({"clusters/prod/web.yaml": WEB, "clusters/staging/web.yaml": WEB, "riskcheck.yaml": POLICY})
    made.commit({"clusters/prod/web.yaml": FEWER}, message="fewer")
    return made


def evidence(repo: GitRepo, *arguments: str, code: int = 1) -> Path:
    file = repo.path.parent / "evidence.json"
    result = riskcheck(repo.path, "diff", "--evidence", str(file), *arguments)
    assert result.returncode == code, result.stdout + result.stderr
    return file


def verify(repo: GitRepo, file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return riskcheck(repo.path, "evidence", "verify", str(file), *arguments)


def resealed(statement: Json) -> Json:
    """With digests that follow from what it says: what a forger writes who knows the format."""
    predicate = statement["predicate"]
    predicate["findings"]["digest"] = digest(predicate["findings"]["items"])
    predicate["findings"]["count"] = len(predicate["findings"]["items"])
    predicate["digest"] = digest({key: value for key, value in predicate.items() if key != "digest"})
    return statement


def test_a_statement_says_what_was_judged_by_what_and_what_came_out(repo: GitRepo) -> None:
    statement = json.loads(evidence(repo, "HEAD~1..HEAD").read_text("utf-8"))
    schema = json.loads(data_text("schemas", "evidence.schema.json"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(statement)
    assert statement["subject"] == [
        {"name": "commit", "digest": {"gitCommit": repo.id("HEAD"), "gitTree": repo.id("HEAD^{tree}")}}
    ]
    predicate = statement["predicate"]
    assert predicate["range"]["base"]["digest"]["gitCommit"] == repo.id("HEAD~1")
    assert predicate["policy"]["digest"]["gitBlob"] == repo.id("HEAD~1:riskcheck.yaml")
    assert predicate["result"]["verdict"] == "block"
    assert predicate["run"]["exit_code"] == 1
    assert {one["code"] for one in predicate["findings"]["items"]} >= {"K8S-001", "GOV-002"}
    (waiver,) = predicate["waivers"]
    assert (waiver["owner"], waiver["until"]) == ("team-shop", "2099-01-31")
    (asked,) = predicate["approvals"]
    assert (asked["scope"], asked["teams"], asked["given"]) == ("sox", ["team-finance"], False)


def test_it_verifies_from_anywhere_and_says_what_was_checked(repo: GitRepo, tmp_path: Path) -> None:
    file = evidence(repo, "HEAD~1..HEAD")
    result = verify(repo, file)
    assert (result.returncode, result.stderr) == (0, "")
    for said in ("form", "schema", "consistency", "base", "head", "deciding", "policy", "rules", "judgement"):
        assert f"ok    {said}" in result.stdout
    elsewhere = riskcheck(tmp_path, "evidence", "verify", str(file), "--repo", "repo")
    assert elsewhere.returncode == 0
    digests_only = verify(repo, file, "--no-rejudge")
    assert digests_only.returncode == 0
    assert "not made again" in digests_only.stdout


@pytest.mark.parametrize(
    "arguments", [("--base", "main", "--head", "side"), ("main..side",), ("--", "clusters")]
)
def test_every_range_of_revisions_verifies(repo: GitRepo, arguments: tuple[str, ...]) -> None:
    repo.branch("side", "HEAD~1")
    repo.commit({"clusters/prod/web.yaml": FEWER.replace("2.0.0", "3.0.0")})
    repo.checkout("main")
    repo.commit({"README.md": "shop\n"})
    repo.checkout("side")
    repo.write({"clusters/prod/web.yaml": FEWER})
    assert verify(repo, evidence(repo, *arguments)).returncode == 0


def test_the_index_and_the_working_tree_verify_while_they_are_as_judged(repo: GitRepo) -> None:
    repo.write({"clusters/prod/web.yaml": FEWER.replace("replicas: 1", "replicas: 0")})
    for stage, arguments in ((False, ()), (True, ("--staged",))):
        if stage:
            repo.add()
        file = evidence(repo, *arguments)
        statement = json.loads(file.read_text("utf-8"))
        assert statement["subject"][0]["name"] == ("index" if stage else "worktree")
        assert verify(repo, file).returncode == 0
    assert statement["subject"][0]["digest"]["gitTree"] == repo.git("write-tree")
    repo.write({"clusters/prod/web.yaml": WEB})
    repo.add()
    moved = verify(repo, file)
    assert moved.returncode == 2
    assert "not the one that was judged" in moved.stdout
    repo.commit()
    assert "HEAD is another commit now" in verify(repo, file).stdout


def test_the_first_commit_and_an_unchanged_tree_have_evidence(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.write({"clusters/prod/web.yaml": WEB})
    repo.add()
    assert verify(repo, evidence(repo, "--staged", code=0)).returncode == 0
    repo.commit()
    assert verify(repo, evidence(repo, code=0)).returncode == 0


def test_directories_verify_with_copies_of_them(repo: GitRepo, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder, text in ((old, WEB), (new, FEWER)):
        (folder / "clusters/prod").mkdir(parents=True)
        (folder / "clusters/prod/web.yaml").write_text(text, "utf-8")
    (old / "riskcheck.yaml").write_text(POLICY, "utf-8")
    file = evidence(repo, "--from", str(old), "--to", str(new))
    assert str(tmp_path) not in file.read_text("utf-8")
    shutil.move(old, tmp_path / "kept")
    assert verify(repo, file).returncode == 2
    assert verify(repo, file, "--from", str(tmp_path / "kept"), "--to", str(new)).returncode == 0
    (new / "clusters/prod/web.yaml").write_text(WEB, "utf-8")
    assert verify(repo, file, "--from", str(tmp_path / "kept"), "--to", str(new)).returncode == 1


def test_files_that_the_run_was_given_are_asked_for(repo: GitRepo, tmp_path: Path) -> None:
    given_at = "2023-11-15T00:00:00Z"
    approvals, policy = tmp_path / "approvals.json", tmp_path / "policy.yaml"
    approvals.write_text(
        json.dumps([{"team": "team-finance", "scope": "sox", "at": given_at, "by": "Jane Roe"}]), "utf-8"
    )
    policy.write_text(POLICY, "utf-8")
    asked = ("--approvals", str(approvals), "--config", str(policy))
    file = evidence(repo, "HEAD~1..HEAD", *asked)
    text = file.read_text("utf-8")
    assert json.loads(text)["predicate"]["approvals"][0]["given_by"] == ["team-finance"]
    assert str(tmp_path) not in text
    assert "--config" in verify(repo, file).stdout
    lacking = verify(repo, file, "--config", str(policy))
    assert lacking.returncode == 2
    assert "--approvals FILE" in lacking.stdout
    assert verify(repo, file, *asked).returncode == 0
    policy.write_text(POLICY.replace("team-finance", "team-shop"), "utf-8")
    assert "FAIL  policy" in verify(repo, file, *asked).stdout
    policy.write_text(POLICY, "utf-8")
    approvals.write_text("[]", "utf-8")
    assert verify(repo, file, *asked).returncode == 1


def test_neither_people_nor_addresses_nor_secrets_nor_paths_of_the_machine(
    repo: GitRepo, tmp_path: Path
) -> None:
    repo.commit(
        {
            "clusters/prod/secret.yaml": "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n"
            "data: {password: hunter2hunter2, mail: jane.roe@example.com}\n",
            "clusters/prod/broken.yaml": "a: [jane.roe@example.com\n",
        }
    )
    text = evidence(repo, "HEAD~2..HEAD", "--explain").read_text("utf-8")
    for private in ("Jane", "jane", "example.com", "hunter2", str(tmp_path), "test@", '"Test"'):
        assert private not in text


def test_it_is_written_when_blocked_and_says_so_when_the_exit_code_does_not(repo: GitRepo) -> None:
    told = json.loads(evidence(repo, "HEAD~1..HEAD", "--exit-zero", code=0).read_text("utf-8"))["predicate"][
        "run"
    ]
    assert (told["exit_zero"], told["exit_code"]) == (True, 0)
    assert "would not have stopped" in verify(repo, repo.path.parent / "evidence.json").stdout


@pytest.mark.parametrize(
    "arguments", [("no-such-branch",), ("--config", "nowhere.yaml"), ("--output", "xml:x")]
)
def test_what_an_earlier_run_left_is_gone_when_this_one_cannot_be_made(
    repo: GitRepo, arguments: tuple[str, ...]
) -> None:
    assert evidence(repo, "HEAD~1..HEAD").exists()
    assert not evidence(repo, *arguments, code=2).exists()


def test_where_it_cannot_be_written_the_run_says_so(repo: GitRepo) -> None:
    result = riskcheck(repo.path, "diff", "HEAD~1..HEAD", "--evidence", "nowhere/e.json")
    assert result.returncode == 2
    assert "cannot write nowhere/e.json" in result.stderr


_RUN = """
import sys
from riskcheck.commands.running import RunRequest, perform
from riskcheck.sources.spec import RangeSpec
root, path, *paths = sys.argv[1:]
spec = RangeSpec(root, revision="HEAD~1..HEAD", clock=1_800_000_000, paths=tuple(paths))
perform(RunRequest(spec, evidence=path, cache=False))
"""


def test_the_same_run_has_the_same_bytes(repo: GitRepo, tmp_path: Path) -> None:
    written_as = set()
    for number, (root, paths, environ) in enumerate(
        (
            (".", ("clusters",), {"PYTHONHASHSEED": "1", "LC_ALL": "C"}),
            ("clusters", (".",), {"PYTHONHASHSEED": "2", "LC_ALL": "C.UTF-8", "TZ": "Pacific/Auckland"}),
        )
    ):
        file = tmp_path / f"{number}.json"
        subprocess.run(
            [sys.executable, "-c", _RUN, str(repo.path / root), str(file), *paths],
            env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
            check=True,
            capture_output=True,
            cwd=tmp_path if number else ROOT,
        )
        written_as.add(file.read_bytes())
    assert len(written_as) == 1
    assert verify(repo, file).returncode == 0


def leaves(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(document, dict):
        return [one for key, value in document.items() for one in leaves(value, (*path, key))]
    if isinstance(document, list) and document:
        return [one for number, value in enumerate(document) for one in leaves(value, (*path, number))]
    return [path]


def changed(value: Any) -> Any:
    """Something else of the same shape."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str() if value in ("P0", "P1", "P2", "P3", "note"):
            return "P3" if value != "P3" else "P2"
        case str() if value and set(value) <= set("0123456789abcdef"):
            return ("1" if value[0] == "0" else "0") + value[1:]
        case str() if value.startswith("sha256:"):
            return "sha256:" + changed(value[7:])
        case str():
            return {"block": "pass", "high": "low", "commit": "index", "whole": "cut-off"}.get(
                value, f"{value}x"
            )
        case None:
            return "P1"
        case _:
            return [*value, "x"] if isinstance(value, list) else value


def replaced(statement: Json, path: tuple[Any, ...], change: Callable[[Any], Any]) -> Json:
    copy = json.loads(json.dumps(statement))
    at = copy
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = change(at[path[-1]])
    return copy  # type: ignore[no-any-return]


ONLY_A_SIGNATURE_TELLS = {"as_of", "exit_zero", "hook", "waivers", "fail_on", "select", "ignore", "paths"}
"""What the run was asked for: another wish may come to the same findings."""


def test_whatever_field_is_changed_it_is_noticed(
    repo: GitRepo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(repo.path.parent / "cache"))
    file = evidence(repo, "HEAD~1..HEAD")
    statement = json.loads(file.read_text("utf-8"))
    material = Material(str(repo.path))
    assert verified(str(file), material) == 0
    found = leaves(statement)
    assert len(found) > 60
    for path in found:
        forged = replaced(statement, path, changed)
        file.write_text(written(forged), "utf-8")
        assert verified(str(file), material) == 1, path
        if path[-1] in ONLY_A_SIGNATURE_TELLS or path[1:2] == ("digest",):
            continue
        file.write_text(written(resealed(forged)), "utf-8")
        repaired = path[1:] in (("findings", "count"), ("findings", "digest"))
        assert verified(str(file), material) == 0 if repaired else verified(str(file), material) in (1, 2), (
            path
        )
    capsys.readouterr()


def test_a_forger_who_knows_the_format_is_found_by_judging_again(repo: GitRepo) -> None:
    file = evidence(repo, "HEAD~1..HEAD")
    statement = json.loads(file.read_text("utf-8"))
    statement["predicate"]["findings"]["items"] = []
    statement["predicate"]["result"].update(verdict="pass", level=None, reasons=[], score=0.0)
    statement["predicate"]["run"]["exit_code"] = 0
    file.write_text(written(resealed(statement)), "utf-8")
    result = verify(repo, file)
    assert result.returncode == 1
    assert 'FAIL  judgement: predicate.result.verdict: recorded "pass", judged again "block"' in result.stdout
    assert verify(repo, file, "--no-rejudge").returncode == 0


def test_other_rules_cannot_judge_it_again(repo: GitRepo) -> None:
    file = evidence(repo, "HEAD~1..HEAD")
    statement = json.loads(file.read_text("utf-8"))
    statement["predicate"]["tool"]["version"] = "9.9.9"
    file.write_text(written(resealed(statement)), "utf-8")
    result = verify(repo, file)
    assert result.returncode == 2
    assert "install riskcheck 9.9.9" in result.stdout


def test_a_commit_that_is_not_here_cannot_be_verified(repo: GitRepo, tmp_path: Path) -> None:
    file = evidence(repo, "HEAD~1..HEAD")
    other = GitRepo(tmp_path / "other")
    other.commit({"a": "a"})
    result = verify(other, file)
    assert result.returncode == 2
    assert "?     sources" in result.stdout


def test_a_shallow_clone_is_no_proof_of_tampering(repo: GitRepo, tmp_path: Path) -> None:
    file = evidence(repo, "HEAD~1..HEAD")
    repo.clone(tmp_path / "shallow", "--depth", "2")
    result = verify(GitRepo(tmp_path / "shallow", init=False, environ=repo.environ), file)
    assert result.returncode == 2
    assert "is cut-off here" in result.stdout


@pytest.mark.parametrize("bundle", [False, True])
def test_an_envelope_is_opened_and_its_signature_left_to_others(repo: GitRepo, bundle: bool) -> None:
    file = evidence(repo, "HEAD~1..HEAD")
    payload = base64.b64encode(file.read_bytes()).decode()
    envelope: Json = {
        "payloadType": "application/vnd.in-toto+json",
        "payload": payload,
        "signatures": [{"keyid": "", "sig": "AAAA"}],
    }
    file.write_text(json.dumps({"dsseEnvelope": envelope} if bundle else envelope), "utf-8")
    result = verify(repo, file)
    assert result.returncode == 0
    assert "1 signature, not checked here" in result.stdout


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"_type": "https://in-toto.io/Statement/v1"}',
        '{"payload": "!!!", "payloadType": "application/vnd.in-toto+json"}',
        '{"payload": "e30=", "payloadType": "text/plain"}',
        '{"a": 1, "a": 2}',
        '{"a": NaN}',
        "\ufeff{}",
        '{"payload": "e30=\\n!", "payloadType": "application/vnd.in-toto+json"}',
        '{"payload": "e3", "payloadType": "application/vnd.in-toto+json"}',
        '{"payload": 1, "payloadType": "application/vnd.in-toto+json"}',
        '{"dsseEnvelope": {"payload": "\\u00e9", "payloadType": "application/vnd.in-toto+json"}}',
        f'{{"a": {"9" * 5000}}}',
        "[" * 100_000,
    ],
)
def test_what_is_no_evidence_does_not_verify(repo: GitRepo, text: str) -> None:
    file = repo.path.parent / "evidence.json"
    file.write_text(text, "utf-8")
    result = verify(repo, file)
    assert (result.returncode, result.stderr) == (1, "")
    assert "FAIL  form" in result.stdout


def test_a_file_that_is_not_there_cannot_be_verified(repo: GitRepo) -> None:
    result = verify(repo, repo.path / "nowhere.json")
    assert result.returncode == 2
    assert "nowhere.json" in result.stderr


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200))
def test_no_bytes_end_in_anything_but_an_answer(
    data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "evidence.json"
    file.write_bytes(data)
    assert verified(str(file), Material(str(tmp_path))) == 1
    assert "FAIL" in capsys.readouterr().out


def test_a_volume_that_vanishes_is_recorded_with_its_plan(repo: GitRepo) -> None:
    repo.commit({"databricks.yml": VOLUME})
    repo.commit({"databricks.yml": VOLUME.partition("resources:")[0] + VOLUME[VOLUME.index("targets:") :]})
    plan = repo.path.parent / "plan.json"
    plan.write_text(
        json.dumps({"plan_version": 2, "plan": {"resources.volumes.landing": {"action": "delete"}}}), "utf-8"
    )
    asked = ("--databricks-plan", f"prod={plan}")
    file = evidence(repo, "HEAD~1..HEAD", *asked)
    (recorded,) = json.loads(file.read_text("utf-8"))["predicate"]["inputs"]
    assert (recorded["kind"], recorded["name"]) == ("databricks-plan", "prod")
    assert verify(repo, file).returncode == 2
    assert verify(repo, file, *asked).returncode == 0


def test_a_weakened_gate_asks_for_the_approval_that_the_policy_names(repo: GitRepo, tmp_path: Path) -> None:
    gate = "approvals: [{scope: gate, teams: [team-platform]}]\n"
    repo.commit({"riskcheck.yaml": f"version: 1\npromotion: git\n{gate}"})
    repo.commit({"riskcheck.yaml": "version: 1\ngate: {require_canary: never}\n"})
    (asked,) = json.loads(evidence(repo, "HEAD~1..HEAD").read_text("utf-8"))["predicate"]["approvals"]
    assert (asked["scope"], asked["source"], asked["given"]) == ("gate", "riskcheck.yaml:3", False)
    given = tmp_path / "approvals.json"
    given.write_text(
        json.dumps([{"team": "team-platform", "scope": "gate", "at": "2023-11-15T00:00:00Z"}]), "utf-8"
    )
    file = evidence(repo, "HEAD~1..HEAD", "--approvals", str(given), code=0)
    (asked,) = json.loads(file.read_text("utf-8"))["predicate"]["approvals"]
    assert asked["given_by"] == ["team-platform"]
    assert verify(repo, file, "--approvals", str(given)).returncode == 0


def test_the_baseline_is_recorded_and_held_against_the_deciding_tree(repo: GitRepo) -> None:
    fewer = {"clusters/staging/web.yaml": WEB.replace("replicas: 3", "replicas: 1")}
    repo.commit({"riskcheck.yaml": POLICY.partition("approvals:")[0]})
    repo.commit(fewer)
    assert riskcheck(repo.path, "baseline", "write", "HEAD~1..HEAD").returncode == 0
    repo.git("add", "-A")
    repo.commit({"clusters/staging/web.yaml": WEB})
    repo.commit(fewer)
    file = evidence(repo, "HEAD~1..HEAD", code=0)
    predicate = json.loads(file.read_text("utf-8"))["predicate"]
    Draft202012Validator(json.loads(data_text("schemas", "evidence.schema.json"))).validate(
        json.loads(file.read_text("utf-8"))
    )
    assert predicate["baseline"]["path"] == ".riskcheck-baseline.json"
    assert predicate["baseline"]["digest"]["gitBlob"] == repo.id("HEAD~1:.riskcheck-baseline.json")
    assert {one["kind"] for one in predicate["waivers"]} == {"baseline"}
    done = verify(repo, file)
    assert done.returncode == 0, done.stdout
    assert "ok    baseline: .riskcheck-baseline.json has the digests that are recorded" in done.stdout
    forged = json.loads(file.read_text("utf-8"))
    forged["predicate"]["baseline"]["digest"]["sha256"] = "0" * 64
    file.write_text(json.dumps(resealed(forged)), "utf-8")
    done = verify(repo, file)
    assert done.returncode == 1
    assert "FAIL  baseline: the one that decides is not the one that is recorded" in done.stdout
