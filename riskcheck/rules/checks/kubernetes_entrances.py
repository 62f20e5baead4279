"""Hosts, encryption and classes through which requests come in, changed or gone (K8S-024)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.models import Change, Match, Resource
from riskcheck.phrases import listed
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.entrances import (
    ALL_OF_PORT,
    class_of,
    elsewhere,
    encrypted,
    entrances,
    is_among,
    is_stated,
    paths_of,
    role_of_kind,
)
from riskcheck.rules.checks.kubernetes_objects import (
    is_preview,
    items_at,
    leaves_the_cluster,
    mapping_at,
    name_of,
    neighbours,
    same_namespace,
    text,
    text_at,
)
from riskcheck.rules.checks.kubernetes_pods import SERVING
from riskcheck.rules.checks.load_balancers import reach_of
from riskcheck.rules.checks.route_backends import backends_of
from riskcheck.rules.checks.service_ports import selector_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Node
    from riskcheck.rules.context import CheckContext, ResourceView

_SAID = {
    "route": "no route answers to {} any more",
    "gateway": "no gateway listens for {} any more",
    "certificate": "no certificate is for {} any more",
    "record": "{} has no record any more",
}


class _Problem(NamedTuple):
    """weight: 3 requests fail or are read by others, 2 they take another way."""

    weight: int
    what: str
    node: Node | None = None


def entrance_changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """What callers from outside meet that they did not. Values: problem (text), weight (3 or 2)."""
    before, after = change.resource_before, change.resource_after
    if before is None or change is not _first(change, context) or is_preview(change):
        return
    role = role_of_kind(before)
    if not role:
        return
    problems = list(
        _removed(before, role, context) if after is None else _edited(before, after, role, context)
    )
    if problems:
        weight = max(one.weight for one in problems)
        node = next((one.node for one in problems if one.weight == weight), None)
        said = listed([one.what for one in problems], most=3, between="; ")
        yield Match({"problem": said, "weight": weight}, node=node)


def _first(change: Change, context: CheckContext) -> Change | None:
    for one in context.changes_of(change.resource):
        if not one.path or one.path[0] == "spec" or one.path[:2] == ("metadata", "annotations"):
            return one
    return None


def _removed(before: Resource, role: str, context: CheckContext) -> Iterator[_Problem]:
    if not leaves_the_cluster(before, context) or _goes_with_backends(before, context):
        return
    there = elsewhere(role, before, context.head)
    gone = sorted(
        host
        for host in entrances(before)
        if not is_among(host, there) and not is_stated(host, before, context.head)
    )
    if role == "certificate":
        # A certificate that nobody needs any more may go.
        needed = elsewhere("route", before, context.head) | elsewhere("gateway", before, context.head)
        gone = [host for host in gone if host in needed]
    if gone:
        yield _Problem(3, _SAID[role].format(listed(gone, most=2)))


def _goes_with_backends(route: Resource, context: CheckContext) -> bool:
    """Whether what the route led to goes too: then nothing is cut off, it is taken down."""
    named = {one.service for one in backends_of(route)}
    was, now = (_services(route, view) for view in (context.base, context.head))
    if named & was.keys():
        return not named & now.keys()
    ran, runs = (any(map(_runs, neighbours(route, view))) for view in (context.base, context.head))
    return ran and not runs


def _runs(resource: Resource) -> bool:
    """Whether it brings pods, of its own or those of a chart."""
    return resource.kind in SERVING or resource.kind in ("HelmRelease", "Application", "HelmChart")


def _services(near: Resource, view: ResourceView) -> dict[str, Resource]:
    return {
        name_of(one): one
        for one in view.find(platform="kubernetes", kind="Service", environment=near.environment.name)
        if same_namespace(one, near)
    }


def _edited(before: Resource, after: Resource, role: str, context: CheckContext) -> Iterator[_Problem]:
    yield from _hosts(before, after, role, context)
    if role in ("route", "gateway"):
        yield from _encryption(before, after)
        yield from _class(before, after)
    if after.kind in ("Ingress", "HTTPRoute"):
        yield from _paths(before, after, context)
    if after.kind == "Ingress":
        yield from _reach(before, after)
        yield from _default(before, after)
    elif role == "certificate":
        old, new = (text_at(one.body, "spec", "issuerRef", "name") for one in (before, after))
        if old and new and old != new:
            what = f"it is issued anew by {new} instead of {old}"
            yield _Problem(2, what, after.body.at("spec", "issuerRef", "name"))
    elif role == "record":
        yield from _targets(before, after)


def _hosts(before: Resource, after: Resource, role: str, context: CheckContext) -> Iterator[_Problem]:
    old, new = entrances(before), entrances(after)
    there = new | elsewhere(role, after, context.head, but=after.address)
    gone = sorted(
        host for host in old - new if not is_among(host, there) and not is_stated(host, after, context.head)
    )
    come = sorted(new - old)
    # A listener that came for all hosts of its port listens for these, too.
    if not gone or any(host.startswith(ALL_OF_PORT) for host in come):
        return
    instead = f", {listed(come, most=2)} comes instead" if come else ""
    fields = ("rules", "hostnames", "hosts", "host", "listeners", "servers", "dnsNames", "endpoints")
    node = next((found for one in fields if (found := after.body.at("spec", one)) is not None), None)
    yield _Problem(3, _SAID[role].format(listed(gone, most=2)) + instead, node)


def _encryption(before: Resource, after: Resource) -> Iterator[_Problem]:
    old, new = encrypted(before), encrypted(after)
    hosts = entrances(after)
    plain = sorted(host for host in old if host not in new and host in hosts)
    if plain:
        node = next(
            (
                found
                for one in ("tls", "listeners", "servers")
                if (found := after.body.at("spec", one)) is not None
            ),
            None,
        )
        yield _Problem(3, f"{listed(plain, most=2)} is no longer encrypted", node)
    moved = sorted(host for host in old if host in new and old[host] != new[host])
    if moved:
        first = moved[0]
        what = f"encryption of {first} ends elsewhere ({new[first]} instead of {old[first]})"
        yield _Problem(2, what, after.body.at("spec", "tls", "termination"))


def _class(before: Resource, after: Resource) -> Iterator[_Problem]:
    old, new = class_of(before), class_of(after)
    if old and old != new:
        fields = ("ingressClassName", "gatewayClassName", "parentRefs", "gateways", "selector")
        node = next((found for one in fields if (found := after.body.at("spec", one)) is not None), None)
        gone = set(old.split(",")) - set(new.split(","))
        if gone:
            what = f"it is served by {new or 'the default'} instead of {old}"
            yield _Problem(3, what, node)


def _paths(before: Resource, after: Resource, context: CheckContext) -> Iterator[_Problem]:
    old = {(one.host, one.path): one for one in paths_of(before)}
    new = {(one.host, one.path): one for one in paths_of(after)}
    others = {
        (path.host, path.path)
        for one in context.head.find(
            platform="kubernetes", kind=after.kind, environment=after.environment.name
        )
        for path in paths_of(one)
    }
    kept = {host for host, _ in new}
    gone = sorted(
        path for host, path in old if (host, path) not in others and host in kept and (host, "/") not in new
    )
    if gone:
        yield _Problem(
            2, f"no route answers to path {listed(gone, most=2)} any more", after.body.at("spec", "rules")
        )
    was, now = (_services(after, view) for view in (context.base, context.head))
    for key, path in new.items():
        earlier = old.get(key)
        if earlier is None or not path.backend or not earlier.backend or earlier.backend == path.backend:
            continue
        one, other = was.get(earlier.backend), now.get(path.backend)
        if one is not None and other is not None and selector_of(one) == selector_of(other):
            continue
        what = f"{key[0]}{key[1]} leads to {path.backend} instead of {earlier.backend} at once"
        yield _Problem(2, what, path.node)
        return


def _default(before: Resource, after: Resource) -> Iterator[_Problem]:
    """What answers to requests that no rule is for."""
    name = text_at(before.body, "spec", "defaultBackend", "service", "name")
    if name and after.body.at("spec", "defaultBackend") is None:
        yield _Problem(2, f"{name} no longer answers to what no rule is for (defaultBackend)")


def _reach(before: Resource, after: Resource) -> Iterator[_Problem]:
    was, now = reach_of(before), reach_of(after)
    key = now.key or was.key
    if key.startswith("alb.") and bool(was.internal) != bool(now.internal) and (was.internal or now.internal):
        # Without the annotation the load balancer is an internal one.
        if was.internal and now.internal is None:
            return
        how = "reachable from the internet" if was.internal else "internal"
        yield _Problem(
            3, f"its load balancer becomes {how} ({key})", after.body.at("metadata", "annotations", key)
        )


def _targets(before: Resource, after: Resource) -> Iterator[_Problem]:
    old, new = (
        {_record(item): item for item in items_at(one.body, "spec", "endpoints")} for one in (before, after)
    )
    for key, item in new.items():
        if key not in old:
            continue
        was, now = ({text(one) for one in items_at(side, "targets")} for side in (old[key], item))
        if was and now and not was <= now:
            what = f"{key[0]} leads to {listed(sorted(map(str, now)), most=2)}"
            yield _Problem(2, what, mapping_at(item) or item)
            return


def _record(item: Node) -> tuple[str, str, str]:
    fields = ("dnsName", "recordType", "setIdentifier")
    name, kind, part = (text_at(item, field) or "" for field in fields)
    return name, kind, part
