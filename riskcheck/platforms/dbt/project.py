"""One project at one side: its files, what its tables are called, and the settings of their folders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.dbt.jinja import snapshots_in
from riskcheck.platforms.dbt.places import PROPERTIES, PYTHON, QUERY, SEED, Project, files_of, stem_of
from riskcheck.records import NamedTuple
from riskcheck.tables.read import items_of, text_of
from riskcheck.trees import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from riskcheck.documents.store import Document
    from riskcheck.platforms.base import Workspace

_DEFAULT: Final = {"models": "models", "snapshots": "snapshots", "seeds": "seeds"}
_PATHS: Final = {"models": "model-paths", "snapshots": "snapshot-paths", "seeds": "seed-paths"}
_OLD_PATHS: Final = {"models": "source-paths", "seeds": "data-paths"}
SORTS: Final = ("models", "snapshots", "seeds")
_FOLDER_KEYS: Final = frozenset(
    (
        *("materialized", "full_refresh", "on_schema_change", "incremental_strategy", "unique_key"),
        *("contract", "grants", "tblproperties", "partition_by", "liquid_clustered_by", "file_format"),
        *("enabled", "severity", "database", "schema", "alias"),
    )
)


_MOST_SEARCHED: Final = 50
"""Names that files are searched for; for more of them, all files are read."""


class Entry(NamedTuple):
    """What a file of properties says of one table. version: the item of ``versions``, where it has one. source: the
    source around it."""

    sort: str
    body: Mapping
    version: Mapping | None = None
    source: Mapping | None = None


class Files:
    """The files of a project at one side. root: of ``dbt_project.yml``, None where that cannot be read."""

    def __init__(self, workspace: Workspace, project: Project) -> None:
        self._workspace = workspace
        self.project = project
        root = workspace.documents.get(project.path).root
        self.root = root if isinstance(root, Mapping) else None
        self.folders = {sort: self._folders(sort) for sort in SORTS}
        self._queries: dict[str, tuple[str, str]] | None = None
        self._properties: list[str] = []

    @property
    def name(self) -> str:
        return text_of(self.root, "name")

    def _folders(self, sort: str) -> tuple[str, ...]:
        for key in (_PATHS[sort], _OLD_PATHS.get(sort, "")):
            listed = self.root.get(key) if self.root is not None else None
            if isinstance(listed, Sequence):
                return tuple(
                    one.raw.strip("/") for one in listed.items if isinstance(one, Scalar) and one.raw
                )
        return (_DEFAULT[sort],)

    def sort_of(self, path: str) -> str | None:
        """``models``, ``snapshots`` or ``seeds``, by the folder that a file lies in."""
        inside = path[len(self.project.prefix) :]
        for sort, folders in self.folders.items():
            if any(inside.startswith(f"{folder}/") for folder in folders):
                return sort
        return None

    def steps_of(self, path: str) -> list[str]:
        """The folders below that of models, by which settings are told."""
        inside = path[len(self.project.prefix) :]
        for folders in self.folders.values():
            for folder in folders:
                if inside.startswith(f"{folder}/"):
                    return inside[len(folder) + 1 :].split("/")[:-1]
        return []

    def queries(self) -> dict[str, tuple[str, str]]:
        """Name to sort and path of the file that makes a table."""
        if self._queries is None:
            self._queries = {}
            for path in files_of(self._workspace.tree, self.project):
                sort = self.sort_of(path)
                if sort is None:
                    continue
                if path.endswith(PROPERTIES):
                    self._properties.append(path)
                elif path.endswith((QUERY, PYTHON, SEED)):
                    for name in self.names_of(path, sort):
                        self._queries.setdefault(name, (sort, path))
        return self._queries

    def names_of(self, path: str, sort: str) -> list[str]:
        """The tables that one file makes: a query is called like its file, a snapshot as it says."""
        if (sort == "seeds") != path.endswith(SEED):
            return []
        if sort == "snapshots" and path.endswith(QUERY):
            return snapshots_in(self._workspace.documents.get(path).text)
        return [stem_of(path)]

    def properties(self, wanted: Collection[str]) -> Iterator[str]:
        """Files of properties that may name one of `wanted`, told from their bytes."""
        self.queries()
        if len(wanted) > _MOST_SEARCHED:
            yield from self._properties
            return
        # Queries are called like their files, whose names are any bytes.
        names = [name.rpartition(".")[2] for name in wanted]
        names += [stem for name in wanted if (stem := without_version(name)) != name]
        words = [name.encode("utf-8", "surrogateescape") for name in names]
        tree = self._workspace.tree
        tree.prefetch(self._properties)
        for path in self._properties:
            try:
                content = tree.read(path)
            except UnreadableError:
                continue
            if any(word in content for word in words):
                yield path

    def settings(self, sort: str, path: str, name: str, root: Mapping | None = None) -> dict[str, Node]:
        """What ``dbt_project.yml`` says of one table: the nearer folder over the farther one. root: of another side
        of that file."""
        found: dict[str, Node] = {}
        root = root or self.root
        level = root.get(sort) if root is not None else None
        for step in (None, text_of(root, "name"), *self.steps_of(path), name):
            if step is not None:
                level = level.get(step) if isinstance(level, Mapping) else None
            if not isinstance(level, Mapping):
                break
            for key, node in level.entries:
                word = key.raw.removeprefix("+")
                if key.raw.startswith("+") or (word in _FOLDER_KEYS and isinstance(node, Scalar)):
                    found[word] = node
        return found

    def of_tests(self) -> dict[str, Node]:
        """What ``dbt_project.yml`` says of all tests."""
        found: dict[str, Node] = {}
        for sort in ("tests", "data_tests"):
            top = self.root.get(sort) if self.root is not None else None
            for level in (top, top.get(self.name) if isinstance(top, Mapping) else None):
                for key, node in level.entries if isinstance(level, Mapping) else ():
                    if key.raw.startswith("+"):
                        found[key.raw[1:]] = node
        return found


def without_version(name: str) -> str:
    """``orders`` of ``orders_v2``."""
    stem, mark, version = name.rpartition("_v")
    return stem if mark and version.replace(".", "").isalnum() and stem else name


def entries_of(document: Document) -> Iterator[tuple[str, Entry]]:
    """Name and entry of each table that a file of properties tells of."""
    root = document.root
    if not isinstance(root, Mapping):
        return
    for sort in SORTS:
        for body in items_of(root, sort):
            name = text_of(body, "name")
            if not name:
                continue
            yield name, Entry(sort, body)
            for version in items_of(body, "versions"):
                if text_of(version, "v"):
                    yield f"{name}_v{text_of(version, 'v')}", Entry(sort, body, version)
    for source in items_of(root, "sources"):
        for body in items_of(source, "tables"):
            if text_of(source, "name") and text_of(body, "name"):
                yield (
                    f"{text_of(source, 'name')}.{text_of(body, 'name')}",
                    Entry("sources", body, None, source),
                )
