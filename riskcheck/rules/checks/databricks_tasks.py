"""What the tasks of a job wait for, and which of them run at all (DAB-026)."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from json import dumps
from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import plain_value
from riskcheck.nodes import Mapping, Scalar, Sequence
from riskcheck.rules.checks.databricks_values import (
    entry,
    items,
    listed,
    neighbours,
    referenced,
    subject,
    text_at,
)
from riskcheck.rules.checks.weaknesses import Weakness, matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Sequence as SequenceOf

    from riskcheck.models import Change, Match, Resource
    from riskcheck.nodes import Node, Value
    from riskcheck.rules.context import CheckContext, ResourceView

_PATIENCE: Final = {"ALL_SUCCESS": 0, "NONE_FAILED": 1, "AT_LEAST_ONE_SUCCESS": 2, "ALL_DONE": 3}
"""Conditions under which a task runs, the strictest first. Those for failures are in none of these orders."""

_ORDER: Final = ("task_key", "depends_on", "run_if", "disabled", "description")
"""What of a task is not its work."""


class _Graph:
    """The tasks of one job, by key, and what each waits for."""

    def __init__(self, job: Resource) -> None:
        self.job = job
        self.tasks = {
            key: task for task in items(job, "tasks") if isinstance(key := entry(task, "task_key", job), str)
        }
        self.edges: dict[str, dict[str, tuple[str, Node]]] = {
            key: dict(_waits_for(task, job)) for key, task in self.tasks.items()
        }

    def reaches(self, key: str, wanted: str) -> bool:
        """Whether `key` runs after `wanted`, by whatever way."""
        pending, seen = [key], {key}
        while pending:
            for name in self.edges.get(pending.pop(), {}):
                if name == wanted:
                    return True
                if name not in seen:
                    seen.add(name)
                    pending.append(name)
        return False

    def work(self, key: str) -> Value:
        """What a task does, wherever it stands in the order."""
        body = plain_value(self.tasks[key], self.job.reading)
        assert isinstance(body, dict)
        return {name: value for name, value in body.items() if name not in _ORDER}

    def place(self, key: str) -> Value:
        """Of which kind a task is, and what it waits for."""
        kinds = [name.raw for name, _ in self.tasks[key].entries if name.raw.endswith("_task")]
        return [*sorted(kinds), "", *sorted(self.edges[key])]


def _waits_for(task: Mapping, job: Resource) -> Iterator[tuple[str, tuple[str, Node]]]:
    listed_here = task.get("depends_on")
    for item in listed_here.items if isinstance(listed_here, Sequence) else ():
        if isinstance(item, Mapping) and isinstance(key := entry(item, "task_key", job), str):
            outcome = entry(item, "outcome", job)
            yield key, (str(outcome).lower() if isinstance(outcome, str | bool) else "", item)


def order_weakened(change: Change, context: CheckContext) -> Iterator[Match]:
    """A task no longer waits for what it waited for, runs though it failed, or does not run at all.

    Values: ``subject``, ``reason``, ``grades``: ``renamed``, ``condition``, ``order``, ``gone``, ``quality``.
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None:
        return
    yield from matches(change, context, lambda: _weaknesses(before, after, context), subject(after))


def _weaknesses(before: Resource, after: Resource, context: CheckContext) -> Iterator[Weakness]:
    old, new = _Graph(before), _Graph(after)
    names = _renamed(old, new)
    words = context.options.get("quality_words")
    quality = tuple(str(word) for word in words) if isinstance(words, list) else ()
    for key, task in old.tasks.items():
        becomes = names.get(key, key)
        grade = "quality" if _checks_quality(old, key, quality) else "gone"
        if becomes not in new.tasks:
            if not _moved_away(old, key, after, context):
                yield Weakness(f"task {key} is removed", task, None, grade)
            continue
        if becomes != key:
            yield from _of_name(old, new, key, becomes, quality)
        if entry(new.tasks[becomes], "disabled", after) is True is not entry(task, "disabled", before):
            node = new.tasks[becomes].get("disabled")
            yield Weakness(f"task {becomes} is disabled", None, node, grade)
        yield from _of_edges(old, new, key, becomes, names, quality)
        yield from _of_condition(old, new, key, becomes, quality)
        yield from _of_job(old, new, key, becomes, context)


def _renamed(old: _Graph, new: _Graph) -> dict[str, str]:
    """Old key to new key of tasks that have another name: the same work, or else work of the same kind that waits
    for the same. Nothing of twins."""
    found: dict[str, str] = {}
    for like in (_Graph.work, _Graph.place):
        gone = [(key, like(old, key)) for key in old.tasks if key not in new.tasks and key not in found]
        come = [
            (key, like(new, key)) for key in new.tasks if key not in old.tasks and key not in found.values()
        ]
        for key, shape in gone:
            same = [name for name, other in come if other == shape]
            if len(same) == 1 and sum(other == shape for _, other in gone) == 1:
                found[key] = same[0]
    return found


def _of_name(
    old: _Graph, new: _Graph, key: str, becomes: str, quality: SequenceOf[str]
) -> Iterator[Weakness]:
    lost = _checks_quality(old, key, quality) and not _checks_quality(new, becomes, quality)
    how = "is renamed to" if old.work(key) == new.work(becomes) else "gives way to"
    what = f"task {key} {how} {becomes}, without its runs so far"
    yield Weakness(what, old.tasks[key], new.tasks[becomes], "quality" if lost else "renamed")


