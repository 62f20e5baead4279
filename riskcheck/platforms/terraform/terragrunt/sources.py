"""The module of a unit whose source only evaluation tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.documents.hcl import is_available
from riskcheck.documents.store import DocumentStore
from riskcheck.environments import EnvironmentModel
from riskcheck.platforms.base import Workspace
from riskcheck.platforms.terraform.terragrunt.applied import applied

if TYPE_CHECKING:
    from riskcheck.platforms.terraform.discovery import Layout


def module_of(layout: Layout, directory: str) -> str | None:
    """The directory of the module of the unit in `directory`; None where the repository does not hold it."""
    if layout.units is None or not is_available():
        return None
    workspace = Workspace(layout.tree, DocumentStore(layout.tree), EnvironmentModel(), frozenset())
    return applied(workspace, layout.units, directory, layout.directories).module
