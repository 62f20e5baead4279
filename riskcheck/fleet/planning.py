"""Which tasks a fleet comes to. Each tip is looked up once, so that all tasks are about the same one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from riskcheck.errors import RunError
from riskcheck.fleet.histories import digest_of, revision_of
from riskcheck.fleet.jobs import job_kind
from riskcheck.fleet.model import Task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.fleet.model import Fleet, Member
    from riskcheck.observing import Observer


def plan(fleet: Fleet, as_of: int, observer: Observer | None = None) -> tuple[Task, ...]:
    """All tasks of `fleet`, by job and repository. What a repository lacks is said by its task, which then is one
    that cannot be done. as_of: the clock of the run, seconds since the epoch."""
    if observer is not None:
        observer.stage("looking up tips", len(fleet.members), "repositories")
    found = [task for member in fleet.members for task in _planned(member, fleet, as_of, observer)]
    order = {job: number for number, job in enumerate(fleet.jobs)}
    return tuple(sorted(found, key=lambda task: (order[task.job], task.repository, task.start or 0)))


def _planned(member: Member, fleet: Fleet, as_of: int, observer: Observer | None) -> Iterator[Task]:
    revision, digest, wrong = "", "", None
    try:
        revision = tip_of(member)
        digest = "" if member.config is None else digest_of(member.config)
    except RunError as error:
        wrong = str(error)
    for job in fleet.jobs:
        task = Task(
            job=job,
            repository=member.name,
            path=member.path,
            revision=revision,
            as_of=as_of,
            config=member.config,
            config_digest=digest,
            select=fleet.select,
            ignore=fleet.ignore,
            options=tuple(sorted((fleet.options or {}).get(job, {}).items())),
            wrong=wrong,
        )
        try:
            yield from (task,) if wrong else job_kind(job).tasks(member, fleet, task)
        except RunError as error:
            yield task._replace(wrong=str(error))
    if observer is not None:
        observer.step("repositories")


def tip_of(member: Member) -> str:
    """The full id of the commit that `member` is looked at, "" for a folder without git. Raises `RunError`."""
    if not os.path.isdir(member.path):
        raise RunError(f"{member.path} is not a folder that can be seen from here")
    # A folder inside of another repository is none itself.
    if not any(os.path.exists(os.path.join(member.path, name)) for name in (".git", "HEAD")):
        return ""
    return revision_of(member.path, member.revision)
