"""`riskcheck lint`: a tree as it is, by the same rules and in the same report as a change."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo
from tests.manifests import WEB

POLICY = """\
version: 1
promotion: git
environments:
  - {name: staging, stage: staging, paths: ["clusters/staging/**"]}
  - {name: prod, stage: prod, paths: ["clusters/prod/**"]}
services:
  - {name: web, criticality: tier-1, paths: ["clusters/prod/**"]}
"""
FILES = {"riskcheck.yaml": POLICY, "clusters/staging/web.yaml": WEB, "clusters/prod/web.yaml": WEB}


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit(FILES)
    return made


def codes(text: str) -> list[str]:
    return [finding["code"] for finding in json.loads(text)["findings"]]


def test_it_says_what_the_working_tree_lacks(repo: GitRepo) -> None:
    result = riskcheck(repo.path, "lint", "--format", "json")
    assert (result.returncode, result.stderr) == (0, "")
    report = json.loads(result.stdout)
    assert sorted(codes(result.stdout)) == ["LNT-001", "LNT-002", "LNT-003"]
    assert {finding["location"]["line"] for finding in report["findings"]} == {7}
    assert (report["verdict"], report["range"]) == ("warn", {"base": "EMPTY", "head": "WORKTREE"})


def test_it_reads_the_policy_of_the_tree_that_it_judges(repo: GitRepo) -> None:
    first = repo.git("rev-parse", "HEAD").strip()
    repo.commit({"riskcheck.yaml": POLICY.replace("criticality: tier-1", "owner: team-web")})
    assert codes(riskcheck(repo.path, "lint", "--format", "json").stdout) == []
    assert len(codes(riskcheck(repo.path, "lint", first, "--format", "json").stdout)) == 3


def test_uncommitted_files_count_in_the_working_tree_only(repo: GitRepo) -> None:
    repo.write({"riskcheck.yaml": POLICY.replace("criticality: tier-1", "owner: team-web")})
    assert codes(riskcheck(repo.path, "lint", "--format", "json").stdout) == []
    assert len(codes(riskcheck(repo.path, "lint", "HEAD", "--format", "json").stdout)) == 3


def test_a_directory_without_git(tmp_path: Path) -> None:
    for path, text in FILES.items():
        (tmp_path / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / path).write_text(text)
    result = riskcheck(tmp_path, "lint", "--dir", "tree", "--format", "json")
    assert len(codes(result.stdout)) == 3


@pytest.mark.parametrize(("level", "code"), [("P2", 1), ("P1", 0), ("never", 0)])
def test_it_blocks_at_the_level_asked_for(repo: GitRepo, level: str, code: int) -> None:
    assert riskcheck(repo.path, "lint", "--fail-on", level).returncode == code


def test_a_waiver_covers_a_finding_of_a_tree(repo: GitRepo) -> None:
    waiver = (
        "waivers:\n  - {rule: LNT-001, where: riskcheck.yaml, owner: team-web, reason: internal, "
        f"max_level: P0, until: {datetime.now(UTC).date() + timedelta(days=30)}}}\n"
    )
    repo.commit({"riskcheck.yaml": POLICY + waiver})
    report = json.loads(riskcheck(repo.path, "lint", "--format", "json").stdout)
    waived = {finding["code"] for finding in report["findings"] if finding["waiver"]}
    assert waived == {"LNT-001"}


def test_the_text_names_the_line_and_ends_in_a_verdict(repo: GitRepo) -> None:
    text = riskcheck(repo.path, "lint").stdout
    assert "--> riskcheck.yaml:7:" in text
    assert "nothing comes before prod" in text
    assert text.splitlines()[-1].startswith("WARN P2  1 cause (3 P2)")
    assert "score" not in text.splitlines()[-1]


def test_a_tree_that_lacks_nothing_says_so(repo: GitRepo) -> None:
    repo.commit({"riskcheck.yaml": POLICY.replace("criticality: tier-1", "owner: team-web")})
    text = riskcheck(repo.path, "lint").stdout
    assert text == "PASS  3 files read as configuration, 2 environments, nothing to report\n"
    assert riskcheck(repo.path, "lint", "--quiet").stdout == ""


def test_rules_about_changes_are_not_asked_for_evidence(repo: GitRepo) -> None:
    """A rollout is what a change does: a tree is never told that nothing ran it first."""
    report = json.loads(riskcheck(repo.path, "lint", "--format", "json").stdout)
    assert all(finding["canary"]["evidence"] == [] for finding in report["findings"])
    assert not any(
        finding["code"].startswith(("CAN-", "GOV-006", "GOV-010")) for finding in report["findings"]
    )


def test_a_file_that_cannot_be_read_is_a_limit(repo: GitRepo) -> None:
    repo.commit({"clusters/prod/broken.yaml": "kind: Deployment\nspec: [1\n"})
    report = json.loads(riskcheck(repo.path, "lint", "--format", "json").stdout)
    assert any(one["path"] == "clusters/prod/broken.yaml" for one in report["limitations"])


def test_a_broken_policy_is_told_with_its_line(repo: GitRepo) -> None:
    repo.write({"riskcheck.yaml": "version: 1\nservices: [{nme: web}]\n"})
    result = riskcheck(repo.path, "lint")
    assert result.returncode == 2
    assert "riskcheck.yaml:2" in result.stderr


def test_a_revision_and_a_directory_exclude_each_other(repo: GitRepo) -> None:
    result = riskcheck(repo.path, "lint", "HEAD", "--dir", ".")
    assert result.returncode == 2
    assert "not both" in result.stderr
