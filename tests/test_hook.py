"""The hook, run by the real pre-commit on real repositories, installed from this tree as users install it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gitrepo import GitRepo
from tests.manifests import CLAIM, WEB

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def hook_repository(tmp_path_factory: pytest.TempPathFactory) -> GitRepo:
    """What a user's configuration points at: a commit of this tree as it is now."""
    made = GitRepo(tmp_path_factory.mktemp("hook") / "riskcheck")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            target = made.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target)
    made.commit(message="release")
    return made


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One pre-commit home for all tests: the environment is installed once."""
    return tmp_path_factory.mktemp("pre-commit")


@pytest.fixture
def repo(tmp_path: Path, hook_repository: GitRepo) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    config = (
        f"default_install_hook_types: [pre-commit, pre-push]\nrepos:\n  - repo: {hook_repository.path}\n"
        f"    rev: {hook_repository.id('HEAD')}\n    hooks: [{{id: riskcheck}}]\n"
    )
    made.commit(
        {".pre-commit-config.yaml": config, "prod/web.yaml": WEB, "prod/data.yaml": CLAIM}, message="base"
    )
    return made


def pre_commit(
    repo: GitRepo, home: Path, *arguments: str, **environ: str
) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "HTTP", "http"))
    }
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments],
        cwd=repo.path,
        # The machine's own home keeps pip's configuration; pre-commit's own folder is the test's.
        env={
            **kept,
            **repo.environ,
            "HOME": os.environ.get("HOME", str(home)),
            "PRE_COMMIT_HOME": str(home),
            "XDG_CACHE_HOME": str(home / "cache"),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "protocol.file.allow",
            "GIT_CONFIG_VALUE_0": "always",
            **environ,
        },
        capture_output=True,
        text=True,
    )


def test_it_prints_nothing_when_nothing_is_risky(repo: GitRepo, home: Path) -> None:
    repo.write({"prod/web.yaml": WEB.replace("replicas: 3", "replicas: 4")})
    repo.add()
    result = pre_commit(repo, home, "run")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Passed" in result.stdout
    assert [line for line in result.stdout.splitlines() if line.startswith((" ", "P", "PASS"))] == []


def test_it_warns_without_blocking(repo: GitRepo, home: Path) -> None:
    repo.write({"prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")})
    repo.add()
    result = pre_commit(repo, home, "run")
    assert result.returncode == 0
    assert "K8S-001" in result.stdout


def test_it_blocks_p0_and_reads_the_index_not_the_working_tree(repo: GitRepo, home: Path) -> None:
    repo.git("rm", "-q", "--cached", "prod/data.yaml")
    result = pre_commit(repo, home, "run")
    assert result.returncode == 1
    assert "K8S-010" in result.stdout
    assert (repo.path / "prod/data.yaml").exists()


def test_at_push_time_it_judges_what_is_pushed(repo: GitRepo, home: Path) -> None:
    before = repo.id("HEAD")
    repo.commit({"prod/data.yaml": None}, message="drop the claim")
    result = pre_commit(
        repo, home, "run", "--hook-stage", "pre-push", "--from-ref", before, "--to-ref", "HEAD"
    )
    assert result.returncode == 1
    assert "K8S-010" in result.stdout


def test_all_files_where_nothing_is_staged_says_that_nothing_was_checked(repo: GitRepo, home: Path) -> None:
    result = pre_commit(repo, home, "run", "--all-files")
    assert result.returncode == 0
    assert "nothing is staged, so nothing was checked; `riskcheck diff main` judges" in result.stdout


def test_all_files_looks_at_what_is_staged(repo: GitRepo, home: Path) -> None:
    repo.git("rm", "-q", "--cached", "prod/data.yaml")
    result = pre_commit(repo, home, "run", "--all-files")
    assert result.returncode == 1
    assert "K8S-010" in result.stdout


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
        ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main"),
        ("CHANGE_TARGET", "main"),
        ("BITBUCKET_PR_DESTINATION_BRANCH", "main"),
    ],
)
def test_all_files_in_each_ci_takes_its_base_branch(
    repo: GitRepo, home: Path, variable: str, value: str
) -> None:
    repo.branch("feature")
    repo.commit({"prod/data.yaml": None}, message="drop the claim")
    result = pre_commit(repo, home, "run", "--all-files", CI="true", **{variable: value})
    assert result.returncode == 1
    assert "K8S-010" in result.stdout


def installed(repo: GitRepo, home: Path) -> GitRepo:
    """`repo` with pre-commit's own hooks, and what they need to run from git."""
    assert pre_commit(repo, home, "install").returncode == 0
    repo.environ.update(
        HOME=os.environ.get("HOME", str(home)), PRE_COMMIT_HOME=str(home), XDG_CACHE_HOME=str(home / "cache")
    )
    return repo


def git(repo: GitRepo, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", "-c", "protocol.file.allow=always", *arguments],
        cwd=repo.path,
        env=repo.environ,
        capture_output=True,
        text=True,
    )


def test_what_is_not_staged_is_put_aside_and_comes_back(repo: GitRepo, home: Path) -> None:
    installed(repo, home)
    repo.write({"prod/web.yaml": WEB.replace("replicas: 3", "replicas: 4")})
    repo.add()
    (repo.path / "prod/data.yaml").unlink()
    done = git(repo, "commit", "-m", "more")
    assert done.returncode == 0, done.stderr
    assert not (repo.path / "prod/data.yaml").exists()
    assert git(repo, "commit", "-a", "-m", "gone").returncode == 1


def test_a_push_of_everything_for_the_first_time_is_not_silently_green(
    repo: GitRepo, home: Path, tmp_path: Path
) -> None:
    """pre-commit then names no commits, and the index is not what is pushed."""
    installed(repo, home)
    repo.git("init", "-q", "--bare", str(tmp_path / "server.git"))
    repo.git("remote", "add", "origin", str(tmp_path / "server.git"))
    done = git(repo, "push", "-u", "origin", "main")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing was checked" not in done.stdout + done.stderr
    repo.git("rm", "-q", "prod/data.yaml")
    repo.git("-c", "core.hooksPath=/dev/null", "commit", "-qm", "gone")
    done = git(repo, "push", "origin", "main")
    assert done.returncode != 0
    assert "K8S-010" in done.stdout + done.stderr


def test_all_files_in_ci_is_never_a_silent_green(repo: GitRepo, home: Path) -> None:
    result = pre_commit(repo, home, "run", "--all-files", CI="true")
    assert result.returncode == 1
    assert "nothing" in result.stdout.lower()


def test_all_files_in_ci_takes_the_base_branch_where_ci_names_it(repo: GitRepo, home: Path) -> None:
    repo.branch("feature")
    repo.commit({"prod/data.yaml": None}, message="drop the claim")
    result = pre_commit(repo, home, "run", "--all-files", CI="true", GITHUB_BASE_REF="main")
    assert result.returncode == 1
    assert "K8S-010" in result.stdout


def test_it_works_in_a_worktree(repo: GitRepo, home: Path, tmp_path: Path) -> None:
    other = repo.worktree(tmp_path / "other")
    other.git("rm", "-q", "prod/data.yaml")
    assert pre_commit(other, home, "run").returncode == 1
