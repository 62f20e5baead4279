"""Charts of a tree: their defaults, and the charts that they depend on.

Facts: https://helm.sh/docs/topics/charts/ (dependencies, conditions, tags, ``charts/``),
https://github.com/helm/helm/blob/v3.16.0/pkg/chartutil/dependencies.go. ``requirements.yaml`` is what charts of
``apiVersion: v1`` have instead of ``dependencies``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.helmvalues import conditions
from riskcheck.nodes import KeyPath, Mapping, Node, Scalar, Sequence, escape_key
from riskcheck.platforms.kubernetes.by_paths import ByPaths
from riskcheck.platforms.kubernetes.edit import put, text
from riskcheck.platforms.kubernetes.helm.merge import over_defaults
from riskcheck.platforms.kubernetes.kustomize.paths import join, parent, resolve
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from riskcheck.trees import Tree

CHART_FILE: Final = "Chart.yaml"
LOCKS: Final = ("Chart.lock", "requirements.lock")
_MOST_NESTED: Final = 8
_MOST_SUBCHARTS: Final = 200
"""Of one chart, with those in its subcharts: charts may take each other in again and again."""
_FOREIGN: Final = frozenset({"node_modules", "testdata", "fixtures", "__fixtures__", "third_party"})


class Dependency(NamedTuple):
    """One chart that another takes in. directory: where it is in the tree, None where it is elsewhere."""

    name: str
    key: str
    """Under which its values stand: the alias, else the name."""
    condition: str
    tags: tuple[str, ...]
    directory: str | None


class Chart(NamedTuple):
    """One chart. root: of ``Chart.yaml``; defaults: of ``values.yaml``, None where there is none."""

    directory: str
    name: str
    root: Mapping
    defaults: Mapping | None
    dependencies: tuple[Dependency, ...]


def _directories_in(paths: Iterable[str]) -> dict[str, None]:
    return {
        parent(path): None
        for path in paths
        if path.endswith(CHART_FILE)
        and path.rpartition("/")[2] == CHART_FILE
        and _FOREIGN.isdisjoint(path.split("/"))
    }


chart_directories: Final = ByPaths(_directories_in)


class Charts:
    """The charts of one tree. read: gives the mapping of a file, None where there is none, and notes the path."""

    def __init__(self, tree: Tree, read: Callable[[str], Mapping | None]) -> None:
        self._tree = tree
        self._read = read
        self._known: dict[str, Chart | None] = {}
        self.directories = chart_directories.of(tree)

    def around(self, path: str) -> str | None:
        """The directory of the innermost chart that holds `path`."""
        directory = parent(path)
        while True:
            if directory in self.directories:
                return directory
            if not directory:
                return None
            directory = parent(directory)

    def at(self, directory: str) -> Chart | None:
        """The chart in `directory`."""
        if directory not in self._known:
            root = self._read(join(directory, CHART_FILE)) if directory in self.directories else None
            self._known[directory] = None if root is None else self._chart(directory, root)
        return self._known[directory]

    def _chart(self, directory: str, root: Mapping) -> Chart:
        name = text(root.get("name")) or directory.rpartition("/")[2]
        defaults = self._read(join(directory, "values.yaml"))
        listed = root.get("dependencies")
        if listed is None and self._tree.entry(join(directory, "requirements.yaml")) is not None:
            required = self._read(join(directory, "requirements.yaml"))
            listed = required.get("dependencies") if required is not None else None
        stated = list(self._dependencies(directory, listed))
        return Chart(directory, name, root, defaults, (*stated, *self._unlisted(directory, stated)))

    def _dependencies(self, directory: str, listed: Node | None) -> Iterator[Dependency]:
        for item in listed.items[:_MOST_SUBCHARTS] if isinstance(listed, Sequence) else ():
            if not isinstance(item, Mapping):
                continue
            name = text(item.get("name"))
            if not name:
                continue
            tags = item.get("tags")
            yield Dependency(
                name,
                text(item.get("alias")) or name,
                text(item.get("condition")),
                tuple(text(tag) for tag in tags.items) if isinstance(tags, Sequence) else (),
                self._home(directory, name, text(item.get("repository"))),
            )

    def _home(self, directory: str, name: str, repository: str) -> str | None:
        unpacked = join(directory, f"charts/{name}")
        if unpacked in self.directories:
            return unpacked
        if repository.startswith("file://"):
            found = resolve(directory, repository.removeprefix("file://"))
            return found if found in self.directories else None
        return None

    def _unlisted(self, directory: str, stated: list[Dependency]) -> Iterator[Dependency]:
        """Charts that only lie in ``charts/`` are taken in too."""
        known = {one.directory for one in stated}
        folder = join(directory, "charts")
        if any(parent(below) == folder for below in self.directories):
            for below in sorted(self.directories):
                if parent(below) == folder and below not in known:
                    name = below.rpartition("/")[2]
                    yield Dependency(name, name, "", (), below)

    def values(
        self, given: Mapping, chart: Chart, deleted: dict[KeyPath, Scalar], path: KeyPath = ()
    ) -> Mapping:
        """What `chart` gets where `given` is handed to it: with its defaults and those of the charts in it."""
        return self._values(given, chart, deleted, path, (chart.directory,), [_MOST_SUBCHARTS])

    def _values(
        self,
        given: Mapping,
        chart: Chart,
        deleted: dict[KeyPath, Scalar],
        path: KeyPath,
        above: tuple[str, ...],
        left: list[int],
    ) -> Mapping:
        values = given
        if chart.defaults is not None:
            values = over_defaults(given, chart.defaults, deleted, path)
        for one in chart.dependencies:
            if one.directory is None or one.directory in above or len(above) >= _MOST_NESTED:
                continue
            below = self.at(one.directory)
            stated = values.get(one.key)
            if below is None or not is_taken(one, values) or not isinstance(stated, Mapping | None):
                continue
            left[0] -= 1
            if left[0] < 0:
                break
            empty = Mapping([], below.root.source, 0, 0, 0, 0)
            inner = (*path, escape_key(one.key))
            result = self._values(stated or empty, below, deleted, inner, (*above, one.directory), left)
            if result.entries or stated is not None:
                values = put(values, one.key, result)
        return values

    def differs(self, chart: Chart, differs: Callable[[str], bool]) -> bool:
        """Whether what decides about its values is another on the other side. differs: tells it of one file."""
        return any(
            differs(join(part.directory, name))
            for part, _ in self.parts(chart)
            for name in (CHART_FILE, "values.yaml", "requirements.yaml", *LOCKS)
        )

    def parts(self, chart: Chart) -> Iterator[tuple[Chart, tuple[str, ...]]]:
        """`chart` and the charts in it that are in the tree, each with the keys above its values."""
        pending: list[tuple[Chart, tuple[str, ...], tuple[str, ...]]] = [(chart, (), (chart.directory,))]
        for _ in range(_MOST_SUBCHARTS):
            if not pending:
                return
            one, keys, above = pending.pop()
            yield one, keys
            for dependency in one.dependencies:
                if dependency.directory is None or dependency.directory in above or len(above) > _MOST_NESTED:
                    continue
                below = self.at(dependency.directory)
                if below is not None:
                    pending.append((below, (*keys, dependency.key), (*above, dependency.directory)))


def is_taken(dependency: Dependency, values: Mapping) -> bool:
    """Whether the values leave a dependency switched on: the first condition that is a boolean decides, then tags,
    of which one that is true is enough."""
    for condition in conditions(dependency.condition):
        switch = text(values.at(*condition.split(".")))
        if switch in ("true", "false"):
            return switch == "true"
    stated = [text(values.at("tags", tag)) for tag in dependency.tags]
    switches = [switch for switch in stated if switch in ("true", "false")]
    return not switches or "true" in switches
