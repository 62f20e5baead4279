"""Workspaces from files in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from textwrap import dedent

from riskcheck.documents.scalars import plain_value
from riskcheck.documents.store import DocumentStore
from riskcheck.environments import EnvironmentModel
from riskcheck.models import Resolution, Resource, Side
from riskcheck.nodes import MISSING, MaybeValue, Node
from riskcheck.nodes import Mapping as MappingNode
from riskcheck.platforms.base import Workspace
from riskcheck.platforms.kubernetes import PLATFORM
from tests.support import MemoryTree

Files = Mapping[str, str | bytes]


def workspace(
    files: Files,
    touched: Collection[str] | None = None,
    *,
    side: Side = "head",
    other: Files | None = None,
    unreadable: Mapping[str, str] | None = None,
) -> Workspace:
    """touched: all files unless stated. other: the files of the other side."""
    texts = {path: dedent(text) if isinstance(text, str) else text for path, text in files.items()}
    tree = MemoryTree(texts, side=side, unreadable=unreadable)
    across = None
    if other is not None:
        before = {path: dedent(text) if isinstance(text, str) else text for path, text in other.items()}
        across = DocumentStore(MemoryTree(before, side="base" if side == "head" else "head"))
    environments = EnvironmentModel(paths=lambda: tree.entries())
    paths = frozenset(tree.entries() if touched is None else touched)
    return Workspace(tree, DocumentStore(tree), environments, paths, across)


def units(files: Files, *paths: str) -> set[str]:
    """The units that read `paths`; that read anything, where none are given."""
    space = workspace(files)
    return set(PLATFORM.units(space, paths or list(space.tree.entries())))


def resolved(files: Files, touched: Collection[str] | None = None, **more: Files) -> Resolution:
    space = workspace(files, touched, **more)  # type: ignore[arg-type]  # only `other` is ever passed
    return PLATFORM.resolve(space, PLATFORM.units(space, space.touched))


def by_key(resolution: Resolution) -> dict[tuple[str, str], Resource]:
    """Resources by address without its platform, and environment name."""
    found = {
        (resource.address.removeprefix("kubernetes:"), resource.environment.name): resource
        for resource in resolution.resources
    }
    assert len(found) == len(resolution.resources)
    return found


def only(resolution: Resolution, address: str) -> Resource:
    """The one resource of this address, whatever its environment."""
    (found,) = (one for one in resolution.resources if one.address == f"kubernetes:{address}")
    return found


def node_at(resource: Resource, *path: str | int) -> Node:
    node: Node = resource.body
    for step in path:
        if isinstance(step, int):
            node = node.items[step]  # type: ignore[attr-defined]  # a sequence, or the test fails
        else:
            assert isinstance(node, MappingNode)
            child = node.get(step)
            assert child is not None, f"{path} has no {step}"
            node = child
    return node


def value_at(resource: Resource, *path: str | int) -> MaybeValue:
    try:
        return plain_value(node_at(resource, *path), "yaml-1.1")
    except AssertionError:
        return MISSING


def place(node: Node) -> str:
    """``path:line`` of a node."""
    return f"{node.source.path}:{node.source.first_line + node.line}"
