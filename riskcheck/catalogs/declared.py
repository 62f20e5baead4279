"""``services:`` of the policy, as entries beside those of catalogs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.dependencies import CatalogEntry, Dependency
from riskcheck.models import Location, Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.models import Service


def entries(services: Iterable[Service], side: Side = "base") -> Iterator[CatalogEntry]:
    """One entry per declared service; every field stands where the service does. side: of the deciding tree."""
    for service in services:
        path, _, line = service.source.rpartition(":")
        number = int(line) if line.isdecimal() else 1
        place = Location(path or service.source, side, number, 1, number, 1)
        said = [("owner", service.owner), ("criticality", service.criticality)]
        yield CatalogEntry(
            format="riskcheck",
            service=service,
            location=place,
            fields=tuple((name, place) for name, value in said if value is not None),
            dependencies=tuple(
                Dependency(target, "hard", "depends_on", place) for target in service.depends_on
            ),
        )
