"""Docker Compose files. https://docs.docker.com/reference/compose-file/services/

| key | coupling |
|---|---|
| ``depends_on``, as a list or a mapping with ``condition`` | hard; soft where ``required: false`` |
| ``links``, ``network_mode: service:x`` (and ``ipc``, ``pid``), ``volumes_from`` | hard |
| a named volume that another service of the file mounts too | soft, in both directions |

Names hold in one project only. A file at the root of the repository has its services under their own names;
below, they are ``project/service``, the project being the file's ``name`` or its directory. The service that is
called like its project goes by that name alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.catalogs.nodes import Troubles, at, pairs, text, texts, word
from riskcheck.dependencies import CatalogEntry, Coupling, Dependency
from riskcheck.models import Service, location_of
from riskcheck.nodes import Mapping, Node, Scalar
from riskcheck.nodes import Sequence as SequenceNode

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_SHARERS: Final = 50
"""Services that mount one volume up to which each is coupled with each."""
_SHARED_NAMESPACES: Final = ("network_mode", "ipc", "pid")


def entries(root: Mapping, troubles: Troubles) -> Iterator[CatalogEntry]:
    """What each service of the file says."""
    services = [(key, node) for key, node in pairs(root.get("services")) if text(key) is not None]
    known = {key.raw for key, _ in services}
    project = _project(root)
    sharers = _sharers(services, {key.raw for key, _ in pairs(root.get("volumes"))}, troubles)
    for key, node in services:
        needed = [*_needed(node), *_volumes(key, sharers)]
        for target, _, _, place in needed:
            if target not in known:
                troubles.add(place, f"service {key.raw} needs {target}, which this file does not have")
        name = _named(project, key.raw)
        yield CatalogEntry(
            format="compose",
            service=Service(name, source=f"{key.source.path}:{key.file_line}"),
            location=location_of(key),
            dependencies=tuple(
                Dependency(_named(project, target), coupling, relation, location_of(place))
                for target, coupling, relation, place in needed
                if target in known
            ),
        )


_Needed = tuple[str, Coupling, str, Node]


def _needed(node: Node) -> Iterator[_Needed]:
    depends = at(node, "depends_on")
    if isinstance(depends, Mapping):
        for key, settings in depends.entries:
            required = word(at(settings, "required"))
            yield key.raw, "soft" if required == "false" else "hard", "depends_on", key
    else:
        for one in texts(depends):
            yield one.raw.strip(), "hard", "depends_on", one
    for one in texts(at(node, "links")):
        yield one.raw.partition(":")[0].strip(), "hard", "links", one
    for one in texts(at(node, "volumes_from")):
        source = one.raw.strip()
        if not source.startswith("container:"):
            yield source.partition(":")[0], "hard", "volumes_from", one
    for field in _SHARED_NAMESPACES:
        shared = text(at(node, field))
        if shared is not None and shared.raw.startswith("service:"):
            yield shared.raw.removeprefix("service:").strip(), "hard", field, shared


def _sharers(
    services: list[tuple[Scalar, Node]], named: set[str], troubles: Troubles
) -> dict[str, list[tuple[str, Node]]]:
    """Named volume to the services that mount it, with the place of each mount."""
    found: dict[str, list[tuple[str, Node]]] = {}
    for key, node in services:
        volumes = at(node, "volumes")
        for mount in volumes.items if isinstance(volumes, SequenceNode) else ():
            source = word(at(mount, "source")) or (word(mount) or "").partition(":")[0]
            if source in named:
                found.setdefault(source, []).append((key.raw, mount))
    for volume, mounts in found.items():
        if len(mounts) > MOST_SHARERS:
            troubles.add(mounts[0][1], f"volume {volume} is shared by {len(mounts)} services; not followed")
    return {volume: mounts for volume, mounts in found.items() if 1 < len(mounts) <= MOST_SHARERS}


def _volumes(key: Scalar, sharers: dict[str, list[tuple[str, Node]]]) -> Iterator[_Needed]:
    for volume, mounts in sharers.items():
        own = next((place for name, place in mounts if name == key.raw), None)
        if own is not None:
            for other in dict.fromkeys(name for name, _ in mounts):
                if other != key.raw:
                    yield other, "soft", f"shares volume {volume}", own


def _project(root: Mapping) -> str | None:
    """None at the root of the repository."""
    named = word(root.get("name"))
    directory = root.source.path.rpartition("/")[0]
    if named is not None and "$" not in named:
        return named
    return directory.rpartition("/")[2] or None


def _named(project: str | None, service: str) -> str:
    return service if project is None or project == service else f"{project}/{service}"
