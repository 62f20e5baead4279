"""Landed changes, judged by processes of their own, are told what `riskcheck diff` would have told them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from riskcheck.replaying import processes
from riskcheck.replaying.model import Asked, JudgedChange, ReplaySettings
from riskcheck.replaying.replay import replay
from riskcheck.replaying.rows import RowsFile
from tests.gitrepo import GitRepo
from tests.replaying.repositories import POLICY, asked_of, shop, web

ROOT = Path(__file__).parents[2]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[GitRepo, list[str]]:
    repo, commits = shop(tmp_path / "shop")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name, value in repo.environ.items():
        monkeypatch.setenv(name, value)
    return repo, commits


def settings(
    repo: GitRepo,
    *,
    root: str | None = None,
    jobs: int = 1,
    seconds: float = 60,
    cache: bool = True,
    config: str | None = None,
) -> ReplaySettings:
    return ReplaySettings(root or str(repo.path), "main", config, jobs, seconds, cache)


def diff(repo: GitRepo, asked: Asked) -> dict[str, object]:
    """What the command says of the same two revisions."""
    done = subprocess.run(
        [sys.executable, "-m", "riskcheck", "diff", f"{asked.base}..{asked.commit}", "--format", "json"],
        cwd=repo.path,
        env={**repo.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(repo.path.parent / "other")},
        capture_output=True,
        text=True,
        check=False,
    )
    report: dict[str, object] = json.loads(done.stdout)
    return report


def test_it_says_what_diff_says(made: tuple[GitRepo, list[str]]) -> None:
    repo, commits = made
    asked = asked_of(commits)
    judged = replay(asked, settings(repo, jobs=2))
    assert [one.commit for one in judged] == commits
    assert [one.error for one in judged] == [None] * len(commits)
    for one, wanted in list(zip(judged, asked, strict=True))[1:]:
        report = diff(repo, wanted)
        assert (one.verdict, one.level, one.score) == (report["verdict"], report["level"], report["score"])
        findings = report["findings"]
        assert isinstance(findings, list)
        assert [rule.code for rule in one.rules] == sorted({finding["code"] for finding in findings})
    assert {one.verdict for one in judged} > {"pass"}


def test_rows_are_the_same_for_any_number_of_processes_and_for_a_run_that_goes_on(
    made: tuple[GitRepo, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo, commits = made
    monkeypatch.setattr(processes, "NEIGHBOURS", 2)
    asked = asked_of(commits)
    kept: dict[str, bytes] = {}
    told: dict[str, list[JudgedChange]] = {}
    for name, jobs in (("one", 1), ("again", 1), ("three", 3)):
        file = tmp_path / f"{name}.jsonl"
        told[name] = replay(asked, settings(repo, jobs=jobs), RowsFile(str(file), "v r own"))
        kept[name] = file.read_bytes()
    resumed = tmp_path / "resumed.jsonl"
    replay(asked[::2], settings(repo), RowsFile(str(resumed), "v r own"))
    # Cut off in the middle of its last line, as where the machine went down.
    resumed.write_bytes(resumed.read_bytes()[:-20])
    rows = RowsFile(str(resumed), "v r own")
    assert rows.dropped == 1
    told["resumed"] = replay(asked, settings(repo, jobs=2), rows)
    kept["resumed"] = resumed.read_bytes()
    assert set(kept.values()) == {kept["one"]}
    assert all(one == told["one"] for one in told.values())


def test_what_is_known_is_not_judged_again(made: tuple[GitRepo, list[str]], tmp_path: Path) -> None:
    repo, commits = made
    asked = asked_of(commits)[:3]
    file = tmp_path / "rows.jsonl"
    first = replay(asked, settings(repo), RowsFile(str(file), "v r own"))
    assert replay(asked, settings(repo, root="/nowhere"), RowsFile(str(file), "v r own")) == first
    for stamp in ("v2 r own", "v r2 own", "v r sha256:00"):
        again = replay(asked[:1], settings(repo, root="/nowhere"), RowsFile(str(file), stamp))
        assert again[0].error is not None


def test_a_process_that_is_killed_costs_one_change(
    made: tuple[GitRepo, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo, commits = made
    started: list[subprocess.Popen[bytes]] = []
    start = processes._Slot._start

    def killed_once(self: processes._Slot) -> subprocess.Popen[bytes] | None:
        process = start(self)
        assert process is not None
        if not started:
            os.kill(process.pid, signal.SIGKILL)
        started.append(process)
        return process

    monkeypatch.setattr(processes._Slot, "_start", killed_once)
    file = tmp_path / "rows.jsonl"
    judged = replay(asked_of(commits), settings(repo), RowsFile(str(file), "v r own"))
    assert judged[0].error == "the process that judged it was ended by SIGKILL"
    assert [one.error for one in judged[1:]] == [None] * (len(commits) - 1)
    assert len(started) == 2
    # The next run tries it again.
    judged = replay(asked_of(commits), settings(repo), RowsFile(str(file), "v r own"))
    assert [one.error for one in judged] == [None] * len(commits)
    assert len(started) == 3


def test_where_the_system_gives_no_process_every_change_says_so(
    made: tuple[GitRepo, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    repo, commits = made
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    judged = replay(asked_of(commits)[:2], settings(repo))
    assert [one.error for one in judged] == [
        "no process could be started for it: No such file or directory"
    ] * 2


def test_a_change_that_takes_too_long_is_given_up(
    made: tuple[GitRepo, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    repo, commits = made
    monkeypatch.setattr(processes, "_SECONDS_TO_START", 0.0)
    judged = replay(asked_of(commits)[:2], settings(repo, seconds=0.01))
    assert [one.error for one in judged] == ["gave up after 0.01 seconds"] * 2


def test_what_needs_too_much_memory_costs_one_change(
    made: tuple[GitRepo, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    repo, commits = made
    program = processes._PROGRAM.replace(
        "main()",
        "import riskcheck.replaying.worker as w; own = w.Judge.judged\n"
        "def judged(self, asked):\n"
        f"    return bytearray(1 << 40) if asked.commit == {commits[1]!r} else own(self, asked)\n"
        "w.Judge.judged = judged; main()",
    )
    monkeypatch.setattr(processes, "_PROGRAM", program)
    judged = replay(asked_of(commits)[:3], settings(repo))
    assert [one.error for one in judged] == [None, "out of memory", None]


def test_a_policy_that_cannot_be_read_costs_the_changes_that_it_judges(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    commits = [
        repo.commit({"clusters/prod/web.yaml": web(3)}),
        repo.commit({"riskcheck.yaml": "version: 1\nservces: []\n"}),
        repo.commit({"clusters/prod/web.yaml": web(2)}),
        repo.commit({"riskcheck.yaml": POLICY}),
        repo.commit({"clusters/prod/web.yaml": web(1)}),
    ]
    judged = replay(asked_of(commits), settings(repo, cache=False))
    assert [one.error is None for one in judged] == [True, True, False, False, True]
    assert "servces" in str(judged[2].error)


def test_a_policy_that_is_given_judges_every_change(made: tuple[GitRepo, list[str]], tmp_path: Path) -> None:
    repo, commits = made
    own = replay(asked_of(commits), settings(repo))
    fired = sorted({rule.code for one in own for rule in one.rules})
    assert fired
    given = tmp_path / "given.yaml"
    given.write_text(f"version: 1\nrules: {{ignore: {fired}}}\n")
    other = replay(asked_of(commits), settings(repo, config=str(given)))
    assert [(one.error, one.rules) for one in other] == [(None, ())] * len(commits)


def test_nothing_is_imported_from_the_repository_that_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = GitRepo(tmp_path / "repo")
    mark = tmp_path / "ran"
    code = f"open({str(mark)!r}, 'w').close()\n"
    commits = [repo.commit({"json.py": code, "riskcheck/__init__.py": code, "prod/web.yaml": web(2)})]
    monkeypatch.chdir(repo.path)
    monkeypatch.setattr(sys, "path", ["", ".", *sys.path])
    assert replay(asked_of(commits), settings(repo, root="."))[0].error is None
    assert not mark.exists()


def test_an_interrupted_run_leaves_no_process(made: tuple[GitRepo, list[str]], tmp_path: Path) -> None:
    repo, commits = made
    code = (
        "import sys\n"
        "from riskcheck.replaying.model import Asked, ReplaySettings\n"
        "from riskcheck.replaying.replay import replay\n"
        "from riskcheck.replaying.rows import RowsFile\n"
        "class Observer:\n"
        "    def stage(self, *_): pass\n"
        "    def read(self): pass\n"
        "    def step(self, _): print('one', flush=True)\n"
        "asked = [Asked(*one.split(',')) for one in sys.argv[3:]]\n"
        "try: replay(asked * 1, ReplaySettings(sys.argv[1]), RowsFile(sys.argv[2], 'v r own'), Observer())\n"
        "except KeyboardInterrupt: sys.exit(130)\n"
    )
    file = tmp_path / "rows.jsonl"
    asked = asked_of(commits)
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(repo.path), str(file), *(",".join(one[:2]) for one in asked)],
        env={**repo.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"one\n"
    below = children(process.pid)
    os.killpg(process.pid, signal.SIGINT)
    process.stdout.close()
    assert process.wait(timeout=20) == 130
    assert below
    ends = time.monotonic() + 5
    while any(Path(f"/proc/{one}").exists() for one in below) and time.monotonic() < ends:
        time.sleep(0.05)
    assert [one for one in below if Path(f"/proc/{one}").exists()] == []
    # The next run goes on.
    rows = RowsFile(str(file), "v r own")
    assert rows.get(asked[0]) is not None
    assert [one.error for one in replay(asked, settings(repo), rows)] == [None] * len(asked)


def children(process: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{process}/task").iterdir():
        found += [int(one) for one in (task / "children").read_text().split()]
    return found


def test_no_thread_is_left(made: tuple[GitRepo, list[str]]) -> None:
    repo, commits = made
    replay(asked_of(commits)[:2], settings(repo, jobs=2))
    assert [one for one in threading.enumerate() if one.name.startswith("replay-")] == []
