"""The engine that is Apache Spark: a partition for each task, on whatever cluster the session is of.

By the DataFrame API alone, so that it runs on classic clusters and over Spark Connect; both are what Databricks
has. Rows go from the process that finds them to the file that holds them, past the driver.
"""

from __future__ import annotations

import os
import sys
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from riskcheck.errors import RunError
from riskcheck.fleet.model import MOST_TRIES, Outcome
from riskcheck.fleet.tables import ROWS_AT_ONCE, arrow_batches
from riskcheck.fleet.work import do_task, give_up, outcome_of
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riskcheck.fleet.model import Columns, Task

HERE: Final = "databricks"
"""The session that the job already runs in."""

LOG: Final = "spark.log"
"""File in the output folder: what Spark says of a session that was started here."""

_LOCAL: Final = regex(r"local(\[(\*|[0-9]+)\])?")
_PATHS: Final = ("/Volumes/", "/dbfs/", "/Workspace/")
"""Folders of Databricks, which its Spark knows under the same names:
https://docs.databricks.com/aws/en/files/"""


@contextmanager
def session(master: str | None, folder: str) -> Iterator[Any]:
    """A Spark session, ended when it is left, unless it was there before.

    master: ``local[4]``, ``local-cluster[2,1,1024]``, ``spark://…``, ``sc://…`` (Spark Connect), or `HERE`; None
    for what the environment is set up for. folder: where the log goes. Raises `RunError`.
    """
    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pyspark", "py4j"):
            raise
        raise RunError("--engine spark needs pyspark: pip install 'riskcheck[spark]'") from None
    there = SparkSession.getActiveSession()
    if there is not None or master == HERE:
        yield there or SparkSession.builder.getOrCreate()
        return
    with _errors_to(os.path.join(folder, LOG)):
        try:
            started = _started(SparkSession.builder, master)
        except Exception as error:  # noqa: BLE001  # of Java, of the network, of pyspark's own: all mean the same
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise RunError(
                f"Spark does not start: {said} ({os.path.join(folder, LOG)} has the rest)"
            ) from None
        try:
            yield started
        finally:
            started.stop()


def _started(builder: Any, master: str | None) -> Any:
    if master is not None and master.startswith("sc://"):
        return builder.remote(master).getOrCreate()
    settings = {
        "spark.app.name": "riskcheck fleet",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        # Nobody else decides which task a partition holds, and how often one is tried is decided in `_results`.
        "spark.task.maxFailures": str(2 * MOST_TRIES + 2),
    }
    if master is not None:
        settings["spark.master"] = _with_retries(master)
        if master.startswith("local"):
            settings |= _of_this_machine()
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _with_retries(master: str) -> str:
    """``local`` with as many tries of a task as a cluster has: by itself it gives up after one."""
    found = _LOCAL.fullmatch(master)
    return f"local[{found[2] or 1},{2 * MOST_TRIES + 2}]" if found else master


def _of_this_machine() -> dict[str, str]:
    """Settings of a session whose processes are all here: the same Python, the same riskcheck; nobody listens to
    the network, and a folder that is checked is not imported from."""
    from riskcheck import __file__ as package

    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    os.environ["PYTHONSAFEPATH"] = "1"
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    source = os.path.dirname(os.path.dirname(os.path.abspath(package)))
    return {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.executorEnv.PYTHONPATH": source,
        "spark.executorEnv.PYTHONSAFEPATH": "1",
    }


@contextmanager
def _errors_to(path: str) -> Iterator[None]:
    """While it is entered, what this process and those that it starts write to stderr goes to the file at `path`,
    but for what Python prints."""
    sys.stderr.flush()
    before = os.dup(2)
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    os.dup2(log, 2)
    os.close(log)
    stream, sys.stderr = sys.stderr, os.fdopen(os.dup(before), "w", buffering=1, errors="backslashreplace")
    try:
        with warnings.catch_warnings():
            # pyspark warns of each pandas that is newer than itself; none of it is used.
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.stderr.close()
        sys.stderr = stream
        os.dup2(before, 2)
        os.close(before)


def run_spark(spark: Any, tasks: Sequence[Task], folder: str) -> list[Outcome]:
    """Does `tasks` on the cluster of `spark`, and keeps what comes of them in `folder`, which all of its machines
    see. The outcomes, in the order of `tasks`. Raises `RunError`."""
    listed = tuple(tasks)

    def outcomes(batches: Iterable[Any]) -> Iterator[Any]:
        for number in _numbers(batches):
            done = outcome_of(listed[number], _done(listed[number], folder))
            yield from arrow_batches(_OUTCOME, [(number, *done[1:])])

    with _told("the job ended"):
        found = _mapped(spark, len(listed), outcomes, _OUTCOME).collect()
    return [
        Outcome(listed[row["number"]], row["rows"], row["unread"], row["error"], row["note"])
        for row in sorted(found, key=lambda row: row["number"])
    ]


_OUTCOME: Final[Columns] = (
    ("number", "long"),
    ("rows", "long"),
    ("unread", "long"),
    ("error", "string"),
    ("note", "string"),
)


def write_rows(spark: Any, outcomes: Sequence[Outcome], folder: str, table: str, columns: Columns) -> None:
    """Makes the rows of the tasks of `outcomes` the table in folder `table`, in their order: files of about
    `ROWS_AT_ONCE` rows, as many small ones are slow to read. Raises `RunError`."""
    groups = tuple(_groups(outcomes))

    def rows(batches: Iterable[Any]) -> Iterator[Any]:
        for number in _numbers(batches):
            for task in groups[number]:
                yield from arrow_batches(columns, _done(task, folder).rows)

    with _told(f"cannot write {table}"):
        _mapped(spark, len(groups), rows, columns).write.mode("overwrite").parquet(_address(table))


def _groups(outcomes: Sequence[Outcome]) -> Iterator[tuple[Task, ...]]:
    """Tasks that have rows, neighbours together until they have enough for a file."""
    group: list[Task] = []
    count = 0
    for one in outcomes:
        if not one.rows:
            continue
        group.append(one.task)
        count += one.rows
        if count >= ROWS_AT_ONCE:
            yield tuple(group)
            group, count = [], 0
    if group:
        yield tuple(group)


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Turns what pyspark raises, which is of many classes with pages of Java in them, into `RunError`."""
    try:
        yield
    except Exception as error:
        said = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise RunError(f"Spark: {what}: {said}") from error


def _done(task: Task, folder: str) -> Any:
    """The result of `task`. One whose process was ended as often as that is worth is given up: it would end the
    next one, and after some more of them Spark would end the whole job."""
    from pyspark import TaskContext

    context = TaskContext.get()
    if context is not None and context.attemptNumber() >= MOST_TRIES:
        return give_up(task, folder)
    return do_task(task, folder)


def _numbers(batches: Iterable[Any]) -> Iterator[int]:
    for batch in batches:
        yield from batch.column("id").to_pylist()


def _mapped(spark: Any, count: int, work: Any, columns: Columns) -> Any:
    """A data frame of what `work` makes of each number under `count`, each in a partition of its own."""
    described = ", ".join(f"`{name}` {type_}" for name, type_ in columns)
    return spark.range(0, count, 1, max(count, 1)).mapInArrow(work, described)


def _address(path: str) -> str:
    """`path` as Spark is told of it, whose default file system may be another one than this machine's."""
    from pathlib import Path

    return path if path.startswith(_PATHS) else Path(path).absolute().as_uri()
