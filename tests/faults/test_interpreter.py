"""Options of the interpreter change nothing that is said."""

from __future__ import annotations

import os
import site
import subprocess
import sys

import pytest

from tests.faults.runs import RANGE, ROOT, changed_repository, run, timeless
from tests.gitrepo import GitRepo


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> GitRepo:
    return changed_repository(tmp_path_factory.mktemp("interpreter") / "repo")


COMMANDS = (
    ("diff", RANGE, "--format=json", "--no-cache"),
    ("lint", "--format=json", "--no-cache"),
    ("explain", "DAB-001"),
    ("diff", "--help"),
    ("rules", "list"),
)


@pytest.fixture(scope="module")
def usual(repo: GitRepo) -> list[tuple[int, str, str]]:
    return [said(repo, command) for command in COMMANDS]


def said(repo: GitRepo, command: tuple[str, ...], *python: str, **environ: str) -> tuple[int, str, str]:
    done = run(repo.path, *command, python=python, environ=environ)
    return done.returncode, timeless(done.stdout), done.stderr


@pytest.mark.parametrize("python", [("-O",), ("-OO",), ("-X", "dev"), ("-W", "error"), ("-P",)])
def test_options(repo: GitRepo, usual: list[tuple[int, str, str]], python: tuple[str, ...]) -> None:
    """Without assertions and docstrings, too; what introduces a command in ``--help`` is lost with the latter."""
    for command, (code, out, err) in zip(COMMANDS, usual, strict=True):
        if "--help" in command and python == ("-OO",):
            out = out[: out.index("\n\n")] + out[out.index("\n\nOptions:") :]
        assert said(repo, command, *python) == (code, out, err), command


@pytest.mark.parametrize("options", [("-I",), ("-I", "-S"), ("-E",)])
def test_isolated(repo: GitRepo, usual: list[tuple[int, str, str]], options: tuple[str, ...]) -> None:
    """``-I`` leaves PYTHONPATH and the user's packages out, ``-S`` what is installed: the program is told where
    these are."""
    paths = [str(ROOT), *site.getsitepackages(), *(one for one in sys.path if one.endswith("-packages"))]
    start = f"import sys; sys.path += {paths!r}; from riskcheck.__main__ import main; main()"
    environ = {"PATH": os.environ["PATH"], "HOME": str(repo.path.parent)}
    for command, expected in zip(COMMANDS, usual, strict=True):
        done = subprocess.run(
            [sys.executable, *options, "-c", start, *command],
            cwd=repo.path,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=environ,
        )
        assert (done.returncode, timeless(done.stdout), done.stderr) == expected, command
