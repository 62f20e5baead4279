"""The service graph of a whole tree: for the commands that look at a state and not at a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.catalogs.whole import read_all
from riskcheck.documents.store import DocumentStore
from riskcheck.globs import matches_any
from riskcheck.graph.services import build
from riskcheck.models import UNDEPLOYED
from riskcheck.platforms import load
from riskcheck.platforms.base import Workspace
from riskcheck.resolving import service_name, under_declared_services

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.environments import EnvironmentModel
    from riskcheck.graph.model import ServiceGraph
    from riskcheck.models import Limitation, Resource
    from riskcheck.policy.model import Policy
    from riskcheck.trees import Tree


def build_whole(
    tree: Tree, policy: Policy, environments: EnvironmentModel, also: Iterable[Resource] = ()
) -> ServiceGraph:
    """The graph of everything that `tree` and its catalogs say, every unit of every platform resolved.

    also: resources that a change takes away, so that it shows who used them. What could not be read is among the
    graph's limitations.
    """
    resources, unresolved = resolve_whole(tree, policy, environments)
    resources = (*resources, *(one for one in also if one.platform not in UNDEPLOYED))
    paths = [path for path in tree.entries() if not matches_any(path, policy.exclude)]
    catalogs = read_all(DocumentStore(tree), paths, policy.catalogs)
    homes = ((service_name(one), one.origin.source.path) for one in resources)
    known = (one.name for one in policy.services if one.owner is not None)
    entries = (*catalogs.entries, *catalogs.owned(homes, known))
    graph = build(resources, policy.services, service_name, entries)
    limits = dict.fromkeys((*graph.limitations, *unresolved, *catalogs.limitations))
    graph.limitations = tuple(sorted(limits, key=lambda one: (one.path, one.line or 0, one.message)))
    return graph


def resolve_whole(
    tree: Tree, policy: Policy, environments: EnvironmentModel
) -> tuple[tuple[Resource, ...], tuple[Limitation, ...]]:
    """All resources of a tree in all environments, and what could not be resolved. The files that guard the merge
    are left out: they are not deployed."""
    documents = DocumentStore(tree)
    paths = frozenset(path for path in tree.entries() if not matches_any(path, policy.exclude))
    workspace = Workspace(tree, documents, environments, paths, catalogs=policy.catalogs)
    documents.prefetch(path for path in sorted(paths) if path.endswith((".yaml", ".yml", ".json")))
    found: list[Resource] = []
    limitations: dict[Limitation, None] = {}
    claimed: set[str] = set()
    for platform in load():
        units = platform.units(workspace, paths - claimed)
        if platform.name in UNDEPLOYED:
            claimed |= units
            continue
        if not units:
            continue
        resolution = platform.resolve(workspace, sorted(units))
        claimed |= resolution.read
        found.extend(resolution.resources)
        limitations.update(dict.fromkeys(resolution.limitations))
    return under_declared_services(found, policy.services), tuple(limitations)
