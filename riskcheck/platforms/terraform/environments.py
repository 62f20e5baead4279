"""To which environments one root is applied, with which variable file and in which workspace each."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING, Final

from riskcheck.cells import tell
from riskcheck.environments import trial, unassigned
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made, walk
from riskcheck.platforms.terraform.evaluate import text_of
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.environments import EnvironmentModel
    from riskcheck.models import Environment
    from riskcheck.platforms.terraform.discovery import Layout
    from riskcheck.platforms.terraform.modules import Blocks

DEFAULT_WORKSPACE: Final = "default"
"""The workspace that every root has: https://developer.hashicorp.com/terraform/language/state/workspaces"""

_TRIALS: Final = frozenset({"example", "examples", "test", "tests"})
"""Directories of roots that show or try out what others run."""

WORKSPACE: Final = "terraform.workspace"
_COMPARED: Final = regex(
    r'terraform\.workspace\s*[!=]=\s*"([\w-]{1,64})"|"([\w-]{1,64})"\s*[!=]=\s*terraform\.workspace'
)
_INDEXED: Final = regex(r"\b(local|var)\.([\w-]+)\s*\[\s*terraform\.workspace\s*\]")
_LOOKED_UP: Final = regex(r"\blookup\(\s*(local|var)\.([\w-]+)\s*,\s*terraform\.workspace\b")


class Cell(NamedTuple):
    """One environment of a root. variables: the variable file that stands for it. workspace: the node of its
    workspace, where that is known."""

    environment: Environment
    variables: str | None = None
    workspace: Node | None = None


def cells_of(
    model: EnvironmentModel, layout: Layout, directory: str, is_unit: bool, blocks: Blocks | None
) -> Iterator[Cell]:
    """By the path of the root, else one for each variable file that is named after one, else for each workspace
    that it knows, else for each backend file, else unknown."""
    found = _by_path(model, directory, is_unit)
    workspaces = {} if blocks is None else _workspaces(blocks)
    if found is not None:
        name = found.name.rpartition("/")[2]
        yield Cell(found, None, workspaces.get(name))
        return
    variants = [] if is_unit else list(layout.variables.variants(directory))
    for name, variables in variants:
        environment = model.named(name, source=f"{variables}:1")
        yield Cell(environment, variables, workspaces.get(name))
    if variants:
        return
    told = {name: node for name, node in workspaces.items() if tell(name).stage is not None}
    if told:
        told.setdefault(DEFAULT_WORKSPACE, made(DEFAULT_WORKSPACE, next(iter(told.values()))))
        for name, node in told.items():
            source = f"{node.source.path}:{node.file_line}"
            yield Cell(model.named(name, source=source), None, node)
        return
    backends = [] if is_unit else list(layout.variables.backends(directory))
    for name, path in backends:
        yield Cell(model.named(name, source=f"{path}:1"))
    if not backends:
        name = directory or "default"
        tried = next((step for step in directory.split("/") if step in _TRIALS), None)
        if tried is not None:
            yield Cell(trial(name, tried))
        else:
            yield Cell(unassigned(name, name))


def _by_path(model: EnvironmentModel, directory: str, is_unit: bool) -> Environment | None:
    """That of the directory; of a unit of Terragrunt that of the directory above, unless its own name says nothing
    but where it is deployed: ``prod/ecr-us-west-2`` is a component of ``prod``."""
    own = model.of_path(f"{directory}/main.tf" if directory else "main.tf")
    above = dirname(directory)
    if own is None or not is_unit or not above or tell(directory.rpartition("/")[2], beside=True).whole:
        return own
    return model.of_path(f"{above}/main.tf") or own


def _workspaces(blocks: Blocks) -> dict[str, Node]:
    """The workspaces that the expressions and the backend of a root name, each with what names it."""
    found: dict[str, Node] = {}
    for name, node in _backend_workspaces(blocks):
        found.setdefault(name, node)
    for node in _mentioning(blocks) if blocks.asks_workspace else ():
        for pair in _COMPARED.findall(node.raw):
            name = pair[0] or pair[1]
            found.setdefault(name, made(name, node))
        for kind, name in (*_INDEXED.findall(node.raw), *_LOOKED_UP.findall(node.raw)):
            for key in _keys(blocks, kind, name):
                found.setdefault(key.raw, made(key.raw, key))
    return found


def _mentioning(blocks: Blocks) -> Iterator[Scalar]:
    for held in blocks.named.values():
        for _, value in held.values():
            yield from _with_workspace(value)
    for items in blocks.listed.values():
        for item in items:
            yield from _with_workspace(item)


def _with_workspace(node: Node) -> Iterable[Scalar]:
    return (one for _, one in walk(node) if isinstance(one, Scalar) and WORKSPACE in one.raw)


def _keys(blocks: Blocks, kind: str, name: str) -> Iterator[Scalar]:
    declared = blocks.named.get("locals" if kind == "local" else "variable", {}).get(name)
    value = declared[1] if declared is not None else None
    if kind == "var" and isinstance(value, Mapping):
        value = value.get("default")
    if isinstance(value, Mapping):
        yield from (key for key, _ in value.entries)


def _backend_workspaces(blocks: Blocks) -> Iterator[tuple[str, Node]]:
    """``workspaces { name = … }`` of a backend or of HCP Terraform: a root has one there."""
    for settings in blocks.listed.get("terraform", ()):
        for kind in ("cloud", "backend"):
            held = settings.get(kind) if isinstance(settings, Mapping) else None
            for place in held.items if isinstance(held, Sequence) else ():
                inner = place.get("workspaces") if isinstance(place, Mapping) else None
                for one in inner.items if isinstance(inner, Sequence) else ():
                    named = one.get("name") if isinstance(one, Mapping) else None
                    text = text_of(named)
                    if named is not None and text:
                        yield text, named
