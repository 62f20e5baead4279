"""What a run stands in changes no byte of what it says: hash seed, locale, folder, jobs, cache, file order."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.acceptance.test_examples import EXAMPLES, files
from tests.gitrepo import GitRepo

ROOT = Path(__file__).parents[2]
SCENARIO = "private-connectivity"
"""One of Terraform and Kubernetes, with findings in several environments."""

SURROUNDINGS: dict[str, Mapping[str, str]] = {
    "another hash seed": {"PYTHONHASHSEED": "1"},
    "a third hash seed": {"PYTHONHASHSEED": "4000000000"},
    "no locale": {"LC_ALL": "POSIX", "LANG": "", "PYTHONUTF8": "0"},
    "a Turkish locale": {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
    "another time zone": {"TZ": "Pacific/Kiritimati"},
    "a narrow terminal that is none": {"COLUMNS": "40", "LINES": "10", "TERM": "xterm"},
    "a wide terminal that is none": {"COLUMNS": "400", "TERM": "dumb"},
}


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> GitRepo:
    made = GitRepo(tmp_path_factory.mktemp("surroundings") / "repo")
    made.commit({path: data.decode() for path, data in files(EXAMPLES / SCENARIO / "base").items()})
    made.commit({path: data.decode() for path, data in files(EXAMPLES / SCENARIO / "risky").items()})
    return made


def reports(
    repo: GitRepo,
    out: Path,
    *arguments: str,
    environ: Mapping[str, str] | None = None,
    directory: Path | None = None,
    umask: int = -1,
) -> tuple[bytes, bytes]:
    """What is printed, and the JSON report, of the last commit."""
    found = out / "report.json"
    command = [
        sys.executable,
        "-m",
        "riskcheck",
        "diff",
        "HEAD~1..HEAD",
        "--output",
        f"json:{found}",
        *arguments,
    ]
    done = subprocess.run(
        command,
        cwd=directory or repo.path,
        env={
            **repo.environ,
            "PYTHONPATH": str(ROOT),
            "PYTHONHASHSEED": "0",
            "XDG_CACHE_HOME": str(out / "cache"),
            "PYTHONIOENCODING": "utf-8",
            **(environ or {}),
        },
        capture_output=True,
        umask=umask,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr.decode()
    return done.stdout, found.read_bytes()


@pytest.fixture(scope="module")
def expected(repo: GitRepo, tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    return reports(repo, tmp_path_factory.mktemp("expected"))


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_the_environment_changes_nothing(
    repo: GitRepo, expected: tuple[bytes, bytes], tmp_path: Path, name: str
) -> None:
    assert reports(repo, tmp_path, environ=SURROUNDINGS[name]) == expected


def test_the_folder_of_the_run_changes_nothing(
    repo: GitRepo, expected: tuple[bytes, bytes], tmp_path: Path
) -> None:
    below = next(path for path in repo.path.iterdir() if path.is_dir() and path.name != ".git")
    assert reports(repo, tmp_path, directory=below) == expected


def test_a_umask_changes_nothing(repo: GitRepo, expected: tuple[bytes, bytes], tmp_path: Path) -> None:
    assert reports(repo, tmp_path, umask=0o077) == expected


def test_the_number_of_processes_changes_nothing(
    repo: GitRepo, expected: tuple[bytes, bytes], tmp_path: Path
) -> None:
    assert reports(repo, tmp_path, "--jobs", "4") == expected


def test_a_cache_changes_nothing(repo: GitRepo, expected: tuple[bytes, bytes], tmp_path: Path) -> None:
    assert reports(repo, tmp_path) == expected
    assert reports(repo, tmp_path) == expected


@pytest.mark.parametrize("scenario", ["jobs-control-plane", "platforms/terraform"])
def test_all_at_once_changes_nothing_of_a_bundle_and_of_terraform(tmp_path: Path, scenario: str) -> None:
    head = "risky" if (EXAMPLES / scenario / "risky").is_dir() else "head"
    made = GitRepo(tmp_path / "repo")
    for side in ("base", head):
        made.commit({path: data.decode() for path, data in files(EXAMPLES / scenario / side).items()})
    below = next(path for path in made.path.iterdir() if path.is_dir() and path.name != ".git")
    environ = {name: value for one in SURROUNDINGS.values() for name, value in one.items()}
    (tmp_path / "first").mkdir()
    (tmp_path / "second").mkdir()
    first = reports(made, tmp_path / "first")
    other = reports(
        made, tmp_path / "second", "--jobs", "2", "--no-cache", environ=environ, directory=below, umask=0o077
    )
    assert other == first


def test_the_order_in_which_files_were_made_changes_nothing(tmp_path: Path) -> None:
    said = []
    for number, turn in enumerate((1, -1)):
        sides = []
        for side, variant in (("base", "base"), ("head", "risky")):
            folder = tmp_path / str(number) / side
            for path, data in list(files(EXAMPLES / SCENARIO / variant).items())[::turn]:
                place = folder / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(data)
            sides.append(side)
        done = subprocess.run(
            [sys.executable, "-m", "riskcheck", "diff", "--from", "base", "--to", "head", "--format", "json"],
            cwd=tmp_path / str(number),
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 1, done.stderr.decode()
        said.append(done.stdout)
    assert _without_clock(said[0]) == _without_clock(said[1])


def _without_clock(report: bytes) -> bytes:
    return b"\n".join(line for line in report.split(b"\n") if b'"as_of"' not in line)


@pytest.mark.parametrize(
    "scenario", sorted(path.name for path in EXAMPLES.iterdir() if (path / "risky").is_dir())
)
def test_a_change_from_itself_to_itself_is_silent(scenario: str) -> None:
    for side in ("base", "risky"):
        folder = str(EXAMPLES / scenario / side)
        done = subprocess.run(
            [sys.executable, "-m", "riskcheck", "diff", "--from", folder, "--to", folder, "--quiet"],
            env={"PATH": os.environ["PATH"], "HOME": os.devnull, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (0, b""), done.stderr.decode()
