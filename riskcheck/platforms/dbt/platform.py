"""The platform ``dbt``. A unit is one table of a project, ``<project>/<name>``: a model, snapshot or seed, or
``<source>.<table>``. Each is a resource of kind ``tables`` in the shape of `riskcheck.tables.shape`.

https://docs.getdbt.com/reference/model-properties , https://docs.getdbt.com/reference/source-properties
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.platforms.dbt.places import may_belong, project_of
from riskcheck.platforms.declaring import action_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from riskcheck.models import Action, Change, Resolution
    from riskcheck.platforms.base import Workspace
    from riskcheck.platforms.dbt.places import Project


class Dbt:
    """A change that concerns no file of a project imports nothing else of this package but `places`."""

    name = "dbt"
    order = 9
    """Before bundles and manifests: a project may lie in a bundle, and only its own folders are looked at. Before
    SQL, which cannot read templates, and before what takes ``models/staging`` for an environment."""

    def units(self, workspace: Workspace, paths: Collection[str]) -> frozenset[str]:
        known: dict[str, Project | None] = {}
        own = {
            path: project
            for path in paths
            if may_belong(path) and (project := project_of(workspace.tree, path, known))
        }
        if not own:
            return frozenset()
        from riskcheck.platforms.dbt.resolve import units_of

        return units_of(workspace, own)

    def resolve(self, workspace: Workspace, units: Collection[str]) -> Resolution:
        from riskcheck.platforms.dbt.resolve import resolve

        return resolve(workspace, units)

    def natural_keys(self, kind: str, field: str) -> tuple[str, ...]:
        from riskcheck.tables.shape import NATURAL_KEYS

        return NATURAL_KEYS.get(field, ())

    def action(self, changes: Collection[Change]) -> Action:
        """dbt drops no table whose model went."""
        return action_of(changes)
