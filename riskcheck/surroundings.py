"""What hangs off a change beyond the units that it touches: the index of the estate, brought up to the trees at
hand.

Catalogs are read from the tree that decides, other files from head. Of a tree that was indexed before only what
differs from it is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.catalogs.formats import OWNERS_IN_ORDER
from riskcheck.documents.store import DocumentStore
from riskcheck.globs import matches_any
from riskcheck.graph.beyond import Estate, Home
from riskcheck.graph.index import BROKEN, FileId, describes
from riskcheck.graph.merge import policy_entries
from riskcheck.graph.services import vertices
from riskcheck.indexing import BY_GLOB, MOST_READ, Indexer, blob_of
from riskcheck.models import Limitation
from riskcheck.platforms import estate_readers
from riskcheck.resolving import service_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from riskcheck.dependencies import CatalogEntry, FileFacts, Stated
    from riskcheck.environments import EnvironmentModel
    from riskcheck.models import Environment, Resource
    from riskcheck.policy.model import Policy
    from riskcheck.resolving import Resolved
    from riskcheck.trees import Comparison

FILE_BY_FILE: Final = frozenset({"mlflow"})
"""Platforms of which each file is resolved on its own, though it may lie in the directory of a bundle."""


class Surroundings:
    """The estate as one run sees it."""

    def __init__(
        self,
        comparison: Comparison,
        resolved: Resolved,
        policy: Policy,
        environments: EnvironmentModel,
        jobs: int = 1,
    ) -> None:
        self._comparison = comparison
        self._resolved = resolved
        self._policy = policy
        self._environments = environments
        self._readers = estate_readers()
        self._bundles = resolved.units.get("databricks", frozenset())
        self._indexer = Indexer(policy, resolved.head_side.memory, jobs)
        self._indexer.update(comparison)
        self._index = self._indexer.index

    def estate(self, resources: Iterable[Resource]) -> Estate:
        """Where the graph of `resources` goes on."""
        known: dict[str, Home] = {}
        vertex_of = vertices()
        for resource in resources:
            vertex = vertex_of(resource, service_name(resource))
            home = known.get(vertex.id)
            unit = resource.unit if resource.platform == "kubernetes" else ""
            if home is None or home.unit != unit or not set(resource.provides) <= set(home.provides):
                provides = tuple(dict.fromkeys((*(home.provides if home else ()), *resource.provides)))
                known[vertex.id] = Home(provides, "", unit)
        return Estate(self._index, self, tuple(policy_entries(self._policy.services)), known)

    def owners(self, resources: Iterable[Resource]) -> tuple[CatalogEntry, ...]:
        """Who owns the services of `resources`, by the code owners of their files in the deciding tree."""
        tree = self._comparison.deciding
        path = next((path for path in OWNERS_IN_ORDER if tree.entry(path) is not None), None)
        if path is None:
            return ()
        from riskcheck.catalogs.codeowners import read

        homes: dict[str, str] = {}
        for resource in resources:
            homes.setdefault(service_name(resource), resource.origin.source.path)
        owners, _ = read(DocumentStore(tree).get(path))
        return tuple(owners.entries(sorted(homes.items())))

    def limitations(self, estate: Estate) -> tuple[Limitation, ...]:
        """What keeps dependants from being known."""
        found = [
            limit
            for file in self._index.naming(BROKEN)
            for facts in [self._index.facts(file)]
            if self.holds(file, facts)
            for limit in facts.limitations
        ]
        if self._indexer.left_out:
            left = self._indexer.left_out
            message = f"{left} files were not searched for dependants: more than {MOST_READ:,} at once"
            found.append(Limitation("", "estate-cut", message))
        if estate.cut:
            found.append(Limitation("", "estate-cut", "too many dependants: some were not followed"))
        return tuple(found)

    def notes(self, deployed: Collection[str]) -> tuple[str, ...]:
        """One line for each service that the policy names and nothing declares. deployed: services of resources."""
        return tuple(
            note
            for name, note in self._policy.undeclared
            if name not in deployed and not self._is_described(name)
        )

    def _is_described(self, name: str) -> bool:
        return any(self.holds(file, self._index.facts(file)) for file in self._index.naming(describes(name)))

    # What follows is `riskcheck.graph.beyond.Sight`.

    def holds(self, file: FileId, facts: FileFacts) -> bool:
        catalog = bool(facts.entries) or not facts.stated
        tree = self._comparison.deciding if catalog else self._comparison.head
        if blob_of(tree, file.path) != file.blob.removesuffix(BY_GLOB):
            return False
        if matches_any(file.path, self._policy.exclude):
            return False
        return catalog or not self._is_resolved(file.path, facts)

    def home(self, path: str) -> str:
        for reader in self._readers:
            found = reader.home(self._comparison.head, path)
            if found is not None:
                return found
        return ""

    def service(self, path: str, stated: Stated) -> str:
        for service in reversed(self._policy.services):
            if service.paths and matches_any(path, service.paths):
                return service.name
        if stated.service:
            return stated.service
        home = self.home(path)
        if home:
            blob = blob_of(self._comparison.head, home)
            if blob is not None:
                for one in self._index.facts(FileId(home, blob)).stated:
                    if one.service:
                        return one.service
            return home.rpartition("/")[0] or "."
        from riskcheck.platforms.families import component_of

        directory = path.rpartition("/")[0]
        return component_of(directory, self._environments) or directory or "."

    def environment(self, path: str, target: str) -> Environment | None:
        if target:
            return self._environments.named(target, source=path)
        return None if self.home(path) else self._environments.of_path(path)

    def _is_resolved(self, path: str, facts: FileFacts) -> bool:
        """Whether the file, or its bundle, is resolved in this run, so that nothing needs to be taken from its
        text."""
        if facts.stated[0].platform in FILE_BY_FILE:
            return path in self._resolved.units.get(facts.stated[0].platform, ())
        home = self.home(path)
        return bool(home) and (home.rpartition("/")[0] or ".") in self._bundles
