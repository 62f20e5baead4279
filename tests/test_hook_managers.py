"""The hook run by Husky and by lefthook as they are installed from npm, set up as docs/hook.md says."""

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
PACKAGES = ("husky@9", "lefthook@2")
DATA = "prod/data.yaml"


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """node_modules with both, installed once; their install scripts are not run."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    place = tmp_path_factory.mktemp("npm")
    (place / "package.json").write_text("{}\n")
    done = subprocess.run(
        [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", *PACKAGES],
        cwd=place,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        pytest.skip(f"npm could not install {' '.join(PACKAGES)}: {done.stderr.strip()[:200]}")
    return place / "node_modules"


@pytest.fixture
def repo(tmp_path: Path, modules: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    programs = tmp_path / "bin"
    programs.mkdir()
    riskcheck = programs / "riskcheck"
    riskcheck.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m riskcheck "$@"\n')
    riskcheck.chmod(0o755)
    made.environ["PATH"] = os.pathsep.join([str(programs), str(modules / ".bin"), made.environ["PATH"]])
    made.environ["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    made.commit({DATA: CLAIM, "prod/web.yaml": WEB, "package.json": "{}\n"}, message="base")
    return made


def run(repo: GitRepo, *command: str) -> tuple[int, str]:
    done = subprocess.run(
        list(command), cwd=repo.path, env=repo.environ, capture_output=True, text=True, encoding="utf-8"
    )
    return done.returncode, done.stdout + done.stderr


def serve(repo: GitRepo, place: Path) -> None:
    """A server to push to that knows main."""
    repo.git("init", "-q", "--bare", str(place))
    repo.git("remote", "add", "origin", str(place))
    repo.git("-c", "core.hooksPath=/dev/null", "push", "-q", "-u", "origin", "main")


def check(repo: GitRepo, place: Path) -> None:
    """A harmless commit passes, a risky one is blocked, and so is a push of one that got past."""
    serve(repo, place)
    repo.write({"prod/web.yaml": WEB.replace("replicas: 3", "replicas: 4")})
    repo.add()
    code, words = run(repo, "git", "commit", "-qm", "more")
    assert code == 0, words
    assert "K8S" not in words
    repo.git("rm", "-q", DATA)
    code, words = run(repo, "git", "commit", "-qm", "gone")
    assert code == 1
    assert "K8S-010" in words
    assert "see why   riskcheck diff --staged --explain" in words
    repo.git("-c", "core.hooksPath=/dev/null", "commit", "-qm", "gone")
    code, words = run(repo, "git", "push", "-q")
    assert code == 1
    assert "K8S-010" in words


def test_husky(repo: GitRepo, tmp_path: Path) -> None:
    assert run(repo, "husky") == (0, "")
    repo.write(
        {".husky/pre-commit": "riskcheck diff --hook\n", ".husky/pre-push": "riskcheck diff --pushed\n"}
    )
    check(repo, tmp_path / "server.git")


LEFTHOOK = """\
pre-commit:
  jobs:
    - name: riskcheck
      run: riskcheck diff --hook
pre-push:
  jobs:
    - name: riskcheck
      run: riskcheck diff --pushed
      use_stdin: true
"""


def test_lefthook(repo: GitRepo, tmp_path: Path) -> None:
    repo.write({"lefthook.yml": LEFTHOOK})
    repo.add()
    repo.git("commit", "-qm", "lefthook")
    code, words = run(repo, "lefthook", "install")
    assert code == 0, words
    check(repo, tmp_path / "server.git")
