"""Compose files into services and volumes, in the environment that their names tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.models import Limitation, Resource, location_of
from riskcheck.nodes import Mapping, Node, Scalar
from riskcheck.platforms.compose.files import ROOT, composes, projects
from riskcheck.platforms.compose.merge import long_form, merged
from riskcheck.platforms.compose.variables import filled, variables
from riskcheck.platforms.declaring import resolution_of
from riskcheck.platforms.families import generalised_directory, unnamed
from riskcheck.platforms.problems import readable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from riskcheck.models import Environment, Resolution
    from riskcheck.platforms.base import Workspace

_TAKEN = ("include", "extends")


def resolve(workspace: Workspace, units: Collection[str]) -> Resolution:
    """See `riskcheck.platforms.base.Platform.resolve`."""
    resources: list[Resource] = []
    limitations: dict[Limitation, None] = {}
    read: set[str] = set()
    for unit in sorted(units):
        directory = "" if unit == ROOT else unit
        paths = composes(workspace.tree, directory)
        roots = {path: _root(workspace, path, limitations) for path in paths}
        values = variables(
            workspace.documents.get(f"{directory}/.env" if directory else ".env", "properties")
        )
        read.update(paths)
        services = {path: root.get("services") if root is not None else None for path, root in roots.items()}
        found: dict[tuple[str, str], Resource] = {}
        for project in projects(paths, services):
            held = [root for path in project.paths for root in [roots[path]] if root is not None]
            if held:
                environment = _environment(workspace, project.paths) or unnamed(unit)
                for one in _resources(workspace, unit, environment, held, values):
                    found.setdefault((one.address, environment.name), one)
        resources.extend(found.values())
    return resolution_of(resources, limitations, read)


def _root(workspace: Workspace, path: str, limitations: dict[Limitation, None]) -> Mapping | None:
    document = readable(workspace, path, limitations)
    root = document.root if document.unreadable is None else None
    if not isinstance(root, Mapping):
        return None
    if path in workspace.touched:
        for node in _elsewhere(root):
            place = location_of(node)
            message = "what include and extends take from other files is not followed"
            limitations.setdefault(Limitation(path, "unsupported", message, place.line, workspace.side))
    return root


def _elsewhere(root: Mapping) -> Iterator[Node]:
    if (key := root.key("include")) is not None:
        yield key
    services = root.get("services")
    for _, service in services.entries if isinstance(services, Mapping) else ():
        if isinstance(service, Mapping) and (key := service.key("extends")) is not None:
            yield key


def _environment(workspace: Workspace, paths: tuple[str, ...]) -> Environment | None:
    return workspace.environments.of_path(paths[-1])


def _resources(
    workspace: Workspace,
    unit: str,
    environment: Environment,
    roots: list[Mapping],
    values: dict[str, Scalar],
) -> Iterator[Resource]:
    named = next((one for root in reversed(roots) if isinstance(one := root.get("name"), Scalar)), None)
    directory = "" if unit == ROOT else unit
    project = named.raw if named is not None and "$" not in named.raw else directory.rpartition("/")[2]
    family = generalised_directory(directory, workspace.environments)
    for kind in ("services", "volumes"):
        for name, origin, body in _merged(kind, roots, values):
            own = name if not project or project == name else f"{project}/{name}"
            yield Resource(
                platform="compose",
                kind=kind,
                name=own,
                environment=environment,
                unit=unit,
                body=body,
                origin=origin,
                reading="yaml-1.2",
                service=own if kind == "services" else project or None,
                identity=f"compose:{family}:{kind}.{own}",
            )


def _merged(
    kind: str, roots: list[Mapping], values: dict[str, Scalar]
) -> Iterator[tuple[str, Node, Mapping]]:
    """Name, what declares it, and what it comes to."""
    found: dict[str, tuple[Node, Mapping]] = {}
    for root in roots:
        section = root.get(kind)
        for key, node in section.entries if isinstance(section, Mapping) else ():
            body = _body(filled(node, values), key)
            known = found.get(key.raw)
            if body is None or key.raw.startswith("x-"):
                continue
            if kind == "services":
                body = long_form(body)
            both = body if known is None else merged(known[1], body)
            if isinstance(both, Mapping):
                found[key.raw] = (key if known is None else known[0], both)
            else:
                found.pop(key.raw, None)
    for name, (origin, body) in found.items():
        yield name, origin, body


def _body(node: Node, key: Scalar) -> Mapping | None:
    """An entry without settings (``data:``) is one with none."""
    if isinstance(node, Mapping):
        return node
    if isinstance(node, Scalar) and node.raw in ("", "null", "~"):
        return Mapping([], key.source, key.line, key.column, key.end_line, key.end_column, node.tag)
    return None
