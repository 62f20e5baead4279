"""Which files of a directory make up which Compose project.

``compose.yaml`` and its ``compose.override.yaml`` are read together unless somebody names other files, and
``compose.<word>.yaml`` is by convention read over ``compose.yaml``. That is certain only where some service in it
has neither an image nor a build, since such a file cannot stand alone. Any other is a project of its own.

https://docs.docker.com/compose/intro/compose-application-model/#the-compose-file
https://docs.docker.com/compose/how-tos/multiple-compose-files/merge/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.catalogs.formats import format_of
from riskcheck.nodes import Mapping, Node
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

    from riskcheck.platforms.base import Workspace
    from riskcheck.trees import Tree

ROOT: Final = "."
_FAMILIES: Final = ("compose", "docker-compose")
"""In the order in which Compose looks for them."""
_ENDINGS: Final = (".yaml", ".yml")


class Project(NamedTuple):
    """paths: the files that are merged, in order; the last one tells the environment."""

    paths: tuple[str, ...]


def units_of(workspace: Workspace, paths: Collection[str]) -> frozenset[str]:
    """The directories whose projects read `paths`."""
    found = set()
    for path in paths:
        directory = path.rpartition("/")[0]
        if is_compose(path) or (path.rpartition("/")[2] == ".env" and composes(workspace.tree, directory)):
            found.add(directory or ROOT)
    return frozenset(found)


def is_compose(path: str) -> bool:
    return "compose" in path and format_of(path) == "compose"


def composes(tree: Tree, directory: str) -> list[str]:
    """The Compose files of one directory."""
    prefix = f"{directory}/" if directory else ""
    return sorted(
        path
        for path in tree.entries()
        if "compose" in path
        and path.startswith(prefix)
        and "/" not in path[len(prefix) :]
        and is_compose(path)
    )


def projects(paths: list[str], services: dict[str, Node | None]) -> list[Project]:
    """The projects that `paths`, the Compose files of one directory, make up. services: by path, what each says."""
    bases: dict[str, str] = {}
    overrides: dict[str, str] = {}
    variants: list[tuple[str, str]] = []
    for path in paths:
        family, word = _parts(path)
        if word == "override":
            overrides[family] = path
        elif word:
            variants.append((family, path))
        else:
            # The first ending wins where a family has both.
            bases.setdefault(family, path)
    found = [
        Project((bases[family], overrides[family]) if family in overrides else (bases[family],))
        for family in _FAMILIES
        if family in bases
    ]
    for family, path in variants:
        base = bases.get(family)
        found.append(
            Project((base, path)) if base is not None and needs_a_base(services[path]) else Project((path,))
        )
    return found


def needs_a_base(services: Node | None) -> bool:
    """Whether some service has neither an image nor a build, nor takes them from elsewhere."""
    return isinstance(services, Mapping) and any(
        isinstance(one, Mapping)
        and all(one.get(key) is None for key in ("image", "build", "extends", "provider"))
        for _, one in services.entries
    )


def _parts(path: str) -> tuple[str, str]:
    """``docker-compose.prod.yml`` into ``docker-compose`` and ``prod``."""
    stem = path.rpartition("/")[2]
    for ending in _ENDINGS:
        stem = stem.removesuffix(ending)
    family, _, word = stem.partition(".")
    return family, word
