"""Who is told when the work of a bundle goes wrong (DAB-025): notifications, health rules, alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.databricks_alerts import alert_weaknesses
from riskcheck.rules.checks.databricks_values import entry, items, listed, number, shown, subject
from riskcheck.rules.checks.weaknesses import Weakness, matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Match, Resource
    from riskcheck.rules.context import CheckContext

_EVENTS: Final = {
    "on_failure": "fails",
    "on_duration_warning_threshold_exceeded": "takes too long",
    "on_streaming_backlog_exceeded": "falls behind its stream",
}
_CHANNELS: Final = ("email_notifications", "webhook_notifications")
_SWITCHES: Final = {
    "no_alert_for_skipped_runs": "skipped",
    "no_alert_for_canceled_runs": "canceled",
}
_FAILURES: Final = ("on-update-failure", "on-update-fatal-failure", "on-flow-failure")
_COVERED_BY: Final = {
    "on-update-failure": frozenset({"on-update-failure", "on-update-fatal-failure"}),
    "on-update-fatal-failure": frozenset({"on-update-failure", "on-update-fatal-failure"}),
    "on-flow-failure": frozenset({"on-flow-failure", "on-update-failure", "on-update-fatal-failure"}),
}
"""What still tells of an event: an update that fails for good fails, a flow that fails fails its update."""


def loosened(change: Change, context: CheckContext) -> Iterator[Match]:
    """Nobody, or fewer, are told when it goes wrong. Values: ``subject``, ``reason``."""
    before, after = change.resource_before, change.resource_after
    if before is None:
        return
    yield from matches(change, context, lambda: _weaknesses(before, after, context), subject(before))


def _weaknesses(before: Resource, after: Resource | None, context: CheckContext) -> Iterator[Weakness]:
    factor = number(context.options.get("looser_factor")) or 1.5
    if before.section == "alerts":
        yield from alert_weaknesses(before, after, factor, context)
    elif after is not None and before.section == "pipelines":
        yield from _of_pipeline(before, after)
    elif after is not None:
        yield from _of_job(before, after)
        yield from _of_health(before, after, factor)


class _Part(NamedTuple):
    """The job itself (``""``) or one task, and who it tells of one event."""

    name: str
    recipients: tuple[Node, ...]


def _parts(job: Resource, event: str) -> list[_Part]:
    holders = [("", job.body), *((str(entry(task, "task_key", job)), task) for task in items(job, "tasks"))]
    return [_Part(name, tuple(_recipients(holder, event))) for name, holder in holders]


def _recipients(holder: Mapping, event: str) -> Iterator[Node]:
    for channel in _CHANNELS:
        named = holder.at(channel, event)
        if isinstance(named, Sequence):
            yield from named.items


def _of_job(before: Resource, after: Resource) -> Iterator[Weakness]:
    for event, words in _EVENTS.items():
        old, new = _parts(before, event), _parts(after, event)
        told = {part.name for part in new if part.recipients}
        lost = [part for part in old if part.recipients]
        if not lost or "" in told:
            continue
        left = {part.name for part in new} - {""}
        if not told:
            if any(part.name == "" or part.name in left for part in lost):
                yield Weakness(f"nobody is told any more when it {words}", _first(lost), None)
            continue
        whole = any(part.name == "" for part in lost)
        untold = sorted(left - told if whole else {part.name for part in lost if part.name in left} - told)
        if untold:
            noun = "task" if len(untold) == 1 else "tasks"
            yield Weakness(
                f"nobody is told any more when {noun} {listed(untold)} {words}", _first(lost), None
            )
    yield from _switched_off(before, after)


def _first(parts: list[_Part]) -> Node:
    return parts[0].recipients[0]


def _switched_off(before: Resource, after: Resource) -> Iterator[Weakness]:
    """Runs of some kind no longer count as failures for those who are told of failures."""
    if not any(part.recipients for part in _parts(after, "on_failure")):
        return
    known = {str(entry(task, "task_key", before)): task for task in items(before, "tasks")}
    pairs: list[tuple[Mapping | None, Mapping]] = [(before.body, after.body)]
    pairs += [(known.get(str(entry(task, "task_key", after))), task) for task in items(after, "tasks")]
    for old, new in pairs:
        if old is None:
            continue
        for switch, words in _SWITCHES.items():
            node = _switch(new, switch, after)
            if node is not None and _switch(old, switch, before) is None:
                yield Weakness(f"nobody is told of {words} runs any more", None, node)


def _switch(holder: Mapping, switch: str, resource: Resource) -> Node | None:
    """What sets `switch`, in the block of settings or in the older one; None where it is not set."""
    for block in ("notification_settings", "email_notifications"):
        inside = holder.get(block)
        if isinstance(inside, Mapping) and entry(inside, switch, resource) is True:
            return inside.get(switch)
    return None


def _of_health(before: Resource, after: Resource, factor: float) -> Iterator[Weakness]:
    old, new = _limits(before), _limits(after)
    tasks = {str(entry(task, "task_key", after)) for task in items(after, "tasks")}
    for (holder, metric), (limit, node) in old.items():
        if holder and holder not in tasks:
            continue
        found = new.get((holder, metric)) or next((new[key] for key in new if key[1] == metric), None)
        where = f" of task {holder}" if holder else ""
        if found is None:
            yield Weakness(f"no health rule watches {metric}{where} any more", node, None)
        elif limit is not None and found[0] is not None and found[0] > factor * limit:
            text = f"the limit of {metric}{where} goes from {shown(limit)} to {shown(found[0])}"
            yield Weakness(text, node, found[1])


def _limits(job: Resource) -> dict[tuple[str, str], tuple[float | None, Node]]:
    """(task, metric) to its limit and the rule that states it; the task of the job's own rules is ``""``."""
    found: dict[tuple[str, str], tuple[float | None, Node]] = {}
    holders = [("", job.body), *((str(entry(task, "task_key", job)), task) for task in items(job, "tasks"))]
    for name, holder in holders:
        rules = holder.at("health", "rules")
        for rule in rules.items if isinstance(rules, Sequence) else ():
            if isinstance(rule, Mapping) and isinstance(metric := entry(rule, "metric", job), str):
                found[name, metric] = (number(entry(rule, "value", job)), rule.get("value") or rule)
    return found


def _of_pipeline(before: Resource, after: Resource) -> Iterator[Weakness]:
    old, new = _told_of(before), _told_of(after)
    lost = {
        event: node
        for event, node in old.items()
        if event in _FAILURES and not _COVERED_BY[event] & new.keys()
    }
    if lost:
        events = listed(sorted(lost))
        yield Weakness(f"nobody is told any more of {events}", next(iter(lost.values())), None)


def _told_of(pipeline: Resource) -> dict[str, Node]:
    """The events that somebody is told of, and the first list of recipients of each."""
    found: dict[str, Node] = {}
    for block in items(pipeline, "notifications"):
        events, recipients = block.get("alerts"), block.get("email_recipients")
        if isinstance(events, Sequence) and isinstance(recipients, Sequence) and recipients.items:
            for event in events.items:
                if isinstance(event, Scalar):
                    found.setdefault(event.raw, block)
    return found
