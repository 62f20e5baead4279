"""Pods that fewer nodes are fit for, or that are the first to go (K8S-027)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.phrases import listed
from riskcheck.rules.checks.kubernetes_node_terms import (
    added_demands,
    required_affinity,
    selector_of,
    terms_of,
    tolerations_of,
)
from riskcheck.rules.checks.kubernetes_objects import (
    items_at,
    mapping_at,
    number_at,
    text_at,
    texts,
    written,
)
from riskcheck.rules.checks.kubernetes_pods import replicas_of
from riskcheck.rules.checks.kubernetes_podspecs import Pods, pods_kept
from riskcheck.rules.checks.weaknesses import Weakness, matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Match
    from riskcheck.nodes import Mapping, Node
    from riskcheck.rules.context import CheckContext, ResourceView

_CONDITIONS: Final = "node.kubernetes.io/"
"""Taints that node conditions set; DaemonSets tolerate them anyway, and other pods for five minutes."""
_HOST: Final = "kubernetes.io/hostname"
_SYSTEM: Final = {"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}
"""https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/"""


def scheduling_tightened(change: Change, context: CheckContext) -> Iterator[Match]:
    """Values: what (text), grades (list): ``pending`` where pods may find no node, else ``fewer``."""
    yield from matches(change, context, lambda: _problems(change, context))


def _problems(change: Change, context: CheckContext) -> Iterator[Weakness]:
    workload = change.resource_after
    if workload is None:
        return
    count = replicas_of(workload, context.head)
    if count == 0:
        return
    for pods in pods_kept(change):
        yield from _nodes(pods, workload.kind)
        yield from _near_other_pods(pods, count)
        yield from _spread(pods)
        yield from _names(pods)
        yield from _priority(pods, context.head)


def _nodes(pods: Pods, kind: str) -> Iterator[Weakness]:
    old, new = terms_of(pods.before), terms_of(pods.after)
    missing = added_demands(old, new)
    if missing:
        said = f"{pods.subject} run only on nodes where {listed(map(str, missing), 2, ' and ')}"
        yield Weakness(said, *_places(pods), "pending")
    if set(old) != set(new):
        # A toleration that goes together with the way to the nodes it was for.
        return
    left = [one for one, _ in tolerations_of(pods.after)]
    gone = [
        (one, node)
        for one, node in tolerations_of(pods.before)
        if not one.key.startswith(_CONDITIONS) and not any(other.covers(one) for other in left)
    ]
    if gone:
        said = f"{pods.subject} no longer tolerate {listed((str(one) for one, _ in gone), 2)}"
        bound = kind == "DaemonSet" or any(new)
        yield Weakness(said, gone[0][1], None, "pending" if bound else "fewer")


def _places(pods: Pods) -> tuple[Node | None, Node | None]:
    """The field that says otherwise than before which nodes are wanted."""
    old, new = pods.before.get("nodeSelector"), pods.after.get("nodeSelector")
    if texts(old) != texts(new):
        return old, new
    return required_affinity(pods.before, "nodeAffinity"), required_affinity(pods.after, "nodeAffinity")


def _near_other_pods(pods: Pods, count: int | None) -> Iterator[Weakness]:
    for kind, verb in (("podAffinity", "only run beside"), ("podAntiAffinity", "never run beside")):
        path = ("affinity", kind, "requiredDuringSchedulingIgnoredDuringExecution")
        known = {_pod_term(item) for item in items_at(pods.before, *path)}
        for item in items_at(pods.after, *path):
            if _pod_term(item) in known:
                continue
            where = text_at(item, "topologyKey") or "a domain"
            labels = listed((f"{key}={value}" for key, value in _pod_term(item)[1]), 2) or "any label"
            few = kind == "podAntiAffinity" and where == _HOST and count is not None and count <= 3
            said = f"{pods.subject} {verb} others with {labels} in one {where.rpartition('/')[2]}"
            yield Weakness(said, None, item, "fewer" if few else "pending")


def _pod_term(item: Node) -> tuple[str, tuple[tuple[str, str], ...]]:
    return text_at(item, "topologyKey") or "", selector_of(mapping_at(item, "labelSelector"))


def _spread(pods: Pods) -> Iterator[Weakness]:
    """``DoNotSchedule`` where a constraint was soft or not there, a smaller skew, more domains."""
    old, new = _hard(pods.before), _hard(pods.after)
    for key, item in new.items():
        over = key.rpartition("/")[2]
        was = old.get(key)
        if was is None:
            said = f"{pods.subject} stay pending rather than be spread unevenly over {over} (DoNotSchedule)"
            yield Weakness(said, None, item, "pending")
            continue
        skews = [number_at(one, "maxSkew") or 1 for one in (was, item)]
        if skews[1] < skews[0]:
            said = f"{pods.subject} are spread over {over} with a skew of {skews[1]} instead of {skews[0]}"
            yield Weakness(said, was, item, "fewer")
        domains = [number_at(one, "minDomains") or 1 for one in (was, item)]
        if domains[1] > domains[0]:
            said = f"{pods.subject} need {domains[1]} of {over} instead of {domains[0]}"
            yield Weakness(said, was, item, "pending")


def _hard(spec: Mapping) -> dict[str, Node]:
    return {
        text_at(item, "topologyKey") or "": item
        for item in items_at(spec, "topologySpreadConstraints")
        if (text_at(item, "whenUnsatisfiable") or "DoNotSchedule") == "DoNotSchedule"
    }


def _names(pods: Pods) -> Iterator[Weakness]:
    """Another scheduler, runtime or a single node: pods stay pending where it does not exist."""
    for field, default, said in (
        ("schedulerName", "default-scheduler", "are left to scheduler {}"),
        ("runtimeClassName", None, "run only on nodes with the runtime class {}"),
        ("nodeName", None, "run on node {} and nowhere else"),
    ):
        was, now = (text_at(one, field) or default for one in (pods.before, pods.after))
        if now is not None and now not in (was, default):
            nodes = (pods.before.get(field), written(pods.after.get(field)))
            yield Weakness(f"{pods.subject} {said.format(now)}", *nodes, "pending")


def _priority(pods: Pods, view: ResourceView) -> Iterator[Weakness]:
    was, now = (text_at(one, "priorityClassName") for one in (pods.before, pods.after))
    if was is None or was == now:
        return
    old, new = _value(was, view), _value(now, view)
    if old is not None and new is not None and new >= old:
        return
    said = (
        f"{pods.subject} have priority {now} instead of {was}"
        if now
        else f"{pods.subject} lose priority {was}"
    )
    grade = "pending" if old is not None and new is not None and old > 0 else "fewer"
    nodes = (pods.before.get("priorityClassName"), pods.after.get("priorityClassName"))
    yield Weakness(said, *nodes, grade)


def _value(name: str | None, view: ResourceView) -> int | None:
    """The number behind a priority class; without a class it is taken for 0."""
    if name is None or name in _SYSTEM:
        return _SYSTEM.get(name or "", 0)
    found = {
        number_at(one.body, "value")
        for one in view.find(platform="kubernetes", kind="PriorityClass")
        if one.name.rpartition("/")[2] == name
    }
    return next(iter(found)) if len(found) == 1 else None
