"""Ids of trees that nobody wrote, held against git itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from riskcheck.sources import open_comparison
from riskcheck.sources.identity import Identities, identities_of
from riskcheck.sources.spec import RangeSpec
from tests.gitrepo import GitRepo

FILES = {
    "a.yaml": "a: 1\n",
    "a/b.yaml": "b: 1\n",
    "a-b/c.yaml": "c: 1\n",
    "z/y/x/w.yaml": "w: 1\n",
    "gone.yaml": "g\n",
}


@pytest.fixture(params=["sha1", "sha256"])
def repo(request: pytest.FixtureRequest, tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo", object_format=request.param)
    made.write(FILES)
    (made.path / "a.yaml").chmod(0o755)
    made.symlink("link", "a.yaml")
    made.commit()
    return made


def identities(repo: GitRepo, **asked: object) -> Identities:
    spec = RangeSpec(repo.path, environ=repo.environ)._replace(**asked)  # type: ignore[arg-type]
    return identities_of(open_comparison(spec), spec.paths)


def edit(repo: GitRepo) -> None:
    repo.write({"a.yaml": "a: 2\n", "new/deep/n.yaml": "n: 1\n", "gone.yaml": None, "süß.yaml": "s: 1\n"})
    repo.symlink("other", "a/b.yaml")
    (repo.path / "a/b.yaml").chmod(0o755)


def written(repo: GitRepo, where: Path) -> str:
    """The tree that git writes of all files, in a copy."""
    shutil.copytree(repo.path, where, symlinks=True)
    copy = GitRepo(where, init=False, environ=repo.environ)
    copy.git("add", "--all")
    return copy.git("write-tree")


def objects(repo: GitRepo) -> set[str]:
    return {str(path) for path in (repo.path / ".git/objects").rglob("*") if path.is_file()}


def test_revisions_have_their_commits_and_trees(repo: GitRepo) -> None:
    edit(repo)
    repo.commit()
    found = identities(repo, revision="HEAD~1..HEAD")
    assert found.base == found.deciding == ("commit", repo.id("HEAD~1"), repo.id("HEAD~1^{tree}"))
    assert found.head == ("commit", repo.id("HEAD"), repo.id("HEAD^{tree}"))
    assert not found.shallow


def test_the_index_has_the_tree_that_git_would_write_and_nothing_is_written(repo: GitRepo) -> None:
    edit(repo)
    repo.add()
    repo.write({"a.yaml": "unstaged\n", "only-intended.yaml": "x: 1\n"})
    repo.git("add", "--intent-to-add", "only-intended.yaml")
    before = objects(repo)
    found = identities(repo, staged=True).head
    assert objects(repo) == before
    repo.git("rm", "-q", "--cached", "only-intended.yaml")
    assert found == ("index", None, repo.git("write-tree"))


def test_the_working_tree_has_the_tree_of_all_its_files(repo: GitRepo, tmp_path: Path) -> None:
    edit(repo)
    repo.write({".gitignore": "ignored\n", "ignored": "x", "a-b/c.yaml": "c: 1\n"})
    before = objects(repo)
    found = identities(repo).head
    assert objects(repo) == before
    assert found == ("worktree", None, written(repo, tmp_path / "copy"))


def test_without_a_commit_base_is_empty(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.write(FILES)
    repo.add()
    found = identities(repo, staged=True)
    assert found.base == ("empty", None, "4b825dc642cb6eb9a060e54bf8d69288fbee4904")
    assert found.head.tree == repo.git("write-tree")


def test_a_folder_has_the_tree_that_git_would_write_with_sha256(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo", object_format="sha256")
    repo.write(FILES)
    edit(repo)
    spec = RangeSpec(tmp_path, from_dir="repo", to_dir="repo")
    found = identities_of(open_comparison(spec))
    assert found.base == found.head == ("directory", None, written(repo, tmp_path / "copy"))


def test_filters_count_from_the_top(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit(FILES)
    repo.write({"a/b.yaml": "b: 2\n"})
    spec = RangeSpec(repo.path / "a", environ=repo.environ, paths=("b.yaml", ":!/z"))
    found = identities_of(open_comparison(spec), spec.paths).paths
    assert found == (":/a/b.yaml", ":!/z")
    again = open_comparison(spec._replace(root=repo.path, paths=found))
    assert [one.path for one in again.changes] == ["a/b.yaml"]
