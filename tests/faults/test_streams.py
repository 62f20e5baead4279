"""Whatever is wrong with the standard streams, the verdict and its exit code stand, or the run says that it could
not be made. No traceback in any case."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from riskcheck.commands import FORMATS
from tests.faults.runs import RANGE, changed_repository, environment, in_words, run, started
from tests.gitrepo import GitRepo

COMMANDS = {
    ("diff", RANGE): 1,
    ("diff", RANGE, "--quiet"): 1,
    ("diff",): 0,
    ("lint",): 0,
    ("graph",): 0,
    ("plan", RANGE): 0,
    ("rules", "list"): 0,
    ("explain", "DAB-001"): 0,
    ("schema", "report"): 0,
    ("completion", "bash"): 0,
    ("--help",): 0,
    ("--version",): 0,
    ("diff", "nowhere"): 2,
    ("nonsense",): 2,
}
"""Commands and how they end where nothing is wrong."""


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> GitRepo:
    made = changed_repository(tmp_path_factory.mktemp("streams") / "repo")
    run(made.path, "diff", RANGE, cache=made.path.parent / "cache")
    return made


def closed_pipe() -> int:
    """The writing end of a pipe that nobody reads."""
    receiving, sending = os.pipe()
    os.close(receiving)
    return sending


@pytest.mark.parametrize("arguments", COMMANDS)
def test_a_reader_that_goes_away_changes_nothing(repo: GitRepo, arguments: tuple[str, ...]) -> None:
    """As of ``riskcheck diff | head -1``, and of ``2>&1 |``."""
    pipe = closed_pipe()
    try:
        for both in (False, True):
            done = run(
                repo.path,
                *arguments,
                cache=repo.path.parent / "cache",
                stdout=pipe,
                stderr=pipe if both else subprocess.PIPE,
            )
            assert done.returncode == COMMANDS[arguments]
            assert "Traceback" not in (done.stderr or "") and "roken pipe" not in (done.stderr or "")
    finally:
        os.close(pipe)


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_outlives_its_reader(repo: GitRepo, format_: str) -> None:
    process = started(repo.path, "diff", RANGE, "--format", format_, cache=repo.path.parent / "cache")
    assert process.stdout is not None and process.stderr is not None
    process.stdout.read(1)
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait() == 1
    process.stderr.close()


@pytest.mark.parametrize(
    "arguments", [("diff", RANGE), ("rules", "list"), ("--version",), ("diff", "nowhere")]
)
@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
def test_closed_streams_are_as_if_nobody_listened(
    repo: GitRepo, tmp_path: Path, arguments: tuple[str, ...], closed: tuple[int, ...]
) -> None:
    def close() -> None:
        for one in closed:
            os.close(one)

    output = (f"--output=json:{tmp_path / 'r.json'}",) if arguments[0] == "diff" else ()
    done = run(repo.path, *arguments, *output, cache=repo.path.parent / "cache", prepare=close)
    assert done.returncode == COMMANDS[arguments]
    assert "Traceback" not in done.stderr
    assert (done.stdout != "") == (1 not in closed and done.returncode != 2)
    if output and done.returncode == 1:
        # Nothing that is meant for people has slipped into a file under the number of a closed stream.
        assert (tmp_path / "r.json").read_text("utf-8").startswith("{")


@pytest.mark.parametrize("arguments", [("diff", RANGE), ("rules", "list"), ("--help",), ("--version",)])
def test_a_full_disk_behind_stdout_is_said(repo: GitRepo, arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = run(repo.path, *arguments, cache=repo.path.parent / "cache", stdout=full.fileno())
        assert in_words(done, 2, "cannot write to standard output: No space left on device")
        both = run(
            repo.path,
            *arguments,
            cache=repo.path.parent / "cache",
            stdout=full.fileno(),
            stderr=full.fileno(),
        )
        assert both.returncode == 2


def test_a_pipe_that_does_not_wait_is_waited_for(repo: GitRepo) -> None:
    """Some programs give a pipe to which writing fails while it is full: what is written comes whole even so."""
    receiving, sending = os.pipe()
    fcntl.fcntl(sending, fcntl.F_SETFL, fcntl.fcntl(sending, fcntl.F_GETFL) | os.O_NONBLOCK)
    process = started(repo.path, "rules", "list", "--format", "json", stdout=sending)
    os.close(sending)
    with open(receiving, "rb") as stream:  # noqa: PTH123
        read = [stream.read(1)]
        # The pipe is full by the time that the rest is asked for.
        waiting = threading.Event()
        waiting.wait(0.5)
        read.append(stream.read())
    assert process.wait() == 0 and len(b"".join(read)) > 65_536
    assert process.stderr is not None and process.stderr.read() == ""
    process.stderr.close()


@pytest.mark.parametrize("encoding", ["ascii", "cp437", "latin-1", "utf-16", "shift_jis", "utf-8:strict"])
def test_an_encoding_that_knows_little_is_no_obstacle(repo: GitRepo, encoding: str) -> None:
    environ = environment(repo.path.parent / "cache", PYTHONIOENCODING=encoding)
    for arguments in (("diff", RANGE), ("explain", "DAB-001")):
        command = [sys.executable, "-m", "riskcheck", *arguments]
        done = subprocess.run(command, cwd=repo.path, env=environ, capture_output=True)
        assert (done.returncode, done.stderr) == (COMMANDS[arguments], b"")
        assert "DAB-001" in done.stdout.decode(encoding.partition(":")[0])


@pytest.mark.parametrize("locale", ["C", "POSIX", "xx_XX.nonsense", ""])
def test_the_locale_changes_nothing_but_marks(repo: GitRepo, tmp_path: Path, locale: str) -> None:
    made = GitRepo(tmp_path / "repo")
    made.commit({"prod/größe-✓.yaml": "a: 1\n"})
    made.write({"prod/größe-✓.yaml": "a: ["})
    environ = {"LANG": locale, "LC_ALL": locale, "LC_CTYPE": locale}
    done = run(made.path, "diff", "--format", "json", environ=environ)
    assert done.returncode == 1 and done.stderr == ""
    assert "größe-✓.yaml" in done.stdout or "gr\\u00f6\\u00dfe" in done.stdout
