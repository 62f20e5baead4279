"""Which units read a values file or a chart, and the releases that are at home in a unit.

Releases of Flux and Argo CD belong to the unit that builds their objects; those of helmfile, of cluster files and
of mere custom belong to the directory that they stand in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping
from riskcheck.platforms.kubernetes.by_blob import ByBlob
from riskcheck.platforms.kubernetes.edit import text
from riskcheck.platforms.kubernetes.helm import argo, clusterfile, convention, helmfile
from riskcheck.platforms.kubernetes.helm.applications import applications_of, definitions
from riskcheck.platforms.kubernetes.helm.charts import CHART_FILE, LOCKS
from riskcheck.platforms.kubernetes.helm.flux import GROUP
from riskcheck.platforms.kubernetes.helm.release import Releases
from riskcheck.platforms.kubernetes.kustomize.paths import join, parent, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.platforms.base import Workspace
    from riskcheck.platforms.kubernetes.helm.release import Release

_OF_CHART: Final = frozenset({CHART_FILE, *LOCKS, "requirements.yaml"})
_MOST_FILES: Final = 20_000
_MOST_DEPENDANTS: Final = 50


def _marks(content: bytes) -> tuple[str, ...]:
    found = b"HelmRelease" in content and (b"GitRepository" in content or b"Bucket" in content)
    return ("local",) if found else ()


_remembered: Final = ByBlob(_marks)
"""Files that may hold a HelmRelease whose chart is a path."""


class Reading:
    """What reads a path. homes: directories with releases of their own. files: definitions, whose units count."""

    def __init__(self) -> None:
        self.homes: set[str] = set()
        self.files: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self.homes or self.files)


class HelmUnits:
    """The releases of one tree, as far as they concern single paths."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace._replace(touched=frozenset(), other=None)
        self._releases = Releases(self._workspace, {}, set())
        self._applied: dict[str, set[str]] | None = None
        self._flux: dict[str, set[str]] | None = None
        self._users: dict[str, Reading] = {}
        self._dependants: dict[str, tuple[str, ...]] = {}

    def declared(self, path: str) -> Reading:
        """What is declared to read `path`: by Flux, Argo CD, helmfile or a cluster file; and the charts that `path`
        is part of, where nothing says who deploys them."""
        found = Reading()
        tree = self._workspace.tree
        charts = self._releases.charts
        chart = charts.around(path) if charts.directories else None
        name = path.rpartition("/")[2]
        if chart is not None and (
            (name in _OF_CHART and parent(path) == chart) or convention.is_values_file(path)
        ):
            users = self._users_of(chart)
            found.homes |= users.homes
            found.files |= users.files
            if not users:
                found.homes |= self._outermost(chart)
        found.files |= self._argo().get(path, set())
        for directory in helmfile.helmfiles.of(tree):
            if directory not in found.homes and helmfile.reads(directory, path, self._releases):
                found.homes.add(directory)
        if parent(path) in clusterfile.cluster_files.of(tree) and clusterfile.reads(
            parent(path), path, self._releases
        ):
            found.homes.add(parent(path))
        return found

    def customary(self, path: str) -> set[str]:
        """The directories whose releases `path` is part of by its name, away from any chart."""
        if not convention.is_values_file(path):
            return set()
        if self._releases.charts.directories and self._releases.charts.around(path) is not None:
            return set()
        found = set(convention.shared_by(path, self._releases))
        if any(one.path == path for one in convention.layered(parent(path), self._releases)):
            found.add(parent(path))
        return found

    def at_home(self, directory: str, unit: str, releases: Releases, taken: set[str]) -> Iterator[Release]:
        """The releases of `directory` itself. taken: files there that something else reads."""
        tree = self._workspace.tree
        if directory in helmfile.helmfiles.of(tree):
            yield from helmfile.releases_in(directory, unit, releases)
        if directory in clusterfile.cluster_files.of(tree):
            yield from clusterfile.releases_in(directory, unit, releases)
        charts = releases.charts
        if directory in charts.directories:
            chart = charts.at(directory)
            if (
                chart is not None
                and not self._users_of(directory)
                and directory in self._outermost(directory)
            ):
                yield from convention.of_chart(chart, unit, releases)
        elif directory in convention.values_files.of(tree) and charts.around(join(directory, "x")) is None:
            yield from convention.of_directory(
                directory, unit, releases, lambda path: path in taken or bool(self.declared(path))
            )

    def has_home(self, directory: str) -> bool:
        """Whether `directory` may have releases of its own, told from names alone."""
        tree = self._workspace.tree
        return (
            directory in self._releases.charts.directories
            or directory in convention.values_files.of(tree)
            or directory in helmfile.helmfiles.of(tree)
            or directory in clusterfile.cluster_files.of(tree)
        )

    def candidates(self, directory: str) -> list[str]:
        """The files of `directory` that are values by their names."""
        return convention.values_files.of(self._workspace.tree).get(directory, [])

    def _users_of(self, chart: str) -> Reading:
        """What deploys the chart in directory `chart`."""
        known = self._users.get(chart)
        if known is None:
            known = self._users[chart] = Reading()
            tree = self._workspace.tree
            for one in (chart, *self._above(chart)):
                known.files |= self._argo().get(one, set()) | self._released().get(one, set())
                known.homes.update(clusterfile.users_of(one, self._releases))
                for directory in helmfile.helmfiles.of(tree):
                    if helmfile.reads(directory, one, self._releases):
                        known.homes.add(directory)
        return known

    def _outermost(self, chart: str) -> set[str]:
        """The charts that take in `chart` and are taken in by none themselves; itself where there is none."""
        return {one for one in (chart, *self._above(chart)) if not self._above(one)} or {chart}

    def _above(self, chart: str) -> tuple[str, ...]:
        """Charts of the tree that take in the chart in directory `chart`, directly or through others."""
        known = self._dependants.get(chart)
        if known is None:
            found: dict[str, None] = {}
            pending = [chart]
            while pending and len(found) < _MOST_DEPENDANTS:
                for one in self._directly_above(pending.pop()):
                    if one != chart and one not in found:
                        found[one] = None
                        pending.append(one)
            known = self._dependants[chart] = tuple(found)
        return known

    def _directly_above(self, chart: str) -> Iterator[str]:
        charts = self._releases.charts
        name = chart.rpartition("/")[2]
        holder = chart.removesuffix(f"charts/{name}").rstrip("/")
        if chart == join(holder, f"charts/{name}") and holder in charts.directories:
            yield holder
        for directory in charts.directories:
            content = self._workspace.documents.get(join(directory, CHART_FILE)).text
            if directory != chart and f"/{name}" in content and "file://" in content:
                found = charts.at(directory)
                if found is not None and any(one.directory == chart for one in found.dependencies):
                    yield directory

    def _argo(self) -> dict[str, set[str]]:
        """Values files and charts to the definitions of Argo CD that name them."""
        if self._applied is None:
            self._applied = {}
            for path, body in definitions(self._workspace.documents):
                for application in applications_of(body, self._workspace.documents):
                    for source in application.sources:
                        directory = argo.chart_directory(source, self._releases)
                        if directory is not None:
                            self._applied.setdefault(directory, set()).add(path)
                        for _, named in argo.files_of(source, application, directory):
                            self._applied.setdefault(named, set()).add(path)
        return self._applied

    def _released(self) -> dict[str, set[str]]:
        """Charts to the files with a HelmRelease of Flux that names their path."""
        if self._flux is None:
            self._flux = {}
            tree, documents = self._workspace.tree, self._workspace.documents
            entries = tree.entries()
            files = [path for path in entries if path.endswith((".yaml", ".yml"))][:_MOST_FILES]
            tree.prefetch(path for path in files if (entries[path].blob or "") not in _remembered)
            for path in files:
                if not _remembered.of(tree, path, entries[path].blob):
                    continue
                for chunk in documents.get(path).chunks:
                    root = chunk.root if "HelmRelease" in chunk.text else None
                    if isinstance(root, Mapping) and text(root.get("apiVersion")).startswith(GROUP):
                        written = text(root.at("spec", "chart", "spec", "chart")).lstrip("/")
                        found = resolve("", written) if written else None
                        if found:
                            self._flux.setdefault(found, set()).add(path)
        return self._flux
