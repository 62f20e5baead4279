"""What a run says besides its findings: the changed resources, the matrix, who is reached, what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from riskcheck.models import ACTIONS, UNDEPLOYED, Action, Change, ChangeKind, Environment, Resource, Stage
from riskcheck.nodes import render_path
from riskcheck.results import ChangedResource, MatrixCell, ServiceReach

if TYPE_CHECKING:
    from riskcheck.dependencies import Reached
    from riskcheck.graph.model import ServiceGraph

ActionOf = Callable[[Sequence[Change]], Action]
"""All changes of one resource in one environment to what the deployment would do."""


def changed_resources(changes: Sequence[Change], action_of: ActionOf) -> tuple[ChangedResource, ...]:
    """Every resource whose resolved value differs in some environment, sorted by address; one entry for each kind
    of change, where it came in one environment and went in another."""
    cells_of: dict[str, dict[tuple[str, str], list[Change]]] = {}
    for change in changes:
        cells = cells_of.setdefault(change.resource.address, {})
        cells.setdefault((change.resource.unit, change.environment.name), []).append(change)
    grouped: dict[tuple[str, ChangeKind], dict[tuple[str, str], list[Change]]] = {}
    for address, cells in cells_of.items():
        for cell, members in cells.items():
            grouped.setdefault((address, _kind(members)), {})[cell] = members
    found = []
    for address, kind in sorted(grouped):
        cells = grouped[(address, kind)]
        actions = [action_of(members) for members in cells.values()]
        everything = [change for members in cells.values() for change in members]
        found.append(
            ChangedResource(
                address,
                tuple(sorted({name for _, name in cells})),
                kind,
                max(actions, key=ACTIONS.index),
                tuple(sorted({render_path(change.path) for change in everything if change.path})),
            )
        )
    return tuple(found)


def _kind(changes: Sequence[Change]) -> ChangeKind:
    whole = {change.kind for change in changes if not change.path}
    for kind in ("removed", "moved", "added"):
        if kind in whole:
            return kind
    return "modified"


def matrix(
    changes: Sequence[Change],
    known: Iterable[Resource],
    service_of: Callable[[Resource], str],
    since: Mapping[tuple[str, str], str],
) -> tuple[MatrixCell, ...]:
    """One cell per changed service and environment that holds any of its resources.

    known: resources of base and head, relatives included. since: (service, environment) to the time at which
    an environment that is left alone got the value the others get now.
    """
    touched = {
        (service_of(change.resource), change.environment.name)
        for change in changes
        if change.resource.platform not in UNDEPLOYED
    }
    services = sorted({service for service, _ in touched})
    present: dict[str, set[str]] = {service: set() for service in services}
    names: set[str] = set()
    for resource in known:
        service = service_of(resource)
        if service in present:
            present[service].add(resource.environment.name)
            names.add(resource.environment.name)
    cells = []
    for service in services:
        for name in sorted(names):
            if (service, name) in touched:
                cells.append(MatrixCell(service, name, "changed"))
            elif (service, name) in since:
                cells.append(MatrixCell(service, name, "already", since[(service, name)]))
            else:
                cells.append(MatrixCell(service, name, "unchanged" if name in present[service] else "absent"))
    return tuple(cells)


def reached_services(graph: ServiceGraph, reached: Mapping[str, Reached]) -> tuple[ServiceReach, ...]:
    """Changed services first, then those that hang off them, nearest first."""
    found = [
        ServiceReach(graph.services[name], one.hops == 0, one.services[:-1], one.hops, one.path)
        for name, one in reached.items()
        if name in graph.services
    ]
    return tuple(sorted(found, key=lambda one: (one.hops, one.service.name)))


def environments_in_order(
    environments: Iterable[Environment], order_of: Callable[[Stage], int]
) -> tuple[Environment, ...]:
    """Distinct environments, lowest stage first, then declared order, then name."""
    found = {(one.name, one.cell): one for one in environments}
    return tuple(
        sorted(found.values(), key=lambda one: (order_of(one.stage), one.order or 0, one.name, one.cell))
    )
