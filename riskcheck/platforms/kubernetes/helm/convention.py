"""Releases that nothing in the repository declares: charts, and values files, whose names tell environments.

``values-prod.yaml``, ``values.prod.yaml``, ``values/prod.yaml``, ``prod/values.yaml`` and ``prod.values.yaml`` are
for one environment; ``values.yaml`` and ``common.values.yaml`` beside them are below them. That is a custom, and
the resources say so: who deploys, and in which order, is not known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Source
from riskcheck.platforms.families import ANY, component_of, generalised_directory, generalised_path, unnamed
from riskcheck.platforms.kubernetes.by_paths import ByPaths
from riskcheck.platforms.kubernetes.edit import text
from riskcheck.platforms.kubernetes.helm.release import Release
from riskcheck.platforms.kubernetes.kustomize.paths import join, parent
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from riskcheck.environments import EnvironmentModel
    from riskcheck.models import Environment
    from riskcheck.platforms.kubernetes.helm.charts import Chart
    from riskcheck.platforms.kubernetes.helm.release import Releases

_SUFFIXES: Final = (".yaml", ".yml")
_VALUES: Final = regex(r"(?<![A-Za-z0-9])values(?![A-Za-z0-9])")
_FOLDERS: Final = frozenset({"values", "helm-values", "helm_values"})
_OF_CHARTS: Final = frozenset({"env", "envs", "environments"})
_SHARED: Final = ("common", "base", "default", "defaults", "shared", "global", "all")
_FOREIGN: Final = frozenset(
    {
        "templates",
        "ci",
        "crds",
        "node_modules",
        "vendor",
        "testdata",
        "fixtures",
        "tests",
        ".github",
    }
)
_GENERAL: Final = "values"


class Layered(NamedTuple):
    """One values file for one environment, with those below it, lowest first. name: what the files are about."""

    path: str
    below: tuple[str, ...]
    environment: Environment
    name: str


def _candidates(paths: Iterable[str]) -> dict[str, list[str]]:
    """Directory to the values files in it, by their names alone."""
    found: dict[str, list[str]] = {}
    for path in paths:
        if "values" in path and is_values_file(path):
            found.setdefault(parent(path), []).append(path)
    return found


def is_values_file(path: str) -> bool:
    """Whether a file is by its name one of Helm values: ``values`` is a word of it, or its folder is called so."""
    if not path.endswith(_SUFFIXES):
        return False
    *folders, name = path.split("/")
    if not _FOREIGN.isdisjoint(folders):
        return False
    stem = name.rpartition(".")[0]
    return _VALUES.search(stem) is not None or (bool(folders) and folders[-1] in _FOLDERS)


values_files: Final = ByPaths(_candidates)


def own_environment(path: str, model: EnvironmentModel) -> Environment | None:
    """The environment that the name of a file tells, beyond what its directory does; of ``values.yaml``, that which
    the directory right above it tells."""
    directory, _, name = path.rpartition("/")
    found = model.of_path(path)
    if name.rpartition(".")[0] == _GENERAL:
        above = model.of_path(join(parent(directory), "x.yaml")) if directory else None
    else:
        above = model.of_path(join(directory, "x.yaml"))
    return found if found is not None and (above is None or above.name != found.name) else None


def layered(directory: str, releases: Releases) -> Iterator[Layered]:
    """The values files in `directory` that are for one environment each."""
    tree, model = releases.workspace.tree, releases.workspace.environments
    here = values_files.of(tree).get(directory, ())
    told = [(path, found) for path in here if (found := own_environment(path, model)) is not None]
    for path, environment in told:
        yield Layered(path, tuple(_below(path, model, tree.entries())), environment, _name(path, model))
    if not told and directory and join(directory, "values.yaml") in here:
        path = join(directory, "values.yaml")
        whole = model.of_path(path)
        if whole is not None:
            yield Layered(path, (), whole, _name(path, model))


def _below(path: str, model: EnvironmentModel, entries: Iterable[str]) -> Iterator[str]:
    """The files that go below `path`, lowest first, as far as they exist."""
    directory, _, name = path.rpartition("/")
    stem, dot, extension = name.rpartition(".")
    if stem == _GENERAL:
        above = parent(directory)
        wanted = [join(above, name), *(join(above, f"{word}/{name}") for word in _SHARED)]
    else:
        pattern = generalised_path(path, model).rpartition("/")[2].rpartition(".")[0]
        general = pattern.replace(ANY, "").strip("-._")
        for joint in ("-", "_", "."):
            general = general.replace(joint * 2, joint)
        shared = [pattern.replace(ANY, word) for word in _SHARED]
        names = [name for name in (general, *shared) if name and name != stem]
        wanted = [join(directory, f"{name}{dot}{extension}") for name in names]
        if directory.rpartition("/")[2] in _FOLDERS:
            wanted.insert(0, join(parent(directory), f"{_GENERAL}{dot}{extension}"))
    yield from (one for one in dict.fromkeys(wanted) if one != path and one in entries)


def _name(path: str, model: EnvironmentModel) -> str:
    """What values are about: the words beside ``values`` and the environment, else the component of the path."""
    directory = parent(path)
    pattern = generalised_path(path, model).rpartition("/")[2].rpartition(".")[0]
    rest = re.sub(r"[-._]{2,}", "-", _VALUES.sub("", pattern.replace(ANY, ""))).strip("-._")
    return rest or component_of(directory, model) or generalised_directory(directory, model) or _GENERAL


def of_chart(chart: Chart, unit: str, releases: Releases) -> Iterator[Release]:
    """The releases of a chart that nothing deploys: one for each environment that its values files tell, else one
    with nothing but its defaults."""
    if text(chart.root.get("type")) == "library":
        return
    tree, model = releases.workspace.tree, releases.workspace.environments
    found = list(_beside_chart(chart.directory, releases))
    for one in found:
        yield _release(one, chart.name, chart, unit, releases)
    if not found:
        path = join(chart.directory, "values.yaml")
        environment = model.of_path(path) or unnamed(chart.directory)
        if chart.defaults is not None or tree.entry(path) is None:
            yield _release(Layered("", (), environment, chart.name), chart.name, chart, unit, releases)


def _beside_chart(directory: str, releases: Releases) -> Iterator[Layered]:
    """Values files below the directory of a chart, in no other chart's."""
    tree, model = releases.workspace.tree, releases.workspace.environments
    prefix = f"{directory}/" if directory else ""
    own = join(directory, "values.yaml")
    for path in tree.entries():
        if not path.startswith(prefix) or not path.endswith(_SUFFIXES) or path == own:
            continue
        steps = path[len(prefix) :].split("/")
        folder = steps[-2] if len(steps) > 1 else ""
        if len(steps) > 3 or not (is_values_file(path) or (folder in _OF_CHARTS and _is_near(steps))):
            continue
        environment = own_environment(path, model)
        if environment is not None and releases.charts.around(path) == directory:
            below = tuple(one for one in _below(path, model, tree.entries()) if one != own)
            yield Layered(path, below, environment, "")


