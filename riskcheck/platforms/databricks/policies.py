"""Compute policies that the repository holds, as resources of the targets whose clusters name them.

Bundles declare none themselves: their clusters name a policy by its id, or by a name that the deployment looks up.
Where a file of the repository defines a policy of that name, what it allows is part of what a target will run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.compute.policies import TYPES, Definition, definitions_in
from riskcheck.models import Resource
from riskcheck.platforms.databricks.discovery import CONFIG_ENDINGS, ROOT_NAMES, unit_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from riskcheck.platforms.base import Workspace
    from riskcheck.platforms.databricks.discovery import Listing
    from riskcheck.platforms.databricks.limits import Limits

KIND: Final = "cluster_policies"
MOST_FILES: Final = 500
"""Files whose names speak of policies and that are looked into."""

_NAMED: Final = (f"databricks:{KIND}@", f"databricks:{KIND}#")
"""How references name a policy: by a name that is looked up, by an id."""


def may_define(path: str) -> bool:
    """Whether a file may define compute policies, told from its path alone."""
    return (
        path.endswith(CONFIG_ENDINGS)
        and "polic" in path.lower()
        and path.rpartition("/")[2] not in ROOT_NAMES
    )


def units_bound(workspace: Workspace, listing: Listing, paths: Iterable[str]) -> frozenset[str]:
    """All bundles, where any of `paths` defines a policy: which of them name it is known once they are resolved."""
    if any(_definitions(workspace, path) for path in paths if may_define(path)):
        return frozenset(unit_of(directory) for directory in listing.bundles)
    return frozenset()


def policies_named(
    workspace: Workspace, resources: Collection[Resource], read: set[str], limits: Limits
) -> Iterator[Resource]:
    """The policies that `resources` name and that files define, once for each target. read: gets those files."""
    paths = [path for path in workspace.tree.entries() if may_define(path)]
    known = _known(workspace, paths[:MOST_FILES])
    if not known:
        return
    wanted = list(_wanted(resources))
    if wanted and len(paths) > MOST_FILES:
        limits.file(
            paths[MOST_FILES], "too-large", f"more than {MOST_FILES} files may define compute policies"
        )
    for name, user in wanted:
        found = _one(known.get(name, []), user, workspace, limits)
        if found is not None:
            read.add(found.body.source.path)
            yield Resource(
                "databricks",
                KIND,
                name,
                user.environment,
                user.unit,
                found.body,
                found.body,
                "databricks",
                user.service,
                identity=f"{user.unit}/{KIND}.{name}",
            )


def _known(workspace: Workspace, paths: list[str]) -> dict[str, list[Definition]]:
    """The policies that files define, by each of their names."""
    workspace.documents.prefetch(paths)
    known: dict[str, list[Definition]] = {}
    for path in paths:
        for definition in _definitions(workspace, path):
            for name in definition.names:
                known.setdefault(name, []).append(definition)
    return known


def _wanted(resources: Iterable[Resource]) -> Iterator[tuple[str, Resource]]:
    """Each policy that resources of a unit and environment name, with the first that does."""
    seen: set[tuple[str, str, str]] = set()
    for resource in resources:
        for reference in resource.references:
            if reference.target.startswith(_NAMED):
                name = reference.target[len(_NAMED[0]) :]
                key = (resource.unit, resource.environment.name, name)
                if key not in seen:
                    seen.add(key)
                    yield name, resource


def _one(found: list[Definition], user: Resource, workspace: Workspace, limits: Limits) -> Definition | None:
    """The definition that holds in the environment of `user`: the only one, or the one in a folder of its name."""
    if len(found) < 2:
        return found[0] if found else None
    here = [one for one in found if _is_of(one.body.source.path, user, workspace)]
    if len(here) == 1:
        return here[0]
    paths = sorted({one.body.source.path for one in found})
    limits.at(
        found[-1].body,
        "ambiguous-policy",
        f"which of {', '.join(paths[:3])} is the compute policy of {user.environment.name} is not known",
    )
    return None


def _is_of(path: str, user: Resource, workspace: Workspace) -> bool:
    environment = workspace.environments.of_path(path)
    name = user.environment.name
    return (environment is not None and environment.name == name) or f"/{name}/" in f"/{path}"


def _definitions(workspace: Workspace, path: str) -> list[Definition]:
    if workspace.tree.entry(path) is None:
        return []
    document = workspace.documents.get(path)
    if document.unreadable is not None or document.error is not None:
        return []
    if not any(kind in document.text for kind in TYPES):
        return []
    stem = path.rpartition("/")[2].rpartition(".")[0]
    return [one for chunk in document.chunks for one in definitions_in(chunk.root, stem)]
