"""Network policies, and those of meshes, that let more through than before (K8S-011)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from riskcheck.models import Change, Match, Resource
from riskcheck.phrases import listed
from riskcheck.rules.checks.kubernetes_objects import (
    is_preview,
    leaves_the_cluster,
    namespace_of,
    neighbours,
    same_namespace,
)
from riskcheck.rules.checks.network_cuts import changed_policies, pods_beside, was_there
from riskcheck.rules.checks.network_openings import Opening, openings, stand_in
from riskcheck.rules.checks.network_policies import policies_beside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext, ResourceView

_known: WeakKeyDictionary[ResourceView, dict[tuple[str, str], tuple[Opening, ...]]] = WeakKeyDictionary()
"""Openings by environment and namespace, found once a run: each policy asks."""


def traffic_opened(change: Change, context: CheckContext) -> Iterator[Match]:
    """What policies kept out and let in. Values: problem (text), weight (2 what was closed is open, 1 a part)."""
    if change is not _first(change, context) or is_preview(change) or _is_kept(change, context):
        return
    if change.resource.kind == "NetworkPolicy":
        found = list(_of_kubernetes(change, context))
    else:
        found = list(_of_others(change, context))
    if found:
        weight = max(one.weight for one in found)
        node = next((one.node for one in found if one.weight == weight), None) if change.path else None
        yield Match(
            {"problem": listed([one.what for one in found], most=3, between="; "), "weight": weight},
            node=node,
        )


def _first(change: Change, context: CheckContext) -> Change | None:
    changes = context.changes_of(change.resource)
    return next((one for one in changes if one.path[:1] in ((), ("spec",), ("specs",))), None)


def _is_kept(change: Change, context: CheckContext) -> bool:
    """Whether a policy that leaves its file goes on, or nothing is left that it could guard."""
    before = change.resource_before
    if before is None or change.resource_after is not None:
        return False
    return not leaves_the_cluster(before, context) or not any(
        map(_is_guarded, neighbours(before, context.head))
    )


def _is_guarded(resource: Resource) -> bool:
    return resource.kind not in ("NetworkPolicy", "Kustomization", "Namespace")


def _of_kubernetes(change: Change, context: CheckContext) -> Iterator[Opening]:
    policy = change.resource
    changed: set[str] | None = None
    for one in _openings(change, context):
        if policy.address in one.policies:
            changed = changed or {each.address for each in changed_policies(policy, context)}
            # Where several policies bring one about, the first says so.
            if policy.address == min(one.policies & changed, default=""):
                yield one


def _openings(change: Change, context: CheckContext) -> tuple[Opening, ...]:
    policy = change.resource
    known = _known.setdefault(context.head, {})
    place = (policy.environment.name, namespace_of(policy))
    if place in known:
        return known[place]
    before, after = (policies_beside(policy, view) for view in (context.base, context.head))
    pods = [pod for pod in pods_beside(policy, context.head) if was_there(pod, context.base)]
    if not pods and not any(True for view in (context.base, context.head) for _ in pods_beside(policy, view)):
        pod = stand_in(change.resource_before) if change.resource_before is not None else None
        return tuple(openings([pod], before, after)) if pod is not None else ()
    known[place] = tuple(openings(pods, before, after))
    return known[place]


def _of_others(change: Change, context: CheckContext) -> Iterator[Opening]:
    from riskcheck.rules.checks.policy_openings import opened

    before = change.resource_before
    if before is None:
        return
    others = [
        one
        for one in context.head.find(
            platform="kubernetes", kind=before.kind, environment=before.environment.name
        )
        if same_namespace(one, before) and one.address != before.address
    ]
    yield from opened(before, change.resource_after, others)
