"""What a stack is called by its template: a stack has a name only where somebody makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping
from riskcheck.platforms.cloudformation.files import document_at
from riskcheck.platforms.cloudformation.template import Template
from riskcheck.platforms.families import ANY, component_of, generalised_path

if TYPE_CHECKING:
    from collections.abc import Collection

    from riskcheck.documents.store import DocumentStore
    from riskcheck.environments import EnvironmentModel
    from riskcheck.platforms.base import Workspace

_GENERAL_NAMES: Final = (
    "cfn cloudformation cloudformation-template infra infrastructure main master root sam stack template"
)
_GENERAL: Final = frozenset(_GENERAL_NAMES.split())
"""Names of files that name no stack; the directory does."""


def names_of(workspace: Workspace, units: Collection[str]) -> dict[str, str]:
    """Template to what its stack is called. A template that was given another path keeps the name that it had,
    since the stack is the same."""
    model, other = workspace.environments, workspace.other
    names = {path: _name(path, model) for path in units}
    if other is None or workspace.side != "head":
        return names
    gone = [
        path for path in units if workspace.tree.entry(path) is None and other.tree.entry(path) is not None
    ]
    new = [
        path for path in units if workspace.tree.entry(path) is not None and other.tree.entry(path) is None
    ]
    for path in sorted(new) if gone else ():
        held = _resources(workspace.documents, path)
        before = max(gone, key=lambda one: len(held & _resources(other, one)), default=None)
        if before is not None and 2 * len(held & _resources(other, before)) > max(
            len(held), len(_resources(other, before))
        ):
            names[path] = names[before]
            gone.remove(before)
    return names


def _name(path: str, model: EnvironmentModel) -> str:
    stem = generalised_path(path, model).rpartition("/")[2].partition(".")[0]
    name = stem.replace(ANY, "").strip("-_. ")
    if name and name.lower() not in _GENERAL:
        return name
    return component_of(path.rpartition("/")[0], model) or name or "stack"


def _resources(documents: DocumentStore, path: str) -> frozenset[tuple[str, str]]:
    root = document_at(documents, path).root
    if not isinstance(root, Mapping):
        return frozenset()
    return frozenset((one.key.raw, one.kind) for one in Template(path, root).resources())
