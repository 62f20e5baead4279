"""Catalog files as resources: one for each service, system, API or objective that they describe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.catalogs.formats import CatalogFormat, format_of
from riskcheck.catalogs.nodes import Troubles, items, text, word
from riskcheck.catalogs.opslevel import HOLDERS
from riskcheck.catalogs.read import documents_of, reader_of
from riskcheck.models import Environment, Limitation, Resolution, Resource
from riskcheck.nodes import Mapping
from riskcheck.platforms.declaring import resolution_of
from riskcheck.platforms.problems import readable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from riskcheck.documents.store import Document
    from riskcheck.platforms.base import Workspace

EVERYWHERE: Final = Environment(
    "service catalog", "unknown", source="metadata of a service hold in all of its environments"
)
PLATFORM_NAME: Final = "catalog"


def is_catalog(workspace: Workspace, path: str) -> bool:
    """Whether every document of a file is of a catalog: one that holds anything else belongs to another
    platform."""
    document = workspace.documents.get(path)
    roots = [chunk.root for chunk in document.chunks if chunk.root is not None]
    told = list(documents_of(document, "told by content", Troubles()))
    return bool(told) and len(told) >= len(roots)


def resolve(workspace: Workspace, units: Collection[str]) -> Resolution:
    """All entries of `units`, which are paths. A file that one side lacks is no limitation there."""
    resources: dict[tuple[str, str, str], Resource] = {}
    limitations: dict[Limitation, None] = {}
    read: set[str] = set()
    for path in sorted(units):
        if workspace.tree.entry(path) is None:
            continue
        read.add(path)
        document = readable(workspace, path, limitations)
        environment = workspace.environments.of_path(path) or EVERYWHERE
        troubles = Troubles()
        for resource in _resources(document, environment, workspace, troubles):
            if resource.key in resources:
                troubles.add(resource.origin, f"{resource.name} is described twice in one file")
            resources.setdefault(resource.key, resource)
        limitations.update(dict.fromkeys(troubles.found))
    return resolution_of(tuple(resources.values()), limitations, read)


def _resources(
    document: Document, environment: Environment, workspace: Workspace, troubles: Troubles
) -> Iterator[Resource]:
    promised = format_of(document.path, workspace.catalogs)
    if promised is None:
        return
    for format_, root in documents_of(document, promised, troubles):
        for name, service, body in _described(format_, root, troubles):
            yield Resource(
                platform=PLATFORM_NAME,
                kind=format_,
                name=name,
                environment=environment,
                unit=document.path,
                body=body,
                origin=body,
                reading="yaml-1.2",
                service=service,
                identity=f"{PLATFORM_NAME}:{format_}.{name}",
            )


def _described(
    format_: CatalogFormat, root: Mapping, troubles: Troubles
) -> Iterator[tuple[str, str, Mapping]]:
    """Name, service and body of what a document describes."""
    entries = list(reader_of(format_)(root, troubles))
    if format_ == "openslo":
        kind, name = word(root.get("kind")), word(root.at("metadata", "name"))
        if kind is not None and name is not None:
            yield f"{kind}/{name}", entries[0].service.name if entries else name, root
    elif format_ == "opslevel":
        bodies = [node for holder in HOLDERS for node in items(root.get(holder)) if _is_named(node)]
        for entry, body in zip(entries, bodies, strict=True):
            if isinstance(body, Mapping):
                yield entry.service.name, entry.service.name, body
    else:
        for entry in entries:
            yield entry.service.name, entry.service.name, root


def _is_named(node: object) -> bool:
    return isinstance(node, Mapping) and text(node.get("name")) is not None
