"""Nothing that a repository is configured to run is run; nothing that it names is followed out of it."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import pytest

from riskcheck.sources.names import printable
from riskcheck.trees import UnreadableError
from tests.gitrepo import GitRepo
from tests.sources.support import compare, differing, landings, marker_script

FORMS: tuple[dict[str, object], ...] = (
    {},
    {"staged": True},
    {"revision": "HEAD~1"},
    {"revision": "HEAD~1..HEAD"},
    {"revision": "HEAD~1...HEAD"},
)


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    repo = GitRepo(tmp_path / "repo")
    long = "".join(f"n{number}: {number}\n" for number in range(30))
    repo.commit({"a.yaml": "a: 1\n", "old.yaml": long})
    repo.commit({"a.yaml": "a: 2\n", "old.yaml": None, "renamed.yaml": long + "x: 1\n"})
    return repo


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_no_program_that_the_repository_configures_is_run(
    repo: GitRepo, tmp_path: Path, form: dict[str, object]
) -> None:
    script, marker = marker_script(tmp_path)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for hook in ("post-index-change", "post-checkout", "pre-commit", "fsmonitor-watchman", "pre-auto-gc"):
        (hooks / hook).symlink_to(script)
    inner = GitRepo(repo.path / "sub")
    inner.commit({"x.yaml": "x: 1\n", ".gitattributes": "* filter=inner\n"})
    inner.config("core.fsmonitor", str(script))
    inner.config("filter.inner.clean", str(script))
    repo.git("add", "sub")
    repo.git("commit", "-q", "-m", "submodule")
    inner.write({"x.yaml": "x: 2\n"})
    repo.write({".gitattributes": "* filter=evil diff=evil merge=evil\n", "a.yaml": "a: 3\n"})
    repo.add("a.yaml")
    repo.write({"a.yaml": "a: 4\n", "untracked.yaml": "u: 1\n"})
    for key in (
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "core.sshCommand",
        "core.askPass",
        "core.gitProxy",
        "core.alternateRefsCommand",
        "pager.diff-tree",
        "pager.ls-files",
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "gpg.program",
        "credential.helper",
        "uploadpack.packObjectsHook",
    ):
        repo.config(key, str(script))
    repo.config("core.hooksPath", str(hooks))
    repo.config("filter.evil.required", "true")
    repo.config("core.untrackedCache", "true")
    repo.config("log.showSignature", "true")
    # Racy: git is tempted to compare contents through the filter.
    stamp = (repo.path / "renamed.yaml").stat().st_mtime_ns
    os.utime(repo.path / ".git/index", ns=(stamp, stamp))
    before = (repo.path / ".git/index").read_bytes()
    environ = {
        **repo.environ,
        "GIT_EXTERNAL_DIFF": str(script),
        "GIT_PAGER": str(script),
        "PAGER": str(script),
        "GIT_SSH_COMMAND": str(script),
        "GIT_ASKPASS": str(script),
        "GIT_EDITOR": str(script),
    }
    comparison = compare(repo, environ=environ, **form)
    for change in comparison.changes:
        for tree, entry in ((comparison.base, change.base), (comparison.head, change.head)):
            if entry is not None and entry.kind == "file":
                tree.read(entry.path)
    assert comparison.changes
    assert comparison.history is not None
    assert landings(comparison.history, "a.yaml")
    assert comparison.history.tree(1).entries()
    comparison.history.old_names(0)
    assert len(comparison.head.entries()) >= 3
    assert not marker.exists(), marker.read_text()
    assert (repo.path / ".git/index").read_bytes() == before


def test_replaced_objects_and_grafts_are_ignored(repo: GitRepo) -> None:
    head = repo.id("HEAD")
    tree = repo.git("mktree", stdin=b"")
    fake = repo.git("commit-tree", tree, "-m", "empty")
    repo.git("replace", head, fake)
    (repo.path / ".git/info/grafts").write_text(f"{head}\n")
    comparison = compare(repo, "HEAD~1..HEAD")
    assert differing(comparison) == ["modified a.yaml", "renamed old.yaml -> renamed.yaml"]


NAMES = (
    b"new\nline.yaml",
    b"tab\there.yaml",
    b'quo"te.yaml',
    b"back\\slash.yaml",
    b"latin-\xe9.yaml",
    b"not-utf8-\xff\xfe.yaml",
    "überfluß.yaml".encode(),
    b" leading and trailing ",
    b"-dash.yaml",
    b":colon.yaml",
    b"star*[x]?.yaml",
    b"\x1b[31mred.yaml",
    b"HEAD",
    b"a missing",
)


@pytest.mark.parametrize("form", ["staged", "worktree", "untracked", "revisions"])
def test_every_file_name_is_read_back_and_can_be_printed(tmp_path: Path, form: str) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit()
    for number, name in enumerate(NAMES):
        (repo.path / os.fsdecode(name)).write_bytes(b"n: %d\n" % number)
    if form != "untracked":
        repo.add()
    if form == "revisions":
        repo.commit()
    comparison = (
        compare(repo, "HEAD~1..HEAD") if form == "revisions" else compare(repo, staged=form == "staged")
    )
    assert {os.fsencode(change.path) for change in comparison.changes} == set(NAMES)
    for number, name in enumerate(NAMES):
        path = os.fsdecode(name)
        assert comparison.head.read(path) == b"n: %d\n" % number
        assert comparison.head.entry(path) == comparison.head.entries()[path]
        assert printable(path).encode("utf-8").isascii() or path.isprintable()
        assert printable(path).isprintable()


def test_names_in_folders_are_found_without_listing(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"a b/new\nline/c.yaml": "c: 1\n"})
    repo.commit({"other.yaml": "o: 1\n"})
    comparison = compare(repo, "HEAD~1..HEAD")
    assert comparison.base.read("a b/new\nline/c.yaml") == b"c: 1\n"
    assert comparison.base.entry("a b") is None
    assert comparison.base.entry("a b/new\nline/c.yaml/d") is None
    assert comparison.base.entry("") is None
    assert comparison.base.entry("../a.yaml") is None


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("../outside.yaml", "symlink"),
        ("/etc/hostname", "symlink"),
        ("../../../../../../etc/hostname", "symlink"),
        ("nowhere.yaml", "symlink"),
        ("loop.yaml", "symlink"),
        (".", "symlink"),
        ("dir", "symlink"),
    ],
)
def test_links_that_leave_the_tree_or_lead_nowhere_are_not_followed(
    tmp_path: Path, target: str, kind: str
) -> None:
    (tmp_path / "outside.yaml").write_text("secret: 1\n")
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"a.yaml": "a: 1\n", "dir/b.yaml": "b: 1\n"})
    repo.symlink("loop.yaml", "link.yaml")
    repo.symlink("link.yaml", target)
    repo.add()
    for comparison in (compare(repo), compare(repo, staged=True)):
        with pytest.raises(UnreadableError) as refused:
            comparison.head.read("link.yaml")
        assert refused.value.kind == kind
        assert "\n" not in refused.value.message
    repo.commit()
    with pytest.raises(UnreadableError) as refused:
        compare(repo, "HEAD~1..HEAD").head.read("link.yaml")
    assert refused.value.kind == kind


def test_links_within_the_tree_are_followed(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"dir/b.yaml": "b: 1\n"})
    repo.symlink("dir/sub/one.yaml", "../../two.yaml")
    repo.symlink("two.yaml", "dir/./b.yaml")
    assert compare(repo).head.read("dir/sub/one.yaml") == b"b: 1\n"
    repo.commit()
    assert compare(repo, "HEAD~1..HEAD").head.read("dir/sub/one.yaml") == b"b: 1\n"


def test_a_link_is_resolved_in_its_own_tree_and_not_on_disk(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.symlink("link.yaml", "a.yaml")
    repo.commit({"a.yaml": "a: 1\n"})
    repo.write({"a.yaml": "a: 2\n"})
    comparison = compare(repo)
    assert comparison.base.read("link.yaml") == b"a: 1\n"
    assert comparison.head.read("link.yaml") == b"a: 2\n"


def test_objects_over_the_limit_are_not_read_and_the_others_still_are(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit()
    repo.commit(
        {"big.yaml": b"x" * 30_000_000, **{f"small{number}.yaml": f"n: {number}\n" for number in range(80)}}
    )
    comparison = compare(repo, "HEAD~1..HEAD", max_file_bytes=1_000_000)
    comparison.head.prefetch(change.path for change in comparison.changes)
    with pytest.raises(UnreadableError) as refused:
        comparison.head.read("big.yaml")
    assert refused.value.kind == "too-large"
    assert "30,000,000 bytes" in refused.value.message
    for number in range(80):
        assert comparison.head.read(f"small{number}.yaml") == b"n: %d\n" % number


@pytest.mark.parametrize(
    ("content", "kind"),
    [(None, "missing-blob"), (b"rubbish", "missing-blob"), (b"blob 6\0a: ", "corrupt")],
    ids=["missing", "rubbish", "cut-off"],
)
def test_a_damaged_object_is_unreadable_and_the_others_still_are(
    repo: GitRepo, content: bytes | None, kind: str
) -> None:
    blob = repo.id("HEAD:a.yaml")
    file = repo.path / ".git/objects" / blob[:2] / blob[2:]
    file.unlink()
    if content is not None:
        file.write_bytes(zlib.compress(content)[:-4] if content.startswith(b"blob") else content)
    comparison = compare(repo, "HEAD~1..HEAD")
    comparison.head.prefetch(["renamed.yaml", "a.yaml"])
    with pytest.raises(UnreadableError) as refused:
        comparison.head.read("a.yaml")
    assert refused.value.kind == kind
    assert comparison.head.read("renamed.yaml").startswith(b"n0: 0\n")
    with pytest.raises(UnreadableError):
        comparison.head.read("a.yaml")


def test_git_is_not_taken_from_the_checked_repository(repo: GitRepo, tmp_path: Path) -> None:
    script, marker = marker_script(tmp_path)
    (repo.path / "git").symlink_to(script)
    environ = {**repo.environ, "PATH": f".{os.pathsep}{os.pathsep}{repo.environ['PATH']}"}
    here = Path.cwd()
    os.chdir(repo.path)
    try:
        assert differing(compare(repo, "HEAD~1..HEAD", environ=environ, root="."))
    finally:
        os.chdir(here)
    assert not marker.exists()


def test_a_deep_folder_is_no_trouble(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    deep = "/".join(["d"] * 1500)
    blob = repo.git("hash-object", "-w", "--stdin", stdin=b"a: 1\n")
    repo.commit()
    repo.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{deep}/a.yaml")
    assert compare(repo, staged=True).head.read(f"{deep}/a.yaml") == b"a: 1\n"
    repo.git("commit", "-q", "-m", "deep")
    comparison = compare(repo, "HEAD~1..HEAD")
    assert comparison.head.read(f"{deep}/a.yaml") == b"a: 1\n"
    assert compare(repo, "HEAD").deciding.read(f"{deep}/a.yaml") == b"a: 1\n"
    assert [change.status for change in compare(repo).changes] == ["deleted"]
