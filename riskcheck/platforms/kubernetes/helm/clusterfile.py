"""Cluster files: ``cluster.yaml`` lists the hubs of a cluster, the chart of each, and its values files in order.

Format: https://github.com/2i2c-org/infrastructure (``config/clusters/<cluster>/cluster.yaml``): ``hubs[]`` with
``name``, ``helm_chart`` and ``helm_chart_values_files``; ``support`` with ``helm_chart_values_files``. Charts are
in ``helm-charts/<name>`` at the root; values files are relative to the cluster file, later ones win.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.families import ANY, generalised_directory, unnamed
from riskcheck.platforms.kubernetes.by_paths import ByPaths
from riskcheck.platforms.kubernetes.edit import text
from riskcheck.platforms.kubernetes.helm.release import Release
from riskcheck.platforms.kubernetes.kustomize.paths import join, parent, resolve
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.models import Environment
    from riskcheck.platforms.kubernetes.helm.release import Releases

FILE: Final = "cluster.yaml"
FIELD: Final = "helm_chart_values_files"
CHARTS: Final = "helm-charts"
SUPPORT: Final = "support"
"""Key, chart and release of what a cluster runs beside its hubs."""


def _files_in(paths: Iterable[str]) -> dict[str, str]:
    return {parent(path): path for path in paths if path.endswith(FILE) and path.rpartition("/")[2] == FILE}


cluster_files: Final = ByPaths(_files_in)
"""Directory to the file in it that is called like a cluster file."""


def releases_in(directory: str, unit: str, releases: Releases) -> Iterator[Release]:
    """The releases of the cluster file in `directory`; none where it is no such file.

    A cluster may have a hundred hubs. Those that are the same on both sides are left out beside one that is not,
    but for hubs that are stages of the others.
    """
    path = join(directory, FILE)
    if FIELD not in releases.workspace.documents.get(path).text:
        return
    root = releases.files.mapping(path)
    if root is None:
        return
    found: list[_Hub] = []
    support = root.get(SUPPORT)
    if isinstance(support, Mapping):
        found.append(_Hub(support, SUPPORT, SUPPORT))
    hubs = root.get("hubs")
    for hub in hubs.items if isinstance(hubs, Sequence) else ():
        if isinstance(hub, Mapping) and text(hub.get("name")):
            found.append(_Hub(hub, text(hub.get("name")), text(hub.get("helm_chart"))))
    if not releases.files.differs(path):
        differing = [one for one in found if _differs(one, directory, releases)]
        if differing:
            above = _above(directory, releases)
            found = [
                one
                for one in found
                if one in differing or _environment(one.name, directory, releases).name != above
            ]
    for one in found:
        yield _release(one.stated, one.name, one.chart, directory, unit, releases)


class _Hub(NamedTuple):
    """One release of a cluster file."""

    stated: Mapping
    name: str
    chart: str


def _differs(hub: _Hub, directory: str, releases: Releases) -> bool:
    """Whether the values of a hub come from other files, or another chart, on the other side."""
    differs = releases.files.differs
    if any(differs(path) for _, path in values_files(hub.stated, directory)):
        return True
    chart = releases.charts.at(f"{CHARTS}/{hub.chart}")
    return chart is not None and releases.charts.differs(chart, differs)


def _release(
    stated: Mapping, name: str, chart: str, directory: str, unit: str, releases: Releases
) -> Release:
    model = releases.workspace.environments
    layers: list[Mapping] = []
    for written, path in values_files(stated, directory):
        root = releases.files.mapping(path)
        if root is not None:
            layers.append(root)
        elif not releases.files.exists(path):
            message = f"values file {path} is not in the repository"
            releases.files.say(written.source.path, "missing-values", message, written)
    home = f"{CHARTS}/{chart}"
    general = name if _environment(name, directory, releases).name == _above(directory, releases) else ANY
    family = generalised_directory(directory, model)
    return Release(
        name=name,
        environment=_environment(name, directory, releases),
        unit=unit,
        layers=tuple(layers),
        chart=chart,
        directory=home if home in releases.charts.directories else None,
        origin=stated,
        identity=f"{family}:HelmValues.{chart}.{general}",
        service=chart or None,
    )


def values_files(stated: Mapping, directory: str) -> Iterator[tuple[Node, str]]:
    """The values files of a hub, as they are written and as paths of the tree."""
    listed = stated.get(FIELD)
    for item in listed.items if isinstance(listed, Sequence) else ():
        path = resolve(directory, text(item)) if isinstance(item, Scalar) and text(item) else None
        if path:
            yield item, path


def _environment(name: str, directory: str, releases: Releases) -> Environment:
    """That of the cluster, or the part of it that the name of the hub tells: ``staging``."""
    model = releases.workspace.environments
    return model.of_path(join(directory, f"{name}.values.yaml")) or unnamed(directory)


def _above(directory: str, releases: Releases) -> str:
    found = releases.workspace.environments.of_path(join(directory, FILE))
    return (found or unnamed(directory)).name


def reads(directory: str, path: str, releases: Releases) -> bool:
    """Whether the cluster file in `directory` names `path` or the chart that is there."""
    file = join(directory, FILE)
    document = releases.workspace.documents.get(file)
    if path == file:
        return FIELD in document.text
    return FIELD in document.text and parent(path) == directory and path.rpartition("/")[2] in document.text


def users_of(chart: str, releases: Releases) -> Iterator[str]:
    """The directories whose cluster files deploy the chart in directory `chart`."""
    above, _, name = chart.rpartition("/")
    if above != CHARTS:
        return
    for directory, path in cluster_files.of(releases.workspace.tree).items():
        content = releases.workspace.documents.get(path).text
        if FIELD in content and (f"helm_chart: {name}" in content or name == SUPPORT):
            yield directory
