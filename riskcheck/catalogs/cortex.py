"""Cortex entity descriptors: OpenAPI documents whose ``info`` holds ``x-cortex-*``.

https://docs.cortex.io/ingesting-data-into-cortex/entities/yaml: ``x-cortex-tag`` names the entity,
``x-cortex-owners[].{type,name,email}`` its owners, ``x-cortex-dependency[].tag`` what it needs,
``x-cortex-parents`` and ``x-cortex-children`` where it belongs. A tier is a group such as ``tier-1``
(``x-cortex-groups``, formerly ``x-cortex-service-groups``) or ``x-cortex-custom-metadata.tier``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.catalogs.criticality import rank_of, tier_of
from riskcheck.catalogs.nodes import Metadata, Troubles, at, items, text, texts
from riskcheck.catalogs.teams import INDIVIDUAL, team
from riskcheck.dependencies import CatalogEntry, Coupling, Dependency
from riskcheck.models import Service, location_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Mapping, Node, Scalar

_RELATIONS: Final[tuple[tuple[str, Coupling, str, bool], ...]] = (
    ("x-cortex-dependency", "hard", "depends on", False),
    ("x-cortex-parents", "soft", "parent", True),
    ("x-cortex-domain-parents", "soft", "parent", True),
    ("x-cortex-children", "soft", "child", False),
)


def entries(root: Mapping, troubles: Troubles) -> Iterator[CatalogEntry]:
    """What one descriptor says; nothing of a team, which nothing runs as."""
    info = root.get("info")
    tag, kind = text(at(info, "x-cortex-tag")), text(at(info, "x-cortex-type"))
    if tag is None:
        troubles.add(root, "a Cortex descriptor without info.x-cortex-tag")
        return
    if kind is not None and kind.raw.strip().lower() == "team":
        return
    said = metadata(root)
    yield CatalogEntry(
        format="cortex",
        service=Service(
            tag.raw.strip(),
            owner=said.team,
            criticality=tier_of(said.criticality.raw) if said.criticality else None,
            source=f"{root.source.path}:{tag.file_line}",
        ),
        location=location_of(tag),
        fields=said.fields,
        dependencies=tuple(_dependencies(info, troubles)),
        lifecycle=said.stage,
    )


def metadata(root: Mapping) -> Metadata:
    """Who owns an entity and how much it matters. The first owner that is a group counts; persons only where there
    is none."""
    info = root.get("info")
    owners = items(at(info, "x-cortex-owners"))
    persons = [one for one in owners if _is_person(one)]
    groups = [name for one in owners if not _is_person(one) and (name := text(at(one, "name"))) is not None]
    lifecycle = text(at(info, "x-cortex-lifecycle"))
    if groups:
        return Metadata(groups[0], team(groups[0].raw), _tier(info), lifecycle)
    if persons:
        return Metadata(persons[0], INDIVIDUAL, _tier(info), lifecycle)
    return Metadata(None, None, _tier(info), lifecycle)


def _is_person(owner: Node) -> bool:
    """Owners of type ``email`` may state a name as well, which then is a person's."""
    kind = text(at(owner, "type"))
    return text(at(owner, "email")) is not None or (kind is not None and kind.raw.strip().lower() == "email")


def _tier(info: Node | None) -> Scalar | None:
    """The group or custom field that says how critical the entity is."""
    for holder in ("x-cortex-groups", "x-cortex-service-groups"):
        for group in items(at(info, holder)):
            found = text(at(group, "tag")) or text(group)
            if found is not None and found.raw.lower().startswith("tier") and rank_of(found.raw) is not None:
                return found
    found = text(at(info, "x-cortex-custom-metadata", "tier")) or text(
        at(info, "x-cortex-custom-metadata", "tier", "value")
    )
    return found if found is not None and rank_of(found.raw) is not None else None


def _dependencies(info: Node | None, troubles: Troubles) -> Iterator[Dependency]:
    for field, coupling, relation, inverse in _RELATIONS:
        for node in items(at(info, field)):
            target = text(at(node, "tag")) or next(texts(node), None)
            if target is None:
                troubles.add(node, f"{field} without a tag")
            else:
                yield Dependency(target.raw.strip(), coupling, relation, location_of(target), inverse)
