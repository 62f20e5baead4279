"""The engine that needs nothing: a process for each task, some at a time.

A process of its own holds a repository's memory for as long as its task takes, and takes no other task along when
the system ends it. It hands back nothing but its exit code: the result is kept in a file.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, Final

from riskcheck.errors import RunError
from riskcheck.fleet.model import MOST_TRIES
from riskcheck.fleet.work import do_task, give_up, recall
from riskcheck.workers import can_fork

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.process import BaseProcess

    from riskcheck.fleet.model import Task, TaskResult


def run_local(
    tasks: Sequence[Task], folder: str, jobs: int, done: Callable[[Task, TaskResult], None]
) -> None:
    """Does `tasks`, `jobs` at a time, and keeps what comes of them in `folder`. done: is told of each, as they end.
    Raises `RunError` where nothing can be kept."""
    context: Any = multiprocessing.get_context("fork" if can_fork() else "spawn")
    waiting = deque((task, 1) for task in tasks)
    running: dict[int, tuple[BaseProcess, Task, int]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < max(jobs, 1):
                task, attempt = waiting.popleft()
                process = context.Process(target=_work, args=(task, folder), daemon=False)
                process.start()
                running[process.sentinel] = (process, task, attempt)
            for sentinel in wait(list(running)):
                assert isinstance(sentinel, int)
                process, task, attempt = running.pop(sentinel)
                process.join()
                result = recall(task, folder)
                if result is None and process.exitcode == _CANNOT_KEEP:
                    raise RunError(f"cannot write to {folder}: no room, or no permission")
                if result is None and attempt < MOST_TRIES:
                    waiting.appendleft((task, attempt + 1))
                    continue
                done(task, result or give_up(task, folder))
    finally:
        for process, _, _ in running.values():
            process.kill()
            process.join()


_CANNOT_KEEP: Final = 3


def _work(task: Task, folder: str) -> None:
    """The process of one task."""
    import os

    # What ends the run ends it by the hands of the one who waits for it; an interrupt goes to all at once.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.SIG_DFL)
    try:
        do_task(task, folder)
    except RunError:
        os._exit(_CANNOT_KEEP)
    # Nothing of the process that waits may be closed or flushed twice.
    os._exit(0)
