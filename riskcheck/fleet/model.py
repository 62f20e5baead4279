"""What a fleet is made of. Plain records of plain values: they travel to other processes and other machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskcheck.report.json import Json

Job: TypeAlias = Literal["lint", "learn", "backtest"]

Cell: TypeAlias = str | int | float | bool | list[str] | list[float] | None
"""One value of a table."""

Row: TypeAlias = tuple[Cell, ...]

ColumnType: TypeAlias = Literal["string", "long", "double", "boolean", "array<string>", "array<double>"]
"""As Spark's DDL names them: https://spark.apache.org/docs/latest/sql-ref-datatypes.html"""

Columns: TypeAlias = tuple[tuple[str, ColumnType], ...]


class Member(NamedTuple):
    """A repository of the fleet. path: absolute. config: absolute path of a policy file that replaces the
    repository's own. revision: the tip that is looked at. after: only what landed after that revision is replayed.
    labels: absolute path of a file that says what was reverted."""

    name: str
    path: str
    revision: str = "HEAD"
    config: str | None = None
    after: str | None = None
    labels: str | None = None


class Fleet(NamedTuple):
    """What a fleet file asks for. options: of each job, by its name."""

    jobs: tuple[Job, ...]
    members: tuple[Member, ...]
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    options: Mapping[str, Mapping[str, int | float | str]] | None = None


class Task(NamedTuple):
    """One unit of work: what is done, to which repository, for which of its landed changes.

    revision: full id of the commit that is looked at, "" for a folder without git. start, end: positions of landed
    changes, the end left out; None for a job that is about the whole. as_of: the clock of the run, seconds since
    the epoch. config_digest: of the content of `config`, so that another content is another task. wrong: why it
    cannot be done, where that is known beforehand.
    """

    job: Job
    repository: str
    path: str
    revision: str
    as_of: int
    start: int | None = None
    end: int | None = None
    config: str | None = None
    config_digest: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    options: tuple[tuple[str, int | float | str], ...] = ()
    wrong: str | None = None


class TaskResult(NamedTuple):
    """What came of a task: rows of the job's table. unread: how many files could not be read, and are not judged.
    error: why there are no rows; note: what to know of them; for people."""

    rows: tuple[Row, ...]
    unread: int = 0
    error: str | None = None
    note: str | None = None


class Found(NamedTuple):
    """What the rows of a job come to over all repositories. about: as JSON. lines: for people. files: more of it,
    by the name in the output folder."""

    about: dict[str, Json]
    lines: list[str]
    files: tuple[tuple[str, str], ...] = ()


class Outcome(NamedTuple):
    """What the table of tasks says of one."""

    task: Task
    rows: int
    unread: int
    error: str | None
    note: str | None = None


MOST_TRIES: Final = 2
"""Times that a task is begun. What ends the process that does it, twice, would end the next one, too."""

ENDED: Final = f"the process that did it was ended, {MOST_TRIES} times: most often for want of memory"

TASK_COLUMNS: Final[Columns] = (
    ("job", "string"),
    ("repository", "string"),
    ("revision", "string"),
    ("start", "long"),
    ("end", "long"),
    ("rows", "long"),
    ("unread", "long"),
    ("error", "string"),
    ("note", "string"),
)
"""The table of tasks, which is where errors are."""


def task_row(outcome: Outcome) -> Row:
    """What the table of tasks says of `outcome`: nothing about who did it, and when."""
    task = outcome.task
    return (
        task.job,
        task.repository,
        task.revision,
        task.start,
        task.end,
        outcome.rows,
        outcome.unread,
        outcome.error,
        outcome.note,
    )
