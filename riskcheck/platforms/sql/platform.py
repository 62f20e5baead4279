"""The platform ``sql``. A unit is a file.

Each file is two sorts of resources in every environment it is for: ``statements``, what it does, and ``tables``,
what it declares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.platforms.declaring import action_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from riskcheck.models import Action, Change, Resolution
    from riskcheck.platforms.base import Workspace


class Sql:
    """A change that concerns no SQL file imports nothing else of this package."""

    name = "sql"
    order = 60

    def units(self, workspace: Workspace, paths: Collection[str]) -> frozenset[str]:
        named = [path for path in paths if path.lower().endswith(".sql")]
        if not named:
            return frozenset()
        from riskcheck.platforms.sql.files import is_sql, is_undo

        return frozenset(
            path for path in named if path in workspace.included or (is_sql(path) and not is_undo(path))
        )

    def resolve(self, workspace: Workspace, units: Collection[str]) -> Resolution:
        from riskcheck.platforms.sql.resolve import resolve

        return resolve(workspace, units)

    def natural_keys(self, kind: str, field: str) -> tuple[str, ...]:
        from riskcheck.tables.shape import NATURAL_KEYS

        return ("id",) if field == "statements" else NATURAL_KEYS.get(field, ())

    def action(self, changes: Collection[Change]) -> Action:
        """A script runs: what it does to things is in its statements."""
        return action_of(changes)
