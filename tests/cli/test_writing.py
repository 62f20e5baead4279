"""Where reports and riskcheck's own files are written, in a checkout that lays links out for them."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo
from tests.manifests import WEB

FEWER = WEB.replace("replicas: 3", "replicas: 2")


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit({"clusters/prod/web.yaml": WEB})
    made.write({"clusters/prod/web.yaml": FEWER})
    return made


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    made = tmp_path / "outside"
    made.mkdir()
    (made / "report.json").write_text("precious", "utf-8")
    return made


def test_a_link_is_replaced_and_what_it_leads_to_left_alone(repo: GitRepo, outside: Path) -> None:
    for name, option in (("report.json", "--output=json:report.json"), ("e.json", "--evidence=e.json")):
        repo.symlink(name, str(outside / "report.json"))
        done = riskcheck(repo.path, "diff", option)
        assert done.returncode in (0, 1), done.stderr
        assert (repo.path / name).is_file() and not (repo.path / name).is_symlink()
    assert (outside / "report.json").read_text("utf-8") == "precious"
    assert not list(repo.path.glob(".*.tmp"))


def test_a_link_to_a_device_does_not_swallow_a_report(repo: GitRepo) -> None:
    repo.symlink("report.json", "/dev/null")
    assert riskcheck(repo.path, "diff", "--output", "json:report.json").returncode in (0, 1)
    assert (repo.path / "report.json").read_text("utf-8").startswith("{")


def test_names_of_temporary_files_cannot_be_foreseen(repo: GitRepo, outside: Path) -> None:
    """Links in wait under the name with each process id led into another file."""
    now = os.getpid()
    for number in range(now, now + 3000):
        repo.symlink(f".report.json.{number}.tmp", str(outside / "report.json"))
    assert riskcheck(repo.path, "diff", "--output", "json:report.json").returncode in (0, 1)
    assert (outside / "report.json").read_text("utf-8") == "precious"


@pytest.mark.parametrize("option", ["--output=json:out/report.json", "--evidence=out/report.json"])
def test_no_folder_leads_out_of_the_checkout(repo: GitRepo, outside: Path, option: str) -> None:
    repo.symlink("out", str(outside))
    done = riskcheck(repo.path, "diff", option)
    assert done.returncode == 2
    assert "out is a link that leads out of this folder" in done.stderr
    assert (outside / "report.json").read_text("utf-8") == "precious"
    assert [one.name for one in outside.iterdir()] == ["report.json"]
    whole = option.replace("out/report.json", str(outside / "mine.json"))
    assert riskcheck(repo.path, "diff", whole).returncode in (0, 1)
    baseline = riskcheck(repo.path, "baseline", "write", "--output", "out/b.json")
    assert baseline.returncode == 2 and not (outside / "b.json").exists()


def test_a_folder_that_leads_elsewhere_inside_is_used(repo: GitRepo) -> None:
    (repo.path / "build").mkdir()
    repo.symlink("out", "build")
    assert riskcheck(repo.path, "diff", "--output", "json:out/report.json").returncode in (0, 1)
    assert (repo.path / "build/report.json").is_file()


def test_a_pipe_and_stdout_are_written_to(repo: GitRepo, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text("utf-8")), daemon=True)
    reader.start()
    assert riskcheck(repo.path, "diff", "--output", f"json:{pipe}").returncode in (0, 1)
    reader.join(10)
    assert read and read[0].startswith("{")
    done = riskcheck(repo.path, "diff", "--quiet", "--output", "json:/dev/stdout")
    assert '"schema_version": 1' in done.stdout


def test_a_folder_that_cannot_be_written_is_said_before_the_run(repo: GitRepo) -> None:
    done = riskcheck(repo.path, "diff", "--evidence", "nowhere/e.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no directory nowhere" in done.stderr
    (repo.path / "folder").mkdir()
    done = riskcheck(repo.path, "diff", "--evidence", "folder")
    assert done.returncode == 2 and "is a directory" in done.stderr


@pytest.mark.parametrize("what", ["link", "pipe", "file"])
def test_init_writes_over_nothing(repo: GitRepo, outside: Path, what: str) -> None:
    folder = repo.path / ".riskcheck"
    if what == "link":
        folder.symlink_to(outside)
    elif what == "pipe":
        os.mkfifo(folder)
    else:
        folder.write_text("precious", "utf-8")
    done = riskcheck(repo.path, "init")
    assert "Traceback" not in done.stderr
    assert [one.name for one in outside.iterdir()] == ["report.json"]
    if what == "file":
        assert folder.read_text("utf-8") == "precious"
        assert done.returncode == 2 and "--no-schema leaves it out" in done.stderr
