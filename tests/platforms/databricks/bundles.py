"""Small bundles held in memory, resolved by the real platform."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from textwrap import dedent

from riskcheck.documents.scalars import plain_value
from riskcheck.documents.store import DocumentStore
from riskcheck.environments import EnvironmentModel
from riskcheck.models import Limitation, Resolution, Resource, Side, location_of
from riskcheck.nodes import MISSING, Mapping, MaybeValue, Node, Sequence, Value
from riskcheck.platforms.base import Workspace
from riskcheck.platforms.databricks import PLATFORM
from tests.support import MemoryTree

Files = MappingOf[str, str]


def workspace(
    files: Files,
    side: Side = "head",
    touched: tuple[str, ...] = (),
    other: Files | None = None,
    unreadable: MappingOf[str, str] | None = None,
) -> Workspace:
    """One side of a comparison. other: the files of the other side."""
    tree = MemoryTree({path: dedent(text) for path, text in files.items()}, side, unreadable=unreadable)
    beside = None
    if other is not None:
        opposite: Side = "base" if side == "head" else "head"
        beside = DocumentStore(MemoryTree({path: dedent(text) for path, text in other.items()}, opposite))
    return Workspace(tree, DocumentStore(tree), EnvironmentModel(), frozenset(touched), beside)


def resolve(files: Files | str, unit: str = ".") -> Resolution:
    """One bundle. A text alone is its databricks.yml."""
    return PLATFORM.resolve(workspace({"databricks.yml": files} if isinstance(files, str) else files), [unit])


def find(resolution: Resolution, name: str, target: str = "default") -> Resource:
    """The resource ``kind.key`` in a target."""
    for resource in resolution.resources:
        if f"{resource.kind}.{resource.name}" == name and resource.environment.name == target:
            return resource
    known = sorted(f"{each.environment.name}: {each.kind}.{each.name}" for each in resolution.resources)
    raise AssertionError(f"no {name} in {target}; there are {known}")


def body(files: Files | str, name: str, target: str = "default") -> Value:
    """The resolved values of a resource."""
    return plain_value(find(resolve(files), name, target).body, "databricks")


def field(files: Files | str, name: str, path: str, target: str = "default") -> MaybeValue:
    """One resolved value, ``tasks.0.task_key``."""
    node = at(find(resolve(files), name, target).body, path)
    return MISSING if node is None else plain_value(node, "databricks")


def at(node: Node, path: str) -> Node | None:
    """The node at ``tasks.0.task_key``."""
    for step in path.split("."):
        child: Node | None = None
        if isinstance(node, Mapping):
            child = node.get(step)
        elif isinstance(node, Sequence) and step.isdigit() and int(step) < len(node.items):
            child = node.items[int(step)]
        if child is None:
            return None
        node = child
    return node


def place(node: Node | None) -> str:
    """``path:line`` of a node."""
    assert node is not None
    location = location_of(node)
    return f"{location.path}:{location.line}"


def said(resolution: Resolution) -> list[str]:
    """Every limitation as ``path:line kind``."""
    return [_said(each) for each in resolution.limitations]


def _said(limitation: Limitation) -> str:
    line = "" if limitation.line is None else f":{limitation.line}"
    return f"{limitation.path}{line} {limitation.kind}"
