"""A repository in a folder whose name is no UTF-8, with files and a branch of such names."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo
from tests.manifests import WEB


@pytest.mark.skipif(sys.platform == "darwin", reason="file systems of macOS refuse such names")
def test_every_command_runs_there(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / os.fsdecode(b"r\xffepo"))
    name = os.fsdecode(b"clusters/prod/w\xfe.yaml")
    repo.commit({name: WEB, "clusters/staging/web.yaml": WEB})
    repo.git("update-ref", b"refs/heads/b\xff", "HEAD")
    repo.write({name: WEB.replace("replicas: 3", "replicas: 0")})
    for arguments in (
        ("diff", "--format", "json"),
        ("diff", "--format", "sarif", "--evidence", "evidence.json"),
        ("diff", os.fsdecode(b"b\xff")),
        ("lint",),
        ("graph",),
        ("graph",),  # the second one reads what the first one kept
        ("plan",),
        ("init", "--dry-run"),
        ("baseline", "write", "--output", "-"),
    ):
        ended = riskcheck(repo.path, *arguments)
        assert ended.returncode in (0, 1), (arguments, ended.stderr)
        assert "internal error" not in ended.stderr
