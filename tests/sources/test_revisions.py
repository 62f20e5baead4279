from __future__ import annotations

from pathlib import Path

import pytest

from tests.gitrepo import EPOCH, GitRepo
from tests.sources.support import CLOCK, compare, differing, refusal


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    """main: A - B - D; feature leaves main at B and has C."""
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"a.yaml": "a: 1\n", "keep.yaml": "keep: 1\n"})
    repo.commit({"a.yaml": "a: 2\n"})
    repo.branch("feature")
    repo.commit({"feature.yaml": "f: 1\n"})
    repo.checkout("main")
    repo.commit({"late.yaml": "late: 1\n"})
    repo.checkout("feature")
    return repo


def test_two_dots_compare_the_revisions_themselves(repo: GitRepo) -> None:
    comparison = compare(repo, "main..feature")
    assert differing(comparison) == ["added feature.yaml", "deleted late.yaml"]
    assert comparison.base.label == repo.id("main")
    assert comparison.head.label == repo.id("feature")
    assert comparison.deciding.label == repo.id("main")


def test_three_dots_compare_with_the_merge_base_and_let_the_tip_decide(repo: GitRepo) -> None:
    comparison = compare(repo, "main...feature")
    assert differing(comparison) == ["added feature.yaml"]
    assert comparison.base.label == repo.id("main~1")
    assert comparison.deciding.label == repo.id("main")
    assert comparison.deciding.read("late.yaml") == b"late: 1\n"


def test_one_revision_means_its_merge_base_with_head(repo: GitRepo) -> None:
    comparison = compare(repo, "main")
    assert differing(comparison) == ["added feature.yaml"]
    assert comparison.base.label == repo.id("main~1")
    assert comparison.head.label == repo.id("HEAD")
    assert comparison.deciding.label == repo.id("main")
    assert tuple(comparison.notes) == ()


def test_base_and_head_options_compare_like_three_dots(repo: GitRepo) -> None:
    repo.checkout("main")
    assert differing(compare(repo, base="main", head="feature")) == ["added feature.yaml"]
    assert differing(compare(repo, base="feature")) == ["added late.yaml"]


def test_an_omitted_side_is_head(repo: GitRepo) -> None:
    assert differing(compare(repo, "main..")) == differing(compare(repo, "main..HEAD"))
    assert differing(compare(repo, "..main")) == ["deleted feature.yaml", "added late.yaml"]


def test_a_missing_branch_falls_back_to_the_remote_one(repo: GitRepo, tmp_path: Path) -> None:
    copy = repo.clone(tmp_path / "copy", "--branch", "feature")
    comparison = compare(copy, "main")
    assert differing(comparison) == ["added feature.yaml"]
    assert comparison.deciding.label == repo.id("main")


def test_tags_abbreviated_ids_and_ancestors_are_revisions(repo: GitRepo) -> None:
    repo.tag("v1", "main", annotated=True)
    assert differing(compare(repo, "v1..feature")) == differing(compare(repo, "main..feature"))
    short = repo.id("feature")[:9]
    assert differing(compare(repo, f"{short}~1..{short}")) == ["added feature.yaml"]


def test_unchanged_paths_are_read_from_either_side(repo: GitRepo) -> None:
    comparison = compare(repo, "main..feature")
    assert comparison.base.read("keep.yaml") == comparison.head.read("keep.yaml") == b"keep: 1\n"
    assert set(comparison.base.entries()) == {"a.yaml", "keep.yaml", "late.yaml"}
    assert set(comparison.head.entries()) == {"a.yaml", "feature.yaml", "keep.yaml"}
    assert comparison.base.entries()["keep.yaml"] == comparison.head.entries()["keep.yaml"]
    assert comparison.base.entry("feature.yaml") is None
    assert comparison.head.entry("late.yaml") is None


def test_equal_revisions_differ_in_nothing(repo: GitRepo) -> None:
    comparison = compare(repo, "main..main")
    assert comparison.changes == ()
    assert not comparison.nothing_to_check


def test_the_root_commit_is_compared_as_base(repo: GitRepo) -> None:
    root = repo.git("rev-list", "--max-parents=0", "HEAD")
    assert differing(compare(repo, f"{root}..HEAD")) == ["modified a.yaml", "added feature.yaml"]


def test_a_merge_commit_is_compared_whole(repo: GitRepo) -> None:
    merge = repo.merge("main")
    assert differing(compare(repo, f"{merge}^1..{merge}")) == ["added late.yaml"]
    assert differing(compare(repo, f"main..{merge}")) == ["added feature.yaml"]


