"""Bundle changes to what starts the runs of a job, and to what a run does to its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Resource
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.databricks_values import (
    counterpart,
    entry,
    items,
    neighbours,
    node_at,
    referenced,
    subject,
    text_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext

TRIGGERS: Final = ("schedule", "trigger", "continuous")
"""Blocks of a job that start its runs."""

SELECTIONS: Final = ("full_refresh_selection", "reset_checkpoint_selection")


class Refresh(NamedTuple):
    """What one task does to tables on every run. of: id of the pipeline, or of the job that it is passed on to.

    table: empty where the whole pipeline is refreshed. node: what says so.
    """

    task: str
    of: str
    field: str
    table: str
    node: Node

    @property
    def effect(self) -> tuple[str, str, str]:
        """What happens to which table, whatever the task is called."""
        return self.of, self.field, self.table

    @property
    def what(self) -> str:
        if self.field == "reset_checkpoint_selection":
            return f"resets the checkpoint of {self.table} and reads its source again, without clearing the table"
        return f"refreshes {self.table or 'the whole pipeline'} in full"


def refreshes(job: Resource | None) -> Iterator[Refresh]:
    """All full refreshes and checkpoint resets that runs of `job` do."""
    for task in items(job, "tasks"):
        inner = task.at("for_each_task", "task")
        name = str(entry(task, "task_key", job) or "")
        for each in (task, inner) if isinstance(inner, Mapping) else (task,):
            yield from _of_task(each, name, job)


def _of_task(task: Mapping, name: str, job: Resource | None) -> Iterator[Refresh]:
    for step, of, flags in (
        (task.get("pipeline_task"), "pipeline_id", ("full_refresh",)),
        (task.get("run_job_task"), "job_id", ("pipeline_params", "full_refresh")),
    ):
        if not isinstance(step, Mapping):
            continue
        target = str(entry(step, of, job) or "")
        holder, flag = step.at(*flags[:-1]), step.at(*flags)
        if isinstance(holder, Mapping) and flag is not None and entry(holder, flags[-1], job) is True:
            yield Refresh(name, target, "full_refresh", "", flag)
        for field in SELECTIONS:
            chosen = step.get(field)
            for table in chosen.items if isinstance(chosen, Sequence) else ():
                if isinstance(table, Scalar):
                    yield Refresh(name, target, field, table.raw, table)


def full_refresh(change: Change, context: CheckContext) -> Iterator[Match]:
    """Runs of a job start to refresh a pipeline, or some of its tables, in full.

    Silent where they did so before, under another task or job key, and where the pipeline is created by the same
    change: there is nothing yet that a refresh could lose. Values: ``subject``, ``task``, ``what``.
    """
    job = change.resource_after
    if job is None:
        return
    before = [change.resource_before] if change.resource_before else neighbours(job, "jobs", context.base)
    known = {one.effect for other in before for one in refreshes(other)}
    for one in refreshes(job):
        if one.effect in known or _is_new(one.of, job, context):
            continue
        if not change.path or one.node is change.node_after:
            values = {"subject": subject(job), "task": one.task, "what": one.what}
            yield Match(values=values, node=one.node)


def _is_new(pipeline: str, job: Resource, context: CheckContext) -> bool:
    named = referenced(pipeline)
    if named is None:
        return False
    declared = next((one for one in neighbours(job, named[0], context.head) if one.name == named[1]), None)
    return declared is not None and counterpart(declared, context.base) is None


def paused(change: Change, context: CheckContext) -> Iterator[Match]:
    """Nothing starts a job (or an alert's query) any more that was started by itself before.

    A trigger that another one replaces is silent. Values: ``subject``, ``how``.
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or not _runs_by_itself(before) or _runs_by_itself(after):
        return
    block = change.path[0]
    is_pause = change.path[-1] == "pause_status"
    if is_pause != (node_at(after, block) is not None):
        return
    how = f"its {block} is {'paused' if is_pause else 'removed'}"
    yield Match(values={"subject": subject(after), "how": how})


def _runs_by_itself(resource: Resource) -> bool:
    return any(
        node_at(resource, block) is not None and text_at(resource, block, "pause_status").upper() != "PAUSED"
        for block in TRIGGERS
    )