def _of_edges(
    old: _Graph, new: _Graph, key: str, becomes: str, names: dict[str, str], quality: SequenceOf[str]
) -> Iterator[Weakness]:
    now = new.edges[becomes]
    for waited, (outcome, item) in old.edges[key].items():
        name = names.get(waited, waited)
        if name in now:
            if now[name][0] != outcome and now[name][0]:
                what = f"task {becomes} runs when {name} is {now[name][0]} instead of {outcome or 'done'}"
                yield Weakness(what, item, now[name][1], "order")
        elif name in new.tasks and not new.reaches(becomes, name):
            grade = "quality" if _checks_quality(old, waited, quality) else "order"
            if waited in now and waited not in new.tasks:
                what = f"task {becomes} waits for {waited}, which the job calls {name} now"
                yield Weakness(what, item, now[waited][1], grade)
            else:
                yield Weakness(f"task {becomes} no longer waits for {name}", item, None, grade)


def _of_condition(
    old: _Graph, new: _Graph, key: str, becomes: str, quality: SequenceOf[str]
) -> Iterator[Weakness]:
    task, now = old.tasks[key], new.tasks[becomes]
    was, runs = _run_if(task, old.job), _run_if(now, new.job)
    is_weaker = was in _PATIENCE and _PATIENCE.get(runs, len(_PATIENCE)) > _PATIENCE[was]
    if is_weaker and old.edges[key] and new.edges[becomes]:
        gated = any(_checks_quality(old, waited, quality) for waited in old.edges[key])
        what = f"task {becomes} runs on {runs} instead of {was} of {listed(list(new.edges[becomes]))}"
        yield Weakness(what, task.get("run_if"), now.get("run_if"), "quality" if gated else "order")
    one, other = task.get("condition_task"), now.get("condition_task")
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        asked, asks = _asked(one, old.job), _asked(other, new.job)
        if asked != asks:
            what = f"task {becomes} asks for {asks} instead of {asked}"
            yield Weakness(what, one, other, "condition")


def _of_job(old: _Graph, new: _Graph, key: str, becomes: str, context: CheckContext) -> Iterator[Weakness]:
    """A task that starts another job; one that only has another key in the bundle is the same."""
    node, now = (task.at("run_job_task", "job_id") for task in (old.tasks[key], new.tasks[becomes]))
    if not isinstance(node, Scalar) or not isinstance(now, Scalar) or node.raw == now.raw:
        return
    was = _job_named(node.raw, old.job, context.base)
    starts = _job_named(now.raw, new.job, context.head)
    if was != starts:
        yield Weakness(f"task {becomes} starts job {starts} instead of {was}", node, now, "order")


def _job_named(text: str, job: Resource, view: ResourceView) -> str:
    """The name of the job that a reference leads to; the reference, or the id, where none is known."""
    named = referenced(text)
    found = named and next((one for one in neighbours(job, named[0], view) if one.name == named[1]), None)
    return (text_at(found, "name") if found else "") or text


def _run_if(task: Mapping, job: Resource) -> str:
    value = entry(task, "run_if", job)
    return value.upper() if isinstance(value, str) and value else "ALL_SUCCESS"


def _asked(condition: Mapping, job: Resource) -> str:
    return " ".join(str(entry(condition, field, job)) for field in ("left", "op", "right"))


def _moved_away(old: _Graph, key: str, after: Resource, context: CheckContext) -> bool:
    """Whether another job of the bundle does the work of a task now."""
    view = context.head
    assert isinstance(view, Hashable)
    known = _work_of_all(view, after.platform, after.unit, after.environment.name)
    return bool(known.get(_spelled(old.work(key)), frozenset()) - {after.name})


@lru_cache(maxsize=4)
def _work_of_all(view: ResourceView, platform: str, unit: str, environment: str) -> dict[str, set[str]]:
    """The work of every task of a bundle to the jobs that do it, asked once for all tasks that go."""
    found: dict[str, set[str]] = {}
    for job in view.find(platform=platform, unit=unit, environment=environment):
        if job.section != "jobs":
            continue
        graph = _Graph(job)
        for name in graph.tasks:
            found.setdefault(_spelled(graph.work(name)), set()).add(job.name)
    return found


def _spelled(work: Value) -> str:
    return dumps(work, sort_keys=True)


def _checks_quality(graph: _Graph, key: str, words: Iterable[str]) -> bool:
    """Whether a task is one that stops bad data, by its name and the name of what it runs, or runs ``dbt test``."""
    task = graph.tasks.get(key)
    if task is None:
        return False
    names = [key, *_runs(task, graph.job)]
    parts = {part for name in names for part in _words_of(name)}
    return any(word in parts for word in words)


def _runs(task: Mapping, job: Resource) -> Iterator[str]:
    for kind, field in (
        ("notebook_task", "notebook_path"),
        ("spark_python_task", "python_file"),
        ("python_wheel_task", "entry_point"),
    ):
        step = task.get(kind)
        path = entry(step, field, job) if isinstance(step, Mapping) else None
        if isinstance(path, str):
            yield path.rpartition("/")[2].partition(".")[0]
    step = task.get("dbt_task")
    commands = step.get("commands") if isinstance(step, Mapping) else None
    for command in commands.items if isinstance(commands, Sequence) else ():
        text = plain_value(command, job.reading)
        if isinstance(text, str) and text.split()[:2] in (["dbt", "test"], ["dbt", "build"]):
            yield "tests"


def _words_of(name: str) -> list[str]:
    return "".join(char if char.isalnum() else " " for char in name.lower()).split()
