"""What is deployed together: overlays, and directories of plain manifests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.documents.encoding import as_utf8
from riskcheck.platforms.kubernetes.by_paths import ByPaths
from riskcheck.platforms.kubernetes.gitops.deployments import NOTHING
from riskcheck.platforms.kubernetes.gitops.reader import GitOps
from riskcheck.platforms.kubernetes.kustomize.index import Index
from riskcheck.platforms.kubernetes.kustomize.paths import FILE_NAMES, join, parent
from riskcheck.platforms.kubernetes.objects import NOT_OBJECTS, is_claimed
from riskcheck.regexes import regex
from riskcheck.trees import Tree, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from riskcheck.platforms.base import Workspace
    from riskcheck.platforms.kubernetes.helm.units import HelmUnits

ROOT: Final = "."
"""The unit of the tree's root directory."""

SUFFIXES: Final = (".yaml", ".yml", ".json", ".yaml.tmpl", ".yml.tmpl")
"""Of files that may hold objects. Templates of OpenShift are YAML, and called ``.tmpl`` by some."""
_HELM_SUFFIXES: Final = (*SUFFIXES, ".lock", ".gotmpl")
_API_VERSION: Final = regex(
    rb"""(?:^|[{,])[ \t-]*["']?apiVersion["']?[ \t]*:[ \t]*["']?([\w./-]+)""", re.MULTILINE
)
_KIND: Final = regex(rb"""(?:^|[{,])[ \t-]*["']?kind["']?[ \t]*:""", re.MULTILINE)
_FOREIGN: Final = frozenset(
    {"node_modules", "vendor", "third_party", "testdata", "fixtures", "__fixtures__", ".github", ".git"}
)


