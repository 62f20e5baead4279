"""What `riskcheck graph` shows: the service graph, or the part of it around a service or a change."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskcheck.dependencies import Conflict, Coupling, Cycle, Dangling, Edge, Reached, Vertex
    from riskcheck.models import Limitation, Service

Scope: TypeAlias = Literal["whole", "service", "changed"]


class Member(NamedTuple):
    """A service that is shown.

    parts: its resources, in `changed` those that change. changed: the change touches it; in a chart around a
    service it is that one. reached: by which path it hangs off what changed, None where it does not.
    """

    service: Service
    parts: tuple[Vertex, ...] = ()
    changed: bool = False
    reached: Reached | None = None


class Link(NamedTuple):
    """`dependant` needs `dependency`, both names of services. coupling: the strongest of `edges`, which say so."""

    dependant: str
    dependency: str
    coupling: Coupling
    edges: tuple[Edge, ...]


class Chart(NamedTuple):
    """subject: the service or range that it is about, else the tree. members and links are in order of names.

    labels: what the ends of edges are called, by id. total: services of the whole graph.
    """

    scope: Scope
    subject: str
    members: tuple[Member, ...]
    links: tuple[Link, ...]
    cycles: tuple[Cycle, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    dangling: tuple[Dangling, ...] = ()
    limitations: tuple[Limitation, ...] = ()
    labels: Mapping[str, str] = MappingProxyType({})
    total: int = 0
    notes: tuple[str, ...] = ()
