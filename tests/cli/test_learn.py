"""`riskcheck learn`: on real repositories, good and odd ones."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from riskcheck.data import data_text
from tests.cli.test_diff import riskcheck
from tests.gitrepo import EPOCH, GitRepo

DAY = 86_400
LEARNED = ".riskcheck/learned.yaml"
POLICY = "version: 1\nrules: {learned: [.riskcheck/learned.yaml]}\n"


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    return told(tmp_path / "repo", 8)


def told(path: Path, times: int) -> GitRepo:
    """Two files that were edited together so many times, a week apart, and a third one in between."""
    made = GitRepo(path)
    made.commit({"app.yaml": "port: 0\n", "net.yaml": "allow: 0\n", "log.yaml": "level: 0\n"})
    for number in range(1, times + 1):
        at = EPOCH + 7 * number * DAY
        made.commit({"app.yaml": f"port: {number}\n", "net.yaml": f"allow: {number}\n"}, at=at)
        for other in (1, 2, 3):
            made.commit({"log.yaml": f"level: {number}{other}\n"}, at=at + other * DAY)
    return made


def test_it_learns_writes_and_reminds(repo: GitRepo) -> None:
    done = riskcheck(repo.path, "learn")
    assert (done.returncode, done.stderr) == (0, "")
    assert "learned from 33 changes of the last 180 days: 1 rule (1 to warn of)" in done.stdout
    assert "app.yaml ↔ net.yaml  (9 of 9)" in done.stdout
    assert "  rules: {learned: [.riskcheck/learned.yaml]}" in done.stdout
    assert "likelihood" in done.stdout
    repo.git("add", ".")
    repo.commit({"riskcheck.yaml": POLICY})
    (repo.path / "app.yaml").write_text("port: 99\n")
    said = riskcheck(repo.path, "diff", "--format", "json")
    (finding,) = json.loads(said.stdout)["findings"]
    assert (finding["code"], finding["level"], said.returncode) == ("GOV-020", "P2", 0)
    assert "an edit of app.yaml without net.yaml; 9 of 9 changes edited both, last " in finding["message"]
    (repo.path / "net.yaml").write_text("allow: 99\n")
    assert json.loads(riskcheck(repo.path, "diff", "--format", "json").stdout)["findings"] == []


def test_at_commit_it_is_silent_and_at_push_it_is_not(repo: GitRepo) -> None:
    riskcheck(repo.path, "learn")
    repo.git("add", ".")
    repo.commit({"riskcheck.yaml": POLICY})
    before = repo.id("HEAD")
    (repo.path / "app.yaml").write_text("port: 99\n")
    repo.git("add", "app.yaml")
    assert "GOV-020" not in riskcheck(repo.path, "diff", "--staged", "--hook").stdout
    repo.git("commit", "-q", "-m", "port")
    assert "GOV-020" in riskcheck(repo.path, "diff", f"{before}..HEAD", "--hook").stdout


def test_a_file_that_is_there_is_left_alone(repo: GitRepo) -> None:
    riskcheck(repo.path, "learn")
    text = (repo.path / LEARNED).read_text()
    (repo.path / LEARNED).write_text(text.replace("    level: warn", "    level: advisory\n    note: mine"))
    again = riskcheck(repo.path, "learn")
    assert again.returncode == 2
    assert "exists; --update brings it up to date" in again.stderr
    done = riskcheck(repo.path, "learn", "--update")
    assert (done.returncode, done.stderr) == (0, "")
    assert "0 rules added, 0 gone" in done.stdout
    assert "level: advisory" in (repo.path / LEARNED).read_text()
    assert "note: mine" in (repo.path / LEARNED).read_text()


def test_what_was_dropped_does_not_come_back(repo: GitRepo) -> None:
    (repo.path / ".riskcheck").mkdir()
    (repo.path / LEARNED).write_text("version: 1\ndropped: [{edited: app.yaml, expect: net.yaml}]\n")
    done = riskcheck(repo.path, "learn", "--update")
    assert "1 rule left out, as `dropped` says" in done.stdout
    assert "rules: []" in (repo.path / LEARNED).read_text()


def test_a_broken_file_is_told_with_its_line(repo: GitRepo) -> None:
    (repo.path / ".riskcheck").mkdir()
    (repo.path / LEARNED).write_text("version: 1\nrules:\n  - {edited: a}\n")
    done = riskcheck(repo.path, "learn", "--update")
    assert done.returncode == 2
    assert "learned.yaml:3: rules[0]: says no `expect`" in done.stderr


def test_json_is_the_same_file(repo: GitRepo) -> None:
    done = riskcheck(repo.path, "learn", "--format", "json", "--dry-run")
    value = json.loads(done.stdout)
    jsonschema.validate(value, json.loads(data_text("schemas", "learned.schema.json")))
    assert value["rules"][0]["together"] == ["app.yaml", "net.yaml"]
    assert not (repo.path / LEARNED).exists()


def test_it_runs_from_a_folder_and_writes_elsewhere(repo: GitRepo) -> None:
    (repo.path / "deep").mkdir()
    done = riskcheck(repo.path / "deep", "learn", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (repo.path / LEARNED).exists()
    done = riskcheck(repo.path, "learn", "--output", "mine.yaml", "--history", "store.sqlite")
    assert "rules: {learned: [mine.yaml]}" in done.stdout
    assert (repo.path / "store.sqlite").exists()
    assert riskcheck(repo.path, "learn", "--output", "no/such/x.yaml").returncode == 2


def test_the_level_and_the_days(repo: GitRepo, tmp_path: Path) -> None:
    assert "0 rules" in riskcheck(told(tmp_path / "few", 5).path, "learn", "--level", "warn").stdout
    few = riskcheck(repo.path, "learn", "--since", "20")
    assert "0 rules" in few.stdout
    assert not (repo.path / LEARNED).exists()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"main.c": "x"}, "nothing in this history is a configuration file"),
        ({"a.yaml": "a: 1\n"}, "only 1 change of people touched configuration"),
    ],
)
def test_nothing_to_learn_from_is_said(tmp_path: Path, files: dict[str, str], said: str) -> None:
    made = GitRepo(tmp_path / "repo")
    made.commit(files)
    done = riskcheck(made.path, "learn")
    assert (done.returncode, done.stderr) == (0, "")
    assert said in done.stdout
    assert not (made.path / LEARNED).exists()


def test_no_commit_and_no_repository(tmp_path: Path) -> None:
    empty = riskcheck(GitRepo(tmp_path / "empty").path, "learn")
    assert empty.returncode == 2
    assert empty.stderr.startswith("riskcheck: ")
    (tmp_path / "plain").mkdir()
    plain = riskcheck(tmp_path / "plain", "learn")
    assert plain.returncode == 2
    assert "git" in plain.stderr


def test_a_shallow_clone_is_told(repo: GitRepo, tmp_path: Path) -> None:
    clone = repo.clone(tmp_path / "clone", "--depth", "3")
    done = riskcheck(clone.path, "learn")
    assert (done.returncode, done.stderr) == (0, "")
    assert "the history is cut off (a shallow clone)" in done.stdout
    assert "git fetch --unshallow" in done.stdout


def test_names_that_speak_to_terminals_are_spelled_out(tmp_path: Path) -> None:
    made = GitRepo(tmp_path / "repo")
    evil = "a\x1b[31m\u202e.yaml"
    made.commit({evil: "a: 0\n", "b.yaml": "b: 0\n", "log.yaml": "l: 0\n"})
    for number in range(1, 8):
        at = EPOCH + 7 * number * DAY
        made.commit({evil: f"a: {number}\n", "b.yaml": f"b: {number}\n"}, at=at)
        for other in (1, 2, 3):
            made.commit({"log.yaml": f"l: {number}{other}\n"}, at=at + other * DAY)
    done = riskcheck(made.path, "learn")
    assert "1 rule" in done.stdout
    assert "\x1b" not in done.stdout
    assert "\x1b" not in (made.path / LEARNED).read_text()
    assert "\u202e" not in done.stdout + (made.path / LEARNED).read_text()


def test_an_interrupt_ends_it_with_130(repo: GitRepo) -> None:
    import os
    import signal

    for number in range(40):
        repo.commit({f"more/{number}.yaml": "x: 1\n"})
    process = subprocess.Popen(
        [sys.executable, "-m", "riskcheck", "learn", "--dry-run", "--jobs", "1"],
        cwd=repo.path,
        env={**os.environ, "XDG_CACHE_HOME": str(repo.path.parent / "cache")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    time.sleep(0.35)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode in (130, 0)
    assert b"Traceback" not in said
