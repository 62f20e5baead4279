"""Tables of projects into resources. What a project is deployed to, its profile says, which is not in it: the
environment of its folder, else one that is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Limitation, Reference, Resolution, Resource
from riskcheck.nodes import Mapping, Node, Scalar, Source
from riskcheck.platforms.dbt.bodies import body_of, source_body
from riskcheck.platforms.dbt.jinja import config_in, references_in
from riskcheck.platforms.dbt.places import (
    PROPERTIES,
    QUERY,
    Project,
    project_at,
    reference_name,
    reference_root,
)
from riskcheck.platforms.dbt.project import Entry, Files, entries_of
from riskcheck.platforms.declaring import resolution_of
from riskcheck.platforms.families import component_of, unnamed
from riskcheck.platforms.problems import readable
from riskcheck.platforms.sql.places import Places
from riskcheck.tables.checkwords import plain_text
from riskcheck.tables.names import ANY, table_reference
from riskcheck.tables.quality import EXPECTATION
from riskcheck.tables.read import first_text, items_of, text_of
from riskcheck.tables.shape import KIND, name_node, placed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from riskcheck.platforms.base import Workspace

_MOST_QUERY: Final = 100_000


def units_of(workspace: Workspace, own: dict[str, Project]) -> frozenset[str]:
    """The tables that files of projects tell of. own: path to the project that it belongs to."""
    found: set[str] = set()
    known: dict[Project, Files] = {}
    for path, project in own.items():
        if workspace.tree.entry(path) is None:
            continue
        files = known.get(project)
        if files is None:
            files = known[project] = Files(workspace, project)
        found.update(f"{project.prefix}{name}" for name in _names(workspace, files, path))
    return frozenset(found)


def _names(workspace: Workspace, files: Files, path: str) -> Iterator[str]:
    if path == files.project.path:
        yield from _under_settings(workspace, files)
    elif path.endswith(PROPERTIES) and files.sort_of(path) is not None:
        yield from (name for name, _ in entries_of(workspace.documents.get(path)))
    else:
        sort = files.sort_of(path)
        yield from files.names_of(path, sort) if sort is not None else ()


def _under_settings(workspace: Workspace, files: Files) -> Iterator[str]:
    """The tables whose settings in ``dbt_project.yml`` the change touches."""
    other = workspace.other.get(files.project.path).root if workspace.other is not None else None
    if not isinstance(other, Mapping) or files.root is None:
        return
    tests = any(
        plain_text(files.root.get(key)) != plain_text(other.get(key)) for key in ("tests", "data_tests")
    )
    for name, (sort, path) in files.queries().items():
        if tests or _texts(files.settings(sort, path, name)) != _texts(
            files.settings(sort, path, name, other)
        ):
            yield name


def _texts(settings: dict[str, Node]) -> dict[str, str]:
    return {key: plain_text(node) for key, node in settings.items()}


def resolve(workspace: Workspace, units: Collection[str]) -> Resolution:
    """See `riskcheck.platforms.base.Platform.resolve`."""
    limitations: dict[Limitation, None] = {}
    resources: list[Resource] = []
    read: set[str] = set()
    by_root: dict[str, set[str]] = {}
    for unit in units:
        root, _, name = unit.rpartition("/")
        by_root.setdefault(root, set()).add(name)
    for root, names in sorted(by_root.items()):
        project = project_at(workspace.tree, root)
        if project is not None:
            side = _Side(workspace, project, limitations)
            resources.extend(side.tables(names))
            read |= side.read
    return resolution_of(resources, limitations, read)


class _Side:
    """The tables of one project at one side. read: the files that told of them."""

    def __init__(self, workspace: Workspace, project: Project, limitations: dict[Limitation, None]) -> None:
        self._workspace = workspace
        self._project = project
        self._limitations = limitations
        self._files = Files(workspace, project)
        self.read = {project.path}
        self._environment = workspace.environments.of_path(project.path) or unnamed(project.path)
        folder = component_of(project.root, workspace.environments)
        self._service = folder or self._files.name or None

    def tables(self, names: set[str]) -> Iterator[Resource]:
        entries = self._entries(names)
        queries = self._files.queries()
        common = self._files.of_tests()
        for name in sorted(names):
            entry = entries.get(name)
            if name in queries:
                sort, path = queries[name]
                yield self._table(name, sort, path, entry[1] if entry is not None else None, common)
            elif entry is not None and entry[1].sort == "sources":
                yield self._source(name, *entry, common)
            elif entry is not None and _stands_alone(entry[1]):
                yield self._table(name, entry[1].sort, entry[0], entry[1], common)

    def _entries(self, names: set[str]) -> dict[str, tuple[str, Entry]]:
        found: dict[str, tuple[str, Entry]] = {}
        for path in self._files.properties(names):
            if path == self._project.path:
                continue
            document = readable(self._workspace, path, self._limitations)
            for name, entry in entries_of(document):
                if name in names:
                    self.read.add(path)
                    found.setdefault(name, (path, entry))
        return found

    def _table(
        self, name: str, sort: str, path: str, entry: Entry | None, common: dict[str, Node]
    ) -> Resource:
        settings = self._files.settings(sort, path, name)
        self.read.add(path)
        for holder in (entry.body, entry.version) if entry is not None else ():
            settings |= _config(holder)
        query, references, at = None, [], entry.body if entry is not None else None
        if path.endswith(QUERY):
            document = readable(self._workspace, path, self._limitations)
            text = document.text
            places = Places(path, document.side, text)
            settings |= config_in(text, places)
            query = places.scalar(" ".join(text.split())[:_MOST_QUERY], 0, len(text.rstrip()))
            root = reference_root(path)
            references = [
                Reference(
                    reference_name(root, one.name),
                    places.scalar(one.name, one.start, one.end),
                    "hard",
                    one.relation,
                )
                for one in references_in(text)
                if one.name != name
            ]
        where: Node = at or query or Scalar("", Source(path, self._workspace.side), 0, 0, 0, 0)
        body = body_of(where, name, entry, sort, settings, query, common)
        if query is not None and text_of(body, "contract") != "enforced":
            self._unread_query(path)
        return self._resource(
            name, path, body, tuple(references), (reference_name(reference_root(path), name),)
        )

    def _unread_query(self, path: str) -> None:
        """An enforced contract would tell the columns."""
        if self._workspace.side == "head" and path in self._workspace.touched:
            message = "a dbt template: its references and settings are read, what its query makes is not"
            self._limitations.setdefault(Limitation(path, "unresolved-template", message))

    def _unread_tests(self, body: Mapping) -> None:
        """A severity that only a run tells: whether the test fails one is not known."""
        for item in items_of(body, "constraints"):
            if text_of(item, "type") == EXPECTATION and not text_of(item, "on_violation"):
                where = item.source.path, item.file_line
                message = "the severity of a test is a template: whether it fails a run is not known"
                limit = Limitation(where[0], "unresolved-template", message, where[1], self._workspace.side)
                self._limitations.setdefault(limit)

    def _source(self, name: str, path: str, entry: Entry, common: dict[str, Node]) -> Resource:
        told = first_text(entry.body, "identifier", "name")
        assert told is not None and entry.source is not None
        schema = text_of(entry.source, "schema") or text_of(entry.source, "name")
        parts = [text_of(entry.source, "database"), schema, told.raw]
        full = ".".join(part if "{" not in part else ANY for part in parts if part)
        target = table_reference(full)
        references = (Reference(target, told, "hard", "source"),) if target is not None else ()
        body = source_body(entry, name_node(full, told), common)
        provided = (reference_name(reference_root(path), name),)
        return self._resource(name, path, body, references, provided)

    def _resource(
        self,
        name: str,
        path: str,
        body: Mapping,
        references: tuple[Reference, ...],
        provides: tuple[str, ...],
    ) -> Resource:
        self._unread_tests(body)
        return Resource(
            platform="dbt",
            kind=KIND,
            name=name,
            environment=self._environment,
            unit=f"{self._project.prefix}{name}",
            body=body,
            origin=placed(name, body),
            reading="yaml-1.2",
            service=self._service,
            identity=f"dbt:{KIND}.{self._project.root}:{name}",
            references=references,
            provides=provides,
        )


def _stands_alone(entry: Entry) -> bool:
    """Whether properties are all there is: a snapshot that names its relation."""
    return entry.sort == "snapshots" and "relation" in entry.body.index


def _config(holder: Mapping | None) -> dict[str, Node]:
    if holder is None:
        return {}
    config = holder.get("config")
    return {key.raw: node for key, node in config.entries} if isinstance(config, Mapping) else {}
