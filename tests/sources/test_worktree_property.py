"""Whatever is done to a working tree, it reads as git would store it."""

from __future__ import annotations

import os
import random
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from tests.gitrepo import GitRepo
from tests.sources.support import compare

PATHS = ("a", "b", "d/a", "d/b", "d/e/c", "x y", "é", "ignored.log")


def disturb(repo: GitRepo, chance: random.Random) -> None:
    """One random edit of a file, the index or both; some of them make no sense and do nothing."""
    name = chance.choice(PATHS)
    path = repo.path / name
    match chance.choice(
        ("write", "write", "remove", "add", "all", "link", "folder", "forget", "touch", "announce")
    ):
        case "write":
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_symlink():
                path.unlink()
            path.write_text(f"{chance.randint(0, 3)}\n")
        case "remove":
            path.unlink()
        case "add":
            repo.add(name)
        case "all":
            repo.add()
        case "link":
            if path.is_file():
                path.unlink()
            path.symlink_to("a")
        case "folder":
            path.unlink()
            path.mkdir()
            (path / "inner").write_text("inner\n")
        case "forget":
            repo.git("rm", "-q", "--cached", "--", name)
        case "touch":
            os.utime(path, (1, 1), follow_symlinks=False)
        case "announce":
            repo.git("add", "--intent-to-add", "--", name)


def listed(repo: GitRepo, tree: str) -> dict[str, tuple[str, str]]:
    """Path to mode and blob."""
    found = {}
    for record in filter(None, repo.git("ls-tree", "-r", "-z", tree).split("\0")):
        mode_kind_id, path = record.split("\t")
        mode, _, blob = mode_kind_id.split(" ")
        found[path] = mode, blob
    return found


@pytest.mark.parametrize("seed", range(12))
def test_the_working_tree_is_what_adding_everything_would_store(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    repo = GitRepo(tmp_path / "repo")
    repo.commit(
        {".gitignore": "*.log\n", **{name: f"{chance.randint(0, 3)}\n" for name in PATHS[seed % 3 :]}}
    )
    for _ in range(chance.randint(2, 8)):
        with suppress(OSError, AssertionError):
            disturb(repo, chance)
    index = {"GIT_INDEX_FILE": str(tmp_path / "index")}
    shutil.copy(repo.path / ".git/index", tmp_path / "index")
    repo.git("add", "--all", environ=index)
    before, after = listed(repo, "HEAD"), listed(repo, repo.git("write-tree", environ=index))

    comparison = compare(repo)
    entries = comparison.head.entries()
    assert set(entries) == set(after)
    assert {path: entry.kind == "symlink" for path, entry in entries.items()} == {
        path: mode == "120000" for path, (mode, _) in after.items()
    }
    for path, (mode, blob) in after.items():
        if mode != "120000":
            assert repo.git("hash-object", "--stdin", stdin=comparison.head.read(path)) == blob
    assert {name for change in comparison.changes for name in (change.path, change.old_path)} == {
        path for path in before.keys() | after.keys() if before.get(path) != after.get(path)
    }
