"""The platform object: what the other stages ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from riskcheck.models import Action, Change, Resolution
    from riskcheck.platforms.base import Workspace


class Kubernetes:
    """Manifests and kustomize overlays."""

    name = "kubernetes"
    order = 20

    def units(self, workspace: Workspace, paths: Collection[str]) -> frozenset[str]:
        from riskcheck.platforms.kubernetes.scope import scope_of

        return scope_of(workspace).units(paths)

    def resolve(self, workspace: Workspace, units: Collection[str]) -> Resolution:
        from riskcheck.platforms.kubernetes.resolve import resolve

        return resolve(workspace, units)

    def natural_keys(self, kind: str, field: str) -> tuple[str, ...]:
        from riskcheck.platforms.kubernetes.keys import natural_keys

        return natural_keys(kind, field)

    def action(self, changes: Collection[Change]) -> Action:
        """An apply updates in place. A new name is another object; what the API refuses to change stays unknown:
        the apply fails, or deletes and creates where the tool was told to force."""
        for change in changes:
            if change.path == ():
                if change.kind == "added":
                    return "create"
                return "delete" if change.kind == "removed" else "recreate"
        from riskcheck.platforms.kubernetes.immutable import is_immutable

        if any(is_immutable(change.resource.kind, change.path) for change in changes):
            return "unknown"
        return "update" if changes else "none"
