from __future__ import annotations

from pathlib import Path

import pytest

from tests.gitrepo import GitRepo
from tests.sources.support import CLOCK, compare, differing, refusal


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    repo = GitRepo(tmp_path / "repo")
    repo.commit(
        {"a.yaml": "a: 1\n", "b.yaml": "b: 1\n", "c.yaml": "".join(f"c{n}: {n}\n" for n in range(30))}
    )
    return repo


def test_only_what_is_staged_counts(repo: GitRepo) -> None:
    repo.write({"a.yaml": "a: 2\n"})
    repo.add("a.yaml")
    repo.write({"a.yaml": "a: 3\n", "b.yaml": "b: 2\n", "untracked.yaml": "u: 1\n"})
    comparison = compare(repo, staged=True)
    assert differing(comparison) == ["modified a.yaml"]
    assert comparison.head.label == "INDEX"
    assert comparison.head.read("a.yaml") == b"a: 2\n"
    assert comparison.head.read("b.yaml") == b"b: 1\n"
    assert comparison.head.entry("untracked.yaml") is None
    assert comparison.base.label == comparison.deciding.label == repo.id("HEAD")
    assert comparison.now == CLOCK


def test_staged_renames_deletions_and_additions(repo: GitRepo) -> None:
    repo.git("mv", "c.yaml", "moved.yaml")
    repo.git("rm", "-q", "--cached", "b.yaml")
    repo.write({"new.yaml": "n: 1\n"})
    repo.add("new.yaml")
    comparison = compare(repo, staged=True)
    assert differing(comparison) == ["deleted b.yaml", "renamed c.yaml -> moved.yaml", "added new.yaml"]
    assert set(comparison.head.entries()) == {"a.yaml", "moved.yaml", "new.yaml"}


def test_before_the_first_commit_everything_staged_is_new(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.write({"a.yaml": "a: 1\n", "b.yaml": "b: 1\n"})
    repo.add("a.yaml")
    comparison = compare(repo, staged=True)
    assert differing(comparison) == ["added a.yaml"]
    assert comparison.base.label == comparison.deciding.label == "EMPTY"
    assert comparison.base.entries() == {}
    assert comparison.history is None


def test_a_path_that_is_only_announced_is_not_staged(repo: GitRepo) -> None:
    repo.write({"later.yaml": "l: 1\n"})
    repo.git("add", "--intent-to-add", "later.yaml")
    assert compare(repo, staged=True).changes == ()


def test_an_unfinished_merge_is_refused_with_the_paths(repo: GitRepo) -> None:
    repo.branch("other")
    repo.commit({"a.yaml": "a: other\n"})
    repo.checkout("main")
    repo.commit({"a.yaml": "a: main\n"})
    with pytest.raises(AssertionError):
        repo.merge("other")
    assert refusal(repo, staged=True) == "a merge is not finished: resolve a.yaml, then `git add`"


def test_the_index_that_a_hook_is_given_is_the_one_compared(repo: GitRepo, tmp_path: Path) -> None:
    """`git commit FILE` runs hooks with an index of its own."""
    repo.write({"a.yaml": "a: 2\n"})
    other = tmp_path / "other-index"
    repo.git("read-tree", "HEAD", environ={"GIT_INDEX_FILE": str(other)})
    repo.git("add", "a.yaml", environ={"GIT_INDEX_FILE": str(other)})
    assert compare(repo, staged=True).changes == ()
    hook = {**repo.environ, "GIT_INDEX_FILE": str(other)}
    assert differing(compare(repo, staged=True, environ=hook)) == ["modified a.yaml"]


def test_an_empty_index_outside_a_ci_is_just_no_change(repo: GitRepo) -> None:
    comparison = compare(repo, staged=True)
    assert comparison.changes == ()
    assert not comparison.nothing_to_check
