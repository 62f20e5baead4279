"""Trees, links, special files, references and revisions that no tool of git would make."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.gitrepo import GitRepo
from tests.hostile.bounded import riskcheck
from tests.manifests import WEB

FILE = "clusters/prod/web.yaml"
RISKY = WEB.replace("replicas: 3", "replicas: 1")
NAMES = (
    "..",
    ".",
    ".git",
    ".GIT",
    "git~1",
    ".git ",
    ".g\u200cit",
    "-rf",
    "--output=x",
    ":(glob)**",
    "CON",
    "a\\..\\b",
)


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit({FILE: WEB})
    made.commit({FILE: RISKY})
    return made


def everything(folder: Path) -> dict[str, bytes]:
    """All files below a folder, but what git keeps in the repository, and their content."""
    return {
        str(one.relative_to(folder)): one.read_bytes()
        for one in folder.rglob("*")
        if one.is_file() and not {".git", "cache", "home"}.intersection(one.relative_to(folder).parts)
    }


def written(repo: GitRepo, *lines: str) -> str:
    """A tree that git writes and would not check out."""
    return repo.git("mktree", "--missing", "-z", stdin="".join(f"{line}\0" for line in lines).encode())


def committed(repo: GitRepo, tree: str) -> str:
    return repo.git("commit-tree", tree, "-p", "HEAD", "-m", "odd")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_leads_elsewhere_is_a_name(repo: GitRepo, tmp_path: Path, name: str) -> None:
    """Beside a risk in the same change, which is found all the same; nothing is written anywhere."""
    blob = repo.git("hash-object", "-w", "--stdin", stdin=RISKY.replace("web", "other").encode())
    base = repo.git("rev-parse", "HEAD~1")
    inner = written(repo, f"100644 blob {blob}\tx.yaml")
    prod = repo.git("rev-parse", "HEAD:clusters/prod")
    clusters = written(repo, f"040000 tree {prod}\tprod", f"040000 tree {inner}\t{name}")
    head = committed(repo, written(repo, f"040000 tree {clusters}\tclusters", f"040000 tree {inner}\t{name}"))
    before = everything(tmp_path)
    done = riskcheck(repo.path, "diff", f"{base}..{head}")
    assert done.code in (0, 1) and "K8S-001" in done.out
    assert everything(tmp_path) == before


def test_absolute_names_and_a_file_that_is_a_folder_too(repo: GitRepo) -> None:
    """Entries that only an object written by hand can hold."""
    blob = bytes.fromhex(repo.git("hash-object", "-w", "--stdin", stdin=RISKY.encode()))
    prod = bytes.fromhex(repo.git("rev-parse", "HEAD:clusters"))
    data = b"100644 /etc/passwd\0" + blob + b"100644 clusters\0" + blob + b"40000 clusters\0" + prod
    data += b"100644 a/../../b.yaml\0" + blob
    tree = repo.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=data)
    done = riskcheck(repo.path, "diff", f"HEAD~1..{committed(repo, tree)}")
    assert "root:" not in done.said


@pytest.mark.parametrize(
    "target", ["/dev/zero", "/dev/stdin", "/proc/self/environ", "../fifo", "/proc/kcore"]
)
@pytest.mark.parametrize("place", ["tree", "working tree"])
def test_links_to_devices_and_pipes_are_not_read(
    repo: GitRepo, tmp_path: Path, target: str, place: str
) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path in ("clusters/prod/link.yaml", "riskcheck.yaml", "CODEOWNERS", ".gitattributes", "prod/main.tf"):
        repo.symlink(path, target)
    if place == "tree":
        repo.commit({FILE: RISKY.replace("replicas: 1", "replicas: 0")})
    arguments = ("HEAD~1..HEAD",) if place == "tree" else ()
    done = riskcheck(repo.path, "diff", *arguments, seconds=20, environ={"A_SECRET": "hunter2hunter2"})
    assert "hunter2" not in done.said and done.code in (0, 1, 2)


def test_pipes_and_sockets_in_the_working_tree_are_not_opened(repo: GitRepo) -> None:
    """A file that became a pipe, and pipes that nobody added: opening one would wait for ever."""
    (repo.path / FILE).unlink()
    for path in (FILE, "clusters/prod/new.yaml", "databricks.yml", "kustomization.yaml"):
        os.mkfifo(repo.path / path)
    for arguments in (("diff",), ("lint",), ("init", "--dry-run")):
        riskcheck(repo.path, *arguments, seconds=20)


REVISIONS = (
    "-",
    "--upload-pack=touch sprung",
    "--output=sprung",
    "-O/dev/zero",
    "@{-1}",
    "@{u}",
    ":(glob)**",
    ":/Initial",
    "HEAD^{/x}",
    "HEAD:../../etc/passwd",
    "HEAD..--output=sprung",
    "--output=sprung..HEAD",
    "HEAD...-",
    "..",
    "...",
    "HEAD^@",
    "^HEAD",
    "HEAD\nHEAD~1",
    "x" * 100_000,
)


@pytest.mark.parametrize("revision", REVISIONS, ids=lambda one: repr(one[:20]))
@pytest.mark.parametrize("way", ["argument", "--base", "variable"])
def test_revisions_that_look_like_something_else(repo: GitRepo, revision: str, way: str) -> None:
    before = everything(repo.path)
    environ = {}
    arguments: tuple[str, ...] = (
        ("diff", "--", revision) if way == "argument" else ("diff", f"--base={revision}")
    )
    if way == "variable":
        arguments, environ = ("diff",), {"PRE_COMMIT_FROM_REF": revision, "PRE_COMMIT_TO_REF": revision}
    done = riskcheck(repo.path, *arguments, environ=environ)
    assert everything(repo.path) == before
    assert len(done.err) < 4_000 and "usage: git" not in done.said


BRANCHES = (
    "-x",
    "--upload-pack=touch sprung",
    "@",
    "$(touch sprung)",
    ":(glob)x",
    "a\u202eb",
    "refs/heads/refs/heads/x",
)


def test_branches_that_are_called_so(repo: GitRepo) -> None:
    head = repo.id("HEAD")
    lines = [f"{head} refs/heads/{name}\n" for name in BRANCHES] + [f"{head} refs/remotes/origin/-x\n"]
    (repo.path / ".git/packed-refs").write_text(
        "# pack-refs with: peeled fully-peeled \n" + "".join(lines), "utf-8"
    )
    before = everything(repo.path)
    for name in BRANCHES[:3]:
        for option in (f"--base={name}", f"refs/heads/{name}"):
            riskcheck(repo.path, "diff", option)
    (repo.path / ".git/HEAD").write_text("ref: refs/heads/--upload-pack=touch sprung\n", "utf-8")
    for words in (["diff"], ["diff", "HEAD~1"], ["plan"]):
        done = riskcheck(repo.path, *words)
        assert "\u202e" not in done.said
    assert everything(repo.path) == before


def test_20_000_branches_and_tags(repo: GitRepo) -> None:
    head = repo.id("HEAD")
    refs = [f"refs/heads/b{number:05}" for number in range(10_000)]
    refs += [f"refs/tags/t{number:05}" for number in range(10_000)]
    (repo.path / ".git/packed-refs").write_text(
        "# pack-refs with: peeled fully-peeled sorted \n" + "".join(f"{head} {ref}\n" for ref in refs),
        "utf-8",
    )
    done = riskcheck(repo.path, "diff", "HEAD~1", seconds=20)
    assert "K8S-001" in done.out
    assert riskcheck(repo.path, "diff", "no-such-branch", seconds=20).err.count("\n") < 20
