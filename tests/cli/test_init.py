"""`riskcheck init`: a policy file that validates and says what it is unsure of."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskcheck.policy.load import load_policy
from riskcheck.trees import MemoryTree
from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo
from tests.manifests import WEB

BUNDLE = """\
bundle: {name: orders}
resources: {jobs: {nightly: {name: nightly}}}
targets:
  dev: {mode: development}
  prod_eu: {mode: production}
  sandpit: {}
"""


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit({"databricks.yml": BUNDLE, "clusters/staging/web.yaml": WEB, "clusters/prod/web.yaml": WEB})
    return made


def test_it_writes_what_it_found_and_the_file_validates(repo: GitRepo) -> None:
    result = riskcheck(repo.path, "init")
    assert (result.returncode, result.stderr) == (0, "")
    text = (repo.path / "riskcheck.yaml").read_bytes()
    policy = load_policy(MemoryTree({"riskcheck.yaml": text}, "base", "test"), None)
    stages = {one.name: one.stage for one in policy.environments}
    assert "dev" not in stages
    assert b"# - {name: dev, stage: dev}   # ? if changes come up through it" in text
    assert stages["staging"] == "staging"
    assert stages["prod_eu"] == "prod"
    assert policy.promotion == "git"
    assert b"sandpit" in text
    assert "sandpit" not in stages
    assert b"databricks.yml:5" in text


def test_it_never_overwrites(repo: GitRepo) -> None:
    repo.write({"riskcheck.yaml": "version: 1\n"})
    result = riskcheck(repo.path, "init")
    assert result.returncode == 2
    assert "left as it is" in result.stderr
    assert (repo.path / "riskcheck.yaml").read_text("utf-8") == "version: 1\n"


def test_a_dry_run_only_prints(repo: GitRepo) -> None:
    result = riskcheck(repo.path, "init", "--dry-run")
    assert "promotion: git" in result.stdout
    assert not (repo.path / "riskcheck.yaml").exists()


def test_a_repository_without_environments_gets_an_example(tmp_path: Path) -> None:
    empty = GitRepo(tmp_path / "empty")
    empty.commit({"README.md": "hello\n"})
    result = riskcheck(empty.path, "init", "--dry-run")
    assert "none was recognised" in result.stdout
