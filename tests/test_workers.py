"""Work shared out to processes comes to the same as work done in one."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from riskcheck.workers import can_fork, spread

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
    used = set(spread(lambda _: os.getpid(), range(30), 3))
    assert len(used) == 3 and os.getpid() in used
    assert set(spread(lambda _: os.getpid(), range(30), 1)) == {os.getpid()}


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