def test_renames_are_found_by_similarity(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    text = "".join(f"line{number}: {number}\n" for number in range(40))
    repo.commit({"old/a.yaml": text, "b.yaml": text.upper()})
    repo.commit({"old/a.yaml": None, "new/a.yaml": text + "more: 1\n", "b.yaml": None})
    comparison = compare(repo, "HEAD~1..HEAD")
    assert differing(comparison) == ["deleted b.yaml", "renamed old/a.yaml -> new/a.yaml"]
    renamed = comparison.changes[1]
    assert renamed.base is not None and renamed.base.path == "old/a.yaml"
    assert renamed.head is not None and renamed.head.path == "new/a.yaml"
    assert "old/a.yaml" not in comparison.head.entries()
    assert comparison.head.read("new/a.yaml").endswith(b"more: 1\n")


def test_permission_bits_alone_are_no_change(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"run.yaml": "a: 1\n"})
    repo.git("update-index", "--chmod=+x", "run.yaml")
    repo.git("commit", "-q", "-m", "executable")
    assert compare(repo, "HEAD~1..HEAD").changes == ()


def test_a_link_in_place_of_a_file_is_a_type_change(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"a.yaml": "a: 1\n", "b.yaml": "b: 1\n"})
    (repo.path / "b.yaml").unlink()
    repo.symlink("b.yaml", "a.yaml")
    repo.commit()
    comparison = compare(repo, "HEAD~1..HEAD")
    assert differing(comparison) == ["typechanged b.yaml"]
    assert comparison.changes[0].head is not None and comparison.changes[0].head.kind == "symlink"
    assert comparison.head.read("b.yaml") == b"a: 1\n"


def test_empty_and_binary_files_are_changes_like_any_other(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"empty.yaml": "", "image.bin": b"\0\xff\x00"})
    repo.commit({"empty.yaml": "a: 1\n", "image.bin": b"\0\xff\x01", "new-empty.yaml": ""})
    comparison = compare(repo, "HEAD~1..HEAD")
    assert differing(comparison) == ["modified empty.yaml", "modified image.bin", "added new-empty.yaml"]
    assert comparison.base.read("empty.yaml") == b""
    assert comparison.head.read("image.bin") == b"\0\xff\x01"


def test_submodules_are_entries_of_their_own_kind(tmp_path: Path) -> None:
    inner = GitRepo(tmp_path / "inner")
    inner.commit({"x.yaml": "x: 1\n"})
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"a.yaml": "a: 1\n"})
    repo.git("submodule", "--quiet", "add", inner.path.as_uri(), "sub")
    repo.commit()
    comparison = compare(repo, "HEAD~1..HEAD")
    assert differing(comparison) == ["added .gitmodules", "added sub"]
    entry = comparison.head.entry("sub")
    assert entry is not None and entry.kind == "submodule"
    assert comparison.head.entries()["sub"] == entry


