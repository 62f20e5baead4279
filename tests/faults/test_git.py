"""git that is absent, old, broken, killed or endless, and repositories that are damaged: words for people, exit
code 2, and never a pass."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.faults.runs import RANGE, changed_repository, in_words, run, started
from tests.gitrepo import GitRepo
from tests.manifests import WEB

REAL = shutil.which("git") or "git"
COMMANDS = ("rev-parse", "cat-file", "diff-tree", "ls-tree")
"""What a comparison of two commits runs."""


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> GitRepo:
    return changed_repository(tmp_path_factory.mktemp("git") / "repo")


def path_with(folder: Path, script: str) -> str:
    """A PATH on which git is `script`, to which ``$command`` is the command that is run, ``$real`` git itself."""
    folder.mkdir(exist_ok=True)
    program = folder / "git"
    begin = (
        '#!/bin/sh\nreal="' + REAL + '"\nfor command in "$@"; do\n'
        "  case $command in -*|*.*=*) ;; *) break ;; esac\ndone\n"
    )
    program.write_text(f'{begin}{script}\nexec "$real" "$@"\n', "utf-8")
    program.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def judged(
    repo: GitRepo, path: str, *arguments: str, range_: tuple[str, ...] = (RANGE,)
) -> subprocess.CompletedProcess[str]:
    return run(repo.path, "diff", *range_, "--no-cache", "--quiet", *arguments, environ={"PATH": path})


def test_without_git_it_is_said_how_to_go_on(repo: GitRepo, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    environ = {"PATH": str(tmp_path / "empty")}
    for command in (("diff",), ("lint",), ("graph",), ("plan", RANGE), ("baseline", "write"), ("init",)):
        done = run(repo.path, *command, environ=environ)
        assert in_words(done, 2, "git was not found on PATH: install git 2.25 or newer, or compare folders")


def test_folders_are_compared_without_git(tmp_path: Path) -> None:
    for name, replicas in (("a", 3), ("b", 1)):
        (tmp_path / name / "prod").mkdir(parents=True)
        text = WEB.replace("replicas: 3", f"replicas: {replicas}")
        (tmp_path / name / "prod/web.yaml").write_text(text, "utf-8")
    environ = {"PATH": str(tmp_path)}
    done = run(tmp_path, "diff", "--from", "a", "--to", "b", environ=environ)
    assert (done.returncode, done.stderr) == (0, "") and "K8S-001" in done.stdout
    assert run(tmp_path, "lint", "--dir", "a", environ=environ).returncode == 0


def test_an_older_git_is_told_from_its_answers(repo: GitRepo, tmp_path: Path) -> None:
    """git up to 2.24 repeats the options of rev-parse that it does not know, and refuses those of others."""
    answers = "printf 'false\\nfalse\\n--show-object-format\\ntrue\\n%s\\n' \"$PWD\"; exit 0"
    script = (
        'case "$*" in *--version) echo git version 2.20.5; exit 0 ;; esac\n'
        f'if [ "$command" = rev-parse ]; then {answers}; fi'
    )
    path = path_with(tmp_path / "old", script)
    for range_ in ((), (RANGE,), ("HEAD~1",), ("--staged",)):
        done = judged(repo, path, range_=range_)
        assert in_words(done, 2, "git 2.20.5 is too old for riskcheck: install git 2.25 or newer")
    script = script.replace("rev-parse", "diff-tree").replace(answers, "echo usage: >&2; exit 129")
    done = judged(repo, path_with(tmp_path / "odd", script))
    assert in_words(done, 2, "git 2.20.5 does not know what riskcheck asks of `git diff-tree`")


@pytest.mark.parametrize(
    ("command", "how"),
    [
        (command, how)
        for command in COMMANDS
        for how in ("fails", "garbage", "silence", "killed")
        if (command, how) != ("ls-tree", "silence")  # that is what an empty tree looks like
    ],
)
def test_a_git_that_fails_midway_is_no_pass(repo: GitRepo, tmp_path: Path, command: str, how: str) -> None:
    does = {
        "fails": "echo 'fatal: something odd' >&2; exit 128",
        "garbage": r"printf 'garbage \000 more: garbage\n:1 2 3\000x\n\377'; exit 0",
        "silence": "exit 0",
        "killed": "kill -9 $$",
    }[how]
    path = path_with(tmp_path / "git", f'if [ "$command" = {command} ]; then {does}; fi')
    done = judged(repo, path)
    assert in_words(done, 2, "git") and done.stdout == ""
    if how == "killed":
        assert f"git {command} was ended by signal 9" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_git_that_never_answers_is_ended_with_the_run(
    repo: GitRepo, tmp_path: Path, number: signal.Signals
) -> None:
    """There is no limit of time: large repositories take theirs. Whoever ends the run ends git with it."""
    told = tmp_path / "pid"
    script = (
        f'if [ "$command" = diff-tree ]; then echo $$ > {told}.new; mv {told}.new {told}; exec sleep 600; fi'
    )
    path = path_with(tmp_path / "git", script)
    process = started(repo.path, "diff", RANGE, "--no-cache", environ={"PATH": path})
    try:
        while not told.exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, out, err.strip()) == (130 if number == signal.SIGINT else -number, "", "")
    assert not Path(f"/proc/{int(told.read_text('utf-8'))}").exists()


def damaged(repo: GitRepo, into: Path) -> GitRepo:
    """A copy of `repo` to be damaged: each object in a file of its own."""
    shutil.copytree(repo.path, into)
    return GitRepo(into, init=False, environ=repo.environ)


def object_file(repo: GitRepo, revision: str) -> Path:
    name = repo.id(revision)
    file = repo.path / ".git/objects" / name[:2] / name[2:]
    file.chmod(0o644)
    return file


@pytest.mark.parametrize("what", ["HEAD", "HEAD~1", "HEAD^{tree}", "HEAD~1^{tree}", "HEAD:services"])
@pytest.mark.parametrize("how", ["missing", "empty", "garbage"])
def test_a_damaged_object_is_named_with_what_brings_it_back(
    repo: GitRepo, tmp_path: Path, what: str, how: str
) -> None:
    copy = damaged(repo, tmp_path / "repo")
    file = object_file(copy, what)
    if how == "missing":
        file.unlink()
    else:
        file.write_bytes(b"" if how == "empty" else b"garbage")
    done = run(copy.path, "diff", RANGE, "--quiet")
    if what == "HEAD~1":
        assert in_words(done, 2, "HEAD~1 is not a revision here")
    else:
        assert in_words(done, 2, "git fsck") and done.stdout == ""
    if "tree" in what or ":" in what:
        assert "is missing from the repository or damaged, and the comparison needs it" in done.stderr


def test_a_changed_file_whose_content_is_missing_blocks(repo: GitRepo, tmp_path: Path) -> None:
    copy = damaged(repo, tmp_path / "repo")
    copy.commit({"services/s0/prod/web.yaml": WEB})
    object_file(copy, "HEAD:services/s0/prod/web.yaml").unlink()
    done = run(copy.path, "diff", RANGE)
    assert (done.returncode, done.stderr) == (1, "")
    assert "GOV-010" in done.stdout and "`git fsck`" in done.stdout and "filter" not in done.stdout


def test_a_pack_that_is_cut_off(repo: GitRepo, tmp_path: Path) -> None:
    for kind, most in (("pack", 400), ("idx", 300)):
        copy = damaged(repo, tmp_path / kind)
        copy.git("gc", "-q")
        (file,) = (copy.path / ".git/objects/pack").glob(f"*.{kind}")
        file.chmod(0o644)
        os.truncate(file, most)
        assert in_words(run(copy.path, "diff", RANGE, "--quiet"), 2, "git fsck")


@pytest.mark.parametrize("how", ["garbage", "empty"])
def test_a_broken_index_is_told_with_the_way_out(repo: GitRepo, tmp_path: Path, how: str) -> None:
    copy = damaged(repo, tmp_path / "repo")
    (copy.path / ".git/index").write_bytes(b"garbage" if how == "garbage" else b"")
    for arguments in (("diff",), ("diff", "--staged"), ("lint",)):
        done = run(copy.path, *arguments)
        assert in_words(done, 2, "git cannot read the index", "git rev-parse --git-path index")
    # What is said helps.
    (copy.path / ".git/index").unlink()
    copy.git("reset", "-q")
    assert run(copy.path, "diff").returncode == 0


def test_other_states_of_a_repository(repo: GitRepo, tmp_path: Path) -> None:
    copy = damaged(repo, tmp_path / "repo")
    git = copy.path / ".git"
    (git / "index.lock").touch()
    assert in_words(run(copy.path, "diff", RANGE, "--quiet"), 1)
    assert in_words(run(copy.path, "diff", "--quiet"), 0)
    copy.git("update-ref", "--no-deref", "HEAD", "HEAD")
    assert in_words(run(copy.path, "diff", RANGE, "--quiet"), 1)
    config = (git / "config").read_bytes()
    (git / "config").write_bytes(config + b"[core\n")
    assert in_words(run(copy.path, "diff", RANGE), 2, "git cannot read its configuration (bad config line")
    (git / "config").write_bytes(
        config.replace(b"repositoryformatversion = 0", b"repositoryformatversion = 9")
    )
    assert in_words(run(copy.path, "diff", RANGE), 2, "older than what made the repository", "newer git")
    (git / "config").write_bytes(config)
    (git / "HEAD").write_text("ref: refs/heads/unborn\n", "utf-8")
    assert in_words(run(copy.path, "diff", RANGE), 2, "there is no commit yet")
    assert in_words(run(copy.path, "diff", "--quiet"), 0)


def test_a_linked_working_tree_whose_repository_is_gone(repo: GitRepo, tmp_path: Path) -> None:
    copy = damaged(repo, tmp_path / "repo")
    linked = copy.worktree(tmp_path / "linked")
    copy.path.rename(tmp_path / "elsewhere")
    assert in_words(run(linked.path, "diff"), 2, "is not in a git repository")


def test_a_bare_repository(repo: GitRepo, tmp_path: Path) -> None:
    repo.git("clone", "-q", "--bare", str(repo.path), str(tmp_path / "bare"))
    assert in_words(run(tmp_path / "bare", "diff", RANGE, "--quiet"), 1)
    assert in_words(run(tmp_path / "bare", "diff"), 2, "a bare repository has no working tree")


def test_a_repository_of_somebody_else(repo: GitRepo, tmp_path: Path) -> None:
    """git decides whose it is: as root by the owner of the folder, as another user by what git's own tests use."""
    copy = damaged(repo, tmp_path / "repo")
    environ = {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1", "HOME": str(tmp_path)}
    if os.getuid() == 0:
        environ.pop("GIT_TEST_ASSUME_DIFFERENT_OWNER")
        os.chown(copy.path, 1234, 1234)
        os.chown(copy.path / ".git", 1234, 1234)
    done = run(copy.path, "diff", environ=environ)
    assert in_words(done, 2, f"git config --global --add safe.directory {copy.path}")
