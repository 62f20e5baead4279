"""The platform ``compose``. A unit is a directory with Compose files: a project, or several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.platforms.declaring import action_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from riskcheck.models import Action, Change, Resolution
    from riskcheck.platforms.base import Workspace

VARIABLES: Final = ".env"
"""What Compose reads variables from, beside the file.

https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/
"""


class Compose:
    """A change that concerns no Compose file imports nothing else of this package."""

    name = "compose"
    order = 15

    def units(self, workspace: Workspace, paths: Collection[str]) -> frozenset[str]:
        named = [path for path in paths if "compose" in path or path.endswith(VARIABLES)]
        if not named:
            return frozenset()
        from riskcheck.platforms.compose.files import units_of

        return units_of(workspace, named)

    def resolve(self, workspace: Workspace, units: Collection[str]) -> Resolution:
        from riskcheck.platforms.compose.resolve import resolve

        return resolve(workspace, units)

    def natural_keys(self, kind: str, field: str) -> tuple[str, ...]:
        return {
            "ports": ("target", "published", "protocol"),
            "secrets": ("source",),
            "configs": ("source",),
        }.get(field, ())

    def action(self, changes: Collection[Change]) -> Action:
        """Services are made anew from what the file says; volumes stay until somebody removes them."""
        return action_of(changes, gone="delete" if changes_services(changes) else "none")


def changes_services(changes: Collection[Change]) -> bool:
    return any(change.resource.kind == "services" for change in changes)
