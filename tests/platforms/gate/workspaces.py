"""Workspaces over files that a test states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.documents.store import DocumentStore
from riskcheck.environments import EnvironmentModel
from riskcheck.platforms.base import Workspace
from tests.support import MemoryTree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskcheck.models import Side


def workspace(
    files: Mapping[str, str], side: Side = "head", other: Mapping[str, str] | None = None
) -> Workspace:
    """One side with `files`, all of them touched; `other` is the other side."""
    tree = MemoryTree(files, side)
    opposite = (
        DocumentStore(MemoryTree(other, "base" if side == "head" else "head")) if other is not None else None
    )
    model = EnvironmentModel((), None, tree.entries)
    return Workspace(tree, DocumentStore(tree), model, frozenset(files), opposite)
