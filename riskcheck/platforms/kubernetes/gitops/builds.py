"""Directories of definitions as they are built: what patches and parents make of a Kustomization or Application."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping
from riskcheck.platforms.kubernetes.by_blob import ByBlob
from riskcheck.platforms.kubernetes.by_paths import ByPaths
from riskcheck.platforms.kubernetes.gitops import clusters
from riskcheck.platforms.kubernetes.gitops.applied import applied
from riskcheck.platforms.kubernetes.gitops.variables import ConfigMaps
from riskcheck.platforms.kubernetes.kustomize.build import Builder
from riskcheck.platforms.kubernetes.manifests import Manifests

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.documents.store import DocumentStore
    from riskcheck.environments import EnvironmentModel
    from riskcheck.models import Environment, Limitation
    from riskcheck.platforms.kubernetes.gitops.clusters import Cluster
    from riskcheck.platforms.kubernetes.gitops.deployments import Deployment, Substitution
    from riskcheck.platforms.kubernetes.gitops.substitution import Variables
    from riskcheck.platforms.kubernetes.kustomize.index import Index
    from riskcheck.platforms.kubernetes.objects import KubeObject
    from riskcheck.trees import Tree

_CHANGING: Final = (
    "patches",
    "patchesStrategicMerge",
    "patchesJson6902",
    "components",
    "replacements",
    "transformers",
)
"""Fields of a kustomization that may change what a definition says."""

_LIKELY: Final = re.compile(
    r"(?:^|[/_.-])(?:clusters?|secrets?|externalsecrets?|argo|argocd)(?=[/_.-])", re.IGNORECASE
)


def _likely_in(paths: Iterable[str]) -> list[str]:
    return [path for path in paths if path.endswith((".yaml", ".yml")) and _LIKELY.search(path)][:5_000]


_likely_files: Final = ByPaths(_likely_in)
_remembered: Final = ByBlob(clusters.marks_of)


class Builds:
    """The builds of one tree, each made once. index: None where nothing is known of kustomizations."""

    def __init__(
        self,
        documents: DocumentStore,
        index: Index | None,
        environments: EnvironmentModel | None,
        built: dict[tuple[str, str], tuple[Tree, object]] | None,
    ) -> None:
        self._documents = documents
        self._tree = documents.tree
        self._index = index
        self._environments = environments
        self._manifests = Manifests(documents, None, frozenset())
        self._builder = Builder(documents, self._manifests, built)
        self._homes: dict[str, list[str]] = {}
        self._changing: dict[str, bool] = {}
        self._declared: list[Cluster] | None = None
        self._objects: dict[str, list[KubeObject]] = {}
        self.maps = ConfigMaps(documents, self.built)

    def homes_of(self, path: str) -> list[str]:
        """The directories whose builds a file takes part in, the outermost ones."""
        known = self._homes.get(path)
        if known is None:
            known = []
            if self._index is not None and self._index.files:
                reading = self._index.reading([path])
                known = sorted(self._index.outermost(reading)) if reading else []
            self._homes[path] = known
        return known

    def may_change(self, path: str, home: str | None) -> bool:
        """Whether some kustomization between a file and `home` may change the definitions in it."""
        if home is None or self._index is None:
            return False
        return any(self._changes(directory) for directory in self._index.reading([path]))

    def _changes(self, directory: str) -> bool:
        known = self._changing.get(directory)
        if known is None:
            path = self._builder.kustomization_in(directory)
            root = self._manifests.root(path, {}) if path is not None else None
            known = isinstance(root, Mapping) and any(root.get(field) is not None for field in _CHANGING)
            self._changing[directory] = known
        return known

    def built(self, directory: str) -> list[KubeObject]:
        """The objects of a kustomization's directory."""
        known = self._objects.get(directory)
        if known is None:
            known = self._objects[directory] = self._builder.build(directory).objects
        return known

    def objects(
        self,
        path: str,
        home: str | None,
        above: Deployment | None = None,
        variables: Variables | None = None,
    ) -> list[KubeObject]:
        """The objects of the build in `home`, or of the file where there is none; with what `above`, which deploys
        them, puts on top."""
        found = list(self._manifests.objects(path, {})) if home is None else self.built(home)
        if above is None:
            return found
        limitations: dict[Limitation, None] = {}
        return applied(self._builder, above, found, limitations, variables).objects

    def variables(
        self, deployment: Deployment, substitution: Substitution, environment: Environment | None
    ) -> Variables:
        return self.maps.variables(deployment, substitution, environment, self._environment_at)

    def _environment_at(self, path: str) -> Environment | None:
        return self._environments.of_path(path) if self._environments is not None else None

    # Clusters

    def clusters_for(self, path: str, home: str) -> list[Cluster]:
        """The clusters that the repository declares for the Argo CD instance of an ApplicationSet: those of its own
        build, else those that no build of another environment holds."""
        if home:
            own = [cluster for one in self.built(home) if (cluster := clusters.cluster_in(one.body))]
            if own:
                return own
        if self._declared is None:
            self._declared = self._search()
        here = self._environment_at(f"{home}/x.yaml" if home else path)
        return [one for one in self._declared if self._is_near(one, here)]

    def _is_near(self, cluster: Cluster, here: Environment | None) -> bool:
        homes = self.homes_of(cluster.path)
        places = [self._environment_at(f"{home}/x.yaml") for home in homes]
        told = {place.name for place in places or [self._environment_at(cluster.path)] if place is not None}
        return not told or (here is not None and here.name in told)

    def _search(self) -> list[Cluster]:
        entries = self._tree.entries()
        likely = _likely_files.of(self._tree)
        self._tree.prefetch(path for path in likely if (entries[path].blob or "") not in _remembered)
        found: list[Cluster] = []
        for path in likely:
            if _remembered.of(self._tree, path, entries[path].blob):
                for chunk in self._documents.get(path).chunks:
                    cluster = clusters.cluster_in(chunk.root)
                    if cluster is not None:
                        found.append(cluster)
        return found
