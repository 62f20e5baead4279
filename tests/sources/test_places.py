"""Where riskcheck may be started, and what it says where it cannot work."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from riskcheck.sources import RangeSpec, SourceError, open_comparison
from tests.gitrepo import GitRepo, isolated_environment
from tests.sources.support import compare, differing, refusal


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"a.yaml": "a: 1\n", "sub/dir/b.yaml": "b: 1\n", "sub/c.yaml": "c: 1\n"})
    repo.commit({"a.yaml": "a: 2\n", "sub/dir/b.yaml": "b: 2\n", "sub/c.yaml": "c: 2\n"})
    return repo


def test_from_a_subfolder_paths_count_from_the_top(repo: GitRepo) -> None:
    repo.write({"a.yaml": "a: 3\n", "sub/new.yaml": "n: 1\n", "other/new.yaml": "n: 1\n"})
    for root in (repo.path, repo.path / "sub", repo.path / "sub/dir"):
        comparison = compare(repo, root=root)
        assert differing(comparison) == ["modified a.yaml", "added other/new.yaml", "added sub/new.yaml"]
        assert comparison.head.read("a.yaml") == b"a: 3\n"
        assert comparison.root == str(repo.path)
        assert len(compare(repo, "HEAD~1..HEAD", root=root).changes) == 3
        assert compare(repo, "HEAD~1", root=root).notes[0].count("a.yaml")


def test_settings_for_people_do_not_change_what_is_found(repo: GitRepo) -> None:
    for key, value in (
        ("diff.relative", "true"),
        ("diff.renames", "false"),
        ("diff.noprefix", "true"),
        ("diff.orderFile", "/nonexistent"),
        ("diff.ignoreSubmodules", "all"),
        ("diff.algorithm", "patience"),
        ("core.quotePath", "true"),
        ("color.ui", "always"),
        ("status.showUntrackedFiles", "no"),
    ):
        repo.config(key, value)
    repo.git("mv", "a.yaml", "ä.yaml")
    repo.write({"new.yaml": "n: 1\n"})
    sub = repo.path / "sub"
    assert differing(compare(repo, root=sub)) == ["added new.yaml", "renamed a.yaml -> ä.yaml"]
    assert differing(compare(repo, root=sub, staged=True)) == ["renamed a.yaml -> ä.yaml"]
    assert len(compare(repo, "HEAD~1..HEAD", root=sub).changes) == 3


def test_filters_count_from_the_folder_started_from(repo: GitRepo) -> None:
    in_sub = {"root": repo.path / "sub"}
    assert differing(compare(repo, "HEAD~1..HEAD", paths=("sub/dir",))) == ["modified sub/dir/b.yaml"]
    assert differing(compare(repo, "HEAD~1..HEAD", paths=("dir",), **in_sub)) == ["modified sub/dir/b.yaml"]
    assert differing(compare(repo, "HEAD~1..HEAD", paths=("../a.yaml",), **in_sub)) == ["modified a.yaml"]
    everything = compare(repo, "HEAD~1..HEAD", paths=("dir",), **in_sub).head.entries()
    assert len(everything) == 3


def test_a_filter_that_no_change_matches_is_said(repo: GitRepo) -> None:
    comparison = compare(repo, "HEAD~1..HEAD", paths=("nowhere",))
    assert comparison.changes == ()
    assert tuple(comparison.notes) == ("none of the 3 changed files match the paths given",)


def test_attributes_are_found_from_a_subfolder(repo: GitRepo) -> None:
    repo.commit(
        {
            "sub/.gitattributes": "u.yaml working-tree-encoding=UTF-16LE\n",
            "sub/u.yaml": "u: 1\n".encode("utf-16-le"),
        }
    )
    repo.write({"sub/u.yaml": "u: 2\n".encode("utf-16-le")})
    assert compare(repo, root=repo.path / "sub/dir").head.read("sub/u.yaml") == b"u: 2\n"


def test_linked_working_trees_have_their_own_index_and_files(repo: GitRepo, tmp_path: Path) -> None:
    linked = repo.worktree(tmp_path / "linked", "HEAD~1")
    linked.write({"a.yaml": "a: linked\n"})
    assert differing(compare(linked)) == ["modified a.yaml"]
    assert compare(linked).base.label == repo.id("HEAD~1")
    assert compare(repo).changes == ()
    linked.add()
    assert differing(compare(linked, staged=True)) == ["modified a.yaml"]
    assert differing(compare(linked, "main..HEAD"))


def test_a_hook_in_a_linked_working_tree_is_given_its_git_folder(repo: GitRepo, tmp_path: Path) -> None:
    linked = repo.worktree(tmp_path / "linked")
    linked.write({"a.yaml": "a: linked\n"})
    linked.add()
    hook = {**linked.environ, "GIT_DIR": linked.git("rev-parse", "--absolute-git-dir")}
    assert differing(compare(linked, staged=True, environ=hook)) == ["modified a.yaml"]


def test_a_hook_with_a_relative_git_folder(repo: GitRepo) -> None:
    repo.write({"a.yaml": "a: 3\n"})
    repo.add()
    hook = {**repo.environ, "GIT_DIR": ".git", "GIT_INDEX_FILE": ".git/index"}
    assert differing(compare(repo, staged=True, environ=hook)) == ["modified a.yaml"]
    assert differing(compare(repo, environ=hook)) == ["modified a.yaml"]


@pytest.fixture
def bare(repo: GitRepo, tmp_path: Path) -> GitRepo:
    return repo.clone(tmp_path / "bare.git", "--bare")


def test_a_bare_repository_compares_revisions(bare: GitRepo) -> None:
    assert len(compare(bare, "HEAD~1..HEAD").changes) == 3
    comparison = compare(bare, "HEAD~1")
    assert len(comparison.changes) == 3
    assert comparison.root is None
    assert tuple(comparison.notes) == ()
    assert differing(compare(bare, "HEAD~1..HEAD", paths=("a.yaml",))) == ["modified a.yaml"]


@pytest.mark.parametrize("staged", [True, False])
def test_a_bare_repository_has_no_working_tree_and_no_index(bare: GitRepo, staged: bool) -> None:
    message = refusal(bare, staged=staged)
    assert message.startswith("a bare repository has no working tree")
    assert "`riskcheck diff A..B`" in message


def test_inside_the_git_folder_there_is_no_working_tree(repo: GitRepo) -> None:
    assert refusal(repo, root=repo.path / ".git").startswith("the .git folder has no working tree")
    assert len(compare(repo, "HEAD~1..HEAD", root=repo.path / ".git").changes) == 3


@pytest.mark.parametrize("options", [{}, {"staged": True}, {"revision": "main"}, {"revision": "a..b"}])
def test_outside_a_repository_it_says_what_else_works(tmp_path: Path, options: dict[str, object]) -> None:
    (tmp_path / "plain").mkdir()
    spec = RangeSpec(root=tmp_path / "plain", environ=isolated_environment(tmp_path / "home"), **options)  # type: ignore[arg-type]  # options are of mixed types
    with pytest.raises(SourceError, match=r"plain is not in a git repository: .* --from and --to"):
        open_comparison(spec)


def test_a_folder_that_does_not_exist_is_said(repo: GitRepo) -> None:
    assert refusal(repo, root=repo.path / "nowhere").endswith("nowhere is not a folder: name one that exists")


def test_without_git_it_says_what_else_works(repo: GitRepo, tmp_path: Path) -> None:
    environ = {**repo.environ, "PATH": str(tmp_path)}
    assert refusal(repo, environ=environ).startswith("git was not found on PATH: install git")


def test_a_git_that_is_too_old_is_named(repo: GitRepo, tmp_path: Path) -> None:
    old = tmp_path / "old/git"
    old.parent.mkdir()
    old.write_text('#!/bin/sh\ncase "$*" in *--version) echo git version 1.8.3;; *) exit 129;; esac\n')
    old.chmod(0o755)
    message = refusal(repo, environ={**repo.environ, "PATH": f"{old.parent}{os.pathsep}{os.environ['PATH']}"})
    assert message.startswith("git 1.8.3 does not know what riskcheck asks")
    assert message.endswith("or newer")


def test_a_repository_of_another_user_is_refused_with_the_command_that_trusts_it(repo: GitRepo) -> None:
    environ = {**repo.environ, "GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}
    message = refusal(repo, environ=environ)
    assert message.endswith(f"run `git config --global --add safe.directory {repo.path}`")


def test_an_unreadable_git_folder_is_one_line(repo: GitRepo) -> None:
    (repo.path / ".git/HEAD").write_text("rubbish")
    assert "not in a git repository" in refusal(repo)


def test_a_broken_index_is_one_line(repo: GitRepo) -> None:
    (repo.path / ".git/index").write_bytes(b"DIRCrubbish-rubbish-rubbish")
    assert refusal(repo).startswith("git ")
    assert refusal(repo, staged=True).startswith("git ")


def test_an_unfiltered_filter_name_is_refused(repo: GitRepo) -> None:
    repo.config("filter.a=b.clean", "cat")
    assert "cannot be switched off" in refusal(repo)
    assert "could not be seen" in compare(repo, "HEAD~1").notes[0]
