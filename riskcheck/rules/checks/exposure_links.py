"""Members of the set that exposes a Service, and where they agree no more: routes, ports, policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.rules.checks.exposure_breaks import Break, Member, Side, is_gone, serves
from riskcheck.rules.checks.kubernetes_objects import items_at, mapping_at, text_at
from riskcheck.rules.checks.kubernetes_pods import SERVING, containers, is_partial, pod_labels, pod_template
from riskcheck.rules.checks.network_policies import Policies, Port, policies_beside
from riskcheck.rules.checks.route_backends import ROUTES, Backend, backends_of
from riskcheck.rules.checks.service_ports import ServicePort, behind, declared_ports, is_moved, ports_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.rules.context import CheckContext

_PROBES: Final = ("livenessProbe", "readinessProbe", "startupProbe")
_FAIL: Final = "requests fail"


def routed(base: Side, head: Side, context: CheckContext) -> Iterator[Break]:
    """Routes that name a Service or a port which is not there any more."""
    for route in head.of(*ROUTES):
        before = context.base.get(*route.key)
        if before is None:
            continue
        known = {one[:3]: one for one in backends_of(before)}
        for backend in backends_of(route):
            found = _misled(route, backend, known, base, head, context)
            if found is not None:
                yield found


def _misled(
    route: Resource,
    backend: Backend,
    known: dict[tuple[str, str, str], Backend],
    base: Side,
    head: Side,
    context: CheckContext,
) -> Break | None:
    was = base.service(backend.service, backend.namespace)
    now = head.service(backend.service, backend.namespace)
    here = Member(route, "backend", backend.node)
    same = known.get(backend[:3])
    if now is None:
        if same is None or was is None or not is_gone(was, context) or is_moved(was, context.base):
            return None
        return Break(Member(was, "is removed", was.origin), here, _FAIL, 2)
    if serves(now, backend) or is_moved(now, context.head):
        return None
    if same is None:
        ports = now.body.at("spec", "ports") or now.origin
        return Break(here, Member(now, "port", ports), _FAIL, 2)
    if was is None or not serves(was, same):
        return None
    node = now.body.at("spec", "ports") or now.origin
    return Break(Member(now, "port", node), here, _FAIL, 2)


def targeted(base: Side, head: Side, context: CheckContext) -> Iterator[Break]:
    """Services whose target port no container has any more, and policies that let only the old one through."""
    for service in head.of("Service"):
        before = context.base.get(*service.key)
        if before is None:
            continue
        was, now = behind(before, base.view), behind(service, head.view)
        if not was or not now or any(map(is_partial, (*was, *now))):
            continue
        old = {one.number: one for one in ports_of(before)}
        for port in ports_of(service):
            earlier = old.get(port.number)
            if earlier is not None:
                yield from _missed(service, port, earlier, was, now, context)
                yield from _filtered(service, port, earlier, was, now, context)


def _missed(
    service: Resource,
    port: ServicePort,
    earlier: ServicePort,
    was: list[Resource],
    now: list[Resource],
    context: CheckContext,
) -> Iterator[Break]:
    if not _number(earlier, was) or any(_has(port, one) for one in now):
        return
    places = [(one, node) for one in now for _, _, node in declared_ports(one)]
    if not places:
        return
    workload, node = places[0]
    there = Member(workload, "container port", node)
    here = Member(service, "targetPort", port.node)
    moved = port.target != earlier.target
    if moved or context.changes_of(workload):
        yield Break(here, there, _FAIL, 2) if moved else Break(there, here, _FAIL, 2)


def _has(port: ServicePort, workload: Resource) -> bool:
    return any(port.target in (str(number), name) for number, name, _ in declared_ports(workload))


def _number(port: ServicePort, workloads: list[Resource]) -> int | None:
    """The number of the container port that a Service leads to, where a container states it."""
    for workload in workloads:
        for number, name, _ in declared_ports(workload):
            if port.target in (str(number), name):
                return number
    return None


def _filtered(
    service: Resource,
    port: ServicePort,
    earlier: ServicePort,
    was: list[Resource],
    now: list[Resource],
    context: CheckContext,
) -> Iterator[Break]:
    old, new = (_stated(one, pods) for one, pods in ((earlier, was), (port, now)))
    if old is None or new is None or old == new:
        return
    before, after = policies_beside(service, context.base), policies_beside(service, context.head)
    for workload in now:
        labels = pod_labels(workload)
        if not _lets(before, labels, old, earlier) or _lets(after, labels, new, port):
            continue
        for rule in after.allowing(labels, "ingress"):
            if rule.lets_port(Port(old, port.protocol)):
                left = Member(rule.policy, "ingress rule", rule.node)
                moved = port.target != earlier.target
                cause = Member(service, "targetPort", port.node) if moved else _port_of(workload, new)
                yield Break(cause, left, _FAIL, 2)
                return


def _stated(port: ServicePort, workloads: list[Resource]) -> int | None:
    return int(port.target) if port.target.isdigit() and len(port.target) < 6 else _number(port, workloads)


def _lets(policies: Policies, labels: dict[str, str], number: int, port: ServicePort) -> bool:
    name = "" if port.target.isdigit() else port.target
    if not policies.isolated(labels, "ingress"):
        return True
    return any(
        rule.lets_port(Port(number, port.protocol, name)) for rule in policies.allowing(labels, "ingress")
    )


def _port_of(workload: Resource, wanted: int) -> Member:
    node = next((node for number, _, node in declared_ports(workload) if number == wanted), workload.origin)
    return Member(workload, "container port", node)


def probed(base: Side, head: Side, context: CheckContext) -> Iterator[Break]:
    """Probes that ask for a port by a name which no container port has any more."""
    for workload in head.of(*SERVING):
        before = context.base.get(*workload.key)
        old, new = (pod_template(one) if one is not None else None for one in (before, workload))
        if old is None or new is None or not context.changes_of(workload):
            continue
        earlier = {text_at(one, "name"): one for one in containers(old)}
        for container in containers(new):
            there = earlier.get(text_at(container, "name"))
            names = {text_at(one, "name") for one in items_at(container, "ports")}
            had = {text_at(one, "name") for one in items_at(there, "ports")}
            for field in _PROBES:
                for handler in ("httpGet", "tcpSocket"):
                    probe = mapping_at(container, field, handler)
                    asked = text_at(probe, "port")
                    if (
                        probe is None
                        or asked is None
                        or asked.isdigit()
                        or asked in names
                        or asked not in had
                    ):
                        continue
                    ports = container.get("ports") or container
                    part = f"port of container {text_at(container, 'name')}"
                    yield Break(
                        Member(workload, part, ports), Member(workload, field, probe), "its probe fails", 2
                    )
