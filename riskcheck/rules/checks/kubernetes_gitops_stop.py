"""Definitions of Flux and Argo CD that stop reconciling, or stop looking whether what they deployed works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match
from riskcheck.rules.checks.kubernetes_gitops import FLUX, is_definition, is_true, subject_of
from riskcheck.rules.checks.kubernetes_objects import TRUE, group_of, is_first, items_at, text_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Mapping, Node
    from riskcheck.rules.context import CheckContext

_FLUX_GROUPS: Final = ("kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io", "source.toolkit.fluxcd.io")
_SYNC: Final = ("spec", "syncPolicy", "automated")
_TEMPLATE: Final = ("spec", "template", *_SYNC)


def told_to_stop(change: Change, context: CheckContext) -> Iterator[Match]:
    """Values: subject, problem (text), weight (``stopped``: nothing is applied any more; ``manual``: it is when
    a person says so; ``blind``: it is applied, but drift stays, or nobody waits whether it works)."""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or not change.path:
        return
    key = change.path[-1]
    group = group_of(after)
    if "annotations" in change.path:
        if _stops(key, change.after) and not _stops(key, change.before):
            yield _match(change, "is no longer reconciled", "stopped")
    elif key == "suspend":
        if group in _FLUX_GROUPS and is_true(change.after) and not is_true(change.before):
            yield _match(change, _suspended(after.kind), "stopped")
    elif key in ("wait", "healthChecks"):
        if (
            group == FLUX
            and _waits(before.body)
            and not _waits(after.body)
            and is_first(change, context, ("spec", "wait"), ("spec", "healthChecks"))
        ):
            yield _match(change, "no longer waits until what it deployed is healthy", "blind")
    elif is_definition(after):
        path = _TEMPLATE if after.kind == "ApplicationSet" else _SYNC
        yield from _argo(change, path)


def _match(change: Change, problem: str, weight: str, node: Node | None = None) -> Match:
    return Match({"subject": subject_of(change.resource), "problem": problem, "weight": weight}, node=node)


def _stops(key: str, value: object) -> bool:
    if not isinstance(value, str):
        return False
    if key == f"{FLUX}/reconcile":
        return value.lower() == "disabled"
    return key == "argocd.argoproj.io/skip-reconcile" and value.lower() == "true"


def _suspended(kind: str) -> str:
    if kind in ("Kustomization", "HelmRelease"):
        return "is suspended: no change arrives any more, fixes included, and drift stays"
    return "is suspended: what is deployed from it stays at its present revision, fixes included"


def _waits(body: Mapping) -> bool:
    return text_at(body, "spec", "wait") in TRUE or bool(items_at(body, "spec", "healthChecks"))


def _argo(change: Change, path: tuple[str, ...]) -> Iterator[Match]:
    """https://argo-cd.readthedocs.io/en/stable/user-guide/auto_sync/"""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or change.path[: len(path)] != path[: len(change.path)]:
        return
    old, new = before.body, after.body
    if _is_automated(old, path) and not _is_automated(new, path):
        if change.path == path or change.path == (*path, "enabled"):
            yield _match(change, "is no longer synced by itself: each change waits for a person", "manual")
    elif (
        change.path == (*path, "selfHeal")
        and text_at(old, *path, "selfHeal") in TRUE
        and text_at(new, *path, "selfHeal") not in TRUE
        and _is_automated(new, path)
    ):
        yield _match(change, "no longer heals itself: what is edited in the cluster stays", "blind")


def _is_automated(body: Mapping, path: tuple[str, ...]) -> bool:
    node = body.at(*path)
    return node is not None and text_at(body, *path, "enabled") not in ("false", "False")
