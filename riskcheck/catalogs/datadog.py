"""Datadog service definitions v2 to v2.2 and entities v3.

https://github.com/DataDog/schema/tree/main/service-catalog: v2 has ``dd-service``, ``team``, ``tier``,
``lifecycle`` and no dependencies; v3 has ``kind``,
``metadata.{name,namespace,owner,additionalOwners,inheritFrom}`` and
``spec.{tier,lifecycle,dependsOn,componentOf,components}``, references being ``kind:name``. Services go by their
name, other kinds carry it: ``datastore:orders-db``. ``inheritFrom`` takes metadata from another entity and is
not followed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.catalogs.criticality import tier_in
from riskcheck.catalogs.nodes import Metadata, Troubles, at, items, text, texts, word
from riskcheck.catalogs.teams import team
from riskcheck.dependencies import CatalogEntry, Dependency
from riskcheck.models import Service, location_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Mapping, Node, Scalar


def entries(root: Mapping, troubles: Troubles) -> Iterator[CatalogEntry]:
    """What one definition says of its service."""
    if root.get("dd-service") is not None:
        name = text(root.get("dd-service"))
        yield from _entry(root, name, word(name), troubles)
        return
    holder, kind = root.get("metadata"), word(root.get("kind"))
    name = text(at(holder, "name"))
    full = None
    if kind is not None and name is not None:
        full = entity_name(kind, word(at(holder, "namespace")), name.raw)
    yield from _entry(root, name, full, troubles)


def metadata(root: Mapping) -> Metadata:
    """Who owns a service and how much it matters."""
    if root.get("dd-service") is not None:
        owner = text(root.get("team"))
        holder: Node | None = root
    else:
        owner = text(root.at("metadata", "owner")) or _additional(root)
        holder = root.get("spec")
    return Metadata(owner, team(word(owner)), text(at(holder, "tier")), text(at(holder, "lifecycle")))


def inherits(root: Mapping) -> bool:
    """Whether another entity gives what this one leaves out."""
    return root.at("metadata", "inheritFrom") is not None


def _additional(root: Mapping) -> Scalar | None:
    """The first additional owner, who counts where no main one is named."""
    owners = (text(at(one, "name")) for one in items(root.at("metadata", "additionalOwners")))
    return next((one for one in owners if one is not None), None)


def entity_name(kind: str, namespace: str | None, name: str) -> str:
    """The service name of an entity."""
    inside = name.strip() if namespace in (None, "default") else f"{namespace}/{name.strip()}"
    return inside if kind == "service" else f"{kind}:{inside}"


def _entry(
    root: Mapping, name: Scalar | None, full: str | None, troubles: Troubles
) -> Iterator[CatalogEntry]:
    if name is None or full is None:
        troubles.add(root, "a Datadog entity without a name")
        return
    said = metadata(root)
    yield CatalogEntry(
        format="datadog",
        service=Service(
            full,
            owner=said.team,
            criticality=tier_in(said, troubles),
            source=f"{root.source.path}:{name.file_line}",
        ),
        location=location_of(name),
        fields=said.fields,
        dependencies=tuple(_dependencies(root.get("spec"), troubles)),
        lifecycle=said.stage,
    )


def _dependencies(spec: Node | None, troubles: Troubles) -> Iterator[Dependency]:
    for node in texts(at(spec, "dependsOn")):
        yield from _dependency(node, "dependsOn", troubles)
    for node in texts(at(spec, "componentOf")):
        yield from _dependency(node, "componentOf", troubles)
    for node in texts(at(spec, "components")):
        yield from _dependency(node, "components", troubles)


def _dependency(node: Scalar, relation: str, troubles: Troubles) -> Iterator[Dependency]:
    kind, colon, name = node.raw.strip().partition(":")
    if not colon or not kind or not name:
        troubles.add(node, f"{node.raw} is no reference of the form kind:name")
        return
    where, slash, inside = name.partition("/")
    target = entity_name(kind, where, inside) if slash else entity_name(kind, None, name)
    yield Dependency(
        target,
        "hard" if relation == "dependsOn" else "soft",
        relation,
        location_of(node),
        inverse=relation == "componentOf",
    )