def test_sha256_repositories_work(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo", object_format="sha256")
    repo.commit({"dir/a.yaml": "a: 1\n"})
    repo.commit({"dir/a.yaml": "a: 2\n"})
    comparison = compare(repo, "HEAD~1..HEAD")
    assert comparison.deciding.read("dir/a.yaml") == b"a: 1\n"
    assert comparison.head.read("dir/a.yaml") == b"a: 2\n"
    repo.write({"dir/a.yaml": "a: 3\n"})
    assert differing(compare(repo)) == ["modified dir/a.yaml"]


def test_now_is_the_earlier_of_heads_date_and_the_clock(repo: GitRepo) -> None:
    head = int(repo.git("log", "-1", "--format=%ct", "feature"))
    assert compare(repo, "main..feature").now == head
    assert compare(repo, "main..feature", clock=EPOCH + 1).now == EPOCH + 1
    repo.commit({"b.yaml": "b: 1\n"}, at=CLOCK + 1000)
    assert compare(repo, "main..feature").now == CLOCK


def test_an_unknown_revision_suggests_one_spelled_alike(repo: GitRepo) -> None:
    assert refusal(repo, "featrue") == "featrue is not a revision here: did you mean feature?"
    assert "`git branch --all`" in refusal(repo, "wholly-different..main")


def test_an_unknown_revision_may_be_on_the_remote(repo: GitRepo, tmp_path: Path) -> None:
    copy = repo.clone(tmp_path / "copy", "--single-branch", "--branch", "feature")
    message = refusal(copy, "main")
    assert "`git fetch origin +refs/heads/main:refs/remotes/origin/main`" in message
    command = message.partition("`git ")[2].rpartition("`")[0]
    copy.git(*command.split(" "))
    assert differing(compare(copy, "main")) == ["added feature.yaml"]


def test_two_dots_suggest_the_remote_branch_of_that_name(repo: GitRepo, tmp_path: Path) -> None:
    copy = repo.clone(tmp_path / "copy", "--branch", "feature")
    assert refusal(copy, "main..HEAD") == "main is not a revision here: did you mean origin/main?"


def test_a_path_in_place_of_a_revision_is_recognised(repo: GitRepo) -> None:
    assert "`riskcheck diff -- a.yaml`" in refusal(repo, "a.yaml")


def test_histories_without_a_common_ancestor_are_refused(repo: GitRepo) -> None:
    repo.git("checkout", "-q", "--orphan", "other")
    repo.commit({"other.yaml": "o: 1\n"})
    assert "have no common ancestor" in refusal(repo, "main")
    assert "riskcheck diff main..HEAD" in refusal(repo, "main")


@pytest.mark.parametrize("revision", ["--output=x", "-p", "--output=x..HEAD", "HEAD..--output=x", "-..-"])
def test_a_revision_that_looks_like_an_option_is_refused_and_never_one(repo: GitRepo, revision: str) -> None:
    assert "is not a revision" in refusal(repo, revision)
    assert not (repo.path / "x").exists()


@pytest.mark.parametrize(
    "revision", ["", "a\nb", "HEAD\0", "x" * 5000, "\udcff", "HEAD^{tree}", "HEAD:a.yaml"]
)
def test_what_cannot_be_a_commit_is_refused(repo: GitRepo, revision: str) -> None:
    assert "not a revision" in refusal(repo, revision)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"staged": True, "base": "main"}, "--base/--head and --staged"),
        ({"head": "feature"}, "add --base"),
        ({"from_dir": "x"}, "add --to"),
        ({"to_dir": "x"}, "add --from"),
        ({"from_dir": "x", "to_dir": "y", "staged": True}, "give one of them"),
    ],
)
def test_requests_that_contradict_themselves_are_refused(
    repo: GitRepo, options: dict[str, str | bool], words: str
) -> None:
    assert words in refusal(repo, **options)


def test_uncommitted_and_untracked_files_left_out_get_one_line(repo: GitRepo) -> None:
    repo.write({"a.yaml": "a: 9\n", "new.yaml": "n: 1\n"})
    for spec in ({"base": "main"}, {}):
        comparison = compare(repo, None if spec else "main", **spec)
        assert differing(comparison) == ["added feature.yaml"]
        assert tuple(comparison.notes) == (
            "left out, since uncommitted or untracked: a.yaml, new.yaml; `riskcheck diff` looks at these",
        )
    assert tuple(compare(repo, "main...HEAD").notes) == ()


def test_touched_files_are_not_called_uncommitted(repo: GitRepo) -> None:
    (repo.path / "a.yaml").touch()
    assert tuple(compare(repo, "main").notes) == ()


def test_revisions_before_the_first_commit_are_refused(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    assert refusal(repo, "HEAD~1..HEAD").startswith("there is no commit yet")
    assert refusal(repo, "main").startswith("there is no commit yet")


def test_a_head_whose_commit_is_gone_is_not_taken_for_a_new_repository(repo: GitRepo) -> None:
    repo.checkout("main")
    (repo.path / ".git/refs/heads/main").write_text("1" * 40 + "\n")
    assert "git fsck" in refusal(repo)
    assert "git fsck" in refusal(repo, staged=True)


@pytest.mark.parametrize(
    "base",
    [
        "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
        "0" * 40,
        "0" * 64,
    ],
)
def test_the_empty_tree_is_a_base_so_that_a_first_commit_can_be_judged(repo: GitRepo, base: str) -> None:
    root = repo.id("main~2")
    for comparison in (
        compare(repo, f"{base}..{root}"),
        compare(repo, f"{base}...{root}"),
        compare(repo, base=base, head=root),
    ):
        assert differing(comparison) == ["added a.yaml", "added keep.yaml"]
        assert {comparison.base.label, comparison.deciding.label} == {"EMPTY"}
        assert tuple(comparison.notes) == ()
