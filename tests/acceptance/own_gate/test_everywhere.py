"""Base decides however a run is asked for: in CI, between revisions, in a hook, with a named policy."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.acceptance.own_gate.repository import GUARDED, Edit, apply
from tests.gitrepo import GitRepo

ROOT = Path(__file__).parents[3]
ATTACK: Mapping[str, Edit] = {"riskcheck.yaml": ("ignore: []", "ignore: [K8S-010]"), "prod/data.yaml": None}


def riskcheck(
    repo: GitRepo, *arguments: str, cwd: Path | None = None, environ: Mapping[str, str] = {}
) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "riskcheck", *arguments],
        cwd=cwd or repo.path,
        env={
            **repo.environ,
            "PYTHONPATH": str(ROOT),
            "XDG_CACHE_HOME": str(repo.path.parent / "cache"),
            **environ,
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit(GUARDED, message="guards")
    made.branch("work")
    apply(made, ATTACK)
    return made


def _committed(*arguments: str) -> Callable[[GitRepo], tuple[int, str]]:
    def run(repo: GitRepo) -> tuple[int, str]:
        repo.commit(message="work")
        return riskcheck(repo, "diff", *(one.format(root=repo.path) for one in arguments))

    return run


def _staged(*arguments: str) -> Callable[[GitRepo], tuple[int, str]]:
    def run(repo: GitRepo) -> tuple[int, str]:
        repo.add()
        return riskcheck(repo, "diff", *arguments)

    return run


def _pushed(repo: GitRepo) -> tuple[int, str]:
    repo.commit(message="work")
    refs = {"PRE_COMMIT_FROM_REF": repo.id("main"), "PRE_COMMIT_TO_REF": repo.id("HEAD")}
    return riskcheck(repo, "diff", "--hook", environ=refs)


def _in_ci_without_refs(repo: GitRepo) -> tuple[int, str]:
    repo.commit(message="work")
    return riskcheck(repo, "diff", "--staged", environ={"CI": "true", "GITHUB_BASE_REF": "main"})


def _by_a_link(repo: GitRepo) -> tuple[int, str]:
    """The checkout is reached by a link, as temporary folders are on macOS."""
    repo.commit(message="work")
    way = repo.path.parent / "way"
    way.symlink_to(repo.path)
    return riskcheck(repo, "diff", "main", "--config", str(way / "riskcheck.yaml"), cwd=way)


WAYS: Mapping[str, Callable[[GitRepo], tuple[int, str]]] = {
    "diff main": _committed("main"),
    "--base --head": _committed("--base", "main", "--head", "work"),
    "A..B": _committed("main..work"),
    "A...B": _committed("main...work"),
    "--config": _committed("main", "--config", "riskcheck.yaml"),
    "--config with a dot": _committed("main", "--config", "./riskcheck.yaml"),
    "--config as a whole path": _committed("main", "--config", "{root}/riskcheck.yaml"),
    "--config by a link": _by_a_link,
    "working tree": lambda repo: riskcheck(repo, "diff"),
    "--staged": _staged("--staged"),
    "hook at commit": _staged("--hook"),
    "hook at push": _pushed,
    "CI without revisions": _in_ci_without_refs,
}


@pytest.mark.parametrize("way", WAYS)
def test_the_policy_of_base_decides(way: str, repo: GitRepo) -> None:
    code, words = WAYS[way](repo)
    assert code == 1, words
    assert "K8S-010" in words
    assert "K8S-010 is not run any more" in words


def test_what_the_branch_that_is_merged_into_asks_for_by_now_counts(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({**GUARDED, "riskcheck.yaml": "version: 1\nrules: {ignore: [K8S-010]}\n"}, message="lax")
    repo.branch("work")
    repo.commit({"prod/data.yaml": None}, message="work")
    assert "K8S-010" not in riskcheck(repo, "diff", "main")[1]
    repo.checkout("main")
    repo.commit({"riskcheck.yaml": "version: 1\n"}, message="strict")
    repo.checkout("work")
    code, words = riskcheck(repo, "diff", "main")
    assert code == 1
    assert "K8S-010" in words


def test_a_change_does_not_approve_itself(repo: GitRepo, tmp_path: Path) -> None:
    given = '[{"team": "team-controls", "scope": "sox", "at": "2026-11-20T12:00:00Z"}]\n'
    repo.commit({"given.json": given}, message="work")
    code, words = riskcheck(repo, "diff", "main", "--approvals", "given.json")
    assert code == 2
    assert "cannot approve itself" in words
    (tmp_path / "given.json").write_text(given)
    code, words = riskcheck(repo, "diff", "main", "--approvals", str(tmp_path / "given.json"))
    assert code == 1, words
