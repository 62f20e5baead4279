"""What watches the quality of data: monitors of tables, tests that a job runs (DAB-041)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.rules.checks.databricks_data import is_still_deployed
from riskcheck.rules.checks.databricks_values import (
    entry,
    items,
    listed,
    neighbours,
    node_at,
    subject,
    text_at,
)
from riskcheck.rules.checks.weaknesses import Weakness, matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Match, Resource
    from riskcheck.rules.context import CheckContext

_MONITORS: Final = "quality_monitors"
_TESTING: Final = ("test", "build")
_LEAVING_OUT: Final = ("--exclude", "--exclude-resource-type", "--exclude-resource-types")
_PROFILES: Final = ("inference_log", "time_series", "snapshot")


def loosened(change: Change, context: CheckContext) -> Iterator[Match]:
    """A monitor is gone or measures less, or a job no longer runs its tests. Values: ``subject``, ``reason``."""
    before, after = change.resource_before, change.resource_after
    if before is None:
        return
    yield from matches(change, context, lambda: _weaknesses(before, after, context), subject(before))


def _weaknesses(before: Resource, after: Resource | None, context: CheckContext) -> Iterator[Weakness]:
    if before.section != _MONITORS:
        if after is not None:
            yield from _of_tests(before, after)
    elif after is not None:
        yield from _of_monitor(before, after)
    elif is_still_deployed(before, context) and not _lives_on(before, context):
        table = text_at(before, "table_name") or "its table"
        yield Weakness(
            f"it is removed, and nothing in the configuration monitors {table}", before.origin, None
        )


def _lives_on(monitor: Resource, context: CheckContext) -> bool:
    table = text_at(monitor, "table_name")
    others = neighbours(monitor, _MONITORS, context.head)
    return bool(table) and any(text_at(other, "table_name") == table for other in others)


def _of_monitor(before: Resource, after: Resource) -> Iterator[Weakness]:
    if isinstance(node_at(before, "schedule"), Mapping) and node_at(after, "schedule") is None:
        yield Weakness("it is refreshed by hand only", node_at(before, "schedule"), None)
    told = node_at(before, "notifications", "on_failure", "email_addresses")
    tells = node_at(after, "notifications", "on_failure", "email_addresses")
    if _texts(told) and not _texts(tells):
        yield Weakness("nobody is told any more when it fails", told, None)
    baseline = node_at(before, "baseline_table_name")
    if baseline is not None and node_at(after, "baseline_table_name") is None:
        yield Weakness("it compares with no baseline any more", baseline, None)
    metrics = {str(entry(one, "name", before)): one for one in items(before, "custom_metrics")}
    kept = {str(entry(one, "name", after)) for one in items(after, "custom_metrics")}
    gone = [name for name in metrics if name not in kept]
    if gone:
        noun = "metric" if len(gone) == 1 else "metrics"
        yield Weakness(f"it measures {noun} {listed(gone)} no more", metrics[gone[0]], None)
    slices = _texts(node_at(before, "slicing_exprs"))
    fewer = [name for name in slices if name not in _texts(node_at(after, "slicing_exprs"))]
    if fewer:
        yield Weakness(f"it no longer slices by {listed(fewer)}", slices[fewer[0]], None)
    for profile in _PROFILES[:-1]:
        other = next((name for name in _PROFILES if node_at(after, name) is not None), None)
        if node_at(before, profile) is not None and other not in (None, profile):
            yield Weakness(
                f"it profiles by {other} instead of {profile}",
                node_at(before, profile),
                node_at(after, str(other)),
            )


def _texts(node: Node | None) -> dict[str, Node]:
    found = node.items if isinstance(node, Sequence) else ()
    return {" ".join(item.raw.split()): item for item in found if isinstance(item, Scalar)}


def _of_tests(before: Resource, after: Resource) -> Iterator[Weakness]:
    """Tasks that ran ``dbt test`` or ``dbt build`` and do not, or leave more out of it."""
    now = {str(entry(task, "task_key", after)): task for task in items(after, "tasks")}
    tested_after = any(_tests(task) for task in now.values())
    for task in items(before, "tasks"):
        key = str(entry(task, "task_key", before))
        old, other = _tests(task), now.get(key)
        if not old or other is None or not isinstance(other.get("dbt_task"), Mapping):
            continue
        new = _tests(other)
        if not new and not tested_after:
            yield Weakness(f"task {key} no longer runs the tests of dbt", next(iter(old.values())), None)
        left_out = {word for command in new for word in _left_out(command)}
        known = {word for command in old for word in _left_out(command)}
        more = sorted(left_out - known)
        if more:
            first = next(node for command, node in new.items() if set(more) & set(_left_out(command)))
            yield Weakness(f"task {key} leaves {listed(more)} out of the tests of dbt", None, first)


def _tests(task: Mapping) -> dict[str, Node]:
    """The commands of a task that run tests of dbt."""
    commands = task.at("dbt_task", "commands")
    return {text: node for text, node in _texts(commands).items() if _is_test(text.split())}


def _is_test(words: list[str]) -> bool:
    return (
        words[:1] == ["dbt"]
        and next((word for word in words[1:] if not word.startswith("-")), "") in _TESTING
    )


def _left_out(command: str) -> list[str]:
    """What a command excludes: the words after the options that say so."""
    found: list[str] = []
    inside = False
    for word in command.split():
        option, _, value = word.partition("=")
        if option.startswith("-"):
            inside = option in _LEAVING_OUT
            found += [value] if inside and value else []
        elif inside:
            found.append(word)
    return found