class Scope:
    """The units of one tree."""

    def __init__(self, workspace: Workspace) -> None:
        self._tree = workspace.tree
        self.index = Index(workspace.tree, workspace.documents)
        self.gitops = GitOps(
            workspace.tree, workspace.documents, self.index, workspace.environments, workspace.built
        )
        self._files: dict[str, list[str]] | None = None
        self._manifests: dict[str, bool] = {}
        self._workspace = workspace
        self._helm: HelmUnits | None = None
        self._other = workspace.other
        self._there: GitOps | None = None
        self._templates: tuple[Collection[str], dict[str, list[str]]] | None = None

    @property
    def helm(self) -> HelmUnits:
        """What charts and values files are read by."""
        if self._helm is None:
            from riskcheck.platforms.kubernetes.helm.units import HelmUnits

            self._helm = HelmUnits(self._workspace)
        return self._helm

    def units(self, paths: Collection[str]) -> frozenset[str]:
        """The units that read any of `paths`."""
        found: set[str] = set()
        homes: set[str] = set()
        for path in paths:
            applied = self._applying(path)
            found |= applied
            if self._may_hold_values(path, applied):
                declared = self.helm.declared(path)
                for file in declared.files:
                    found |= self._applying(file)
                homes |= declared.homes
                if not declared and self.is_customary(path):
                    homes |= self.helm.customary(path)
            found.update(self._reached_by(path))
        return frozenset(
            [*(self.deployed_with(unit) or ROOT for unit in found), *(unit or ROOT for unit in homes)]
        )

    def _applying(self, path: str) -> set[str]:
        """The directories whose objects are made from `path`."""
        reading = self.index.reading([path]) if self.index.files else set()
        if reading:
            outermost = self.index.outermost(reading)
            return outermost | {
                directory for directory in reading - outermost if self._is_deployed(directory)
            }
        if (chart := self.chart_of(path)) is not None:
            return {chart}
        return {parent(path)} if self.is_manifest(path) else set()

    def _may_hold_values(self, path: str, applied: Collection[str]) -> bool:
        """Whether a file may hold values for a chart, or a chart. applied: directories that make objects of it."""
        if not path.endswith(_HELM_SUFFIXES) or not _FOREIGN.isdisjoint(path.split("/")[:-1]):
            return False
        name = path.rpartition("/")[2]
        return not applied or "values" in name

    def may_hold_charts(self, directory: str) -> bool:
        """Whether releases of Helm may be at home in `directory`, told from names alone."""
        return _helm_names.of(self._tree).get(directory, False) and self.helm.has_home(directory)

    def is_customary(self, path: str) -> bool:
        """Whether nothing but its name says what becomes of a values file. Objects may stand inside values."""
        if self.index.files and self.index.reading([path]):
            return False
        return not self.is_manifest(path) or not any(
            is_claimed(chunk.root) for chunk in self._workspace.documents.get(path).chunks
        )

    def _is_deployed(self, directory: str) -> bool:
        return bool(self.gitops.of(directory) or self.gitops.moved_to(directory))

    def _reached_by(self, path: str) -> Iterator[str]:
        """Directories whose objects change with a definition that puts something on top of them, or with variables
        that are put into them. What only one side deploys is not compared: it comes or goes as a whole."""
        if not path.endswith(SUFFIXES):
            return
        for one in self.gitops.stated_in(path):
            if one.overrides != NOTHING and self.exists_below(one.path) and self._was_deployed(one.path):
                yield one.path
        yield from (found for found in self.gitops.fed_by(path) if self.exists_below(found))

    def _was_deployed(self, directory: str) -> bool:
        """Whether the other side deploys `directory`, too."""
        if self._other is None:
            return True
        if self._there is None:
            self._there = GitOps(self._other.tree, self._other)
        return bool(self._there.of(directory))

    def exists_below(self, directory: str) -> bool:
        """Whether `directory` holds something that could be deployed."""
        return directory in self.index.files or directory in self._by_directory()

    def deployed_with(self, directory: str) -> str:
        """The directory that Flux deploys with all that is below it, `directory` too; else itself."""
        return next((one.path for one in self.gitops.above(directory)), directory)

    def _takes_all(self, directory: str) -> bool:
        return any(deployment.recursive for deployment in self.gitops.of(directory))

    def files_of(self, unit: str) -> Iterator[str]:
        """The manifests of a directory without kustomization: its own, or all below where Flux deploys it."""
        directory = "" if unit == ROOT else unit
        deep = self._takes_all(directory)
        prefix = f"{directory}/" if directory else ""
        files = self._by_directory()
        directories = [directory]
        if deep:
            directories = sorted(
                below
                for below in files
                if below == directory
                or (below.startswith(prefix) and not self._kustomized(join(below, "x"), directory))
            )
        self._tree.prefetch(path for below in directories for path in files.get(below, ()))
        for below in directories:
            yield from (path for path in files.get(below, ()) if self.is_manifest(path))

    def _by_directory(self) -> dict[str, list[str]]:
        """Every file that could be a manifest, by its directory."""
        if self._files is None:
            self._files = {}
            for path in self._tree.entries():
                if path.endswith(SUFFIXES):
                    self._files.setdefault(parent(path), []).append(path)
        return self._files

    def overlays_of(self, unit: str) -> Iterator[str]:
        """The topmost kustomizations below a directory that Flux deploys with all that is below it."""
        directory = "" if unit == ROOT else unit
        if self._takes_all(directory):
            prefix = f"{directory}/" if directory else ""
            for below in sorted(self.index.files):
                if below.startswith(prefix) and not self._kustomized(join(parent(below), "x"), directory):
                    yield below

    def _kustomized(self, path: str, above: str) -> bool:
        """Whether a kustomization between `above` and `path` decides what becomes of it."""
        directory = parent(path)
        while directory != above and directory:
            if directory in self.index.files:
                return True
            directory = parent(directory)
        return False

    def exists(self, path: str) -> bool:
        return self._tree.entry(path) is not None

    def is_manifest(self, path: str) -> bool:
        """Whether a file holds Kubernetes objects, told by its bytes."""
        known = self._manifests.get(path)
        if known is None:
            known = self._manifests[path] = self._is_manifest(path)
        return known

    def _is_manifest(self, path: str) -> bool:
        if not path.endswith(SUFFIXES) or path.rpartition("/")[2] in FILE_NAMES:
            return False
        if not _FOREIGN.isdisjoint(path.split("/")[:-1]) or self.chart_of(path) is not None:
            return False
        try:
            content = as_utf8(self._tree.read(path))
        except UnreadableError:
            return False
        # As nearly all are written; to search for the rest takes ten times as long.
        if b"\nkind: " not in content and not content.startswith(b"kind: ") and not _KIND.search(content):
            return False
        return any(
            match[1].decode().partition("/")[0] not in NOT_OBJECTS for match in _API_VERSION.finditer(content)
        )

    def chart_of(self, path: str) -> str | None:
        """The Helm chart whose template `path` is."""
        if "templates/" not in path:
            return None
        directory = parent(path)
        while directory:
            above, _, name = directory.rpartition("/")
            if name == "templates" and self._tree.entry(join(above, "Chart.yaml")) is not None:
                return above
            directory = above
        return None

    def templates_of(self, chart: str, touched: Collection[str]) -> list[str]:
        """The templates of a Helm chart that are among `touched`, sorted."""
        if self._templates is None or self._templates[0] is not touched:
            found: dict[str, list[str]] = {}
            for path in sorted(touched):
                home = self.chart_of(path) if self.exists(path) else None
                if home is not None:
                    found.setdefault(home, []).append(path)
            self._templates = touched, found
        return self._templates[1].get(chart, [])


def _helm_names_in(paths: Iterable[str]) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for path in paths:
        if path.endswith(("Chart.yaml", "cluster.yaml")) or "values" in path or "helmfile" in path:
            found[parent(path)] = True
    return found


_helm_names: Final = ByPaths(_helm_names_in)
"""Directories in which some file is called as those of Helm are."""

_recent: list[tuple[Tree, Scope]] = []
_MOST_RECENT: Final = 4


def scope_of(workspace: Workspace) -> Scope:
    """The scope of a workspace's tree: units and resolve of both sides ask for the same few, again and again."""
    for tree, scope in _recent:
        if tree is workspace.tree:
            return scope
    scope = Scope(workspace)
    _recent.insert(0, (workspace.tree, scope))
    del _recent[_MOST_RECENT:]
    return scope
