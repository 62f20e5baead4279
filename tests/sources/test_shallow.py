"""Clones that do not hold everything: shallow and partial ones."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from riskcheck.trees import CutOffError, Footprint, UnreadableError
from tests.gitrepo import GitRepo
from tests.sources.support import compare, differing, landings, marker_script, refusal


@pytest.fixture
def origin(tmp_path: Path) -> GitRepo:
    """main: 0 … 4; feature leaves at 2 and has two commits."""
    repo = GitRepo(tmp_path / "origin")
    for number in range(3):
        repo.commit({"a.yaml": f"a: {number}\n"})
    repo.branch("feature")
    repo.commit({"f.yaml": "f: 1\n"})
    repo.commit({"f.yaml": "f: 2\n"})
    repo.checkout("main")
    for number in range(3, 5):
        repo.commit({"a.yaml": f"a: {number}\n"})
    return repo


def advised(message: str) -> list[str]:
    """The arguments of the git command that a message tells to run."""
    found = re.search(r"`git ([^`]*)`", message)
    assert found is not None, message
    return found[1].split(" ")


def test_a_missing_merge_base_names_the_fetch_that_helps(origin: GitRepo, tmp_path: Path) -> None:
    copy = origin.clone(tmp_path / "copy", "--depth=1", "--no-single-branch", "--branch=feature")
    message = refusal(copy, "main")
    assert message.startswith(
        "the common ancestor of main and HEAD is not in this shallow clone: run `git fetch"
    )
    copy.git(*advised(message))
    comparison = compare(copy, "main")
    assert differing(comparison) == ["added f.yaml"]
    assert landings(comparison.history, "nowhere.yaml") == []


def test_a_branch_missing_from_a_shallow_clone_names_the_fetch_that_helps(
    origin: GitRepo, tmp_path: Path
) -> None:
    copy = origin.clone(tmp_path / "copy", "--depth=1", "--branch=feature")
    copy.git(*advised(refusal(copy, "main")))
    assert differing(compare(copy, "main")) == ["added f.yaml"]


def test_an_ancestor_beyond_the_cut_names_how_much_deeper_to_fetch(origin: GitRepo, tmp_path: Path) -> None:
    copy = origin.clone(tmp_path / "copy", "--depth=1")
    message = refusal(copy, "HEAD~2..HEAD")
    assert advised(message) == ["fetch", "--deepen=2", "origin"]
    copy.git(*advised(message))
    assert differing(compare(copy, "HEAD~2..HEAD")) == ["modified a.yaml"]


def test_a_commit_beyond_the_cut_names_the_whole_history(origin: GitRepo, tmp_path: Path) -> None:
    copy = origin.clone(tmp_path / "copy", "--depth=1")
    first = origin.git("rev-list", "--max-parents=0", "main")
    message = refusal(copy, f"{first}..HEAD")
    assert advised(message) == ["fetch", "--unshallow", "origin"]


def test_another_remote_is_named_in_the_command(origin: GitRepo, tmp_path: Path) -> None:
    copy = origin.clone(tmp_path / "copy", "--depth=1", "--origin=upstream")
    assert advised(refusal(copy, "HEAD~2..HEAD")) == ["fetch", "--deepen=2", "upstream"]


def test_a_merge_base_within_reach_works_and_says_that_history_is_cut_off(
    origin: GitRepo, tmp_path: Path
) -> None:
    copy = origin.clone(tmp_path / "copy", "--depth=3", "--no-single-branch", "--branch=feature")
    comparison = compare(copy, "origin/main")
    assert differing(comparison) == ["added f.yaml"]
    with pytest.raises(CutOffError):
        landings(comparison.history, "nowhere.yaml")
    (note,) = comparison.notes
    assert "history is cut off" in note
    assert "`git fetch --unshallow origin`" in note


def test_the_oldest_commit_of_a_shallow_clone_is_no_landing(origin: GitRepo, tmp_path: Path) -> None:
    copy = origin.clone(tmp_path / "copy", "--depth=2")
    history = compare(copy, "HEAD..HEAD").history
    assert history is not None
    only = Footprint(frozenset({"a.yaml"}))
    newest = history.latest(only, 0, 0)
    assert newest is not None and newest.commit == origin.id("main")
    with pytest.raises(CutOffError):
        history.latest(only, newest.number + 1, 0)
    assert len(landings(compare(origin, "main..main").history, "a.yaml")) == 5


def obey_lazy_fetch(repo: GitRepo, folder: Path) -> None:
    """Puts a git first on PATH that, as those before 2.39.4, has never heard of GIT_NO_LAZY_FETCH."""
    real = shutil.which("git", path=repo.environ["PATH"])
    old = folder / "old-git/git"
    old.parent.mkdir()
    old.write_text(f'#!/bin/sh\nunset GIT_NO_LAZY_FETCH\nexec {real} "$@"\n')
    old.chmod(0o755)
    repo.environ["PATH"] = f"{old.parent}{os.pathsep}{repo.environ['PATH']}"


@pytest.fixture(params=["git", "git before 2.39.4"])
def partial(origin: GitRepo, tmp_path: Path, request: pytest.FixtureRequest) -> tuple[GitRepo, Path]:
    """A clone without contents whose remote would run a program, and the file that tells when it ran."""
    long = "".join(f"n{number}: {number}\n" for number in range(30))
    origin.commit({"old.yaml": long, "b.yaml": "b: 1\n"})
    origin.commit({"old.yaml": None, "new.yaml": long + "x: 1\n", "b.yaml": "b: 2\n", "a.yaml": "a: 9\n"})
    copy = origin.clone(tmp_path / "copy", "--filter=blob:none", "--no-checkout")
    script, marker = marker_script(tmp_path)
    copy.config("core.sshCommand", str(script))
    copy.config("remote.origin.url", "ssh://nowhere.invalid/repo")
    copy.config("remote.origin.uploadpack", str(script))
    for protocol in ("ssh", "file", "ext"):
        copy.config(f"protocol.{protocol}.allow", "always")
    if request.param != "git":
        obey_lazy_fetch(copy, tmp_path)
    return copy, marker


def test_contents_missing_from_a_partial_clone_are_unreadable_and_not_fetched(
    partial: tuple[GitRepo, Path],
) -> None:
    copy, marker = partial
    comparison = compare(copy, "HEAD~1..HEAD")
    assert {change.path for change in comparison.changes} >= {"a.yaml", "b.yaml", "new.yaml"}
    comparison.head.prefetch(["a.yaml", "b.yaml", "new.yaml"])
    for path in ("b.yaml", "a.yaml", "new.yaml"):
        with pytest.raises(UnreadableError) as refused:
            comparison.head.read(path)
        assert refused.value.kind == "missing-blob"
    assert len(comparison.head.entries()) == 3
    assert not marker.exists()


def test_contents_that_a_partial_clone_has_are_read(partial: tuple[GitRepo, Path]) -> None:
    copy, marker = partial
    copy.git("hash-object", "-w", "--stdin", stdin=b"b: 2\n")
    comparison = compare(copy, "HEAD~1..HEAD")
    comparison.head.prefetch(["a.yaml", "b.yaml", "new.yaml"])
    assert comparison.head.read("b.yaml") == b"b: 2\n"
    with pytest.raises(UnreadableError):
        comparison.head.read("a.yaml")
    assert not marker.exists()


def test_history_of_a_partial_clone_knows_when_but_not_what(partial: tuple[GitRepo, Path]) -> None:
    copy, marker = partial
    history = compare(copy, "HEAD..HEAD").history
    assert history is not None
    found = landings(history, "b.yaml")
    assert len(found) == 2
    with pytest.raises(UnreadableError):
        history.tree(found[0].number).read("b.yaml")
    assert not marker.exists()


@pytest.mark.parametrize("old", [False, True])
def test_a_clone_without_folders_is_refused_with_the_fetch_that_helps(
    origin: GitRepo, tmp_path: Path, old: bool
) -> None:
    copy = origin.clone(tmp_path / "copy", "--filter=tree:0", "--no-checkout")
    if old:
        obey_lazy_fetch(copy, tmp_path)
    message = refusal(copy, "HEAD~1..HEAD")
    assert message.startswith("this partial clone lacks trees")
    copy.git(*advised(message))
    assert differing(compare(copy, "HEAD~1..HEAD")) == ["modified a.yaml"]


def test_history_whose_folders_are_missing_is_cut_off(origin: GitRepo, tmp_path: Path) -> None:
    copy = origin.clone(tmp_path / "copy", "--filter=tree:0")
    history = compare(copy, "HEAD..HEAD").history
    assert history is not None
    with pytest.raises(CutOffError):
        landings(history, "a.yaml")
