"""Pods that stand less apart from their node, and namespaces that admit more of them (K8S-015)."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Resource
from riskcheck.phrases import listed
from riskcheck.rules.checks.kubernetes_objects import (
    is_new_place,
    is_preview,
    labels_of,
    name_of,
    namespace_of,
    starts_with,
    still_declared,
    text_at,
)
from riskcheck.rules.checks.kubernetes_pods import containers, is_partial, pod_template, template_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import KeyPath, Mapping, Value
    from riskcheck.rules.checks.pod_isolation import Weakness
    from riskcheck.rules.context import CheckContext

_LEVELS: Final = ("restricted", "baseline", "privileged")
"""https://kubernetes.io/docs/concepts/security/pod-security-admission/#pod-security-levels"""

_ADMISSION: Final = "pod-security.kubernetes.io/"
_SYSTEM: Final = ("kube-system", "kube-node-lease")
_MANY: Final = 3
"""So many lower walls at once are as good as one that is gone."""


def isolation_reduced(change: Change, context: CheckContext) -> Iterator[Match]:
    """A pod template that got weaker, or a namespace that lets weaker pods in.

    Values: problem (text), weight (3 the node is open to it, 2 a wall is gone, 1 it is lower).
    """
    if is_preview(change):
        return
    if change.resource.kind == "Namespace":
        if context.within is None:
            yield from _namespace(change)
        return
    after, before = change.resource_after, change.resource_before
    if after is None or is_partial(after) or change is not _first(change, context):
        return
    if _is_node_agent(after, context.options.get("node_agents")):
        return
    if before is None and still_declared(after, context.base):
        return
    found = list(_weaker(before, after))
    if not found:
        return
    weight = max(one.weight for one in found)
    if weight == 1 and len(found) >= _MANY:
        weight = 2
    # What runs on every node is often there for the node's sake, and somebody looks at what is new.
    weight -= (before is None) + (after.kind == "DaemonSet") + is_new_place(after, context)
    if weight > 0:
        worst = max(found, key=lambda one: one.weight)
        node = worst.node if before is not None else None
        yield Match({"problem": _said(found), "weight": weight}, node=node)


def _first(change: Change, context: CheckContext) -> Change | None:
    template = template_path(change.resource.kind)
    for one in context.changes_of(change.resource):
        if not one.path or (template is not None and _matters(one.path, template)):
            return one
    return None


def _matters(path: KeyPath, template: KeyPath) -> bool:
    return starts_with(path, (*template, "spec")) or starts_with(path, (*template, "metadata", "annotations"))


def _is_node_agent(workload: Resource, patterns: Value) -> bool:
    """Drivers of storage and network: they are the node's."""
    if workload.kind != "DaemonSet":
        return False
    names = [name_of(workload).lower(), *(value.lower() for value in labels_of(workload).values())]
    known = isinstance(patterns, list) and any(
        fnmatchcase(name, str(pattern)) for name in names for pattern in patterns
    )
    return known or namespace_of(workload) in _SYSTEM


def _weaker(before: Resource | None, after: Resource) -> Iterator[Weakness]:
    new = pod_template(after)
    if new is None:
        return
    from riskcheck.rules.checks.pod_isolation import weaknesses

    old = pod_template(before) if before is not None and not is_partial(before) else None
    known = {one.key: one.weight for one in weaknesses(old)} if old is not None else {}
    there = _names(old) if old is not None else frozenset()
    for one in weaknesses(new):
        # Of what is new, only what it asks for counts: no default is worse than another.
        if one.weight > known.get(one.key, 0) and (one.weight > 1 or one.where in there):
            yield one


def _names(template: Mapping) -> frozenset[str]:
    """Containers of a pod template, and the pod itself, which has none."""
    return frozenset({"", *(text_at(one, "name") or "" for one in containers(template))})


def _said(found: list[Weakness]) -> str:
    by_place: dict[str, list[str]] = {}
    for one in sorted(found, key=lambda one: -one.weight):
        by_place.setdefault(one.where, []).append(one.what)
    parts = (
        (f"container {where} " if where else "the pod ") + listed(dict.fromkeys(what), most=4)
        for where, what in by_place.items()
    )
    return listed(list(parts), most=3, between="; ")


def _namespace(change: Change) -> Iterator[Match]:
    """A level of the admission of pods was lowered or taken away; nothing stated admits everything."""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or change.path[:2] != ("metadata", "labels"):
        return
    old, new = labels_of(before), labels_of(after)
    for mode in ("enforce", "warn", "audit"):
        key = f"{_ADMISSION}{mode}"
        if change.path[2:] not in ((), (key,)) or old.get(key) not in _LEVELS:
            continue
        was, now = old[key], new.get(key)
        if _LEVELS.index(now if now in _LEVELS else "privileged") > _LEVELS.index(was):
            to = f"goes from {was} to {now}" if now else f"no longer is {was}"
            what = "any pod is admitted" if now in (None, "privileged") else "weaker pods are admitted"
            told = what if mode == "enforce" else "nobody is told of weaker pods"
            yield Match({"problem": f"{key} {to}: {told}", "weight": 3 if mode == "enforce" else 1})
            return
