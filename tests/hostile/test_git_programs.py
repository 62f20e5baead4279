"""Programs that the configuration of a repository names are not run: not in its files, not around them.

Each bait that git itself would take is shown to work: what git does here by itself runs the program.
"""

from __future__ import annotations

import os
import pty
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.gitrepo import GitRepo
from tests.hostile.bounded import riskcheck
from tests.manifests import WEB

RISKY = WEB.replace("replicas: 3", "replicas: 1")
COMMANDS: tuple[tuple[str, ...], ...] = (("diff",), ("diff", "HEAD~1..HEAD"), ("diff", "no-such-branch"))
MORE: tuple[tuple[str, ...], ...] = (
    ("diff", "--staged"),
    ("diff", "HEAD~1", "--evidence", "../evidence.json"),
    ("plan",),
    ("lint",),
    ("graph",),
    ("init", "--dry-run"),
    ("baseline", "write", "--output", "-"),
)


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit({"clusters/prod/web.yaml": WEB, "clusters/prod/other.yaml": WEB.replace("web", "other")})
    made.commit({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")})
    made.write({"clusters/prod/web.yaml": RISKY})
    made.add()
    made.write(
        {"clusters/prod/other.yaml": WEB.replace("web", "other").replace("replicas: 3", "replicas: 1")}
    )
    return made


@pytest.fixture
def bait(tmp_path: Path) -> tuple[str, Path]:
    """A program, and the file that it leaves behind when it is run."""
    sprung = tmp_path / "sprung"
    program = tmp_path / "bait"
    program.write_text(f'#!/bin/sh\necho "$0 $*" >> "{sprung}"\n', "utf-8")
    program.chmod(0o755)
    return str(program), sprung


def set_(*pairs: tuple[str, str]) -> Callable[[GitRepo, str], None]:
    def make(repo: GitRepo, bait: str) -> None:
        for key, value in pairs:
            repo.config(key, value.replace("BAIT", bait))

    return make


def attributes(key: str, line: str) -> Callable[[GitRepo, str], None]:
    def make(repo: GitRepo, bait: str) -> None:
        repo.config(key, bait)
        (repo.path / ".gitattributes").write_text(f"{line}\n", "utf-8")
        # Racy: git is tempted to compare contents.
        (repo.path / "clusters/prod/web.yaml").touch()

    return make


def hooks(repo: GitRepo, bait: str) -> None:
    folder = repo.path / "hooks"
    folder.mkdir()
    for name in ("post-index-change", "post-checkout", "pre-auto-gc", "reference-transaction", "pre-commit"):
        (folder / name).symlink_to(bait)
    repo.config("core.hooksPath", "hooks")


def included(repo: GitRepo, bait: str) -> None:
    (repo.path / "evil.config").write_text(f"[core]\n fsmonitor = {bait}\n", "utf-8")
    repo.config("include.path", "../evil.config")


def included_if(repo: GitRepo, bait: str) -> None:
    (repo.path / "evil.config").write_text(f"[core]\n fsmonitor = {bait}\n", "utf-8")
    repo.config("includeIf.gitdir:**.path", "../evil.config")


def worktree_config(repo: GitRepo, bait: str) -> None:
    repo.config("extensions.worktreeConfig", "true")
    repo.git("config", "--worktree", "core.fsmonitor", bait)


def promisor(repo: GitRepo, bait: str) -> None:
    """A blob that is missing, of a remote that a program would fetch it from."""
    blob = repo.id("HEAD~1:clusters/prod/web.yaml")
    repo.config("core.repositoryFormatVersion", "1")
    for key, value in (
        ("extensions.partialClone", "origin"),
        ("remote.origin.url", f"ext::{bait} %S"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.partialclonefilter", "blob:none"),
        ("protocol.ext.allow", "always"),
    ):
        repo.config(key, value)
    (repo.path / ".git/objects" / blob[:2] / blob[2:]).unlink()


def submodule(repo: GitRepo, bait: str) -> None:
    (repo.path / ".gitmodules").write_text(
        f'[submodule "a"]\n path = a\n url = ext::{bait} x\n'
        f'[submodule "-u{bait}"]\n path = -u{bait}\n url = --upload-pack={bait}\n',
        "utf-8",
    )
    head = repo.id("HEAD")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{head},a")
    repo.config("submodule.a.update", f"!{bait}")
    repo.config("submodule.a.url", f"ext::{bait} x")
    repo.config("protocol.ext.allow", "always")
    (repo.path / "a").mkdir()


BAITS: dict[str, tuple[Callable[[GitRepo, str], None], tuple[str, ...] | None]] = {
    "fsmonitor": (set_(("core.fsmonitor", "BAIT")), ("status",)),
    "pager": (set_(("core.pager", "BAIT"), ("pager.log", "BAIT")), ("-p", "log")),
    "external diff": (set_(("diff.external", "BAIT")), ("diff",)),
    "diff driver": (attributes("diff.evil.command", "* diff=evil"), ("diff",)),
    "textconv": (attributes("diff.evil.textconv", "* diff=evil"), ("diff",)),
    "clean filter": (attributes("filter.evil.clean", "* filter=evil"), ("add", ".")),
    "smudge filter": (attributes("filter.evil.smudge", "* filter=evil"), ("checkout", "HEAD~1", "--", ".")),
    "hooks": (hooks, ("checkout", "-q", "-f", "HEAD~1")),
    "include": (included, ("status",)),
    "includeIf": (included_if, ("status",)),
    "configuration of the working tree": (worktree_config, ("status",)),
    "alias": (set_(("alias.frotz", "!BAIT"), ("alias.diff-tree", "!BAIT")), ("frotz",)),
    "credential helper": (set_(("credential.helper", "!BAIT")), ("credential", "fill")),
    "ssh": (set_(("core.sshCommand", "BAIT"), ("remote.origin.url", "ssh://x.invalid/y")), ("fetch",)),
    "gpg": (
        set_(("gpg.program", "BAIT"), ("commit.gpgSign", "true")),
        ("commit", "-q", "--allow-empty", "-m", "x"),
    ),
    "editor": (set_(("core.editor", "BAIT"), ("sequence.editor", "BAIT")), ("commit", "--allow-empty")),
    "alternate refs": (set_(("core.alternateRefsCommand", "BAIT")), None),
    "pack hook": (set_(("uploadpack.packObjectsHook", "BAIT")), None),
    "promisor": (promisor, ("cat-file", "-p", "HEAD~1:clusters/prod/web.yaml")),
    "submodule": (submodule, None),
}


@pytest.mark.parametrize("name", BAITS)
def test_nothing_of_it_is_run(repo: GitRepo, bait: tuple[str, Path], name: str) -> None:
    program, sprung = bait
    make, _ = BAITS[name]
    make(repo, program)
    sprung.unlink(missing_ok=True)
    for arguments in (*COMMANDS, *(MORE if name in ("fsmonitor", "clean filter") else ())):
        done = riskcheck(repo.path, *arguments)
        assert not sprung.exists(), (arguments, sprung.read_text())
        assert done.code in (
            (2,) if "no-such-branch" in arguments else (0, 1) if name != "promisor" else (0, 1, 2)
        )


@pytest.mark.parametrize("name", [name for name, (_, shown) in BAITS.items() if shown is not None])
def test_git_by_itself_runs_it(repo: GitRepo, bait: tuple[str, Path], name: str) -> None:
    program, sprung = bait
    make, shown = BAITS[name]
    make(repo, program)
    sprung.unlink(missing_ok=True)
    assert shown is not None
    run_git(repo, shown)
    assert sprung.exists()


def run_git(repo: GitRepo, arguments: tuple[str, ...]) -> None:
    # On a terminal of its own: git pages for terminals only.
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        ["git", *arguments],
        cwd=repo.path,
        env={**repo.environ, "TERM": "xterm"},
        stdin=subprocess.PIPE,
        stdout=follower,
        stderr=subprocess.DEVNULL,
    )
    os.close(follower)
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        process.stdin.write(b"protocol=https\nhost=x.invalid\n\n")
        process.stdin.close()
    for _ in drained(leader):
        pass
    process.wait(60)
    os.close(leader)


def drained(leader: int) -> Iterator[bytes]:
    while True:
        try:
            data = os.read(leader, 65536)
        except OSError:
            return
        if not data:
            return
        yield data


AROUND = {
    "GIT_EXTERNAL_DIFF": "BAIT",
    "GIT_PAGER": "BAIT",
    "PAGER": "BAIT",
    "GIT_EDITOR": "BAIT",
    "GIT_SSH_COMMAND": "BAIT",
    "GIT_ASKPASS": "BAIT",
    "SSH_ASKPASS": "BAIT",
    "GIT_PROXY_COMMAND": "BAIT",
    "GIT_DIFF_OPTS": "--ext-diff",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_ICASE_PATHSPECS": "1",
    "GIT_FLUSH": "0",
    "GIT_TRACE": "1",
    "LANGUAGE": "de",
    "LC_ALL": "de_DE.UTF-8",
}


def test_what_the_environment_names_is_not_run_and_changes_no_answer(
    repo: GitRepo, bait: tuple[str, Path]
) -> None:
    program, sprung = bait
    around = {name: value.replace("BAIT", program) for name, value in AROUND.items()}
    for arguments in (("diff", "--format", "json"), ("diff", "HEAD~1..HEAD", "--format", "json")):
        plain, other = riskcheck(repo.path, *arguments), riskcheck(repo.path, *arguments, environ=around)
        assert (plain.code, timeless(plain.out)) == (other.code, timeless(other.out))
    assert not sprung.exists()


def timeless(report: str) -> str:
    return re.sub(r'"as_of": "[^"]*"', "", report)


def test_replaced_objects_grafts_and_alternates_bring_nothing_in(repo: GitRepo, tmp_path: Path) -> None:
    expected = riskcheck(repo.path, "diff", "HEAD~1..HEAD", "--format", "json")
    head, parent = repo.id("HEAD"), repo.id("HEAD~1")
    repo.git("replace", head, parent)
    (repo.path / ".git/info/grafts").write_text(f"{head}\n", "utf-8")
    (repo.path / ".git/objects/info/alternates").write_text(
        f"/dev/zero\n{tmp_path}/nowhere\n../../../..\n-x\n", "utf-8"
    )
    done = riskcheck(repo.path, "diff", f"{parent}..{head}", "--format", "json")
    assert (done.code, timeless(done.out)) == (expected.code, timeless(expected.out))
