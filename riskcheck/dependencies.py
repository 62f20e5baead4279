"""The vocabulary of the service graph: what depends on what, who says so, and how a change travels.

Apart from `riskcheck.models` because a silent run needs none of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from riskcheck.models import Limitation, Location, Service

Coupling: TypeAlias = Literal["hard", "soft", "build"]
"""How much of a failure passes on: all of it, some, or only what is built from it next time."""

SERVICE_PREFIX: Final = "service:"

PART_OF: Final = "part of"
"""The relation of a service to its own resources."""

HIGH_SLO: Final = 0.999
SHORT_RTO: Final = 30 * 60
"""From this promise on, and down from these seconds, a service that declares no criticality counts as critical."""


def service_id(name: str) -> str:
    """The vertex of service `name`."""
    return SERVICE_PREFIX + name


def resource_id(service: str, address: str) -> str:
    """The vertex of the resource at `address` that is part of `service`."""
    return f"{service}/{address}"


def critical_because(service: Service) -> str | None:
    """Why a failure of `service` is urgent, None where nothing says so. What it declares counts before what its
    promises suggest."""
    if service.criticality is not None:
        return "tier-1" if service.criticality == "tier-1" else None
    if service.slo is not None and service.slo >= HIGH_SLO:
        return f"held to {service.slo:.5%}".replace("000%", "%").replace("00%", "%") + " availability"
    if service.rto is not None and service.rto <= SHORT_RTO:
        return f"to be back within {service.rto // 60} min"
    return None


class Vertex(NamedTuple):
    """A node of the graph: a service, or a resource of one.

    id: ``service:orders``; for a resource its service and address, ``orders/databricks:pipelines.gold``. kind:
    ``service`` or the resource's kind. label: for people, ``orders``, ``pipeline gold``. service: the name of the
    service it is, or is part of. location: where it is declared, None where only others name it.
    """

    id: str
    kind: str
    label: str
    service: str
    location: Location | None = None


class Edge(NamedTuple):
    """`dependant` needs `dependency` (vertex ids).

    relation: the word that its source uses, such as ``dependsOn``, ``consumesApi``, ``run_job_task``, ``selects``,
    ``mounts``, ``part of``. location: file and line that say so, None for the tool's own ``part of``. environments:
    names of those in which it holds, None for all.
    """

    dependant: str
    dependency: str
    coupling: Coupling
    relation: str
    location: Location | None = None
    environments: frozenset[str] | None = None


class Dependency(NamedTuple):
    """What a catalog says that a service needs. target: a service name, as the catalog's format resolves it.

    inverse: the other service needs this one (``dependencyOf``).
    """

    target: str
    coupling: Coupling
    relation: str
    location: Location
    inverse: bool = False


class CatalogEntry(NamedTuple):
    """What one file of one catalog format says of one service.

    format: ``backstage``, ``datadog``, ``openslo``, ``score``, ``cortex``, ``opslevel``, ``compose``, ``helm``,
    ``codeowners`` or ``riskcheck`` (``services:`` of the policy). service: only what the file says is set. fields:
    where each field that it says is written (``owner``, ``criticality``, ``lifecycle`` …). aliases: other names by
    which the format knows it. slo: strictest availability target, 0..1.
    """

    format: str
    service: Service
    location: Location
    fields: tuple[tuple[str, Location], ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    aliases: tuple[str, ...] = ()
    lifecycle: str | None = None
    slo: float | None = None


class Use(NamedTuple):
    """What one file says that a thing needs. target: in the notation of `Reference.target`; parts that only a
    deployment fills read ``*``. environment: the only one in which it holds, by name, ``""`` for all."""

    target: str
    coupling: Coupling
    relation: str
    line: int
    environment: str = ""


class Stated(NamedTuple):
    """A resource as one file states it, before anything is resolved.

    service: what the file itself says it is part of. provides: as of `Resource`.
    """

    platform: str
    kind: str
    name: str
    line: int
    service: str | None = None
    provides: tuple[str, ...] = ()
    uses: tuple[Use, ...] = ()

    @property
    def address(self) -> str:
        return f"{self.platform}:{self.kind}.{self.name}"


class FileFacts(NamedTuple):
    """What one file adds to the graph: a function of its path and bytes alone."""

    entries: tuple[CatalogEntry, ...] = ()
    stated: tuple[Stated, ...] = ()
    limitations: tuple[Limitation, ...] = ()


class Conflict(NamedTuple):
    """Two sources disagree on a field of one service. values: value and place of each, the one that holds first."""

    service: str
    field: str
    values: tuple[tuple[str, Location], ...]


class Cycle(NamedTuple):
    """Vertices that need each other, in order; edges: the ones that close it, with their places."""

    names: tuple[str, ...]
    edges: tuple[Edge, ...]


class Dangling(NamedTuple):
    """A reference to something that nothing in the repository declares."""

    edge: Edge
    target: str


class Dependant(NamedTuple):
    """What uses a resource by one of its names. label: ``pipeline gold``. location: of the use, in head. retired: a
    catalog calls its service deprecated. whole: it depends on the service as a whole, which goes."""

    service: str
    label: str
    relation: str
    location: Location
    retired: bool = False
    whole: bool = False


class Downstream(NamedTuple):
    """A critical service that hangs off a resource. because: why it is critical. path: labels from the resource to
    it. places: of the edges on the way."""

    name: str
    because: str
    hops: int
    path: tuple[str, ...]
    places: tuple[Location, ...]


class Reached(NamedTuple):
    """A service that hangs off a changed one. path: labels of the vertices from the changed one to this one, both
    included; services: the services on the way, both ends included; strength: product of the couplings, 0..1."""

    name: str
    strength: float
    path: tuple[str, ...]
    services: tuple[str, ...]
    edges: tuple[Edge, ...] = ()

    @property
    def hops(self) -> int:
        """Steps from service to service; 0 for a changed one."""
        return len(self.services) - 1
