"""Namespaces that go, and objects that change theirs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Resource
from riskcheck.rules.checks.kubernetes_objects import (
    is_preview,
    name_of,
    namespace_of,
    prune_guard,
    sync_options,
)
from riskcheck.rules.checks.kubernetes_pods import SERVING

if TYPE_CHECKING:
    from riskcheck.rules.context import CheckContext

_DATA: Final = frozenset({"StatefulSet", "PersistentVolumeClaim"})

_REACHED: Final = SERVING | {"Service", "Ingress", "Route", "HTTPRoute", "CronJob"}
"""Objects whose move others notice: a workload stops and starts elsewhere, a DNS name changes."""


def namespace_removed_or_moved(change: Change, context: CheckContext) -> Iterator[Match]:
    """A namespace removed, or an object moved to another one.

    Values: problem (text), weight (``all``: everything inside goes; ``data``, ``reached``: what moved holds
    data, is reached by others; ``other``).
    """
    before, after = change.resource_before, change.resource_after
    if before is not None and after is None:
        if before.kind == "Namespace" and not _spared(before, change, context):
            asked = "Prune=confirm" in sync_options(before)
            problem = f"namespace {name_of(before)} is removed with everything in it"
            yield Match(
                values={
                    "problem": problem + (" once a person confirms the pruning" if asked else ""),
                    "weight": "other" if asked else "all",
                }
            )
    elif before is not None and after is not None and change.path == ():
        yield from _moved(before, after)
    elif change.path and before is not None and after is not None:
        yield from _retargeted(change)


def _spared(namespace: Resource, change: Change, context: CheckContext) -> bool:
    """Guarded against pruning, still declared by another unit, or a preview that holds nothing of its own."""
    if prune_guard(namespace) is not None:
        return True
    again = context.head.find(platform="kubernetes", kind="Namespace", environment=namespace.environment.name)
    if any(other.name == namespace.name for other in again):
        return True
    return is_preview(change) and not any(_inside(namespace, context))


def _inside(namespace: Resource, context: CheckContext) -> Iterator[Resource]:
    for other in context.base.find(platform="kubernetes", environment=namespace.environment.name):
        if namespace_of(other) == name_of(namespace) and other.kind in (_DATA | _REACHED):
            yield other


def _moved(before: Resource, after: Resource) -> Iterator[Match]:
    old, new = namespace_of(before), namespace_of(after)
    if old == new or before.kind == "Namespace" or name_of(before) != name_of(after):
        return
    weight = "data" if before.kind in _DATA else "reached" if before.kind in _REACHED else "other"
    what = f"{before.kind} {name_of(before)}"
    problem = f"{what} moves from namespace {old or '(none)'} to {new or '(none)'}"
    yield Match(values={"problem": problem, "weight": weight})


def _retargeted(change: Change) -> Iterator[Match]:
    """An Argo CD Application or a Flux Kustomization that now deploys into another namespace."""
    old, new = _word(change.before), _word(change.after)
    if old and new and old != new:
        what = f"{change.resource.kind} {name_of(change.resource)}"
        problem = f"all objects of {what} move from namespace {old} to {new}"
        yield Match(values={"problem": problem, "weight": "data"})


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
