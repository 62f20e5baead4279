"""What several catalogs say of the same services, as one: who is believed, and where they disagree.

A field is taken from the first source that states it, in the order of `PRECEDENCE`; of one format, from the file
that comes first by path and line. What others say differently is a `Conflict`, with both places. Dependencies and
scopes add up: that one source leaves one out does not take it back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from riskcheck.dependencies import CatalogEntry, Conflict, Dependency, Edge, service_id
from riskcheck.models import Location, Service
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

T = TypeVar("T")

PRECEDENCE: Final = (
    "riskcheck",
    "backstage",
    "datadog",
    "cortex",
    "opslevel",
    "openslo",
    "score",
    "compose",
    "helm",
    "codeowners",
)
"""Formats, the most believed first: the policy, then catalogs made for ownership, then what mentions it."""

_FIELDS: Final = (
    "owner",
    "criticality",
    "rto",
    "rpo",
    "sla",
    "support",
    "runbook_url",
    "runbook_exercised",
    "runbook_duration",
)
"""Fields that one source decides."""


class Merged(NamedTuple):
    """services: by name, those included that are only depended on. aliases: another name of a service to what
    says so. edges: of declared dependencies."""

    services: Mapping[str, Service]
    aliases: Mapping[str, CatalogEntry]
    edges: tuple[Edge, ...]
    conflicts: tuple[Conflict, ...]


def merge(entries: Iterable[CatalogEntry]) -> Merged:
    """One service for each name that `entries` describe or depend on."""
    ordered = sorted(entries, key=_belief)
    groups: dict[str, list[CatalogEntry]] = {}
    for entry in ordered:
        groups.setdefault(entry.service.name, []).append(entry)
    aliases: dict[str, CatalogEntry] = {}
    for entry in ordered:
        for alias in entry.aliases:
            if alias not in groups:
                aliases.setdefault(alias, entry)
    services = {name: _one(members) for name, members in sorted(groups.items())}
    edges = dict.fromkeys(edge for entry in ordered for edge in _edges(entry, aliases))
    for edge in edges:
        for vertex in (edge.dependency, edge.dependant):
            name = vertex.partition(":")[2]
            services.setdefault(name, Service(name))
    return Merged(
        services,
        aliases,
        tuple(edges),
        tuple(conflict for members in groups.values() for conflict in _conflicts(members)),
    )


def policy_entries(services: Sequence[Service]) -> Iterator[CatalogEntry]:
    """The `services` of a policy. Their `source` is ``path:line``."""
    for service in services:
        place = location_at(service.source)
        needs = tuple(Dependency(target, "hard", "depends_on", place) for target in service.depends_on)
        fields = tuple((field, place) for field in _FIELDS if getattr(service, field) is not None)
        yield CatalogEntry("riskcheck", service, place, fields, needs)


def location_at(source: str) -> Location:
    """The place that ``path:line`` names."""
    path, colon, line = source.rpartition(":")
    number = int(line) if colon and line.isdecimal() else 1
    return Location(path if colon else source, "base", number, 1, number, 1)


def _belief(entry: CatalogEntry) -> tuple[object, ...]:
    known = PRECEDENCE.index(entry.format) if entry.format in PRECEDENCE else len(PRECEDENCE)
    place = entry.location
    return (known, place.path, place.line, place.column, entry.service.name)


def _one(members: Sequence[CatalogEntry]) -> Service:
    """members: of one service, the most believed first."""
    told = [one.service for one in members]
    place = members[0].location
    return Service(
        name=told[0].name,
        owner=_first(one.owner for one in told),
        criticality=_first(one.criticality for one in told),
        rto=_first(one.rto for one in told),
        rpo=_first(one.rpo for one in told),
        sla=_first(one.sla for one in told),
        support=_first(one.support for one in told),
        scopes=tuple(dict.fromkeys(scope for one in told for scope in one.scopes)),
        depends_on=tuple(dict.fromkeys(name for one in told for name in one.depends_on)),
        paths=_first(one.paths or None for one in told) or (),
        runbook_url=_first(one.runbook_url for one in told),
        runbook_exercised=_first(one.runbook_exercised for one in told),
        runbook_duration=_first(one.runbook_duration for one in told),
        # Who owns a path does not declare what is there.
        source="" if members[0].format == "codeowners" else told[0].source or f"{place.path}:{place.line}",
        slo=max((one.slo for one in members if one.slo is not None), default=None),
        lifecycle=_first(one.lifecycle for one in members),
    )


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)


def _conflicts(members: Sequence[CatalogEntry]) -> Iterator[Conflict]:
    for field in (*_FIELDS, "lifecycle"):
        told: dict[str, Location] = {}
        for one in members:
            value = one.lifecycle if field == "lifecycle" else getattr(one.service, field)
            if value is not None:
                place = dict(one.fields).get(field, one.location)
                told.setdefault(_compared(value), place)
        if len(told) > 1:
            yield Conflict(members[0].service.name, field, tuple(told.items()))


def _compared(value: object) -> str:
    return str(value).strip()


def deployed_as(entry: CatalogEntry, name: str) -> Edge:
    """The edge from the service of `entry` to `name`, by which the files that deploy it know it."""
    return Edge(service_id(entry.service.name), service_id(name), "hard", "deployed as", entry.location)


def _edges(entry: CatalogEntry, aliases: Mapping[str, CatalogEntry]) -> Iterator[Edge]:
    own = service_id(entry.service.name)
    for needed in entry.dependencies:
        known = aliases.get(needed.target)
        other = service_id(known.service.name if known else needed.target)
        if other != own:
            ends = (other, own) if needed.inverse else (own, other)
            yield Edge(*ends, needed.coupling, needed.relation, needed.location)
