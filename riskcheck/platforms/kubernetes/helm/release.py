"""Releases into resources: the values that each one gets, and the chart that gets them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from riskcheck.helmvalues import CHART, KIND, ChartValues, Use, conditions
from riskcheck.models import Location, Resource
from riskcheck.platforms.kubernetes.edit import key_at, mapping_at
from riskcheck.platforms.kubernetes.helm import merge
from riskcheck.platforms.kubernetes.helm.charts import LOCKS, Charts
from riskcheck.platforms.kubernetes.helm.files import Files
from riskcheck.platforms.kubernetes.helm.setting import Setting, applied
from riskcheck.platforms.kubernetes.kustomize.paths import join
from riskcheck.platforms.kubernetes.kustomize.shape import mappings
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riskcheck.models import Environment, Limitation
    from riskcheck.nodes import KeyPath, Mapping, Node, Scalar
    from riskcheck.platforms.base import Workspace
    from riskcheck.platforms.kubernetes.helm.charts import Chart
    from riskcheck.platforms.kubernetes.helm.templates import Template


class Release(NamedTuple):
    """One chart with the values that it gets in one environment.

    name: of the release, with its namespace where that is known. layers: the values, lowest first. chart: its
    name; directory: where it is in the tree, None where it is elsewhere. origin: what declares the release.
    by_convention: names of files alone tell that these values go together.
    """

    name: str
    environment: Environment
    unit: str
    layers: tuple[Mapping, ...]
    chart: str
    directory: str | None
    origin: Node
    identity: str
    service: str | None = None
    settings: tuple[Setting, ...] = ()
    by_convention: bool = False


class Releases:
    """Makes the resources of releases; charts and their templates are read once."""

    def __init__(self, workspace: Workspace, limitations: dict[Limitation, None], seen: set[str]) -> None:
        self.workspace = workspace
        self.files = Files(workspace, limitations, seen)
        self.charts = Charts(workspace.tree, self.files.mapping)
        self._uses: dict[str, tuple[Use, ...]] = {}
        self._switches: dict[str, dict[KeyPath, tuple[str, ...]]] = {}
        self._templates: dict[str, tuple[tuple[str, Template], ...]] = {}

    def resources(self, releases: Iterable[Release]) -> Iterator[Resource]:
        """The values of each release, and each chart of the tree that is among them."""
        charts: dict[tuple[str, str, str], Resource] = {}
        names: set[tuple[str, str, str]] = set()
        for release in releases:
            chart = self.charts.at(release.directory) if release.directory is not None else None
            key = (release.unit, release.name, release.environment.name)
            if key in names:
                continue
            names.add(key)
            yield self._values(release, chart)
            if chart is not None:
                there = (release.unit, chart.directory, release.environment.name)
                if there not in charts:
                    charts[there] = self._chart(release, chart)
        yield from charts.values()

    def _values(self, release: Release, chart: Chart | None) -> Resource:
        origin = release.origin
        values = mapping_at([], origin)
        for layer in release.layers:
            values = merge.over(layer, values)
        for setting in release.settings:
            values = applied(values, setting)
        deleted: dict[KeyPath, Scalar] = {}
        if chart is not None:
            values = self.charts.values(values, chart, deleted)
        uses = partial(self._used, chart) if chart is not None else tuple
        body = ChartValues(
            values,
            chart=release.chart,
            known=chart is not None,
            by_convention=release.by_convention,
            deleted=deleted,
            switches=self._switches_of(chart) if chart is not None else {},
            uses=uses,
        )
        return _resource(KIND, release.name, release, body, origin, release.identity)

    def _chart(self, release: Release, chart: Chart) -> Resource:
        body = chart.root
        for one in mappings(body.get("dependencies")):
            if one.get("import-values") is not None:
                message = "import-values of a dependency are not followed"
                self.files.say(one.source.path, "unsupported", message, one)
        for name in LOCKS:
            path = join(chart.directory, name)
            lock = self.files.mapping(path) if self.files.exists(path) else None
            if lock is not None:
                body = body.with_entries([*body.entries, (key_at("lock", lock), lock)])
                break
        identity = f"{release.identity.partition(':')[0]}:{CHART}.{chart.name}"
        return _resource(CHART, chart.name, release, body, chart.root, identity)

    def _switches_of(self, chart: Chart) -> dict[KeyPath, tuple[str, ...]]:
        """Paths of conditions and tags to the charts in `chart` that they switch."""
        known = self._switches.get(chart.directory)
        if known is None:
            known = self._switches[chart.directory] = {}
            for part, keys in self.charts.parts(chart):
                for one in part.dependencies:
                    paths: list[KeyPath] = [
                        (*keys, *condition.split(".")) for condition in conditions(one.condition)
                    ]
                    for path in (*paths, *(("tags", tag) for tag in one.tags)):
                        known[path] = (*known.get(path, ()), one.key)
        return known

    def _used(self, chart: Chart) -> Sequence[Use]:
        known = self._uses.get(chart.directory)
        if known is None:
            known = self._uses[chart.directory] = tuple(self._read_uses(chart))
        return known

    def _read_uses(self, chart: Chart) -> Iterator[Use]:
        from riskcheck.platforms.kubernetes.helm.templates import kinds_of_helpers

        side = self.workspace.side
        for part, keys in self.charts.parts(chart):
            templates = self._templates_of(part.directory)
            helpers = kinds_of_helpers(template for _, template in templates)
            for path, template in templates:
                for one in template.reads:
                    kinds = (one.kind,) if one.kind else helpers.get(one.helper, ())
                    value = one.path if one.path[0] == "global" else (*keys, *one.path)
                    yield Use(value, Location(path, side, one.line, 1, one.line, 1), kinds)

    def _templates_of(self, directory: str) -> tuple[tuple[str, Template], ...]:
        known = self._templates.get(directory)
        if known is None:
            from riskcheck.platforms.kubernetes.helm.templates import read

            prefix = join(directory, "templates/")
            tree = self.workspace.tree
            paths = sorted(
                path for path in tree.entries() if path.startswith(prefix) and not path.endswith("NOTES.txt")
            )
            tree.prefetch(paths)
            documents = self.workspace.documents
            known = self._templates[directory] = tuple(
                (path, read(documents.get(path).text)) for path in paths
            )
        return known


def _resource(kind: str, name: str, release: Release, body: Mapping, origin: Node, identity: str) -> Resource:
    return Resource(
        platform="kubernetes",
        kind=kind,
        name=name,
        environment=release.environment,
        unit=release.unit,
        body=body,
        origin=origin,
        reading="yaml-1.1",
        service=release.service,
        identity=identity,
    )


def qualified(namespace: str, name: str) -> str:
    """The name of a release, with its namespace where that is known."""
    return f"{namespace}/{name}" if namespace else name
