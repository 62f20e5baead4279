"""Declarative Automation Bundles (Databricks Asset Bundles), resolved per target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.models import Action, Change, Environment, Resolution, Resource
from riskcheck.nodes import Mapping
from riskcheck.platforms.databricks.discovery import (
    ALERT_FILE,
    Listing,
    below,
    bundles_above,
    configuration,
    includes_of,
    is_overrides,
    unit_of,
)
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

    from riskcheck.platforms.base import Workspace
    from riskcheck.trees import Tree


class _Resolved(NamedTuple):
    workspace: Workspace
    units: frozenset[str]
    resolution: Resolution


class Databricks:
    """The platform ``databricks``. A unit is the directory of a bundle's root file, ``.`` at the top.

    A change that concerns no bundle imports `discovery` and nothing else of this package.
    """

    name = "databricks"
    order = 10

    def __init__(self, *, at_once: bool = False) -> None:
        """at_once: resolve all resources, though nobody may look into them."""
        self._at_once = at_once
        self._listings: tuple[Listing, ...] = ()
        self._resolved: tuple[_Resolved, ...] = ()

    def units(self, workspace: Workspace, paths: Collection[str]) -> frozenset[str]:
        """Bundles that read any of `paths` as configuration, and templates of bundles that hold any.

        Notebooks, wheels and whatever else a bundle deploys are not its configuration.
        """
        candidates = configuration(paths)
        if not candidates:
            return frozenset()
        listing = self._listing(workspace.tree)
        found = {unit for path in candidates if (unit := listing.template_of(path)) is not None}
        above = {directory for path in candidates for directory in bundles_above(path)}
        bundles = listing.bundles
        workspace.documents.prefetch(path for each in bundles for path in listing.root_files(each))
        for directory in bundles:
            if _reads(workspace, listing, directory, candidates, inside=directory in above):
                found.add(unit_of(directory))
        if bundles and any("polic" in path.lower() for path in candidates):
            from riskcheck.platforms.databricks.policies import units_bound

            found |= units_bound(workspace, listing, candidates)
        return frozenset(found)

    def resolve(self, workspace: Workspace, units: Collection[str]) -> Resolution:
        """The same again where the same was asked last: history begins with the base of a comparison."""
        for known in self._resolved:
            if known.workspace is workspace and known.units == frozenset(units):
                return known.resolution
        resolution = self._resolve(workspace, units)
        self._resolved = (_Resolved(workspace, frozenset(units), resolution), *self._resolved[:1])
        return resolution

    def _resolve(self, workspace: Workspace, units: Collection[str]) -> Resolution:
        from riskcheck.platforms.databricks.limits import Limits
        from riskcheck.platforms.databricks.load import Loader
        from riskcheck.platforms.databricks.resolve import BundleResolver

        limits = Limits(workspace.side)
        listing = self._listing(workspace.tree)
        loader = Loader(workspace, listing, limits)
        directories = sorted("" if unit == "." else unit for unit in units)
        workspace.documents.prefetch(path for each in directories for path in listing.root_files(each))
        for path in sorted(configuration(workspace.touched)):
            if listing.template_of(path) in units:
                loader.read.add(path)
                limits.file(path, "unresolved-template", "part of a bundle template, not yet filled in")
        resources: list[Resource] = []
        for directory in directories:
            bundle = loader.load(directory)
            if bundle is not None:
                resources += BundleResolver(
                    bundle,
                    loader,
                    workspace.documents,
                    workspace.environments,
                    limits,
                    at_once=self._at_once,
                ).resources()
        if listing.has_policies:
            from riskcheck.platforms.databricks.policies import policies_named

            resources += list(policies_named(workspace, resources, loader.read, limits))
        return Resolution(tuple(resources), _environments(resources), limits.all(), frozenset(loader.read))

    def _listing(self, tree: Tree) -> Listing:
        """The listing of `tree`: those of both sides are asked for in turns."""
        for listing in self._listings:
            if listing.tree is tree:
                return listing
        listing = Listing(tree)
        self._listings = (listing, *self._listings[:1])
        return listing

    def natural_keys(self, kind: str, field: str) -> tuple[str, ...]:
        from riskcheck.bundles.keys import NATURAL_KEYS

        return NATURAL_KEYS.get(field, ())

    def action(self, changes: Collection[Change]) -> Action:
        from riskcheck.platforms.databricks.actions import action_of

        return action_of(changes)


def _reads(
    workspace: Workspace, listing: Listing, directory: str, candidates: Collection[str], *, inside: bool
) -> bool:
    """Whether the bundle in `directory` reads any of `candidates`. inside: some of them are below it.

    Only a pattern with ``..`` reaches beyond the bundle: the root files of the others are not parsed.
    """
    roots = listing.root_files(directory)
    for path in candidates:
        if path in roots or is_overrides(path, directory):
            return True
        if path.endswith(ALERT_FILE) and path.startswith(below(directory, "")):
            return True
    document = workspace.documents.get(roots[0], merge="databricks")
    if not inside and ".." not in document.text:
        return False
    root = document.root
    patterns = [each.pattern for each in includes_of(root, directory)] if isinstance(root, Mapping) else []
    return any(pattern.matches(path) for pattern in patterns if pattern is not None for path in candidates)


def _environments(resources: Collection[Resource]) -> tuple[Environment, ...]:
    found = {(each.environment.name, each.environment.cell): each.environment for each in resources}
    return tuple(found[key] for key in sorted(found))
