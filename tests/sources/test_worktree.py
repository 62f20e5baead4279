from __future__ import annotations

import os
from pathlib import Path

import pytest

from riskcheck.trees import UnreadableError
from tests.gitrepo import GitRepo
from tests.sources.support import CLOCK, compare, differing, marker_script


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"a.yaml": "a: 1\n", "b.yaml": "b: 1\n", "dir/c.yaml": "c: 1\n", ".gitignore": "*.log\n"})
    return repo


def test_staged_unstaged_untracked_and_deleted_files_count(repo: GitRepo) -> None:
    repo.write({"a.yaml": "a: 2\n"})
    repo.add("a.yaml")
    repo.write({"b.yaml": "b: 2\n", "dir/c.yaml": None, "dir/new.yaml": "n: 1\n", "x.log": "ignored"})
    comparison = compare(repo)
    assert differing(comparison) == [
        "modified a.yaml",
        "modified b.yaml",
        "deleted dir/c.yaml",
        "added dir/new.yaml",
    ]
    assert comparison.head.label == "WORKTREE"
    assert comparison.base.label == comparison.deciding.label == repo.id("HEAD")
    assert comparison.head.read("a.yaml") == b"a: 2\n"
    assert comparison.head.read("b.yaml") == b"b: 2\n"
    assert comparison.head.read("dir/new.yaml") == b"n: 1\n"
    assert set(comparison.head.entries()) == {".gitignore", "a.yaml", "b.yaml", "dir/new.yaml"}
    assert comparison.now == CLOCK


def test_a_clean_tree_differs_in_nothing(repo: GitRepo) -> None:
    comparison = compare(repo)
    assert comparison.changes == ()
    assert tuple(comparison.notes) == ()
    assert comparison.head.read("a.yaml") == b"a: 1\n"


def test_an_edit_within_the_time_stamp_of_the_index_is_seen(repo: GitRepo) -> None:
    """Same size and same time as recorded: only the content tells."""
    before = (repo.path / "a.yaml").stat()
    repo.write({"a.yaml": "a: 9\n"})
    os.utime(repo.path / "a.yaml", ns=(before.st_atime_ns, before.st_mtime_ns))
    os.utime(repo.path / ".git/index", ns=(before.st_mtime_ns, before.st_mtime_ns))
    assert differing(compare(repo)) == ["modified a.yaml"]


def test_a_touched_file_is_unchanged(repo: GitRepo) -> None:
    os.utime(repo.path / "a.yaml", (1, 1))
    assert compare(repo).changes == ()


def test_the_index_is_not_refreshed(repo: GitRepo) -> None:
    os.utime(repo.path / "a.yaml", (1, 1))
    before = (repo.path / ".git/index").read_bytes()
    compare(repo)
    assert (repo.path / ".git/index").read_bytes() == before


def test_a_staged_edit_that_was_undone_on_disk_is_no_change(repo: GitRepo) -> None:
    repo.write({"a.yaml": "a: 2\n"})
    repo.add("a.yaml")
    repo.write({"a.yaml": "a: 1\n"})
    assert compare(repo).changes == ()


def test_a_file_untracked_but_kept_is_compared_by_content(repo: GitRepo) -> None:
    repo.git("rm", "-q", "--cached", "a.yaml", "b.yaml")
    repo.write({"b.yaml": "b: 2\n"})
    assert differing(compare(repo)) == ["modified b.yaml"]


