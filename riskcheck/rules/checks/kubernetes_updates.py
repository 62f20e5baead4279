"""Update strategies that take more pods away at once, or no longer bring new ones (K8S-021)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple
from riskcheck.rules.checks.kubernetes_objects import (
    items_at,
    mapping_at,
    name_of,
    neighbours,
    number_at,
    starts_with,
    text,
    text_at,
    written,
)
from riskcheck.rules.checks.kubernetes_pods import is_partial, pod_template, replicas_of, template_path
from riskcheck.rules.checks.weaknesses import Weakness, matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Match, Resource
    from riskcheck.nodes import Mapping, Node
    from riskcheck.rules.context import CheckContext, ResourceView

_STRATEGIES: Final = {
    "Deployment": ("strategy", "rollingUpdate"),
    "StatefulSet": ("updateStrategy", "rollingUpdate"),
    "DaemonSet": ("updateStrategy", "rollingUpdate"),
    "DeploymentConfig": ("strategy", "rollingParams"),
    "Rollout": ("strategy", "canary"),
}
"""Kind to the field of ``spec`` with the strategy, and to its field with the parameters of a rolling update."""

_USUAL: Final = {"DeploymentConfig": "Rolling"}
"""Type of strategy where none is stated, of kinds that nobody fills it in for."""

_ROUNDED_DOWN: Final = frozenset({"Deployment", "DeploymentConfig", "Rollout"})
"""Kinds whose percentage of unavailable pods rounds down; that of a StatefulSet and a DaemonSet rounds up.

https://github.com/kubernetes/api/blob/10b39a39b/apps/v1/types.go
"""


class Step(NamedTuple):
    """What a rolling update may take away at once.

    gone: pods, or nodes of a DaemonSet, None where the number is not known. share: percent of them. node: what says
    so.
    """

    gone: int | None
    share: int
    node: Node | None


def update_disruptive(change: Change, context: CheckContext) -> Iterator[Match]:
    """Values: what (text), grades (list): ``all`` where every node is hit at once, ``staged`` where a partition
    that held an update back is lifted without a new one, else ``half``."""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or is_partial(before) or is_partial(after):
        return
    if change.resource.kind in _STRATEGIES:
        yield from matches(change, context, lambda: _problems(before, after, context))


def _problems(before: Resource, after: Resource, context: CheckContext) -> Iterator[Weakness]:
    replicas = replicas_of(after, context.head)
    if replicas == 0:
        return
    field, _ = _STRATEGIES[after.kind]
    old, new = (mapping_at(one.body, "spec", field) for one in (before, after))
    usual = _USUAL.get(after.kind)
    was, now = (text_at(one, "type") or usual for one in (old, new))
    nodes = (_node(old, "type"), _node(new, "type"))
    if now == "Recreate" != was and was is not None:
        if not _holds_a_volume(after, context.head):
            said = "all pods are stopped before the first new one starts (Recreate)"
            yield Weakness(said, *nodes, "half")
        return
    if now == "OnDelete" != was and was is not None:
        yield Weakness("pods keep the old version until each is deleted (OnDelete)", *nodes, "half")
        return
    if was is not None and now != was:
        return
    yield from _steps(before, after, replicas, replicas_of(before, context.base))
    if after.kind == "StatefulSet":
        yield from _partition(before, after, replicas, context)


def _node(mapping: Mapping | None, key: str) -> Node | None:
    return written(mapping.get(key)) if mapping is not None else None


def _steps(before: Resource, after: Resource, replicas: int | None, past: int | None) -> Iterator[Weakness]:
    """Both sides are held against the replicas of head, so that a lower count is no change of the strategy."""
    old, new = step_of(before, replicas), step_of(after, replicas)
    if old is None or new is None or new.share < 50 or new.share <= old.share:
        return
    if new.gone is not None and old.gone is not None and new.gone <= old.gone:
        return
    what = "nodes lose their pod" if after.kind == "DaemonSet" else "pods are away"
    number = f"{new.share} % of the" if new.gone is None else f"{new.gone} of {replicas}"
    said = f"up to {number} {what} at once in an update"
    grade = "all" if after.kind == "DaemonSet" and new.share >= 100 else "half"
    yield Weakness(said, old.node, new.node, grade)


def step_of(workload: Resource, replicas: int | None) -> Step | None:
    """How many pods an update of `workload` may take away at once; None where nothing says so.

    Where neither a pod may be missing nor one be added, one may be missing after all: ResolveFenceposts in
    https://github.com/kubernetes/kubernetes/blob/v1.32.0/pkg/controller/deployment/util/deployment_util.go
    """
    field, inner = _STRATEGIES[workload.kind]
    rolling = mapping_at(workload.body, "spec", field, inner)
    default = "25%" if workload.kind in _ROUNDED_DOWN else "1"
    size = text_at(rolling, "maxUnavailable") or default
    node = _node(rolling, "maxUnavailable")
    if replicas is None:
        share = _percent(size)
        if share is None and workload.kind == "DaemonSet" and size.isdigit():
            share = 0  # A few of all nodes, however many there are.
        return Step(None, share, node) if share is not None else None
    up = workload.kind not in _ROUNDED_DOWN
    gone = pods_of(size, replicas, up=up)
    if gone is None:
        return None
    if not up:
        surge = pods_of(text_at(rolling, "maxSurge") or "25%", replicas, up=True)
        if gone == 0 and surge == 0:
            gone = 1
        if text_at(rolling, "maxSurge") == "0" and node is None:
            node = _node(rolling, "maxSurge")
    gone = min(gone, replicas)
    return Step(gone, 100 * gone // replicas, node)


def pods_of(size: str, replicas: int, *, up: bool) -> int | None:
    """An int-or-percent as a number of pods; None where it is neither. up: a share rounds up."""
    if size.isdigit() and len(size) < 10:
        return int(size)
    share = _percent(size)
    if share is None:
        return None
    return -(-share * replicas // 100) if up else share * replicas // 100


def _percent(size: str) -> int | None:
    share = size.removesuffix("%")
    return int(share) if share != size and share.isdigit() and len(share) < 5 else None


def _partition(
    before: Resource, after: Resource, replicas: int | None, context: CheckContext
) -> Iterator[Weakness]:
    """An update that was held back to the last pods reaches more of them: with a new pod template at once, without
    one as the next step of the update that is under way."""
    path = ("spec", "updateStrategy", "rollingUpdate", "partition")
    was, now = number_at(before.body, *path), number_at(after.body, *path)
    if was is None or now is None or now >= was or (replicas is not None and now >= replicas):
        return
    template = template_path(after.kind) or ()
    fresh = any(starts_with(one.path, template) for one in context.changes_of(after))
    effect = " together with new pods: they are not tried on the last ones first"
    said = f"partition goes from {was} to {now}" + (
        effect if fresh else ", so that the update reaches more pods"
    )
    yield Weakness(said, before.body.at(*path), written(after.body.at(*path)), "half" if fresh else "staged")


def _holds_a_volume(workload: Resource, view: ResourceView) -> bool:
    """Whether its pods mount a claim that two pods on two nodes cannot share: then only Recreate works."""
    template = pod_template(workload)
    names = {
        text_at(volume, "persistentVolumeClaim", "claimName")
        for volume in items_at(template, "spec", "volumes")
    } - {None}
    shared = {
        name_of(claim)
        for claim in neighbours(workload, view, "PersistentVolumeClaim")
        if "ReadWriteMany" in [text(mode) for mode in items_at(claim.body, "spec", "accessModes")]
    }
    return bool(names - shared)
