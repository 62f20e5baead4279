"""What is kept between runs: by content, bounded, whole or not at all, private, and without a say in any answer."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from riskcheck import cache
from tests.cli.test_diff import ROOT, riskcheck
from tests.gitrepo import GitRepo
from tests.graph.test_estate import FILES as ESTATE
from tests.graph.test_estate import LAKE
from tests.manifests import WEB

OVERLAY = "resources: [../base]\n"
posix = pytest.mark.skipif(sys.platform == "win32", reason="there are no such modes")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a cache of its own, outside of any checkout."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "cache" / "riskcheck"


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    """Changes that ask for everything that is kept: rules, who includes whom, who hangs off whom, since when."""
    made = GitRepo(tmp_path / "repo")
    made.commit(
        {
            **ESTATE,
            "web/base/web.yaml": WEB,
            "web/base/kustomization.yaml": "resources: [web.yaml]\n",
            "web/staging/kustomization.yaml": OVERLAY,
            "web/prod/kustomization.yaml": OVERLAY,
            "net/main.tf": 'resource "aws_instance" "web" {\n  instance_type = "m5.large"\n}\n',
        },
        at=1_790_000_000,
    )
    made.commit(
        {
            "lake/databricks.yml": LAKE.replace("name: landing}", "name: landing, comment: x}"),
            "web/base/web.yaml": WEB.replace("replicas: 3", "replicas: 1"),
            "net/main.tf": 'resource "aws_instance" "web" {\n  instance_type = "t3.nano"\n}\n',
        },
        at=1_790_086_400,
    )
    return made


RUNS = (("diff", "HEAD~1..HEAD", "--format", "json"), ("graph", "HEAD", "--format", "json"))


def answers(repo: GitRepo, *arguments: str, **environment: str) -> list[tuple[int, str, str]]:
    found = []
    for run in RUNS:
        done = riskcheck(repo.path, *run, *arguments, **environment)
        found.append((done.returncode, done.stdout, done.stderr))
    return found


def place_of(repo: GitRepo) -> Path:
    return repo.path.parent / "cache" / "riskcheck"


def test_what_was_kept_comes_back(folder: Path) -> None:
    value = {"a": [1, None, "ü\ud800\n", {"b": 1.5}]}
    cache.store("family", "key", value)
    assert cache.load("family", "key") == value
    assert cache.load("family", "other") is None
    assert cache.load("other", "key") is None


def test_a_key_of_the_same_name_is_not_mistaken(folder: Path) -> None:
    cache.store("family", "plumless", 1)
    cache.store("family", "buckeroo", 2)  # their CRC-32 is the same
    assert cache.load("family", "buckeroo") == 2
    assert cache.load("family", "plumless") is None


def test_what_another_version_kept_counts_as_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.store("family", "key", 1)
    monkeypatch.setattr(cache, "__version__", "0.0.1")
    assert cache.load("family", "key") is None
    cache.store("family", "key", 2)
    assert cache.load("family", "key") == 2


def test_any_damage_is_noticed(folder: Path) -> None:
    cache.store("family", "key", {"rules": ["x" * 50, 12345]})
    (entry,) = folder.iterdir()
    whole = entry.read_bytes()
    for cut in range(len(whole)):
        entry.write_bytes(whole[:cut])
        assert cache.load("family", "key") is None
    for at in range(len(whole)):
        entry.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        assert cache.load("family", "key") is None, at
    entry.write_bytes(whole + b" ")
    assert cache.load("family", "key") is None
    cache.store("family", "key", 1)
    assert cache.load("family", "key") == 1


def test_what_is_too_large_is_neither_kept_nor_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.store("family", "key", "x" * 500)
    monkeypatch.setattr(cache, "MOST_BYTES", 400)
    assert cache.load("family", "key") is None
    cache.store("family", "other", "x" * 500)
    assert len(list(folder.iterdir())) == 1


def used(path: Path, ago: float) -> None:
    os.utime(path, (time.time() - ago, time.time() - ago))


def test_those_not_used_for_longest_go(folder: Path) -> None:
    for number in range(cache.MOST_OF_A_FAMILY):
        cache.store("family", f"key {number}", number)
        used(folder / cache._name("family", f"key {number}"), 1_000 - number)
    assert cache.load("family", "key 0") == 0
    cache.store("family", "one more", 1)
    assert cache.load("family", "key 0") == 0, "used lately"
    assert cache.load("family", "key 1") is None
    assert len(list(folder.iterdir())) == cache.MOST_OF_A_FAMILY


def test_databases_are_bounded_in_number(folder: Path) -> None:
    for number in range(cache.MOST_OF_A_FAMILY + 3):
        path = cache.Memory(f"/repository/{number}").file("estate.sqlite")
        assert path is not None
        Path(path).write_bytes(b"x")
        Path(f"{path}-journal").write_bytes(b"x")
        used(Path(path), 1_000 - number)
    names = [path.name for path in folder.iterdir()]
    assert len([name for name in names if not name.endswith("-journal")]) == cache.MOST_OF_A_FAMILY
    assert {name.removesuffix("-journal") for name in names} == {
        n for n in names if not n.endswith("-journal")
    }


def test_all_of_it_is_bounded_in_size(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_OF_ALL", 5_000)
    for number in range(20):
        cache.store(f"family{number}", "key", "x" * 900)
        used(folder / cache._name(f"family{number}", "key"), 1_000 - number)
        assert sum(path.stat().st_size for path in folder.iterdir()) <= 5_000
    assert cache.load("family19", "key") is not None
    assert cache.load("family3", "key") is None


def test_drafts_of_runs_that_were_killed_go(folder: Path) -> None:
    cache.store("family", "key", 1)
    left = folder / f".family-00000000.json.{'0' * 16}.tmp"
    left.write_text("half")
    cache.store("family", "key", 2)
    assert cache.load("family", "key") == 2
    assert not left.exists() or sys.platform == "win32"


def test_a_full_disk_leaves_what_was_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.store("family", "key", 1)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    cache.store("family", "key", 2)
    assert cache.load("family", "key") == 1
    assert len(list(folder.iterdir())) == 1


@posix
def test_all_is_private_whatever_the_mask(repo: GitRepo) -> None:
    before = os.umask(0)
    try:
        answers(repo)
    finally:
        os.umask(before)
    assert stat.S_IMODE(place_of(repo).stat().st_mode) == 0o700
    found = list(place_of(repo).iterdir())
    assert {stat.S_IMODE(path.stat().st_mode) for path in found} == {0o600}
    kinds = {path.name.rpartition("-")[0] for path in found}
    assert kinds >= {"rules", "estate.sqlite", "tree-kubernetes", "tree-graph"}


def test_it_holds_no_code(repo: GitRepo) -> None:
    answers(repo)
    for path in place_of(repo).iterdir():
        data = path.read_bytes()
        assert data.startswith((b"{", b"SQLite format 3\0")), path


def test_nothing_is_written_to_the_repository(repo: GitRepo) -> None:
    def listed() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in repo.path.rglob("*")}

    before = listed()
    answers(repo)
    assert listed() == before
    answers(repo, XDG_CACHE_HOME=str(repo.path / ".cache"))
    answers(repo, XDG_CACHE_HOME="", HOME=str(repo.path))
    assert listed() == before


def test_no_answer_depends_on_it(repo: GitRepo) -> None:
    fresh = answers(repo, "--no-cache")
    assert not place_of(repo).exists()
    assert json.loads(fresh[0][1])["findings"]
    assert [answers(repo), answers(repo), answers(repo)] == [fresh] * 3


def ruin(path: Path, how: str, seed: int) -> None:
    data = path.read_bytes()
    chance = random.Random(seed)
    if how == "cut":
        path.write_bytes(data[: chance.randrange(len(data))])
    elif how == "zeroed":
        start = chance.randrange(len(data))
        path.write_bytes(data[:start] + bytes(min(4096, len(data) - start)) + data[start + 4096 :])
    elif how == "garbage":
        path.write_bytes(chance.randbytes(len(data)))
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "swapped":
        path.write_bytes(data[len(data) // 2 :] + data[: len(data) // 2])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("how", ["cut", "zeroed", "garbage", "empty", "swapped"])
def test_whatever_happened_to_the_files_the_answer_is_the_same(repo: GitRepo, how: str, seed: int) -> None:
    fresh = answers(repo)
    for path in place_of(repo).iterdir():
        ruin(path, how, seed)
    assert answers(repo) == fresh
    # They were made anew.
    for path in place_of(repo).glob("*.json"):
        head, _, body = path.read_bytes().partition(b"\n")
        json.loads(head), json.loads(body)
    (index,) = place_of(repo).glob("estate.sqlite-????????")
    assert sqlite3.connect(index).execute("select count(*) from tree").fetchone() != (0,)


@posix
def test_a_folder_that_cannot_be_written_does_no_harm(repo: GitRepo) -> None:
    fresh = answers(repo, "--no-cache")
    place_of(repo).mkdir(parents=True)
    place_of(repo).chmod(0o500)  # to root it can
    assert answers(repo) == fresh


@pytest.mark.parametrize("place", ["/dev/null", "/dev/null/deeper", "/proc/self/cache", "relative", ""])
def test_no_place_for_it_does_no_harm(repo: GitRepo, place: str) -> None:
    fresh = answers(repo, "--no-cache")
    assert answers(repo, XDG_CACHE_HOME=place, HOME="/dev/null") == fresh


def test_a_file_where_the_folder_should_be_does_no_harm(repo: GitRepo) -> None:
    fresh = answers(repo, "--no-cache")
    place_of(repo).parent.mkdir()
    place_of(repo).write_text("mine")
    assert answers(repo) == fresh
    assert place_of(repo).read_text() == "mine"


def test_without_a_home_it_is_where_the_system_says_or_nowhere(repo: GitRepo) -> None:
    fresh = answers(repo, "--no-cache")
    home = repo.path.parent / "home"
    assert answers(repo, XDG_CACHE_HOME="", HOME=str(home)) == fresh
    assert (home / ".cache" / "riskcheck").is_dir() or sys.platform in ("darwin", "win32")
    assert answers(repo, XDG_CACHE_HOME="", HOME="") == fresh


@pytest.fixture
def running(repo: GitRepo) -> Iterator[list[subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.wait()


def start(repo: GitRepo, run: tuple[str, ...]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "riskcheck", *run],
        cwd=repo.path,
        env={**repo.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(place_of(repo).parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_runs_at_once_say_the_same(repo: GitRepo, running: list[subprocess.Popen[str]]) -> None:
    expected = answers(repo, "--no-cache")
    for _ in range(2):  # with an empty cache, and with a full one
        running += (start(repo, run) for run in RUNS * 4)
        for number, process in enumerate(running):
            out, errors = process.communicate(timeout=120)
            assert (process.returncode, out, errors) == expected[number % len(RUNS)]
        running.clear()
    assert not [path for path in place_of(repo).iterdir() if path.name.startswith(".")]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_a_run_that_is_killed_at_any_moment_leaves_a_cache_that_can_be_used(
    repo: GitRepo, running: list[subprocess.Popen[str]]
) -> None:
    expected = answers(repo, "--no-cache")
    started = time.monotonic()
    answers(repo, "--no-cache")
    took = (time.monotonic() - started) / len(RUNS)
    chance = random.Random(1)
    for number in range(12):
        process = start(repo, RUNS[number % 2])
        running.append(process)
        time.sleep(chance.uniform(0.3, 1.1) * took)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if number % 4 == 3:
            assert answers(repo) == expected
