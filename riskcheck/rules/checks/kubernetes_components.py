"""Components and patches of kustomizations that have no effect any more."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from riskcheck.documents.scalars import same
from riskcheck.models import Match, Setting
from riskcheck.nodes import Mapping, Scalar
from riskcheck.phrases import listed
from riskcheck.rules.checks.kubernetes_objects import name_of, text
from riskcheck.rules.checks.kubernetes_pods import SERVING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import Node
    from riskcheck.rules.context import CheckContext, ResourceView

REACHED: Final = SERVING | {"Service", "Ingress", "Route", "HTTPRoute", "CronJob"}
"""Objects that others notice the loss of."""

_losses: WeakKeyDictionary[ResourceView, dict[tuple[str, str], list[tuple[Change, Match]]]] = (
    WeakKeyDictionary()
)


def matched(
    setting: Node, problem: str, weight: str, objects: Iterable[Resource], restored: bool = True
) -> Match:
    """A match at the setting that is to blame. restored: whether a plain revert has all of it back."""
    return Match(
        values={"problem": problem, "weight": weight, "restored": restored},
        node=setting,
        resources=tuple(sorted({one.address for one in objects})),
    )


def named(objects: Iterable[Resource], most: int = 3) -> str:
    """Kinds and names of the first `most`."""
    return listed(sorted(f"{one.kind} {name_of(one)}" for one in objects), most)


def written(setting: Setting) -> tuple[str, str, str]:
    """A setting by where and how it is written."""
    node = setting.node
    return setting.role, node.source.path, node.raw if isinstance(node, Scalar) else ""


# components


def component_gone(change: Change, before: Resource, context: CheckContext) -> Iterator[Match]:
    """A component that the overlay no longer names, by what it had brought and nobody brings now."""
    if _may_count(change) and any(setting.role == "component" for setting in before.shaped_by):
        place = (before.unit, before.environment.name)
        known = _losses.setdefault(context.base, {})
        if place not in known:
            known[place] = list(_lost(*place, context))
        yield from (found for first, found in known[place] if first is change)


def _lost(unit: str, environment: str, context: CheckContext) -> Iterator[tuple[Change, Match]]:
    """Each lost component of one overlay, with the first change that it makes. One that another took the place of
    is none, nor one that brought a single object that nobody reaches: whoever takes that out sees what goes."""
    before, after = (
        list(view.find(platform="kubernetes", environment=environment, unit=unit))
        for view in (context.base, context.head)
    )
    here, there = _components(before), _components(after)
    if not after or there.keys() - here.keys():
        return
    for key in here.keys() - there.keys():
        setting, shaped = here[key]
        removed: list[Resource] = []
        changed: dict[str, Resource] = {}
        first: Change | None = None
        for one in shaped:
            for other in context.changes_of(one):
                if other.resource_before is None or other.resource_before.key != one.key:
                    continue
                if other.kind == "removed" and other.path == ():
                    removed.append(one)
                elif _may_count(other) and _brought(setting, other):
                    changed[one.address] = one
                else:
                    continue
                first = first or other
        touched = [*removed, *changed.values()]
        if first is not None and (len(touched) > 1 or touched[0].kind in REACHED):
            yield first, _gone(setting, removed, list(changed.values()))


def _components(resources: list[Resource]) -> dict[tuple[str, str, str], tuple[Setting, list[Resource]]]:
    found: dict[tuple[str, str, str], tuple[Setting, list[Resource]]] = {}
    for one in resources:
        for setting in one.shaped_by:
            if setting.role == "component":
                found.setdefault(written(setting), (setting, []))[1].append(one)
    return found


def _gone(setting: Setting, removed: list[Resource], changed: list[Resource]) -> Match:
    parts = [
        f"{verb} {named(objects)}" for verb, objects in (("removes", removed), ("resets", changed)) if objects
    ]
    name = text(setting.node) or ""
    reached = any(one.kind in REACHED for one in (*removed, *changed))
    problem = f"component {name} is no longer applied, which {' and '.join(parts)}"
    return matched(setting.node, problem, "component" if reached else "lost", [*removed, *changed])


def _may_count(change: Change) -> bool:
    return change.kind in ("removed", "modified")


def _brought(setting: Setting, change: Change) -> bool:
    """Whether the value that goes was written in the component, and nothing beside the overlay states another."""
    if change.node_before is None:
        return False
    home = posixpath.dirname(setting.node.source.path)
    folder = posixpath.normpath(posixpath.join(home, text(setting.node) or ""))
    if not change.node_before.source.path.startswith(f"{folder}/"):
        return False
    after = change.node_after
    return after is None or posixpath.dirname(after.source.path) != home


# patches


def patch_unmatched(change: Change, context: CheckContext) -> Iterator[Match]:
    """A patch selects nothing now, which had an effect before."""
    after = change.resource_after
    if after is None or change.kind != "added" or change.path:
        return
    entry = after.body
    met = [
        one
        for one in context.base.find(
            platform="kubernetes", environment=after.environment.name, unit=after.unit
        )
        if any(setting.role == "patch" and _same_patch(setting.node, entry) for setting in one.shaped_by)
    ]
    met = [one for one in met if any(_same_target(setting.node, entry) for setting in one.shaped_by)] or met
    if any(_is_there_still(one, context) for one in met):
        problem = f"the patch selects no object any more; it was applied to {named(met)}"
        yield matched(entry.get("target") or entry, problem, "lost", met)


def _same_target(before: Node, after: Mapping) -> bool:
    """Whether the same patch selects by the same: of many entries with one file each stands for its own."""
    if not isinstance(before, Mapping) or not _same_patch(before, after):
        return False
    old, new = before.get("target"), after.get("target")
    return old is not None and new is not None and same(old, new, "kustomize")


def _is_there_still(resource: Resource, context: CheckContext) -> bool:
    """Whether `resource` is there, or a new one of its kind that may be it under another name."""
    place = {"platform": "kubernetes", "environment": resource.environment.name, "unit": resource.unit}
    for other in context.head.find(kind=resource.kind, **place):
        if other.address == resource.address or any(
            one.path == () and one.kind in ("added", "moved") for one in context.changes_of(other)
        ):
            return True
    return False


def _same_patch(before: Node, after: Mapping) -> bool:
    """Whether two entries of the same kustomization are the same patch, whatever they select."""
    if not isinstance(before, Mapping) or before.source.path != after.source.path:
        return False
    for field in ("path", "patch"):
        old, new = before.get(field), after.get(field)
        if (old is None) != (new is None) or (
            old is not None and new is not None and not same(old, new, "kustomize")
        ):
            return False
    return True
