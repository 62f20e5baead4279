"""Services that lead elsewhere, lose an address, or can be reached by more (K8S-025)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.phrases import listed
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.kubernetes_objects import (
    group_of,
    is_preview,
    items_at,
    leaves_the_cluster,
    mapping_at,
    name_of,
    neighbours,
    text,
    text_at,
)
from riskcheck.rules.checks.kubernetes_pods import SERVING, is_partial
from riskcheck.rules.checks.load_balancers import is_public, reach_of
from riskcheck.rules.checks.service_ports import behind, is_moved, ports_of, selector_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Node
    from riskcheck.rules.context import CheckContext


class _Problem(NamedTuple):
    """weight: 3 requests fail or strangers get in at once, 2 some callers fail, 1 it behaves otherwise."""

    weight: int
    what: str
    node: Node | None = None
    workloads: tuple[Resource, ...] = ()


def service_changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """What callers of a Service meet that they did not. Values: problem (text), weight (1 to 3)."""
    before, after = change.resource_before, change.resource_after
    if before is None or change is not _first(change, context) or is_preview(change) or group_of(before):
        return
    if after is None:
        problems = list(_removed(before, context))
    else:
        problems = [
            *_type(before, after),
            *_reach(before, after),
            *_sources(before, after),
            *_selector(before, after, context),
            *_ports(before, after),
            *_routing(before, after, context),
        ]
    if problems:
        weight = max(one.weight for one in problems)
        worst = next(one for one in problems if one.weight == weight)
        related = tuple(Related("workload", location_of(one.origin)) for one in worst.workloads[:3])
        said = listed([one.what for one in problems], most=3, between="; ")
        yield Match({"problem": said, "weight": weight}, node=worst.node, related=related)


def _first(change: Change, context: CheckContext) -> Change | None:
    for one in context.changes_of(change.resource):
        if not one.path or one.path[0] == "spec" or one.path[:2] == ("metadata", "annotations"):
            return one
    return None


def _removed(before: Resource, context: CheckContext) -> Iterator[_Problem]:
    """A Service that goes while its pods stay. Who still names it is told as what is left behind."""
    if not leaves_the_cluster(before, context) or is_moved(before, context.base):
        return
    left = [one for one in behind(before, context.base) if context.head.get(*one.key) is not None]
    if not left or text_at(before.body, "spec", "type") != "LoadBalancer":
        return
    again = any(
        one.resource_before is None
        for other in neighbours(before, context.head, "Service")
        if text_at(other.body, "spec", "type") == "LoadBalancer"
        for one in context.changes_of(other)
    )
    if not again:
        what = f"it is removed with its load balancer, while {name_of(left[0])} runs on"
        yield _Problem(3, what, workloads=tuple(left))


def _kind(service: Resource) -> str:
    return text_at(service.body, "spec", "type") or "ClusterIP"


def _type(before: Resource, after: Resource) -> Iterator[_Problem]:
    was, now = _kind(before), _kind(after)
    if was == now or mapping_at(before.body, "spec") is None:
        return
    node = after.body.at("spec", "type")
    if was == "LoadBalancer":
        yield _Problem(3, f"type goes from LoadBalancer to {now}: its address is given up", node)
    elif (
        now == "LoadBalancer"
        and is_public(after)
        and not items_at(after.body, "spec", "loadBalancerSourceRanges")
    ):
        yield _Problem(2, f"type goes from {was} to LoadBalancer: it can be reached from the internet", node)
    elif now == "ExternalName":
        yield _Problem(2, f"type goes from {was} to ExternalName: it leads out of the cluster", node)
    elif was == "NodePort":
        yield _Problem(2, f"type goes from NodePort to {now}: the ports of the nodes close", node)


def _reach(before: Resource, after: Resource) -> Iterator[_Problem]:
    if _kind(before) != "LoadBalancer" or _kind(after) != "LoadBalancer":
        return
    was, now = is_public(before), is_public(after)
    key = reach_of(after).key or reach_of(before).key
    if was == now or not key:
        return
    node = after.body.at("metadata", "annotations", key)
    if now:
        yield _Problem(3, f"an internal load balancer becomes one that the internet reaches ({key})", node)
    else:
        yield _Problem(
            3, f"a public load balancer becomes an internal one: its address is given up ({key})", node
        )


def _sources(before: Resource, after: Resource) -> Iterator[_Problem]:
    if _kind(after) != "LoadBalancer":
        return
    old, new = (
        {text(item) or "" for item in items_at(one.body, "spec", "loadBalancerSourceRanges")}
        for one in (before, after)
    )
    everybody = {one for one in new if one.strip().endswith("/0")}
    node = after.body.at("spec", "loadBalancerSourceRanges")
    if old and not any(one.strip().endswith("/0") for one in old) and (not new or everybody):
        yield _Problem(3, "everybody may call its load balancer (loadBalancerSourceRanges)", node)
        return
    gone = sorted(old - new) if not everybody else []
    if new and (gone or not old):
        who = listed(gone, most=2) if gone else "all others"
        yield _Problem(2, f"{who} may no longer call its load balancer (loadBalancerSourceRanges)", node)


def _selector(before: Resource, after: Resource, context: CheckContext) -> Iterator[_Problem]:
    old, new = selector_of(before), selector_of(after)
    if old == new or not old or not new or is_moved(before, context.base) or is_moved(after, context.head):
        return
    node = after.body.at("spec", "selector")
    was, now = behind(before, context.base), behind(after, context.head)
    there = [one for one in neighbours(after, context.head) if one.kind in SERVING and not is_partial(one)]
    if was and not now and there:
        yield _Problem(3, "its selector matches no pod any more", node, tuple(was))
    elif was and now and not {one.address for one in was} & {one.address for one in now}:
        instead = f"{name_of(now[0])} instead of {name_of(was[0])}"
        yield _Problem(2, f"all its requests go to {instead} at once", node, tuple(now))


def _ports(before: Resource, after: Resource) -> Iterator[_Problem]:
    old, new = ports_of(before), ports_of(after)
    left = {(one.number, one.protocol) for one in new}
    gone = [one for one in old if (one.number, one.protocol) not in left]
    if gone and new:
        opened = [
            one for one in new if (one.number, one.protocol) not in {(o.number, o.protocol) for o in old}
        ]
        instead = f", {listed(map(str, opened))} comes instead" if opened else ""
        node = opened[0].node if opened else after.body.at("spec", "ports")
        yield _Problem(2, f"port {listed(map(str, gone))} is gone{instead}", node)


def _routing(before: Resource, after: Resource, context: CheckContext) -> Iterator[_Problem]:
    was, now = (text_at(one.body, "spec", "externalTrafficPolicy") or "Cluster" for one in (before, after))
    if was == "Cluster" and now == "Local" and _kind(after) in ("LoadBalancer", "NodePort"):
        pods = behind(after, context.head)
        if not pods or any(one.kind != "DaemonSet" for one in pods):
            what = "nodes without a pod of it drop what they get (externalTrafficPolicy Local)"
            yield _Problem(2, what, after.body.at("spec", "externalTrafficPolicy"))
    sticky = [text_at(one.body, "spec", "sessionAffinity") == "ClientIP" for one in (before, after)]
    if sticky == [True, False]:
        what = "callers no longer stay with one pod (sessionAffinity)"
        yield _Problem(1, what, after.body.at("spec", "sessionAffinity"))
