"""OpsLevel's ``opslevel.yml``. https://docs.opslevel.com/docs/opslevel-yml

``version: 1`` and a ``component:`` (formerly ``service:``) or ``system:`` with name, owner, tier, lifecycle,
system, aliases and dependencies. Owner, tier, lifecycle and dependencies are aliases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.catalogs.criticality import tier_in
from riskcheck.catalogs.nodes import Metadata, Troubles, at, items, text, texts, word
from riskcheck.catalogs.teams import team
from riskcheck.dependencies import CatalogEntry, Dependency
from riskcheck.models import Service, location_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Mapping, Node

HOLDERS: Final = ("component", "service", "system")


def entries(root: Mapping, troubles: Troubles) -> Iterator[CatalogEntry]:
    """What each service, component or system of the file says. A ``repository:`` says nothing of a service."""
    for holder in HOLDERS:
        for node in items(root.get(holder)):
            yield from _entry(node, holder, troubles)


def _entry(node: Node, holder: str, troubles: Troubles) -> Iterator[CatalogEntry]:
    name = text(at(node, "name"))
    if name is None:
        troubles.add(node, f"an OpsLevel {holder} without a name")
        return
    said = metadata(node)
    full = service_name(holder, name.raw)
    aliases = [one.raw.strip() for one in texts(at(node, "aliases"))]
    yield CatalogEntry(
        format="opslevel",
        service=Service(
            full,
            owner=said.team,
            criticality=tier_in(said, troubles),
            source=f"{name.source.path}:{name.file_line}",
        ),
        location=location_of(name),
        fields=said.fields,
        dependencies=tuple(_dependencies(node, troubles)),
        aliases=tuple(dict.fromkeys(one for one in (*aliases, _alias(name.raw)) if one != full)),
        lifecycle=said.stage,
    )


def metadata(node: Node) -> Metadata:
    """Who owns a component and how much it matters. node: what stands under `HOLDERS`."""
    owner = text(at(node, "owner"))
    return Metadata(owner, team(word(owner)), text(at(node, "tier")), text(at(node, "lifecycle")))


def service_name(holder: str, name: str) -> str:
    return f"system:{name.strip()}" if holder == "system" else name.strip()


def _alias(name: str) -> str:
    """The alias that OpsLevel makes of a name: lower case, underscores between the words."""
    return "_".join("".join(one if one.isalnum() else " " for one in name.lower()).split())


def _dependencies(node: Node, troubles: Troubles) -> Iterator[Dependency]:
    for one in items(at(node, "dependencies")):
        target = text(at(one, "alias")) or text(one)
        if target is None:
            troubles.add(one, "a dependency without an alias")
        else:
            yield Dependency(target.raw.strip(), "hard", "depends on", location_of(target))
    system = text(at(node, "system"))
    if system is not None:
        yield Dependency(f"system:{system.raw.strip()}", "soft", "system", location_of(system), inverse=True)
