"""`riskcheck baseline` as a process, in real repositories."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from riskcheck.data import data_dir
from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo
from tests.manifests import WEB

BASELINE = ".riskcheck-baseline.json"
ROLE = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: %s}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: %s, namespace: ops}]
"""
POLICY = "version: 1\npromotion: git\nenvironments:\n  - {name: prod, stage: prod}\n"


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit(
        {
            "clusters/prod/web.yaml": WEB,
            "clusters/prod/admin.yaml": ROLE % ("admin", "admin"),
            "clusters/prod/other.yaml": ROLE % ("other", "other"),
            "riskcheck.yaml": POLICY,
        }
    )
    return made


def entries(repo: GitRepo) -> list[dict[str, Any]]:
    held = json.loads((repo.path / BASELINE).read_text())
    schema = json.loads((data_dir("schemas") / "baseline.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(held)
    findings: list[dict[str, Any]] = held["findings"]
    return findings


def lint(repo: GitRepo, *arguments: str) -> list[dict[str, Any]]:
    done = riskcheck(repo.path, "lint", "--format", "json", *arguments)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    schema = json.loads((data_dir("schemas") / "report.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(report)
    findings: list[dict[str, Any]] = report["findings"]
    return findings


def live(findings: list[dict[str, Any]]) -> list[str]:
    return [one["resource"] for one in findings if not one["waiver"] and one["level"] != "note"]


def written(repo: GitRepo) -> None:
    done = riskcheck(repo.path, "baseline", "write")
    assert done.returncode == 0, done.stderr


class TestOfAState:
    def test_what_is_there_is_recorded_and_what_is_new_is_told(self, repo: GitRepo) -> None:
        found = live(lint(repo))
        assert {"kubernetes:ClusterRoleBinding.admin", "kubernetes:ClusterRoleBinding.other"} <= set(found)
        written(repo)
        assert sum(one.get("count", 1) for one in entries(repo)) == len(found)
        assert live(lint(repo)) == []
        repo.write({"clusters/prod/new.yaml": ROLE % ("new", "new")})
        assert live(lint(repo)) == ["kubernetes:ClusterRoleBinding.new"]
        done = riskcheck(repo.path, "baseline", "check")
        assert done.returncode == 1
        assert "1 finding not in the baseline; fix or waive them:" in done.stdout
        assert "clusters/prod/new.yaml:1: " in done.stdout

    def test_it_holds_where_nothing_is_new(self, repo: GitRepo) -> None:
        written(repo)
        done = riskcheck(repo.path, "baseline", "check")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("the baseline holds: ")

    def test_the_same_tree_gives_the_same_bytes(self, repo: GitRepo) -> None:
        written(repo)
        first = (repo.path / BASELINE).read_bytes()
        (repo.path / BASELINE).unlink()
        written(repo)
        assert (repo.path / BASELINE).read_bytes() == first
        prints = [one["fingerprint"] for one in entries(repo)]
        assert prints == sorted(prints)
        lines = [line for line in first.decode().splitlines() if "fingerprint" in line]
        assert len(lines) == len(prints), "one line each"

    def test_it_shrinks_by_itself(self, repo: GitRepo) -> None:
        written(repo)
        before = entries(repo)
        repo.write({"clusters/prod/other.yaml": None})
        done = riskcheck(repo.path, "baseline", "check")
        assert done.returncode == 1
        assert "match nothing any more; run `riskcheck baseline write` to drop them:" in done.stdout
        assert "kubernetes:ClusterRoleBinding.other" in done.stdout
        assert entries(repo) == before, "check alone writes nothing"
        pruned = riskcheck(repo.path, "baseline", "check", "--prune")
        assert pruned.returncode == 0, pruned.stdout
        assert "dropped" in pruned.stdout
        left = entries(repo)
        assert len(left) < len(before)
        assert all(one in before for one in left)

    def test_writing_again_adds_nothing_unless_asked_to(self, repo: GitRepo) -> None:
        written(repo)
        repo.write({"clusters/prod/new.yaml": ROLE % ("new", "new"), "clusters/prod/other.yaml": None})
        done = riskcheck(repo.path, "baseline", "write")
        assert done.returncode == 0
        assert "not added; fix or waive them, or give --accept-new:" in done.stdout
        held = {one["resource"] for one in entries(repo)}
        assert not held & {"kubernetes:ClusterRoleBinding.new", "kubernetes:ClusterRoleBinding.other"}
        assert riskcheck(repo.path, "baseline", "write", "--accept-new").returncode == 0
        assert "kubernetes:ClusterRoleBinding.new" in {one["resource"] for one in entries(repo)}
        assert riskcheck(repo.path, "baseline", "check").returncode == 0

    def test_a_second_copy_of_the_same_is_new(self, repo: GitRepo) -> None:
        written(repo)
        repo.write({"clusters/prod/copied/admin.yaml": ROLE % ("admin", "admin")})
        assert live(lint(repo)) == ["kubernetes:ClusterRoleBinding.admin"]
        assert riskcheck(repo.path, "baseline", "write", "--accept-new").returncode == 0
        (twice,) = (one for one in entries(repo) if one["resource"] == "kubernetes:ClusterRoleBinding.admin")
        assert twice["count"] == 2
        assert riskcheck(repo.path, "baseline", "check").returncode == 0
        repo.write({"clusters/prod/copied/admin.yaml": None})
        done = riskcheck(repo.path, "baseline", "check", "--prune")
        assert done.returncode == 0
        (once,) = (one for one in entries(repo) if one["resource"] == "kubernetes:ClusterRoleBinding.admin")
        assert "count" not in once

    def test_another_environment_is_new(self, repo: GitRepo) -> None:
        written(repo)
        repo.write({"clusters/staging/admin.yaml": ROLE % ("admin", "admin")})
        assert "kubernetes:ClusterRoleBinding.admin" in live(lint(repo))
        assert "(known, but not in staging)" in riskcheck(repo.path, "baseline", "check").stdout

    def test_the_report_folds_what_is_known_into_one_line(self, repo: GitRepo) -> None:
        written(repo)
        done = riskcheck(repo.path, "lint")
        assert done.stdout.count("known already") == 1
        assert "admin.yaml" not in done.stdout
        known = [one for one in lint(repo) if one["waiver"]]
        assert known
        for one in known:
            assert one["waiver"]["kind"] == "baseline"
            assert one["waiver"]["source"].startswith(f"{BASELINE}:")
            line = int(one["waiver"]["source"].rpartition(":")[2])
            assert one["fingerprint"] in (repo.path / BASELINE).read_text().splitlines()[line - 1]

    def test_without_waivers_there_is_no_baseline_either(self, repo: GitRepo) -> None:
        before = lint(repo)
        written(repo)
        assert lint(repo, "--no-waivers") == before

    def test_what_is_waived_is_not_recorded(self, repo: GitRepo) -> None:
        code = next(
            one["code"] for one in lint(repo) if one["resource"] == "kubernetes:ClusterRoleBinding.admin"
        )
        place = "kubernetes:ClusterRoleBinding.admin"
        waiver = f'{{rule: {code}, where: "{place}", owner: team-a, reason: b, until: {in_days(30)}}}'
        repo.write({"riskcheck.yaml": f"{POLICY}waivers:\n  - {waiver}\n"})
        written(repo)
        assert "kubernetes:ClusterRoleBinding.admin" not in {one["resource"] for one in entries(repo)}

    def test_no_file_to_check_is_an_error(self, repo: GitRepo) -> None:
        done = riskcheck(repo.path, "baseline", "check")
        assert done.returncode == 2
        assert "`riskcheck baseline write` makes one" in done.stderr

    def test_it_may_go_to_stdout_or_elsewhere(self, repo: GitRepo) -> None:
        done = riskcheck(repo.path, "baseline", "write", "--output", "-")
        assert json.loads(done.stdout)["version"] == 1
        assert not (repo.path / BASELINE).exists()
        riskcheck(repo.path, "baseline", "write", "--output", "other.json")
        assert (repo.path / "other.json").read_text() == done.stdout

    def test_it_is_found_from_a_folder_below(self, repo: GitRepo) -> None:
        assert riskcheck(repo.path / "clusters", "baseline", "write").returncode == 0
        assert (repo.path / BASELINE).is_file()
        assert riskcheck(repo.path / "clusters", "baseline", "check").returncode == 0

    def test_a_link_is_not_followed(self, repo: GitRepo) -> None:
        repo.symlink(BASELINE, "/dev/zero")
        done = riskcheck(repo.path, "baseline", "write")
        assert done.returncode == 2
        assert (repo.path / BASELINE).is_symlink()


def in_days(days: int) -> str:
    from datetime import UTC, datetime, timedelta

    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"


class TestOfAChange:
    """What a long-lived branch brings, so that only what is new on it is told."""

    @pytest.fixture
    def branch(self, repo: GitRepo) -> GitRepo:
        # A reduction outside of production is P2 at most; the other one blocks.
        repo.commit({"clusters/staging/web.yaml": WEB})
        repo.git("checkout", "-q", "-b", "change")
        repo.commit({"clusters/prod/web.yaml": WEB.replace("web:1.4.2", "web:latest")})
        return repo

    def diff(self, repo: GitRepo, *arguments: str) -> dict[str, Any]:
        done = riskcheck(repo.path, "diff", "main", "--format", "json", *arguments)
        assert done.stderr == ""
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def test_it_counts_once_it_is_on_the_branch_that_is_merged_into(self, branch: GitRepo) -> None:
        before = self.diff(branch)
        recordable = [one for one in before["findings"] if one["level"] in ("P2", "P3")]
        assert recordable
        done = riskcheck(branch.path, "baseline", "write", "main")
        assert done.returncode == 0, done.stderr
        assert {one["of"] for one in entries(branch)} == {"change"}
        assert {one["fingerprint"] for one in entries(branch)} == {one["fingerprint"] for one in recordable}
        text = (branch.path / BASELINE).read_text()
        branch.commit({BASELINE: text})
        own = self.diff(branch)
        assert not any(one["waiver"] for one in own["findings"]), "a change brings no baseline for itself"
        assert "GOV-006" in {one["code"] for one in own["findings"]}
        branch.git("checkout", "-q", "main")
        branch.commit({BASELINE: text})
        branch.git("checkout", "-q", "change")
        after = self.diff(branch)
        known = {one["fingerprint"] for one in after["findings"] if one["waiver"]}
        assert known == {one["fingerprint"] for one in recordable}
        done = riskcheck(branch.path, "baseline", "check", "main")
        assert "that no baseline covers" in done.stdout
        assert "match nothing" not in done.stdout
        assert "not in the baseline" not in done.stdout
        assert {
            one["fingerprint"]
            for one in self.diff(branch, "--no-waivers")["findings"]
            if one["code"] != "GOV-006"
        } == {one["fingerprint"] for one in before["findings"]}

    def test_what_may_block_is_not_recorded(self, repo: GitRepo) -> None:
        repo.git("checkout", "-q", "-b", "change")
        repo.commit({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 0")})
        done = riskcheck(repo.path, "baseline", "write", "main")
        assert done.returncode == 0
        assert "1 finding that no baseline covers; fix or waive them:" in done.stdout
        assert "K8S-001" in done.stdout
        assert all(one["level"] in ("P2", "P3") for one in entries(repo))
        assert riskcheck(repo.path, "baseline", "check", "main").returncode == 1

    def test_entries_about_a_state_and_about_a_change_leave_each_other_alone(self, branch: GitRepo) -> None:
        written(branch)
        of_state = entries(branch)
        assert riskcheck(branch.path, "baseline", "write", "--accept-new", "main").returncode == 0
        both = entries(branch)
        assert {one["of"] for one in both} == {"state", "change"}
        assert [one for one in both if one["of"] == "state"] == of_state
        assert riskcheck(branch.path, "baseline", "check").returncode == 0


class TestTheGate:
    def changed(self, repo: GitRepo, text: str | None) -> dict[str, Any]:
        repo.git("checkout", "-q", "-b", "change")
        repo.commit({BASELINE: text})
        done = riskcheck(repo.path, "diff", "main", "--format", "json")
        assert done.stderr == ""
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def test_one_that_grows_is_shown_and_does_not_block(self, repo: GitRepo) -> None:
        written(repo)
        report = self.changed(repo, (repo.path / BASELINE).read_text())
        (finding,) = report["findings"]
        assert (finding["code"], finding["level"], report["verdict"]) == ("GOV-006", "P2", "warn")
        assert "the baseline grows by " in finding["message"]

    def test_one_that_shrinks_is_not(self, repo: GitRepo) -> None:
        written(repo)
        repo.commit()
        held = json.loads((repo.path / BASELINE).read_text())
        held["findings"].pop()
        report = self.changed(repo, json.dumps(held))
        assert (report["findings"], report["verdict"]) == ([], "pass")

    def test_one_that_goes_is_not(self, repo: GitRepo) -> None:
        written(repo)
        repo.commit()
        assert self.changed(repo, None)["findings"] == []

    def test_a_level_that_rises_is(self, repo: GitRepo) -> None:
        written(repo)
        text = (repo.path / BASELINE).read_text()
        repo.commit({BASELINE: text})
        report = self.changed(repo, text.replace('"level": "P3"', '"level": "P2"'))
        assert [one["code"] for one in report["findings"]] == ["GOV-006"]

    def test_one_that_would_end_every_run_blocks(self, repo: GitRepo) -> None:
        written(repo)
        repo.commit()
        broken = (repo.path / BASELINE).read_text().replace('"version": 1', '"version": 2')
        report = self.changed(repo, broken)
        assert report["verdict"] == "block"
        assert "GOV-010" in {one["code"] for one in report["findings"]}

    def test_entries_of_the_gate_itself_cover_nothing(self, repo: GitRepo) -> None:
        policy = POLICY + "gate: {incomplete: warn}\n"
        repo.git("checkout", "-q", "-b", "change")
        repo.commit({"riskcheck.yaml": policy})
        report = json.loads(riskcheck(repo.path, "diff", "main", "--format", "json").stdout)
        (finding,) = report["findings"]
        assert finding["code"] == "GOV-006"
        entry = {key: finding[key] for key in ("fingerprint", "rule", "code", "resource", "environments")}
        text = json.dumps({"version": 1, "findings": [{**entry, "level": "P1", "of": "change"}]})
        repo.git("checkout", "-q", "main")
        repo.commit({BASELINE: text})
        repo.git("checkout", "-q", "change")
        again = json.loads(riskcheck(repo.path, "diff", "main", "--format", "json").stdout)
        assert again["findings"][0]["waiver"] is None
        assert again["verdict"] == "block"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"version": 1', '"version": 2', ":2: version: 2 is not 1"),
        ('"version": 1,', '"version": 1,\n  "version": 1,', ":3: duplicate key"),
        ('"of": "state"', '"of": "all"', 'findings[0].of: "all" is not one of state, change'),
        ('"level": "P', '"level": "X', "findings[0].level: "),
        ('"findings": [', '"findings": [,', ":3:"),
        ("]\n}\n", "", "restore it, or delete it and run `riskcheck baseline write`"),
        ('{"fingerprint": "', '{"fingerprint": "Z', "is not a fingerprint"),
        ('{"fingerprint"', '<<<<<<< HEAD\n{"fingerprint"', ":4:"),
        ('"rule"', '"rulé"', "findings[0]: rule is missing"),
    ],
)
def test_one_that_is_broken_ends_the_run_with_its_line(repo: GitRepo, old: str, new: str, told: str) -> None:
    written(repo)
    text = (repo.path / BASELINE).read_text()
    assert old in text
    repo.commit({BASELINE: text.replace(old, new, 1)})
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")})
    for arguments in (["diff"], ["lint"], ["baseline", "check"], ["baseline", "write"]):
        done = riskcheck(repo.path, *arguments)
        assert done.returncode == 2, arguments
        assert done.stderr.startswith(f"riskcheck: {BASELINE}:"), done.stderr
        assert told in done.stderr


def test_the_same_entry_twice_in_one_line_ends_the_run(repo: GitRepo) -> None:
    written(repo)
    held = json.loads((repo.path / BASELINE).read_text())
    repo.write({BASELINE: json.dumps({"version": 1, "findings": held["findings"][:1] * 2})})
    done = riskcheck(repo.path, "lint")
    assert done.returncode == 2
    assert f"{BASELINE}:1: " in done.stderr
    assert "is also in line 1; keep one of them" in done.stderr


def test_the_same_entry_twice_ends_the_run(repo: GitRepo) -> None:
    written(repo)
    lines = (repo.path / BASELINE).read_text().split("\n")
    repo.write({BASELINE: "\n".join([*lines[:3], lines[3].rstrip(",") + ",", *lines[3:]])})
    done = riskcheck(repo.path, "lint")
    assert done.returncode == 2
    assert f"{BASELINE}:5: " in done.stderr
    assert "is also in line 4; keep one of them" in done.stderr
