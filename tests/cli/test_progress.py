"""Progress on a real terminal: one line on stderr after a second, gone at the end; elsewhere nothing of it."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from riskcheck.commands import progress
from riskcheck.commands.progress import ProgressLine
from tests.gitrepo import GitRepo
from tests.manifests import WEB

ROOT = Path(__file__).parents[2]

# What a run is, with a clock that is a second further at every look.
SLOWLY = """
import itertools, sys
from riskcheck.commands import progress
progress.monotonic = map(float, itertools.count()).__next__
from riskcheck.cli import run
sys.exit(run())
"""
LISTED = """
import sys
from riskcheck.cli import run
code = run()
print("\\n".join(sys.modules), file=sys.__stdout__)
sys.exit(code)
"""


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit({"clusters/prod/web.yaml": WEB})
    made.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")})
    return made


def test_a_long_stage_tells_its_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(progress, "monotonic", lambda: now[0])
    line = ProgressLine(io.StringIO())
    line.stage("judging", 1_000, "changes")
    for _ in range(20):
        line.step("changes")
    now[0] = 4.0
    assert line.words() == "judging 20/1000 changes"
    now[0] = 10.0
    assert line.words() == "judging 20/1000 changes, 2.0/s, 8:10 left"
    line.stage("reading", None, "files")
    line.step("files")
    now[0] = 30.0
    assert line.words() == "reading 1 files"


def on_a_terminal(repo: GitRepo, program: str, *arguments: str, **environment: str) -> tuple[str, str]:
    """stdout, and what a terminal got as stderr, of a run in `repo`."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CI", "GITHUB_", "RISKCHECK_", "TF_BUILD", "JENKINS_"))
    }
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=repo.path,
        env={
            **clean,
            "PYTHONPATH": str(ROOT),
            "TERM": "xterm",
            "XDG_CACHE_HOME": str(repo.path.parent),
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    )
    os.close(theirs)
    out = process.communicate()[0]
    assert process.returncode == 0
    told = b""
    try:
        while more := os.read(ours, 65536):
            told += more
    except OSError:  # how Linux tells that the other end is closed
        pass
    finally:
        os.close(ours)
    return out, told.decode()


@pytest.mark.parametrize("command", ["diff", "lint", "graph", "plan", "init --dry-run"])
def test_a_long_run_says_what_it_does_and_takes_the_line_away(repo: GitRepo, command: str) -> None:
    out, told = on_a_terminal(repo, SLOWLY, *command.split())
    assert out
    assert "riskcheck: re" in told  # reading, resolving
    assert told.endswith("\r\x1b[K")
    assert "\n" not in told


def test_changes_are_counted_as_they_are_judged(repo: GitRepo) -> None:
    told = on_a_terminal(repo, SLOWLY, "diff")[1]
    assert "riskcheck: resolving 1/2 files" in told
    assert "riskcheck: judging 1/1 changes" in told or "riskcheck: judging 1/" in told


def test_a_short_run_says_nothing(repo: GitRepo) -> None:
    assert on_a_terminal(repo, LISTED, "diff")[1] == ""


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (("diff", "--quiet"), {}),
        (("diff",), {"CI": "true"}),
        (("diff",), {"TF_BUILD": "True"}),
        (("diff",), {"TERM": "dumb"}),
        (("init", "--quiet", "--dry-run"), {}),
    ],
)
def test_nothing_is_shown_where_nobody_watches(
    repo: GitRepo, arguments: tuple[str, ...], environment: dict[str, str]
) -> None:
    # In a CI, what is compared would else be asked of its variables.
    repo.git("add", "--all")
    wanted = (*arguments, "--staged") if arguments[0] == "diff" else arguments
    assert on_a_terminal(repo, SLOWLY, *wanted, **environment)[1] == ""


def test_without_a_terminal_nothing_of_it_is_imported(repo: GitRepo) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LISTED, "diff"],
        cwd=repo.path,
        env={**repo.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(repo.path.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert not {"riskcheck.commands.progress", "riskcheck.observing"} & set(done.stdout.split())


class Broken(io.StringIO):
    def write(self, _: str) -> int:
        raise OSError("the terminal went away")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    now = [0.0]
    monkeypatch.setattr(progress, "monotonic", lambda: now[0])

    def wait(seconds: float) -> None:
        now[0] += seconds

    return wait


def test_the_line_is_written_ten_times_a_second_at_most(clock: Callable[[float], None]) -> None:
    stream = io.StringIO()
    line = ProgressLine(stream)
    line.stage("reading", 3, "files")
    for _ in range(100):
        clock(0.02)
        line.read()
    assert 10 <= stream.getvalue().count("riskcheck: ") <= 11


def test_a_total_that_was_passed_is_not_shown(clock: Callable[[float], None]) -> None:
    line = ProgressLine(io.StringIO())
    line.stage("reading", 1, "files")
    assert line.words() == "reading"
    line.read()
    assert line.words() == "reading 1/1 files"
    line.read()
    assert line.words() == "reading 2 files"
    line.stage("weighing")
    line.read()
    assert line.words() == "weighing"


def test_a_terminal_that_went_away_stops_nothing(clock: Callable[[float], None]) -> None:
    line = ProgressLine(Broken())
    clock(2)
    line.stage("reading")
    clock(2)
    line.read()
    line.clear()


def test_what_is_read_after_the_end_is_not_shown(clock: Callable[[float], None]) -> None:
    shown = io.StringIO()
    line = ProgressLine(shown)
    clock(2)
    line.stage("reading", 2, "files")
    line.clear()
    told = shown.getvalue()
    clock(2)
    line.read()
    line.stage("judging")
    assert shown.getvalue() == told
    assert told.endswith("\r\x1b[K")
