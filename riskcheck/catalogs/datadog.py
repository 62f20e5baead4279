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

from riskcheck.catalogs.criticality import tier_of
from riskcheck.catalogs.nodes import Troubles, at, places, text, texts, word
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
        yield from _entry(root, name, word(name), root.get("team"), root, troubles)
        return
    metadata, kind = root.get("metadata"), word(root.get("kind"))
    name = text(at(metadata, "name"))
    full = (
        None if kind is None or name is None else entity_name(kind, word(at(metadata, "namespace")), name.raw)
    )
    yield from _entry(root, name, full, at(metadata, "owner"), root.get("spec"), troubles)


def entity_name(kind: str, namespace: str | None, name: str) -> str:
    """The service name of an entity."""
    inside = name.strip() if namespace in (None, "default") else f"{namespace}/{name.strip()}"
    return inside if kind == "service" else f"{kind}:{inside}"


def _entry(
    root: Mapping,
    name: Scalar | None,
    full: str | None,
    owner: Node | None,
    holder: Node | None,
    troubles: Troubles,
) -> Iterator[CatalogEntry]:
    if name is None or full is None:
        troubles.add(root, "a Datadog entity without a name")
        return
    owner, tier, lifecycle = text(owner), text(at(holder, "tier")), text(at(holder, "lifecycle"))
    criticality = tier_of(tier.raw) if tier else None
    if tier is not None and criticality is None:
        troubles.add(tier, f"tier {tier.raw} is no known one", "unknown-tier")
    yield CatalogEntry(
        format="datadog",
        service=Service(
            full,
            owner=team(owner.raw if owner else None),
            criticality=criticality,
            source=f"{root.source.path}:{name.file_line}",
        ),
        location=location_of(name),
        fields=places(owner=owner, criticality=tier if criticality else None, lifecycle=lifecycle),
        dependencies=tuple(_dependencies(root.get("spec"), troubles)),
        lifecycle=lifecycle.raw.strip().lower() if lifecycle else None,
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
