"""Namespaces that go, and objects that change theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.helmvalues import KIND as HELM_VALUES
from riskcheck.models import Change, Match, Resource
from riskcheck.regexes import regex
from riskcheck.rules.checks.kubernetes_objects import (
    is_preview,
    items_at,
    may_come_from_elsewhere,
    name_of,
    namespace_of,
    prune_guard,
    still_declared,
    sync_options,
    text_at,
)
from riskcheck.rules.checks.kubernetes_pods import SERVING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import KeyPath
    from riskcheck.rules.context import CheckContext

_DATA: Final = frozenset({"StatefulSet", "PersistentVolumeClaim"})

_REACHED: Final = SERVING | {"Service", "Ingress", "Route", "HTTPRoute", "CronJob"}
"""Objects whose move others notice: a workload stops and starts elsewhere, a DNS name changes."""


_RUNS: Final = frozenset({"PipelineRun", "TaskRun", "Workflow"})
"""Objects that are made for one run."""

_NAME: Final = regex(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
"""What a namespace may be called. Test fixtures have expressions there."""


def namespace_removed_or_moved(change: Change, context: CheckContext) -> Iterator[Match]:
    """A namespace removed, or an object moved to another one.

    Values: subject, problem (text), weight (``all``: everything inside goes; ``data``, ``reached``: what moved
    holds data, is reached by others; ``other``).
    """
    before, after = change.resource_before, change.resource_after
    if before is None or before.kind == HELM_VALUES:
        return
    if after is None:
        if before.kind == "Namespace" and not _spared(before, change, context):
            yield _removed(before)
    elif change.path:
        yield from _retargeted(change)
    else:
        yield from _moved(before, after)


def _match(subject: str, problem: str, weight: str, *, restored: bool = False) -> Match:
    """restored: whether a plain revert has all of it back."""
    return Match({"subject": subject, "problem": problem, "weight": weight, "restored": restored})


def _removed(namespace: Resource) -> Match:
    subject, problem = f"namespace {name_of(namespace)}", "is removed with everything in it"
    if "Prune=confirm" in sync_options(namespace):
        return _match(subject, f"{problem} once a person confirms the pruning", "other")
    return _match(subject, problem, "all")


def _spared(namespace: Resource, change: Change, context: CheckContext) -> bool:
    """Guarded against pruning, still declared by another unit or perhaps by a remote base, or a preview that holds
    nothing of its own."""
    if prune_guard(namespace) is not None or not _NAME.fullmatch(name_of(namespace)):
        return True
    if still_declared(namespace, context.head) or may_come_from_elsewhere(namespace, context):
        return True
    return is_preview(change) and not any(_inside(namespace, context))


def _inside(namespace: Resource, context: CheckContext) -> Iterator[Resource]:
    for other in context.base.find(platform="kubernetes", environment=namespace.environment.name):
        if namespace_of(other) == name_of(namespace) and other.kind in (_DATA | _REACHED):
            yield other


def _moved(before: Resource, after: Resource) -> Iterator[Match]:
    """Where a manifest names no namespace, whoever applies it decides, and nothing tells that it moves."""
    old, new = namespace_of(before), namespace_of(after)
    if not old or not new or old == new or name_of(before) != name_of(after) or before.kind in _RUNS:
        return
    weight = "data" if before.kind in _DATA else "reached" if before.kind in _REACHED else "other"
    # Workloads and what leads to them hold nothing of their own: moved back, they are what they were.
    yield _match(
        f"{before.kind} {name_of(before)}",
        f"moves from namespace {old} to {new}",
        weight,
        restored=weight == "reached",
    )


def _retargeted(change: Change) -> Iterator[Match]:
    """A Flux Kustomization puts all of its objects into its target namespace. An Argo CD Application only those
    that name none, which is as good as all of a chart and as good as none of a directory of manifests.

    https://fluxcd.io/flux/components/kustomize/kustomizations/#target-namespace ;
    https://argo-cd.readthedocs.io/en/stable/user-guide/application-specification/
    """
    old, new = change.before, change.after
    if not isinstance(old, str) or not isinstance(new, str) or not old or not new or "{{" in old + new:
        return
    if change.path[-1] == "targetNamespace" or _deploys_chart(change.resource, change.path[:-2]):
        subject = f"all objects of {change.resource.kind} {name_of(change.resource)}"
        yield _match(subject, f"move from namespace {old} to {new}", "data")


def _deploys_chart(application: Resource, spec: KeyPath) -> bool:
    sources = [application.body.at(*spec, "source"), *items_at(application.body, *spec, "sources")]
    return any(text_at(source, "chart") for source in sources)
