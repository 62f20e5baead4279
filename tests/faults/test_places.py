"""Where a run keeps and writes things is absent, read-only or full: without a cache the report is the same; an
output that cannot be written is said, and nothing of it is there."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
from pathlib import Path

import pytest

from tests.faults.runs import RANGE, changed_repository, in_words, left_in, run, timeless
from tests.gitrepo import GitRepo

_DROP_FROM_BOUNDING_SET = 24
_DAC_OVERRIDE, _DAC_READ_SEARCH = 1, 2


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> GitRepo:
    return changed_repository(tmp_path_factory.mktemp("places") / "repo")


@pytest.fixture(scope="module")
def report(repo: GitRepo) -> str:
    done = run(repo.path, "diff", RANGE, "--format=json", cache=repo.path.parent / "cache")
    assert done.returncode == 1
    return timeless(done.stdout)


def bound_by_permissions() -> None:
    """Root is above the bits of files by two capabilities, which a program started from here does not get."""
    if os.getuid() == 0:
        system = ctypes.CDLL(None, use_errno=True)
        for capability in (_DAC_OVERRIDE, _DAC_READ_SEARCH):
            assert system.prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0) == 0


def test_without_a_home_or_with_an_odd_one(repo: GitRepo, report: str, tmp_path: Path) -> None:
    """A cache is a convenience: where there is no place for one, there is none."""
    (tmp_path / "file").write_text("a file", "utf-8")
    (tmp_path / "locked").mkdir(mode=0o500)
    git = {"GIT_CONFIG_GLOBAL": os.devnull}
    for home in (
        {"HOME": ""},
        {"HOME": "/nonexistent/home"},
        {"HOME": str(tmp_path / "file")},
        {"HOME": str(tmp_path / "locked")},
        {"HOME": "\udcff"},
        {"XDG_CACHE_HOME": "relative"},
        {"XDG_CACHE_HOME": "/dev/null"},
        {"XDG_CACHE_HOME": str(tmp_path / "file")},
        {"XDG_CACHE_HOME": str(tmp_path / "locked")},
        {"XDG_CACHE_HOME": "a\nb" * 2000},
    ):
        place = {"HOME": str(tmp_path / "home"), **git, **home}
        done = run(repo.path, "diff", RANGE, "--format=json", environ=place, prepare=bound_by_permissions)
        assert (done.returncode, done.stderr, timeless(done.stdout)) == (1, "", report), home
    assert list((tmp_path / "locked").iterdir()) == []
    assert not (repo.path / "relative").exists()


def test_without_the_variable_home(repo: GitRepo, report: str) -> None:
    done = run(repo.path, "diff", RANGE, "--format=json", environ={"TMPDIR": "/nonexistent"}, unset=("HOME",))
    assert (done.returncode, done.stderr, timeless(done.stdout)) == (1, "", report)


def test_a_cache_that_became_read_only(repo: GitRepo, report: str, tmp_path: Path) -> None:
    """What is in it is used or not; either way the report is the same."""
    cache = tmp_path / "cache"
    run(repo.path, "diff", RANGE, "--quiet", cache=cache)
    for filled in (True, False):
        if not filled:
            for one in (cache / "riskcheck").iterdir():
                one.unlink()
        for one in (cache / "riskcheck").iterdir():
            one.chmod(0o400)
        (cache / "riskcheck").chmod(0o500)
        try:
            done = run(repo.path, "diff", RANGE, "--format=json", cache=cache, prepare=bound_by_permissions)
        finally:
            (cache / "riskcheck").chmod(0o700)
        assert (done.returncode, done.stderr, timeless(done.stdout)) == (1, "", report)


@pytest.mark.parametrize("error", ["ENOSPC", "EROFS", "EACCES", "EMFILE", "EIO"])
def test_a_cache_that_cannot_be_written(repo: GitRepo, report: str, tmp_path: Path, error: str) -> None:
    """Each operation that would change the cache is refused."""
    cache = tmp_path / "cache"
    fault = {"on": ["write", "rename", "mkdir", "remove"], "at": -1, "under": str(cache), "error": error}
    for made in (False, True):
        if made:
            (cache / "riskcheck").mkdir(parents=True, mode=0o700)
        done = run(repo.path, "diff", RANGE, "--format=json", cache=cache, fault=fault)
        assert (done.returncode, done.stderr, timeless(done.stdout)) == (1, "", report)
    assert list((cache / "riskcheck").iterdir()) == []


@pytest.mark.parametrize("most", [0, 4096, 50_000])
def test_a_disk_that_fills_up_under_the_cache(repo: GitRepo, report: str, tmp_path: Path, most: int) -> None:
    """Files cannot grow beyond `most` bytes: those of the cache, and the pages of its databases."""
    cache = tmp_path / "cache"
    for _ in range(2):
        done = run(repo.path, "diff", RANGE, "--format=json", cache=cache, prepare=lambda: _limit(most))
        assert (done.returncode, done.stderr, timeless(done.stdout)) == (1, "", report)
        assert left_in(cache / "riskcheck") == []
    done = run(repo.path, "diff", RANGE, "--format=json", cache=cache)
    assert (done.returncode, done.stderr, timeless(done.stdout)) == (1, "", report)


def _limit(most: int) -> None:
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


@pytest.mark.parametrize("option", ["--output=sarif:{}", "--evidence={}", "--output=html:{}"])
def test_a_disk_that_fills_up_under_an_output(repo: GitRepo, tmp_path: Path, option: str) -> None:
    """Nothing half written, and what was there before stays, but for evidence of another run."""
    out = tmp_path / "out"
    out.mkdir()
    for before in (None, "what was there"):
        if before is not None:
            (out / "r").write_text(before, "utf-8")
        done = run(
            repo.path, "diff", RANGE, option.format(out / "r"), "--no-cache", prepare=lambda: _limit(1000)
        )
        assert in_words(done, 2, f"cannot write {out / 'r'}: File too large")
        assert [one.read_text("utf-8") for one in out.iterdir()] == (
            [before] if before is not None and "evidence" not in option else []
        )


def test_a_device_that_is_full(repo: GitRepo) -> None:
    done = run(repo.path, "diff", RANGE, "--output=json:/dev/full")
    assert in_words(done, 2, "cannot write /dev/full: No space left on device")


@pytest.mark.parametrize(
    "command",
    [
        ("diff", RANGE, "--output=json:{}"),
        ("diff", RANGE, "--evidence={}"),
        ("diff", "--output=junit:{}"),
        ("lint", "--output=json:{}"),
        ("plan", RANGE, "--output=json:{}"),
        ("graph", "--output={}"),
        ("baseline", "write", "--output={}"),
    ],
)
def test_outputs_that_cannot_be_written_are_said(
    repo: GitRepo, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "locked").mkdir(mode=0o500)
    (tmp_path / "file").write_text("a file", "utf-8")
    for name, words in (
        ("nowhere/r.json", "directory"),
        ("folder", "directory"),
        ("locked/r.json", "ermission denied"),
        ("file/r.json", ""),
    ):
        place = tmp_path / name
        done = run(
            repo.path, *(one.format(place) for one in command), "--no-cache", prepare=bound_by_permissions
        )
        assert in_words(done, 2, "cannot write", str(place), words)
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["file", "folder", "locked"]


@pytest.mark.parametrize("error", ["ENOSPC", "EROFS", "EDQUOT"])
def test_files_of_other_commands_are_whole_or_absent(repo: GitRepo, tmp_path: Path, error: str) -> None:
    copy = changed_repository(tmp_path / "repo")
    places = {
        ("init",): str(copy.path),
        ("baseline", "write"): f"{copy.path}/..riskcheck-baseline",
        ("rules", "new", "own/some-rule"): "rules/own/",
    }
    for command, under in places.items():
        for on in ("write", "rename"):
            fault = {"on": [on], "at": -1, "under": under, "error": error}
            done = run(copy.path, *command, fault=fault)
            assert in_words(done, 2, os.strerror(getattr(errno, error)))
            assert sorted(one.name for one in copy.path.iterdir() if one.is_file()) == ["databricks.yml"]
            assert list(copy.path.glob("rules/own/*")) == []


def test_the_current_folder_is_gone(tmp_path: Path) -> None:
    for command in (("diff",), ("lint",), ("graph",), ("init",), ("--version",), ("rules", "list")):
        gone = tmp_path / "gone"
        gone.mkdir()
        done = run(gone, *command, prepare=gone.rmdir)
        if command[0] in ("--version", "rules"):
            assert done.returncode == 0, done
        else:
            assert in_words(done, 2, "the current folder was removed")
