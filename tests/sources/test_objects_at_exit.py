"""A reader of objects that is still open as the interpreter ends says nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskcheck.sources.git import Git
from riskcheck.sources.objects import Objects
from tests.gitrepo import GitRepo


def test_functions_may_be_gone_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"a.yaml": "a: 1"})
    held = Objects(Git(str(repo.path), repo.environ), 1_000)
    assert held.find(repo.id("HEAD^{tree}"), "a.yaml")
    with monkeypatch.context() as ending:
        ending.setattr("riskcheck.sources.objects.end", None)
        held.__del__(lambda: True)
    held.close()
