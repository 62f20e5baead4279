"""Bundle changes to when, as whom and on which runtime work runs, and to what a run does to its tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Resource
from riskcheck.nodes import MISSING, Mapping, Sequence
from riskcheck.rules.checks.databricks_values import (
    counterpart,
    entry,
    mapping_along,
    neighbours,
    node_at,
    referenced,
    subject,
    text_at,
)

if TYPE_CHECKING:
    from riskcheck.rules.context import CheckContext

TRIGGERS: Final = ("schedule", "trigger", "continuous")
"""Blocks of a job that start its runs."""

_REFRESHES: Final = ("full_refresh", "full_refresh_selection", "reset_checkpoint_selection")


def full_refresh(change: Change, context: CheckContext) -> Iterator[Match]:
    """A job starts to refresh a pipeline, or some of its tables, in full on every run.

    Silent where the job refreshed the same pipeline in full before, under another task key, and where the
    pipeline is created by the same change: there is nothing yet that a refresh could lose.
    Values: ``subject``, ``task``, ``what``.
    """
    job = change.resource_after
    if job is None or change.after is MISSING:
        return
    field = next((step for step in reversed(change.path) if not step.startswith("[")), "")
    if field == "full_refresh" and (change.after is not True or change.before is True):
        return
    task = change.path[1].strip("[]") if len(change.path) > 1 else ""
    step = mapping_along(context, job, change.path[: change.path.index(field)])
    pipeline = str(entry(step, "pipeline_id", job) or "")
    if pipeline and (_is_new(pipeline, job, context) or _did_refresh(pipeline, field, change, context)):
        return
    if field == "reset_checkpoint_selection":
        what = (
            f"resets the checkpoint of {change.after} and reads its source again, without clearing the table"
        )
    elif field == "full_refresh":
        what = "refreshes the whole pipeline in full"
    else:
        what = f"refreshes {change.after} in full"
    yield Match(values={"subject": subject(job), "task": task, "what": what})


def _is_new(pipeline: str, job: Resource, context: CheckContext) -> bool:
    named = referenced(pipeline)
    if named is None:
        return False
    declared = next((one for one in neighbours(job, named[0], context.head) if one.name == named[1]), None)
    return declared is not None and counterpart(declared, context.base) is None


def _did_refresh(pipeline: str, field: str, change: Change, context: CheckContext) -> bool:
    """Whether the job already did the same to `pipeline` in a task that base has under another key."""
    before = change.resource_before
    tasks = node_at(before, "tasks")
    if before is None or not isinstance(tasks, Sequence):
        return False
    for task in tasks.items:
        step = task.get("pipeline_task") if isinstance(task, Mapping) else None
        if not isinstance(step, Mapping) or entry(step, "pipeline_id", before) != pipeline:
            continue
        if field == "full_refresh" and entry(step, field, before) is True:
            return True
        chosen = step.get(field)
        if isinstance(chosen, Sequence) and str(change.after) in {
            getattr(one, "raw", None) for one in chosen.items
        }:
            return True
    return False


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
