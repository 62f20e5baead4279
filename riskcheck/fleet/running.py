"""A run over many repositories, from its tasks to its tables: the same whoever does the tasks."""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from riskcheck.drafts import write_whole
from riskcheck.errors import RunError
from riskcheck.fleet.jobs import job_kind
from riskcheck.fleet.model import TASK_COLUMNS, Outcome, task_row
from riskcheck.fleet.planning import plan
from riskcheck.fleet.tables import check_table, file_format, read_table, write_table
from riskcheck.fleet.telling import as_json, summary_of
from riskcheck.fleet.work import DONE, key_of, outcome_of, recall, rows_of
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.fleet.model import Fleet, Task, TaskResult
    from riskcheck.observing import Observer
    from riskcheck.report.json import Json

Engine: TypeAlias = Literal["local", "spark"]

RUN: Final = "run.json"
SUMMARY: Final = "summary.json"
TASKS: Final = "tasks"

_GOES_ON: Final = 24 * 3600
"""Seconds after which a run that was ended is not gone on with: what depends on the date would be of yesterday."""


class Request(NamedTuple):
    """How a fleet is run. folder: where everything is written. jobs: processes of the local engine. master: of
    Spark. clock: seconds since the epoch, None asks the machine."""

    folder: str
    engine: Engine = "local"
    jobs: int = 1
    master: str | None = None
    observer: Observer | None = None
    clock: int | None = None


class Ran(NamedTuple):
    """What came of a run. lines: of each job, for people. form: of the tables, ``parquet`` or ``jsonl``."""

    summary: dict[str, Json]
    lines: dict[str, list[str]]
    outcomes: tuple[Outcome, ...]
    form: str


def run_fleet(fleet: Fleet, request: Request) -> Ran:
    """Does all tasks of `fleet` and writes the tables. Raises `RunError`."""
    folder = request.folder
    for name in (*fleet.jobs, TASKS):
        check_table(os.path.join(folder, name))
    as_of = _begun(folder, int(time.time()) if request.clock is None else request.clock)
    tasks = plan(fleet, as_of, request.observer)
    kept = _kept(tasks, folder)
    todo = [task for task in tasks if task not in kept]
    if request.observer is not None:
        request.observer.stage("doing", len(todo), "tasks")
    with _engine(request) as engine:
        done = {one.task: one for one in (*kept.values(), *engine.work(todo))}
        outcomes = tuple(done[task] for task in tasks)
        if request.observer is not None:
            request.observer.stage("writing tables")
        for job in fleet.jobs:
            own = [one for one in outcomes if one.task.job == job]
            engine.write(own, os.path.join(folder, job), job)
    write_table(os.path.join(folder, TASKS), TASK_COLUMNS, map(task_row, outcomes))
    found = {
        job: job_kind(job).found(
            read_table(os.path.join(folder, job), job_kind(job).COLUMNS), _judged(outcomes, job), fleet
        )
        for job in fleet.jobs
    }
    summary = summary_of(outcomes, as_of, found)
    _write(folder, SUMMARY, as_json(summary))
    for name, text in (file for one in found.values() for file in one.files):
        _write(folder, name, text)
    _ended(folder, as_of, tasks)
    return Ran(summary, {job: one.lines for job, one in found.items()}, outcomes, file_format())


def _judged(outcomes: Sequence[Outcome], job: str) -> list[str]:
    """Names of the repositories of which some task succeeded."""
    own = (one.task.repository for one in outcomes if one.task.job == job and one.error is None)
    return list(dict.fromkeys(own))


