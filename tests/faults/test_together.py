"""Many runs at once: on one cold cache, while commits are made, into one file."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from tests.faults.runs import RANGE, changed_repository, left_in, run, started, timeless
from tests.gitrepo import GitRepo

AT_ONCE = 8


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> GitRepo:
    return changed_repository(tmp_path_factory.mktemp("together") / "repo")


def test_one_cold_cache_and_one_output(repo: GitRepo, tmp_path: Path) -> None:
    output = tmp_path / "r.json"
    arguments = ("diff", RANGE, "--format=json", f"--output=json:{output}")
    alone = run(repo.path, *arguments, cache=tmp_path / "alone")
    cache = tmp_path / "cache"
    runs = [started(repo.path, *arguments, cache=cache) for _ in range(AT_ONCE)]
    told = [(*one.communicate(), one.returncode) for one in runs]
    assert {(timeless(out), err, code) for out, err, code in told} == {(timeless(alone.stdout), "", 1)}
    assert timeless(output.read_text("utf-8")) == timeless(alone.stdout)
    assert left_in(tmp_path, cache / "riskcheck") == []
    after = run(repo.path, *arguments, cache=cache)
    assert timeless(after.stdout) == timeless(alone.stdout)


def test_while_commits_are_made(tmp_path: Path) -> None:
    """What is compared is decided once: each run says of some commit what is true of it."""
    repo = changed_repository(tmp_path / "repo")
    cache, stop = tmp_path / "cache", threading.Event()

    def commit() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            repo.commit({f"notes/{number}.txt": "text\n"})
            repo.git("gc", "-q", "--auto")

    committing = threading.Thread(target=commit)
    first = repo.id("HEAD")
    committing.start()
    try:
        runs = [
            started(repo.path, "diff", *range_, "--format=json", cache=cache)
            for range_ in ((f"{first}~1..{first}",), (f"{first}~1..HEAD",), ("HEAD~1..HEAD",), ())
        ]
        told = [(*one.communicate(), one.returncode) for one in runs]
    finally:
        stop.set()
        committing.join()
    for number, (out, err, code) in enumerate(told):
        assert "Traceback" not in err and "internal error" not in err
        assert code in ((1,) if number < 2 else (0, 1, 2)), err
        if code != 2:
            assert json.loads(out)["verdict"] == ("block" if code else "pass")
