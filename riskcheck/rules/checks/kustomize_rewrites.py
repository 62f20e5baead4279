"""What becomes of objects with a setting of their kustomization: new names, a lost hash, a Service cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.immutability import is_refused, is_replaced_by_force
from riskcheck.nodes import Mapping
from riskcheck.phrases import many
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.indexes import once
from riskcheck.rules.checks.kubernetes_components import (
    REACHED,
    component_gone,
    matched,
    named,
    written,
)
from riskcheck.rules.checks.kubernetes_objects import (
    items_at,
    name_of,
    neighbours,
    prune_guard,
    text_at,
    texts,
)
from riskcheck.rules.checks.kubernetes_pods import SERVING, config_uses, pod_labels, pod_template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Match, Resource, Setting
    from riskcheck.nodes import Node
    from riskcheck.rules.context import CheckContext

_CONFIG: Final = frozenset({"ConfigMap", "Secret"})
_PASSING: Final = _CONFIG | {"Job", "PipelineRun", "TaskRun", "Workflow"}
"""Kinds that get new names by design: to roll what uses them, or to run once more."""


class Renamed(NamedTuple):
    """Objects that one prefix or suffix gives another name."""

    setting: Setting
    objects: list[Resource]
    """As they were."""


def rewritten(
    change: Change, before: Resource, after: Resource | None, context: CheckContext
) -> Iterator[Match]:
    """What a setting that had a hand in the changed object does; values as of `kubernetes_kustomize`."""
    if after is not None:
        if change.kind == "moved":
            yield from _names(change, context)
        elif before.kind in _CONFIG and change.path == ("metadata", "name"):
            yield from _hash_lost(before, after, context)
        elif before.kind == "Service" and change.path[:2] == ("spec", "selector"):
            yield from _cut_off(change, before, after, context)
    yield from component_gone(change, before, context)


# namePrefix and nameSuffix


def _names(change: Change, context: CheckContext) -> Iterator[Match]:
    for group in _groups(change.resource, context):
        if group.objects[0] is not change.resource_before:
            continue
        field = "namePrefix" if group.setting.role == "prefix" else "nameSuffix"
        data = [one for one in group.objects if _holds_data(one, context)]
        reached = any(one.kind in REACHED for one in group.objects)
        if not data and not reached and all(one.kind in _PASSING for one in group.objects):
            continue
        problem = f"{field} renames {many(len(group.objects), 'object')}: new ones are made, the old ones go"
        if data:
            problem += f"; what {named(data)} hold{'s' if len(data) == 1 else ''} does not come along"
        weight = "data" if data else "reached" if reached else "lost"
        yield matched(group.setting.node, problem, weight, group.objects, restored=not data)


def _groups(resource: Resource, context: CheckContext) -> list[Renamed]:
    """Renamings in the unit and environment of `resource`, made out once a run."""
    unit, environment = resource.unit, resource.environment.name

    def renamings() -> list[Renamed]:
        found: dict[tuple[str, int], Renamed] = {}
        others = context.head.find(platform="kubernetes", environment=environment, unit=unit)
        for other in sorted(others, key=lambda one: one.key):
            moved = next((one for one in context.changes_of(other) if one.kind == "moved"), None)
            old = moved.resource_before if moved is not None else None
            if old is None or name_of(old) == name_of(other):
                continue
            setting = _affix(old, other)
            if setting is not None:
                key = (setting.node.source.side, id(setting.node))
                found.setdefault(key, Renamed(setting, [])).objects.append(old)
        return list(found.values())

    return once(context.head, ("renamings", unit, environment), renamings)


def _affix(old: Resource, new: Resource) -> Setting | None:
    """The prefix or suffix that one side has and the other has not; that of head where both differ."""
    for own, other in ((new, old), (old, new)):
        there = {written(one) for one in other.shaped_by}
        for setting in own.shaped_by:
            if setting.role in ("prefix", "suffix") and written(setting) not in there:
                return setting
    return None


def _holds_data(resource: Resource, context: CheckContext) -> bool:
    from riskcheck.rules.checks.kubernetes_storage import is_ephemeral

    if is_ephemeral(resource, context.options.get("ephemeral")) or prune_guard(resource) is not None:
        return False
    if resource.kind == "StatefulSet":
        return bool(items_at(resource.body, "spec", "volumeClaimTemplates"))
    return resource.kind == "PersistentVolumeClaim"


# disableNameSuffixHash


def _hash_lost(before: Resource, after: Resource, context: CheckContext) -> Iterator[Match]:
    setting = next((one for one in after.shaped_by if one.role == "unhashed"), None)
    old, new = text_at(before.body, "metadata", "name"), text_at(after.body, "metadata", "name")
    if setting is None or old is None or new is None or not old.startswith(f"{new}-"):
        return
    from riskcheck.rules.checks.kubernetes_config import reloads

    users = [
        workload
        for workload in neighbours(after, context.head)
        if workload.kind in SERVING and _uses(workload, after) and not reloads(workload, after)
    ]
    if users:
        problem = (
            f"disableNameSuffixHash takes the content hash off {after.kind} {name_of(after)}: later edits do not "
            f"roll {named(users, 2)} any more"
        )
        yield matched(setting.node, problem, "lost", [after, *users])


def _uses(workload: Resource, config: Resource) -> bool:
    template = pod_template(workload)
    return template is not None and any(
        (use.kind, use.name) == (config.kind, name_of(config)) and use.how not in ("unmounted", "pull")
        for use in config_uses(template)
    )


# labels


def _cut_off(change: Change, before: Resource, after: Resource, context: CheckContext) -> Iterator[Match]:
    """A label is put into the selector of a Service while the workloads behind it refuse it."""
    node = change.node_after
    if node is None or not any(_is_of(one, node) for one in after.shaped_by if one.role == "labels"):
        return
    wanted = texts(before.body.at("spec", "selector"))
    behind = [
        workload
        for workload in neighbours(before, context.base)
        if workload.kind in SERVING and wanted and wanted.items() <= pod_labels(workload).items()
    ]
    refusing = [
        workload
        for workload in behind
        if any(is_refused(one) for one in context.changes_of(workload)) and not is_replaced_by_force(workload)
    ]
    if refusing and len(refusing) == len(behind):
        problem = (
            f"the label goes into the selector of Service {name_of(after)}, and {named(refusing, 2)} cannot take "
            "it on: the Service finds no pods"
        )
        yield matched(node, problem, "reached", [after, *refusing])


def _is_of(setting: Setting, node: Node) -> bool:
    return isinstance(setting.node, Mapping) and any(
        (value.source.path, value.file_line) == (node.source.path, node.file_line)
        for _, value in setting.node.entries
    )
