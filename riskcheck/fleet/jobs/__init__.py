"""The kinds of jobs: what each does to one repository, and the table that it fills."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.fleet.model import Columns, Fleet, Found, Job, Member, Row, Task, TaskResult

JOBS: Final[tuple[Job, ...]] = ("lint", "learn", "backtest")
"""In the order in which they are told of."""


class JobKind(Protocol):
    """What a module of this package offers."""

    COLUMNS: Columns
    """Of its table. The first is ``repository``; a fleet's rows come in the order of its tasks."""

    def tasks(self, member: Member, fleet: Fleet, task: Task) -> Iterable[Task]:
        """What is to be done to `member`: `task`, or parts of it. Raises `RunError`."""

    def run(self, task: Task) -> TaskResult:
        """Does `task`. Raises `RunError`."""

    def found(self, rows: Iterable[Row], judged: Iterable[str], fleet: Fleet) -> Found:
        """What all rows of the fleet come to. judged: the names of the repositories that could be."""


def job_kind(name: str) -> JobKind:
    """The job of that name."""
    return cast("JobKind", import_module(f"riskcheck.fleet.jobs.{name}"))
