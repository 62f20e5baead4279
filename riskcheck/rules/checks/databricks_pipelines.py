"""How pipelines and jobs run: for development, without end, with which features, how many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.cadence.bodies import started_by
from riskcheck.models import Match, Related, location_of
from riskcheck.nodes import Scalar
from riskcheck.rules.checks.databricks_values import (
    items,
    listed,
    neighbours,
    referenced,
    subject,
    target_of,
    text_at,
    value_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import Node
    from riskcheck.rules.context import CheckContext

_EDITIONS: Final = {"CORE": 0, "PRO": 1, "ADVANCED": 2}
_LOST: Final = {
    ("ADVANCED", "PRO"): "expectations",
    ("ADVANCED", "CORE"): "expectations and change data capture",
    ("PRO", "CORE"): "change data capture",
}
"""What the lower edition lacks:
https://docs.databricks.com/aws/en/ldp/configure-pipeline#choose-a-product-edition"""

_OF_TARGET: Final = (("mode",), ("presets", "pipelines_development"))


def run_otherwise(change: Change, context: CheckContext) -> Iterator[Match]:
    """A pipeline runs as one under development, stops running without end, cannot be started any more by a job, or
    lacks features.

    What follows from the mode or a preset of the target is said there. Values: ``subject``, ``reason``.
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None:
        return
    field = change.path[0]
    if field == "edition":
        yield from _lower_edition(before, after)
    elif not _by_target(after, context) or not change.node.synthetic:
        if field == "development" and value_at(after, field) is True is not value_at(before, field):
            if after.environment.stage != "dev":
                yield _match(after, "it runs in development mode: no retries, and its cluster stays on")
        elif field == "continuous":
            yield from _continuous(before, after, context)


def not_by_preset(change: Change, context: CheckContext) -> Iterator[Match]:
    """Holds unless the limit of concurrent runs comes from a preset of the target, of which another rule speaks."""
    after = change.resource_after
    old = None if after is None else target_of(after, context.base)
    new = None if after is None else target_of(after, context.head)
    preset = ("presets", "jobs_max_concurrent_runs")
    by_preset = value_at(old, *preset) != value_at(new, *preset) and change.after == value_at(new, *preset)
    if change.path != ("max_concurrent_runs",) or not by_preset:
        yield Match()


def _continuous(before: Resource, after: Resource, context: CheckContext) -> Iterator[Match]:
    was, runs = (value_at(side, "continuous") is True for side in (before, after))
    if was == runs:
        return
    jobs = [(job, node) for job in neighbours(after, "jobs", context.head) for node in _updates(job, after)]
    if runs:
        if jobs:
            names = listed([subject(job) for job, _ in jobs])
            what = f"it runs without end now, and a task cannot start it any more: {names}"
            yield _match(after, what, tuple(Related("task", location_of(node)) for _, node in jobs))
    elif not _triggered(after) and not any(_starts(job) for job, _ in jobs):
        yield _match(after, "it no longer runs without end, and nothing in the bundle starts it")


def _triggered(pipeline: Resource) -> bool:
    return started_by(pipeline.body) is not None or bool(
        text_at(pipeline, "configuration", "pipelines.trigger.interval")
    )


def _starts(job: Resource) -> bool:
    start = started_by(job.body)
    return start is not None and not start.paused


def _updates(job: Resource, pipeline: Resource) -> Iterator[Node]:
    """The places in `job` at which a task starts `pipeline`."""
    for task in items(job, "tasks"):
        for way in (("pipeline_task",), ("for_each_task", "task", "pipeline_task")):
            node = task.at(*way, "pipeline_id")
            if isinstance(node, Scalar) and referenced(node.raw) == (pipeline.kind, pipeline.name):
                yield node


def _lower_edition(before: Resource, after: Resource) -> Iterator[Match]:
    was, becomes = (text_at(side, "edition").upper() for side in (before, after))
    if _EDITIONS.get(becomes, 9) < _EDITIONS.get(was, -1) and value_at(after, "serverless") is not True:
        lost = _LOST[was, becomes]
        yield _match(after, f"edition {becomes} instead of {was} does without {lost}")


def _by_target(pipeline: Resource, context: CheckContext) -> bool:
    """Whether the mode or the preset changed that fills in how pipelines run."""
    old, new = target_of(pipeline, context.base), target_of(pipeline, context.head)
    return any(value_at(old, *path) != value_at(new, *path) for path in _OF_TARGET)


def _match(pipeline: Resource, what: str, related: tuple[Related, ...] = ()) -> Match:
    return Match(values={"subject": subject(pipeline), "reason": what}, related=related)