def _is_near(steps: list[str]) -> bool:
    return len(steps) == 2


def of_directory(
    directory: str, unit: str, releases: Releases, taken: Callable[[str], bool]
) -> Iterator[Release]:
    """The releases whose values stand in `directory`, away from any chart. taken: whether something else reads a
    file."""
    for one in layered(directory, releases):
        if not taken(one.path):
            yield _release(one, one.name, None, unit, releases)


def _release(one: Layered, name: str, chart: Chart | None, unit: str, releases: Releases) -> Release:
    model = releases.workspace.environments
    layers: list[Mapping] = []
    for path in (*one.below, one.path):
        root = releases.files.mapping(path) if path else None
        if root is not None:
            layers.append(root)
    origin: Node | None = layers[-1] if layers else None
    if origin is None and chart is not None:
        origin = chart.defaults or chart.root
    elif origin is None:
        origin = Mapping([], Source(one.path, releases.workspace.side), 0, 0, 0, 0)
    family = generalised_directory(unit, model)
    return Release(
        name=name,
        environment=one.environment,
        unit=unit,
        layers=tuple(layers),
        chart=chart.name if chart is not None else "",
        directory=chart.directory if chart is not None else None,
        origin=origin,
        identity=f"{family}:HelmValues.{name}",
        service=chart.name if chart is not None else component_of(unit, model) or name,
        by_convention=True,
    )


def shared_by(path: str, releases: Releases) -> Iterator[str]:
    """The directories whose values files stand on `path`, away from any chart."""
    tree, model = releases.workspace.tree, releases.workspace.environments
    directory = parent(path)
    homes = {directory, parent(directory)}
    for folder, files in values_files.of(tree).items():
        if folder not in homes and parent(folder) not in homes:
            continue
        for one in files:
            if own_environment(one, model) is not None and path in _below(one, model, tree.entries()):
                yield folder
                break
