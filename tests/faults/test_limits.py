"""The system gives little: memory, open files, stack, processes, time. The run is made all the same, or says why
not; it never passes what it did not judge."""

from __future__ import annotations

import json
import resource
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.runs import RANGE, changed_repository, in_words, run, service, started, timeless
from tests.gitrepo import GitRepo
from tests.manifests import WEB

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> GitRepo:
    return changed_repository(tmp_path_factory.mktemp("limits") / "repo")


@pytest.fixture(scope="module")
def report(repo: GitRepo) -> str:
    done = run(repo.path, "diff", RANGE, "--format=json", "--no-cache")
    assert done.returncode == 1
    return timeless(done.stdout)


def limited(kind: int, most: int) -> None:
    resource.setrlimit(kind, (most, most))


@pytest.mark.parametrize("mebibytes", [24, 32, 40, 48, 64])
def test_too_little_memory_is_said_and_nothing_is_half_written(
    repo: GitRepo, tmp_path: Path, mebibytes: int
) -> None:
    """Somewhere in this range memory is enough for Python to start and not enough for a run."""
    file = tmp_path / "r.json"
    done = run(
        repo.path,
        *("diff", RANGE, "--no-cache", f"--output=json:{file}"),
        prepare=lambda: limited(resource.RLIMIT_AS, mebibytes * MIB),
    )
    if done.returncode == 1 and "riskcheck" not in done.stderr and not done.stdout:
        pass  # Python itself could not start
    elif done.returncode == 3:
        # Where memory ends inside of Python itself, it is not always told as that.
        assert "nothing was judged" in done.stderr
        assert "Traceback" not in done.stderr and done.stdout == ""
    else:
        assert done.returncode in (1, 2) or done.returncode < 0, done
    assert not file.exists() or json.loads(file.read_text("utf-8"))["verdict"] == "block"
    assert [one for one in tmp_path.iterdir() if one != file] == []


@pytest.mark.parametrize("files", [6, 8, 10, 14, 20])
def test_few_open_files(repo: GitRepo, report: str, files: int) -> None:
    done = run(
        repo.path,
        *("diff", RANGE, "--no-cache", "--format=json"),
        prepare=lambda: limited(resource.RLIMIT_NOFILE, files),
    )
    if done.returncode == 1:
        assert timeless(done.stdout) == report
    else:
        assert in_words(done, 2, "the system does not give what a run needs: Too many open files")
    assert done.returncode == 1 or files < 20


def test_a_small_stack(repo: GitRepo, report: str) -> None:
    done = run(
        repo.path,
        *("diff", RANGE, "--no-cache", "--format=json"),
        prepare=lambda: limited(resource.RLIMIT_STACK, 512 * 1024),
    )
    assert (done.returncode, done.stderr, timeless(done.stdout)) == (1, "", report)


@pytest.mark.parametrize("clock", [-2_000_000_000, 0, 4_102_444_800, 300_000_000_000, 10**15])
def test_an_odd_clock(repo: GitRepo, report: str, clock: int) -> None:
    done = run(repo.path, "diff", RANGE, "--no-cache", "--format=json", fault={"clock": clock})
    assert done.stderr == "" and done.returncode == 1, done
    assert json.loads(done.stdout)["run"]["as_of"]
    assert {one["code"] for one in json.loads(done.stdout)["findings"]} >= {"DAB-001", "K8S-001"}


def test_copies_end_with_the_run(tmp_path: Path) -> None:
    """``--jobs``: killed, the run leaves no process behind that goes on reading; interrupted, it says nothing."""
    repo = GitRepo(tmp_path / "repo")
    web = WEB.replace("name: web,", "name: s0,")
    words = "# words\n" * 400
    repo.commit(
        {f"services/s{one}/catalog-info.yaml": service(one) + words for one in range(500)}
        | {"services/s0/prod/web.yaml": web},
        at=1_790_000_000,
    )
    repo.commit({"services/s0/prod/web.yaml": web.replace("replicas: 3", "replicas: 1")})
    arguments = ("diff", RANGE, "--no-cache", "--jobs", "3", "--quiet")
    for number, code in ((signal.SIGKILL, -9), (signal.SIGTERM, -15), (signal.SIGINT, 130)):
        # The first copy is about to be made; the signal comes when it is there.
        process = started(repo.path, *arguments, fault={"on": ["fork"], "at": 2, "signal": signal.SIGSTOP})
        try:
            copies = _wait_for_copies(process.pid)
            process.send_signal(number)
            process.send_signal(signal.SIGCONT)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
        assert (process.returncode, out, err.strip()) == (code, "", "")
        _wait_until_gone(copies)


def _children(process: int) -> list[int]:
    found = []
    for one in Path(f"/proc/{process}/task/{process}/children").read_text("utf-8").split():
        with suppress(OSError):  # it has ended
            if "python" in str(Path(f"/proc/{one}/exe").readlink()):
                found.append(int(one))
    return found


def _wait_for_copies(process: int) -> list[int]:
    end = time.monotonic() + 60
    while not (found := _children(process)):
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


def _wait_until_gone(processes: list[int]) -> None:
    end = time.monotonic() + 60
    while any(Path(f"/proc/{one}").exists() for one in processes):
        assert time.monotonic() < end
        time.sleep(0.01)


def test_no_processes_to_be_had(repo: GitRepo, report: str) -> None:
    """Without forks for copies all is read by the run itself; without one for git there is no run."""
    fault = {"on": ["fork"], "at": -1, "error": "EAGAIN"}
    done = run(repo.path, "diff", RANGE, "--no-cache", "--format=json", "--jobs=3", fault=fault)
    assert (done.returncode, done.stderr, timeless(done.stdout)) == (1, "", report)
    fault = {"on": ["start"], "at": -1, "error": "EAGAIN"}
    done = run(repo.path, "diff", RANGE, "--no-cache", fault=fault)
    assert in_words(done, 2, "the system does not give what a run needs: Resource temporarily unavailable")
