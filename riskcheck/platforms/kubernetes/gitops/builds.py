"""Directories of definitions as they are built: what patches and parents make of a Kustomization or Application."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Scalar
from riskcheck.platforms.kubernetes.by_blob import ByBlob
from riskcheck.platforms.kubernetes.by_paths import ByPaths
from riskcheck.platforms.kubernetes.kustomize.build import Builder
from riskcheck.platforms.kubernetes.kustomize.paths import resolve
from riskcheck.platforms.kubernetes.kustomize.shape import mappings, strings
from riskcheck.platforms.kubernetes.manifests import Manifests
from riskcheck.regexes import regex
from riskcheck.trees import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.documents.store import DocumentStore
    from riskcheck.environments import EnvironmentModel
    from riskcheck.models import Environment, Limitation
    from riskcheck.platforms.kubernetes.gitops.clusters import Cluster
    from riskcheck.platforms.kubernetes.gitops.deployments import Deployment, Substitution
    from riskcheck.platforms.kubernetes.gitops.substitution import Variables
    from riskcheck.platforms.kubernetes.gitops.variables import ConfigMaps
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

_MOVING: Final = ("/spec/path", "source", "spec:\n  path:")
"""What stands in a patch that changes what a definition deploys."""

_MAX_DEPTH: Final = 8

_LIKELY: Final = regex(
    r"(?:^|[/_.-])(?:clusters?|secrets?|externalsecrets?|argo|argocd)(?=[/_.-])", re.IGNORECASE
)


def _patches(root: Mapping) -> Iterator[Scalar]:
    """The text of each patch, or the path of it."""
    for field in ("patches", "patchesJson6902"):
        for entry in mappings(root.get(field)):
            yield from (
                node for name in ("path", "patch") if isinstance(node := entry.get(name), Scalar) and node.raw
            )


def _likely_in(paths: Iterable[str]) -> list[str]:
    return [path for path in paths if path.endswith((".yaml", ".yml")) and _LIKELY.search(path)][:5_000]


def _marks_of(content: bytes) -> tuple[str, ...]:
    from riskcheck.platforms.kubernetes.gitops import clusters

    return clusters.marks_of(content)


_likely_files: Final = ByPaths(_likely_in)
_remembered: Final = ByBlob(_marks_of)


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
        self._moving: dict[str, bool] = {}
        self._maps: ConfigMaps | None = None

    @property
    def maps(self) -> ConfigMaps:
        """The ConfigMaps that variables are taken from."""
        if self._maps is None:
            from riskcheck.platforms.kubernetes.gitops.variables import ConfigMaps

            self._maps = ConfigMaps(self._documents, self.built)
        return self._maps

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

    def may_move(self, path: str) -> bool:
        """Whether some kustomization may give the definitions of a file another path."""
        if self._index is None:
            return False
        return any(self._moves(directory) for directory in self._index.reading([path]))

    def _moves(self, directory: str, depth: int = 0) -> bool:
        """Told from the texts of the patches in `directory` and its components."""
        known = self._moving.get(directory)
        if known is None:
            self._moving[directory] = False
            path = self._builder.kustomization_in(directory)
            root = self._manifests.root(path, {}) if path is not None and self._changes(directory) else None
            known = False
            if isinstance(root, Mapping):
                patches = (*strings(root.get("patchesStrategicMerge")), *_patches(root))
                known = any(self._speaks_of_paths(directory, patch) for patch in patches)
                for component in strings(root.get("components")) if depth < _MAX_DEPTH else ():
                    below = resolve(directory, component.raw)
                    known = known or (below is not None and self._moves(below, depth + 1))
            self._moving[directory] = known
        return known

    def _speaks_of_paths(self, directory: str, patch: Scalar) -> bool:
        content = patch.raw
        target = resolve(directory, content) if "\n" not in content and "{" not in content else None
        if target and self._tree.entry(target) is not None:
            try:
                content = self._tree.read(target).decode(errors="replace")
            except UnreadableError:
                return False
        return "path" in content and any(word in content for word in _MOVING)

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
        from riskcheck.platforms.kubernetes.gitops.applied import applied

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
        from riskcheck.platforms.kubernetes.gitops import clusters

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
        from riskcheck.platforms.kubernetes.gitops import clusters

        found: list[Cluster] = []
        for path in likely:
            if _remembered.of(self._tree, path, entries[path].blob):
                for chunk in self._documents.get(path).chunks:
                    cluster = clusters.cluster_in(chunk.root)
                    if cluster is not None:
                        found.append(cluster)
        return found
