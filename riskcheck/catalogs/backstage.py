"""Backstage entities. https://backstage.io/docs/features/software-catalog/descriptor-format

References are ``[kind:][namespace/]name``; the default kind depends on the field, the default namespace is the
entity's own, ``dependsOn`` and ``dependencyOf`` have no default kind
(https://backstage.io/docs/features/software-catalog/references). No field says how critical a component is: the
last part of a label's or annotation's key does (`CRITICALITY_KEYS`, ``acme.com/service-tier: "1"``), or
a tag ``tier-1``.

A component is a service under its name. Other kinds carry theirs, since an API and the component that provides it
often share a name: ``api:orders``, ``system:checkout``. Names outside of the namespace ``default`` carry that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.catalogs.criticality import rank_of, tier_of
from riskcheck.catalogs.nodes import Metadata, Troubles, at, pairs, text, texts, word
from riskcheck.catalogs.teams import team
from riskcheck.dependencies import CatalogEntry, Coupling, Dependency
from riskcheck.models import Service, location_of
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Mapping, Node, Scalar

KINDS: Final = {kind.lower(): kind for kind in ("Component", "API", "Resource", "System", "Domain")}
_OTHER_KINDS: Final = frozenset({"group", "user", "location", "template"})
"""Kinds that nothing runs as."""
CRITICALITY_KEYS: Final = frozenset({"tier", "service-tier", "criticality", "business-criticality"})
KUBERNETES_ID: Final = "backstage.io/kubernetes-id"


class _Field(NamedTuple):
    """A field that refers to other entities. inverse: those need this one."""

    name: str
    default_kind: str
    coupling: Coupling
    relation: str
    inverse: bool = False


_FIELDS: Final = (
    _Field("dependsOn", "", "hard", "dependsOn"),
    _Field("dependencyOf", "", "hard", "dependencyOf", inverse=True),
    _Field("consumesApis", "api", "hard", "consumesApi"),
    _Field("providesApis", "api", "hard", "providesApi", inverse=True),
    _Field("subcomponentOf", "component", "soft", "subcomponentOf", inverse=True),
    _Field("system", "system", "soft", "system", inverse=True),
    _Field("domain", "domain", "soft", "domain", inverse=True),
    _Field("subdomainOf", "domain", "soft", "subdomainOf", inverse=True),
)


def entries(root: Mapping, troubles: Troubles) -> Iterator[CatalogEntry]:
    """What one entity says; nothing for kinds that are no part of a running system."""
    kind_node, name_node = text(root.get("kind")), text(root.at("metadata", "name"))
    if kind_node is None or name_node is None:
        troubles.add(root, "a Backstage entity without kind or metadata.name")
        return
    kind = kind_node.raw.lower()
    if kind not in KINDS:
        if kind not in _OTHER_KINDS:
            troubles.add(kind_node, f"an entity of unknown kind {kind_node.raw}")
        return
    namespace = word(root.at("metadata", "namespace")) or "default"
    name = entity_name(kind, namespace, name_node.raw)
    said = metadata(root)
    yield CatalogEntry(
        format="backstage",
        service=Service(
            name,
            owner=said.team,
            criticality=tier_of(said.criticality.raw) if said.criticality else None,
            source=f"{root.source.path}:{name_node.file_line}",
        ),
        location=location_of(name_node),
        fields=said.fields,
        dependencies=tuple(_dependencies(root.get("spec"), namespace, troubles)),
        aliases=_aliases(root, name),
        lifecycle=said.stage,
    )


def metadata(root: Mapping) -> Metadata:
    """Who owns an entity and how much it matters."""
    owner = text(root.at("spec", "owner"))
    return Metadata(owner, team(word(owner)), _criticality(root), text(root.at("spec", "lifecycle")))


def entity_name(kind: str, namespace: str, name: str) -> str:
    """The service name of an entity. kind and namespace count in lower case, as in Backstage."""
    inside = name if namespace.lower() == "default" else f"{namespace.lower()}/{name}"
    return inside if kind == "component" else f"{kind}:{inside}"


def _criticality(root: Mapping) -> Scalar | None:
    """The label, annotation or tag that says how critical the entity is."""
    for holder in ("labels", "annotations"):
        for key, node in pairs(root.at("metadata", holder)):
            found = text(node)
            last = key.raw.rpartition("/")[2].lower().replace("_", "-")
            if found is not None and last in CRITICALITY_KEYS and rank_of(found.raw) is not None:
                return found
    for tag in texts(root.at("metadata", "tags")):
        if tag.raw.lower().startswith("tier") and rank_of(tag.raw) is not None:
            return tag
    return None


def _aliases(root: Mapping, name: str) -> tuple[str, ...]:
    """The name that the entity's Kubernetes objects are labelled with."""
    label = word(root.at("metadata", "annotations", KUBERNETES_ID)) or word(
        root.at("metadata", "labels", KUBERNETES_ID)
    )
    return (label,) if label is not None and label != name else ()


def _dependencies(spec: Node | None, namespace: str, troubles: Troubles) -> Iterator[Dependency]:
    for field in _FIELDS:
        for node in texts(at(spec, field.name)):
            target = _target(node, field, namespace, troubles)
            if target is not None:
                yield Dependency(target, field.coupling, field.relation, location_of(node), field.inverse)


def _target(node: Scalar, field: _Field, namespace: str, troubles: Troubles) -> str | None:
    """The service name that a reference stands for; None, with a trouble, where it stands for none."""
    kind, colon, rest = node.raw.strip().partition(":")
    if not colon:
        kind, rest = field.default_kind, kind
    where, slash, name = rest.partition("/")
    if not slash:
        where, name = namespace, rest
    if not kind:
        troubles.add(node, f"{field.name}: {node.raw} names no kind, which this field needs")
        return None
    if not name or not where or kind.lower() not in KINDS:
        troubles.add(node, f"{field.name}: {node.raw} is no reference to a part of a system")
        return None
    return entity_name(kind.lower(), where, name)
