from __future__ import annotations

from pathlib import Path

from tests.gitrepo import EPOCH, GitRepo


def test_the_same_calls_give_the_same_commit(tmp_path: Path) -> None:
    ids = []
    for name in ("one", "two"):
        repo = GitRepo(tmp_path / name)
        repo.commit({"a.yaml": "a: 1\n"})
        ids.append(repo.commit({"a.yaml": "a: 2\n"}))
    assert ids[0] == ids[1]


def test_commits_are_a_minute_apart(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit()
    repo.commit()
    assert repo.git("log", "--format=%ct").splitlines() == [str(EPOCH + 60), str(EPOCH)]


def test_configuration_of_the_machine_is_not_seen(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    assert not [
        line for line in repo.git("config", "--list", "--show-scope").splitlines() if "global" in line
    ]
    assert not repo.git("config", "--list", "--show-scope").count("system\t")
