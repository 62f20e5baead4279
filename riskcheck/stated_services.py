"""What catalogs and code owners state of services: whose they are, how critical, what they need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.catalogs.teams import INDIVIDUAL
from riskcheck.documents.store import DocumentStore
from riskcheck.records import NamedTuple
from riskcheck.resolving import service_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from riskcheck.dependencies import Edge
    from riskcheck.models import Location, Resource, Service
    from riskcheck.trees import Tree

_LONGEST: Final = 200
"""Characters of a name."""


class FoundService(NamedTuple):
    """What catalogs and code owners say of one service. needs: services that it cannot do without."""

    service: Service
    place: str
    needs: tuple[str, ...]


class Services(NamedTuple):
    described: tuple[FoundService, ...]
    owned: tuple[FoundService, ...]
    unowned: tuple[str, ...]


def stated_services(tree: Tree, resources: Sequence[Resource]) -> Services:
    """What catalogs state of services, and who owns the others. Nothing that names a person is among it."""
    from riskcheck.catalogs.whole import read_all
    from riskcheck.graph.merge import merge

    catalogs = read_all(DocumentStore(tree), tree.entries())
    stated = merge(catalogs.entries)
    needs = _needs(stated.edges)
    places = {one.service.name: _line(one.location) for one in reversed(catalogs.entries)}
    described: list[FoundService] = []
    for name, service in stated.services.items():
        owner = _team(service.owner)
        # `system:shop` and the like are other things of a catalog than what is deployed.
        if (owner or service.criticality) and sayable(name) and ":" not in name:
            service = service._replace(owner=owner)
            described.append(FoundService(service, places.get(name, ""), tuple(sorted(needs.get(name, ())))))
    known = {one.service.name for one in described}
    cells = {one.environment.name for one in resources}
    homes = {
        name: one.origin.source.path
        for one in sorted(resources, key=lambda one: one.origin.source.path, reverse=True)
        if _is_name(name := service_name(one)) and name not in {*known, *cells, one.platform}
    }
    owned = [
        FoundService(one.service, _line(one.location), ())
        for one in catalogs.owned(homes.items(), known)
        if one.service.name in homes and _team(one.service.owner)
    ]
    have = {one.service.name for one in owned}
    return Services(tuple(described), tuple(owned), tuple(sorted(homes.keys() - have)))


def _needs(edges: Iterable[Edge]) -> dict[str, set[str]]:
    """What each service cannot do without, by its catalogs: a policy knows no weaker need, and must not say more
    than they do."""
    found: dict[str, set[str]] = {}
    for edge in edges:
        needed = edge.dependency.partition(":")[2]
        if edge.coupling == "hard" and sayable(needed):
            found.setdefault(edge.dependant.partition(":")[2], set()).add(needed)
    return found


def _line(place: Location) -> str:
    return f"{place.path}:{place.line}"


def _team(owner: str | None) -> str | None:
    from riskcheck.policy.build import names_person

    if not owner or owner == INDIVIDUAL or names_person(owner):
        return None
    return owner if sayable(owner.replace("@", "")) else None


def _is_name(name: str) -> bool:
    """Whether `name` is what somebody called a service, not the place of files that nothing names."""
    return sayable(name) and not any(letter in name for letter in "/*{$<") and name != "."


def sayable(name: str) -> bool:
    """Whether a name can stand in a file that people read: text of one line, and nobody's address. A surrogate,
    which stands for a byte that is no text, is not printable."""
    return bool(name) and len(name) <= _LONGEST and name.isprintable() and "@" not in name