class _Local:
    """Processes of this machine."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def work(self, todo: Sequence[Task]) -> list[Outcome]:
        from riskcheck.fleet.local import run_local

        found: list[Outcome] = []
        observer = self._request.observer

        def done(task: Task, result: TaskResult) -> None:
            found.append(outcome_of(task, result))
            if observer is not None:
                observer.step("tasks")

        run_local(todo, self._request.folder, self._request.jobs, done)
        return found

    def write(self, outcomes: Sequence[Outcome], table: str, job: str) -> None:
        folder = self._request.folder
        rows = (row for one in outcomes if one.rows for row in rows_of(one.task, folder))
        write_table(table, job_kind(job).COLUMNS, rows)


class _Spark:
    """A cluster."""

    def __init__(self, request: Request, spark: Any) -> None:
        self._request = request
        self._spark = spark

    def work(self, todo: Sequence[Task]) -> list[Outcome]:
        from riskcheck.fleet.spark import run_spark

        with _watched(os.path.join(self._request.folder, DONE), self._request.observer):
            return run_spark(self._spark, todo, self._request.folder) if todo else []

    def write(self, outcomes: Sequence[Outcome], table: str, job: str) -> None:
        from riskcheck.fleet.spark import write_rows

        write_rows(self._spark, outcomes, self._request.folder, table, job_kind(job).COLUMNS)


@contextmanager
def _engine(request: Request) -> Iterator[_Local | _Spark]:
    if request.engine == "local":
        yield _Local(request)
        return
    from riskcheck.fleet.spark import session

    if file_format() != "parquet":
        raise RunError("--engine spark needs pyarrow: pip install 'riskcheck[spark]'")
    with session(request.master, request.folder) as spark:
        yield _Spark(request, spark)


@contextmanager
def _watched(folder: str, observer: Observer | None) -> Iterator[None]:
    """While it is entered, `observer` is told of each file that comes to be in `folder`: who does the tasks is on
    other machines."""
    if observer is None:
        yield
        return
    from threading import Event, Thread

    over = Event()
    before = _count(folder)

    def watch() -> None:
        seen = before
        while not over.wait(1):
            for _ in range(_count(folder) - seen):
                observer.step("tasks")
            seen = max(seen, _count(folder))

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _count(folder: str) -> int:
    try:
        return sum(name.endswith(".json") for name in os.listdir(folder))
    except OSError:
        return 0


def _kept(tasks: Sequence[Task], folder: str) -> dict[Task, Outcome]:
    """Tasks that an earlier run has done. What failed is tried again."""
    found: dict[Task, Outcome] = {}
    for task in tasks:
        result = recall(task, folder)
        if result is None:
            continue
        # What a folder without git holds, nothing tells from what it held before.
        if result.error is None and task.revision:
            found[task] = outcome_of(task, result)
        else:
            os.unlink(_file(task, folder))
    return found


def _file(task: Task, folder: str) -> str:
    return os.path.join(folder, DONE, f"{key_of(task)}.json")


def _begun(folder: str, now: int) -> int:
    """The clock of the run: that of the one before, where that was ended on its way. Raises `RunError`."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        with open(os.path.join(folder, RUN), encoding="ascii") as file:
            before = json.load(file)
        if before["state"] == "running" and now - _GOES_ON < int(before["as_of"]) <= now:
            return int(before["as_of"])
    try:
        os.makedirs(os.path.join(folder, DONE), exist_ok=True)
    except OSError as error:
        raise RunError(f"cannot write to {folder}: {error.strerror}; --output names a folder") from None
    _write(folder, RUN, json.dumps({"as_of": now, "state": "running"}) + "\n")
    return now


def _ended(folder: str, as_of: int, tasks: Sequence[Task]) -> None:
    """Notes that the run is over. What is kept of other tasks than `tasks` goes."""
    current = {os.path.basename(_file(task, folder)) for task in tasks}
    done = os.path.join(folder, DONE)
    for name in os.listdir(done):
        if name.endswith(".json") and name not in current:
            with suppress(OSError):
                os.unlink(os.path.join(done, name))
    _write(folder, RUN, json.dumps({"as_of": as_of, "state": "done"}) + "\n")


def _write(folder: str, name: str, text: str) -> None:
    try:
        write_whole(os.path.join(folder, name), text.encode())
    except OSError as error:
        raise RunError(f"cannot write to {folder}: {error.strerror}") from None
