"""What an error quotes of a stranger's file is text: no command of a CI log, no control character, no address."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo
from tests.manifests import WEB

EVIL = "k\x1b[2J\u202e ##[error]x ::error::y jane.doe@mail.example"
BASELINE = ".riskcheck-baseline.json"


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit({"clusters/prod/web.yaml": WEB})
    return made


@pytest.mark.parametrize(
    ("files", "arguments"),
    [
        ({"riskcheck.yaml": f"version: 1\n{json.dumps(EVIL)}: 1\n"}, ("diff",)),
        ({"riskcheck.yaml": f"version: 1\nrules: {{ignore: [{json.dumps(EVIL)}]}}\n"}, ("lint",)),
        ({BASELINE: json.dumps({"version": 1, "findings": [], EVIL: 1})}, ("diff",)),
        ({BASELINE: json.dumps({"version": EVIL, "findings": []})}, ("baseline", "check")),
        ({BASELINE: json.dumps({"version": 1, "findings": [], "a" * 100_000: 1})}, ("diff",)),
        ({}, ("diff", EVIL)),
        ({}, ("diff", "--config", EVIL)),
        ({}, ("diff", "--output", f"json:{EVIL}/x")),
        ({}, ("diff", "--approvals", EVIL)),
        ({}, ("explain", EVIL)),
    ],
)
def test_what_an_error_quotes_is_harmless(
    repo: GitRepo, files: dict[str, str | bytes | None], arguments: tuple[str, ...]
) -> None:
    if files:
        repo.commit(files)
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")})
    done = riskcheck(repo.path, *arguments)
    assert done.returncode == 2, done.stdout
    said = done.stdout + done.stderr
    assert "Traceback" not in said and "internal error" not in said
    for mark in ("\x1b", "\u202e", "##[", " ::error::", "jane.doe"):
        assert mark not in said, mark
    assert len(said) < 20_000
