"""Traffic that network policies cut off: between pods, to the name service, to what was allowed (K8S-012)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from riskcheck.models import Change, Match, Resource
from riskcheck.rules.checks.kubernetes_objects import (
    is_preview,
    mapping_at,
    namespace_of,
    same_namespace,
    text_at,
    texts,
)
from riskcheck.rules.checks.network_cuts import (
    Cut,
    Pod,
    all_responsible,
    changed_policies,
    pods_beside,
    titles,
    was_there,
)
from riskcheck.rules.checks.network_policies import (
    DIRECTIONS,
    Allow,
    Direction,
    Policies,
    covered,
    policies_beside,
    said,
)
from riskcheck.rules.checks.spark_traffic import apart, no_api_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext, ResourceView

_known: WeakKeyDictionary[ResourceView, dict[tuple[str, str], tuple[list[Pod], tuple[Cut, ...]]]] = (
    WeakKeyDictionary()
)
"""Pods and cuts by environment and namespace, found once a run: each policy asks."""


def traffic_cut(change: Change, context: CheckContext) -> Iterator[Match]:
    """What pods could reach before the change and can no longer.

    Values: problem (text), outage (bool: no Spark application of the namespace can run).
    """
    policy = change.resource
    if change is not _first(change, context) or is_preview(change) or _is_new(policy, context):
        return
    pods, found = _found(policy, context)
    cuts = [one for one in found if policy.address in one.policies]
    # Where several policies bring one about, the first says so.
    changed = {one.address for one in changed_policies(policy, context)}
    mine = [one for one in cuts if policy.address == min(one.policies & changed, default=policy.address)]
    if not mine:
        return
    apps = {pod.owner.address for pod in pods if pod.role}
    hit = {pod.owner.address for one in mine if one.apart for pod in one.whose}
    yield Match(
        values={
            "problem": "; ".join(dict.fromkeys(one.what for one in mine)),
            "outage": bool(apps) and hit >= apps,
        }
    )


def _first(change: Change, context: CheckContext) -> Change:
    changes = context.changes_of(change.resource)
    return next((one for one in changes if one.path[:1] in ((), ("spec",))), change)


def _is_new(policy: Resource, context: CheckContext) -> bool:
    """Whether nothing of the policy's unit was there before: then nothing could be reached either."""
    everything = context.base.find(platform="kubernetes", environment=policy.environment.name)
    return not any(same_namespace(one, policy) for one in everything)


def _found(policy: Resource, context: CheckContext) -> tuple[list[Pod], tuple[Cut, ...]]:
    """The pods of the namespace and what they lose, together and whichever policy brings it."""
    known = _known.setdefault(context.head, {})
    place = (policy.environment.name, namespace_of(policy))
    if place in known:
        return known[place]
    before, after = (policies_beside(policy, view) for view in (context.base, context.head))
    there = list(pods_beside(policy, context.head))
    pods = [pod for pod in there if was_there(pod, context.base)]
    if not there:
        alone = [Pod("every pod of the namespace", policy, "", {})]
        return alone, tuple(_cuts(alone, [], before, after))
    found = pods, tuple(_cuts(pods, _called(pods, policy, context.head), before, after))
    known[place] = found
    return found


def _called(pods: list[Pod], policy: Resource, view: ResourceView) -> list[Pod]:
    """Those of `pods` that a Service leads to."""
    services = view.find(platform="kubernetes", kind="Service", environment=policy.environment.name)
    selectors = [
        wanted
        for one in services
        if same_namespace(one, policy) and (wanted := texts(mapping_at(one.body, "spec", "selector")))
    ]
    return [pod for pod in pods if any(wanted.items() <= pod.labels.items() for wanted in selectors)]


def _cuts(pods: list[Pod], called: list[Pod], before: Policies, after: Policies) -> Iterator[Cut]:
    """called: those of `pods` that a Service leads to."""
    parted = [*apart(pods, before, after), *no_api_server(pods, before, after)]
    yield from parted
    yield from _no_names(pods, before, after, {pod.owner.address for one in parted for pod in one.whose})
    for direction in DIRECTIONS:
        yield from _taken_away(pods, before, after, direction)
    yield from _shut(called, before, after)


def _no_names(pods: list[Pod], before: Policies, after: Policies, named: set[str]) -> Iterator[Cut]:
    """named: addresses of the workloads that were named before."""
    hit = [pod for pod in pods if _resolves(pod.labels, before) and not _resolves(pod.labels, after)]
    if hit:
        whose = "" if {pod.owner.address for pod in hit} <= named else f" for {titles(hit)}"
        what = f"names do not resolve{whose} (no egress to port 53)"
        yield Cut(what, tuple(hit), all_responsible(hit, "egress", before, after))


def _resolves(labels: dict[str, str], policies: Policies) -> bool:
    if not policies.isolated(labels, "egress"):
        return True
    return any(one.lets_name_service() for one in policies.allowing(labels, "egress"))


def _taken_away(pods: list[Pod], before: Policies, after: Policies, direction: Direction) -> Iterator[Cut]:
    """Rules that allowed something that nothing allows now."""
    lost: dict[int, tuple[Allow, list[Pod]]] = {}
    for pod in pods:
        if not before.isolated(pod.labels, direction) or not after.isolated(pod.labels, direction):
            continue
        now = after.allowing(pod.labels, direction)
        for rule in before.allowing(pod.labels, direction):
            if not covered(rule, now) and not _is_told_apart(rule, pod):
                lost.setdefault(id(rule.node), (rule, []))[1].append(pod)
    for rule, hit in lost.values():
        policies = all_responsible(hit, direction, before, after) & {rule.policy.address}
        yield Cut(f"{titles(hit)} lose {said(rule, direction)}", tuple(hit), policies)


def _is_told_apart(rule: Allow, pod: Pod) -> bool:
    """Whether it is there for port 53 alone, or for the parts of a Spark application among themselves: what its
    loss comes to is told for those as such."""
    ports = {text_at(one, "port") for one in rule.ports or ()}
    if ports and ports <= {"53", "dns", "dns-tcp"}:
        return True
    inside = [one.get("podSelector") is not None and len(one.entries) == 1 for one in rule.peers or ()]
    return bool(pod.role) and bool(inside) and all(inside)


def _shut(pods: list[Pod], before: Policies, after: Policies) -> Iterator[Cut]:
    """Pods that nobody may call any more."""
    hit = [
        pod
        for pod in pods
        if not pod.role
        and not before.isolated(pod.labels, "ingress")
        and after.isolated(pod.labels, "ingress")
        and not after.allowing(pod.labels, "ingress")
    ]
    if hit:
        what = f"nobody may call {titles(hit)} any more"
        yield Cut(what, tuple(hit), all_responsible(hit, "ingress", before, after))
