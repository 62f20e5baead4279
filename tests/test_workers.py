"""Work shared out to processes comes to the same as work done in one."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from riskcheck import workers
from riskcheck.workers import MOST_COPIES, can_fork, count, is_copy, spread

forks = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="processes are not forked here")


@pytest.mark.parametrize("jobs", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("count", [0, 1, 2, 5, 50])
def test_results_stand_in_the_order_of_the_items_for_any_number_of_processes(jobs: int, count: int) -> None:
    assert spread(lambda number: f"{number}\udcff" * 3, range(count), jobs) == [
        f"{number}\udcff" * 3 for number in range(count)
    ]


@forks
def test_the_number_bounds_how_many_processes_work(monkeypatch: pytest.MonkeyPatch) -> None:
    # Other tests may have left threads behind.
    monkeypatch.setattr(threading, "active_count", lambda: 1)

    def work(number: int) -> int:
        if number < 3:
            time.sleep(0.5)  # until all have something to do
        return os.getpid()

    used = set(spread(work, range(30), 3))
    assert len(used) == 3 and os.getpid() in used
    assert set(spread(lambda _: os.getpid(), range(30), 1)) == {os.getpid()}


@forks
def test_whoever_is_free_takes_what_is_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    here = os.getpid()

    def work(_: int) -> int:
        if os.getpid() == here:
            time.sleep(0.5)
        return os.getpid()

    assert spread(work, range(50), 2).count(here) < 5


@forks
@pytest.mark.parametrize("count_of_items", [999, 1_000, 1_001, 4_500])
def test_more_items_than_a_pipe_holds_are_taken_in_parts(
    monkeypatch: pytest.MonkeyPatch, count_of_items: int
) -> None:
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    assert spread(lambda number: number * 2, range(count_of_items), 3) == list(
        range(0, count_of_items * 2, 2)
    )


_LEFT_BEHIND = """
import os, time
from riskcheck.workers import spread
here = os.getpid()
def work(_):
    if os.getpid() != here:
        time.sleep(600)
    raise KeyboardInterrupt
try:
    spread(work, range(9), 3)
except KeyboardInterrupt:
    pass
try:
    print(os.waitpid(-1, os.WNOHANG))
except ChildProcessError:
    print("none")
"""


@forks
def test_no_process_is_left_behind_by_a_failure() -> None:
    root = str(Path(__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", _LEFT_BEHIND],
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout == "none\n", done.stderr


def test_a_copy_knows_that_it_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    here = os.getpid()
    assert all(
        copy == (process != here) for copy, process in spread(lambda _: (is_copy(), os.getpid()), range(9), 3)
    )
    assert not is_copy()


def test_how_many_are_used_unless_somebody_says() -> None:
    assert count(7, pays=False) == 7
    assert count(0, pays=False) == 1
    assert 1 <= count(0, pays=True) <= MOST_COPIES


@pytest.mark.parametrize(
    ("limit", "expected"),
    [("max 100000", 3), ("150000 100000", 1), ("50000 100000", 1), ("nonsense", 3), (None, 3)],
)
def test_a_container_that_is_given_the_time_of_some_processors_uses_those(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, limit: str | None, expected: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    path = tmp_path / "cpu.max"
    if limit is not None:
        path.write_text(limit)
    monkeypatch.setattr(workers, "_LIMIT", str(path))
    assert count(0, pays=True) == expected


def test_results_larger_than_a_pipe_come_through() -> None:
    assert spread(lambda number: "x" * 300_000 + str(number), range(6), 3)[5].endswith("x5")


@forks
def test_a_process_that_dies_leaves_its_share_to_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    here = os.getpid()

    def work(number: int) -> int:
        if os.getpid() != here and number == 4:
            os._exit(9)
        return number

    assert spread(work, range(9), 3) == list(range(9))


def test_what_an_item_raises_is_raised() -> None:
    def work(number: int) -> int:
        if number == 4:
            raise ValueError(number)
        return number

    for jobs in (1, 2, 3):
        with pytest.raises(ValueError, match="4"):
            spread(work, range(9), jobs)


def test_nothing_is_forked_beside_threads() -> None:
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    try:
        assert not can_fork()
        assert set(spread(lambda _: os.getpid(), range(9), 3)) == {os.getpid()}
    finally:
        done.set()
        other.join()