def test_before_the_first_commit_everything_is_new(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.write({"a.yaml": "a: 1\n", "b.yaml": "b: 1\n"})
    repo.add("a.yaml")
    comparison = compare(repo)
    assert differing(comparison) == ["added a.yaml", "added b.yaml"]
    assert comparison.base.label == "EMPTY"
    assert comparison.head.read("b.yaml") == b"b: 1\n"


def test_an_announced_path_is_read_from_disk(repo: GitRepo) -> None:
    repo.write({"later.yaml": "l: 1\n"})
    repo.git("add", "--intent-to-add", "later.yaml")
    comparison = compare(repo)
    assert differing(comparison) == ["added later.yaml"]
    assert comparison.head.read("later.yaml") == b"l: 1\n"


def test_conflicted_files_are_read_from_disk(repo: GitRepo) -> None:
    repo.branch("other")
    repo.commit({"a.yaml": "a: other\n"})
    repo.checkout("main")
    repo.commit({"a.yaml": "a: main\n"})
    with pytest.raises(AssertionError):
        repo.merge("other")
    comparison = compare(repo)
    assert differing(comparison) == ["modified a.yaml"]
    assert b"<<<<<<<" in comparison.head.read("a.yaml")


def test_renames_are_found_whether_staged_or_not(repo: GitRepo) -> None:
    long = "".join(f"n{number}: {number}\n" for number in range(30))
    repo.commit({"staged.yaml": long, "plain.yaml": long.upper()})
    repo.git("mv", "staged.yaml", "staged-moved.yaml")
    repo.write({"staged-moved.yaml": long + "more: 1\n"})
    repo.add("staged-moved.yaml")
    (repo.path / "plain.yaml").rename(repo.path / "plain-moved.yaml")
    comparison = compare(repo)
    assert differing(comparison) == [
        "renamed plain.yaml -> plain-moved.yaml",
        "renamed staged.yaml -> staged-moved.yaml",
    ]
    assert comparison.head.read("plain-moved.yaml") == long.upper().encode()
    assert comparison.head.entry("plain.yaml") is None
    assert "plain.yaml" not in comparison.head.entries()


def test_a_file_replaced_by_a_link_or_a_folder(repo: GitRepo) -> None:
    (repo.path / "a.yaml").unlink()
    repo.symlink("a.yaml", "b.yaml")
    (repo.path / "dir/c.yaml").unlink()
    repo.write({"dir/c.yaml/inner.yaml": "i: 1\n"})
    comparison = compare(repo)
    assert differing(comparison) == [
        "typechanged a.yaml",
        "deleted dir/c.yaml",
        "added dir/c.yaml/inner.yaml",
    ]
    assert comparison.head.read("a.yaml") == b"b: 1\n"


def test_a_folder_replaced_by_a_link_has_no_files(repo: GitRepo, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/c.yaml").write_text("secret: 1\n")
    (repo.path / "dir/c.yaml").unlink()
    (repo.path / "dir").rmdir()
    repo.symlink("dir", str(tmp_path / "outside"))
    comparison = compare(repo)
    assert differing(comparison) == ["added dir", "deleted dir/c.yaml"]
    with pytest.raises(UnreadableError) as refused:
        comparison.head.read("dir")
    assert refused.value.kind == "symlink"
    with pytest.raises(UnreadableError):
        comparison.head.read("dir/c.yaml")


def test_a_named_pipe_is_not_waited_for(repo: GitRepo) -> None:
    (repo.path / "a.yaml").unlink()
    os.mkfifo(repo.path / "a.yaml")
    comparison = compare(repo)
    assert [change.path for change in comparison.changes] == ["a.yaml"]
    with pytest.raises(UnreadableError) as refused:
        comparison.head.read("a.yaml")
    assert refused.value.kind == "not-a-file"


def test_a_large_file_is_not_read_but_compared(repo: GitRepo) -> None:
    repo.commit({"big.yaml": "x" * 5000, "touched.yaml": "y" * 5000})
    repo.write({"big.yaml": "x" * 6000})
    os.utime(repo.path / "touched.yaml", (1, 1))
    comparison = compare(repo, max_file_bytes=1000)
    assert differing(comparison) == ["modified big.yaml"]
    with pytest.raises(UnreadableError) as refused:
        comparison.head.read("big.yaml")
    assert refused.value.kind == "too-large"
    assert "6,000 bytes" in refused.value.message


def test_line_ends_written_by_git_are_no_change(repo: GitRepo) -> None:
    repo.config("core.autocrlf", "true")
    repo.write({"a.yaml": None, "b.yaml": None})
    repo.git("checkout", "-q", "--", "a.yaml", "b.yaml")
    assert (repo.path / "a.yaml").read_bytes() == b"a: 1\r\n"
    repo.write({"a.yaml": "a: 2\r\n"})
    os.utime(repo.path / "b.yaml", (1, 1))
    comparison = compare(repo)
    assert differing(comparison) == ["modified a.yaml"]
    assert comparison.head.read("a.yaml") == b"a: 2\n"


def test_files_that_git_holds_with_crlf_keep_it(repo: GitRepo) -> None:
    repo.commit({"dos.yaml": "a: 1\r\nb: 1\r\n"})
    repo.write({"dos.yaml": "a: 2\r\nb: 1\r\n"})
    comparison = compare(repo)
    assert comparison.head.read("dos.yaml") == b"a: 2\r\nb: 1\r\n"


def test_encoding_and_ident_attributes_are_undone(repo: GitRepo) -> None:
    repo.commit({".gitattributes": "utf16.yaml working-tree-encoding=UTF-16LE\nident.yaml ident\n"})
    repo.commit({"utf16.yaml": "a: ü\n".encode("utf-16-le"), "ident.yaml": "# $Id$\na: 1\n"})
    repo.write({"ident.yaml": None})
    repo.git("checkout", "-q", "--", "ident.yaml")
    assert b"$Id: " in (repo.path / "ident.yaml").read_bytes()
    for name in ("utf16.yaml", "ident.yaml"):
        os.utime(repo.path / name, (1, 1))
    assert compare(repo).changes == ()
    repo.write({"utf16.yaml": "a: ä\n".encode("utf-16-le")})
    comparison = compare(repo)
    assert differing(comparison) == ["modified utf16.yaml"]
    assert comparison.head.read("utf16.yaml") == "a: ä\n".encode()


def test_a_byte_order_mark_that_git_takes_off_is_taken_off(repo: GitRepo) -> None:
    bom = "\ufeff".encode("utf-16-le")
    repo.commit({".gitattributes": "u.yaml working-tree-encoding=UTF-16LE-BOM\n"})
    repo.commit({"u.yaml": bom + "u: 1\n".encode("utf-16-le")})
    repo.write({"u.yaml": bom + "u: 2\n".encode("utf-16-le")})
    assert compare(repo).head.read("u.yaml") == b"u: 2\n"


@pytest.mark.parametrize("encoding", ["no-such-encoding", "punycode", "zlib", "UTF-16LE"])
def test_text_that_is_not_in_its_declared_encoding_cannot_be_read(repo: GitRepo, encoding: str) -> None:
    repo.write({".gitattributes": f"*.yaml working-tree-encoding={encoding}\n", "a.yaml": "a: 22"})
    with pytest.raises(UnreadableError) as refused:
        compare(repo).head.read("a.yaml")
    assert refused.value.kind == "encoding"


@pytest.fixture
def filtered(repo: GitRepo, tmp_path: Path) -> tuple[GitRepo, Path]:
    """A repository in which s.yaml passes through a filter, and the file that tells when the filter ran."""
    script, marker = marker_script(tmp_path)
    repo.config("filter.crypt.clean", "tr a-z b-za")
    repo.config("filter.crypt.smudge", "tr b-za a-z")
    repo.commit({".gitattributes": "s.yaml filter=crypt\n", "s.yaml": "secret: 1\n"})
    assert repo.git("show", "HEAD:s.yaml") == "tfdsfu: 1"
    for key in ("clean", "smudge", "process"):
        repo.config(f"filter.crypt.{key}", str(script))
    repo.config("filter.crypt.required", "true")
    return repo, marker


def test_a_clean_file_behind_a_filter_is_unchanged_and_the_filter_not_run(
    filtered: tuple[GitRepo, Path],
) -> None:
    repo, marker = filtered
    stamp = (repo.path / "s.yaml").stat().st_mtime_ns
    os.utime(repo.path / ".git/index", ns=(stamp, stamp))
    comparison = compare(repo)
    assert comparison.changes == ()
    assert comparison.head.read("s.yaml") == b"tfdsfu: 1\n"
    assert not marker.exists()


def test_a_changed_file_behind_a_filter_is_read_as_it_is_on_disk(filtered: tuple[GitRepo, Path]) -> None:
    repo, marker = filtered
    repo.write({"s.yaml": "secret: 22\n"})
    comparison = compare(repo)
    assert differing(comparison) == ["modified s.yaml"]
    assert comparison.head.read("s.yaml") == b"secret: 22\n"
    assert not marker.exists()


def test_an_untracked_file_behind_a_filter_is_read_as_it_is_on_disk(filtered: tuple[GitRepo, Path]) -> None:
    repo, marker = filtered
    repo.write({".gitattributes": "*.yaml filter=crypt\n", "new.yaml": "password: 1\n"})
    comparison = compare(repo)
    assert "added new.yaml" in differing(comparison)
    assert comparison.head.read("new.yaml") == b"password: 1\n"
    assert not marker.exists()


def test_a_file_behind_a_filter_and_an_encoding_is_decoded(filtered: tuple[GitRepo, Path]) -> None:
    repo, marker = filtered
    repo.write({".gitattributes": "s.yaml filter=crypt working-tree-encoding=UTF-16LE\n"})
    repo.write({"s.yaml": "secret: ä\n".encode("utf-16-le")})
    assert compare(repo).head.read("s.yaml") == "secret: ä\n".encode()
    assert not marker.exists()


def test_a_filter_that_is_not_configured_changes_nothing(repo: GitRepo) -> None:
    repo.commit({".gitattributes": "*.yaml filter=lfs\n"})
    repo.write({"a.yaml": "a: 2\n"})
    assert compare(repo).head.read("a.yaml") == b"a: 2\n"


def test_skipped_and_assumed_unchanged_paths_are_taken_from_the_commit(repo: GitRepo) -> None:
    repo.git("update-index", "--skip-worktree", "a.yaml")
    repo.git("update-index", "--assume-unchanged", "b.yaml")
    repo.write({"a.yaml": None, "b.yaml": "b: 2\n"})
    comparison = compare(repo)
    assert comparison.changes == ()
    assert comparison.head.read("a.yaml") == b"a: 1\n"
    assert comparison.head.read("b.yaml") == b"b: 1\n"


def test_a_sparse_checkout_has_no_deletions(repo: GitRepo) -> None:
    repo.git("sparse-checkout", "set", "--cone", "--sparse-index", "nothing")
    assert not (repo.path / "dir").exists()
    comparison = compare(repo)
    assert comparison.changes == ()
    assert comparison.head.read("dir/c.yaml") == b"c: 1\n"


def test_a_repository_inside_is_an_untracked_submodule(repo: GitRepo) -> None:
    inner = GitRepo(repo.path / "inner")
    inner.commit({"x.yaml": "x: 1\n"})
    comparison = compare(repo)
    assert differing(comparison) == ["added inner"]
    assert comparison.changes[0].head is not None and comparison.changes[0].head.kind == "submodule"


def test_a_submodule_moved_to_another_commit_is_modified(repo: GitRepo, tmp_path: Path) -> None:
    inner = GitRepo(tmp_path / "inner")
    inner.commit({"x.yaml": "x: 1\n"})
    repo.git("submodule", "--quiet", "add", inner.path.as_uri(), "sub")
    repo.commit()
    assert compare(repo).changes == ()
    GitRepo(repo.path / "sub", init=False, environ=repo.environ).commit({"x.yaml": "x: 2\n"})
    assert differing(compare(repo)) == ["modified sub"]


def test_without_symlinks_on_disk_a_link_is_the_file_that_holds_its_target(repo: GitRepo) -> None:
    repo.symlink("link.yaml", "a.yaml")
    repo.commit()
    repo.config("core.symlinks", "false")
    (repo.path / "link.yaml").unlink()
    repo.write({"link.yaml": "a.yaml"})
    comparison = compare(repo)
    assert comparison.changes == ()
    assert comparison.head.read("link.yaml") == b"a: 1\n"


def test_a_file_that_vanishes_is_an_unreadable_one(repo: GitRepo) -> None:
    repo.write({"new.yaml": "n: 1\n"})
    comparison = compare(repo)
    repo.write({"new.yaml": None})
    with pytest.raises(UnreadableError) as refused:
        comparison.head.read("new.yaml")
    assert refused.value.kind == "absent"
