"""Service catalogs: who owns a service, how critical it is, what it promises.

Nothing of it is deployed: it is judged, like the files that guard merges. Metadata hold in every environment of a
service at once, so they have a stage of their own, which is unknown, unless the path of the file tells one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.catalogs.formats import format_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from riskcheck.models import Action, Change, Resolution
    from riskcheck.platforms.base import Platform, Workspace

JUDGED: Final = frozenset({"backstage", "datadog", "openslo", "cortex", "opslevel"})
"""Formats that are nothing but metadata. The others are configuration too, which other platforms read, or guard
the merge."""


class CatalogPlatform:
    """Units are paths; only those that the change touches are looked at."""

    name = "catalog"
    order = 8

    def units(self, workspace: Workspace, paths: Collection[str]) -> frozenset[str]:
        found = set()
        for path in paths:
            promised = format_of(path, workspace.catalogs)
            if promised in JUDGED:
                found.add(path)
            elif promised == "told by content" and workspace.tree.entry(path) is not None:
                from riskcheck.platforms.catalog.resolve import is_catalog

                if is_catalog(workspace, path):
                    found.add(path)
        return frozenset(found)

    def resolve(self, workspace: Workspace, units: Collection[str]) -> Resolution:
        from riskcheck.platforms.catalog.resolve import resolve

        return resolve(workspace, units)

    def natural_keys(self, kind: str, field: str) -> tuple[str, ...]:
        return {
            "objectives": ("displayName",),
            "x-cortex-dependency": ("tag", "method", "path"),
            "x-cortex-parents": ("tag",),
            "x-cortex-owners": ("name", "email", "type"),
            "dependencies": ("alias",),
            "alertPolicies": ("alertPolicyRef",),
        }.get(field, ())

    def action(self, changes: Collection[Change]) -> Action:
        """Nothing is deployed: metadata hold from the moment they are merged."""
        return "none"


PLATFORM: Platform = CatalogPlatform()
