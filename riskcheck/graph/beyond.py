"""The graph beyond the units that a change touches: looked up by name, as far as a search gets.

Two kinds of things are found: services, which depend on others by what catalogs say; and resources, which use what
others provide by what their files state. A stated resource is not resolved: a name of which a deployment fills in a
part is taken for any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from riskcheck.dependencies import Edge, FileFacts, Stated, Use, Vertex, resource_id, service_id
from riskcheck.graph.index import FileId, describes, keys_of, names_in
from riskcheck.graph.merge import deployed_as, merge
from riskcheck.graph.model import Part
from riskcheck.graph.services import label_of
from riskcheck.models import Location, Service
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from riskcheck.dependencies import CatalogEntry
    from riskcheck.graph.index import Index
    from riskcheck.models import Environment

MOST_DEPENDANTS: Final = 20_000
"""Edges followed in one run beyond what changed; what more there is counts as not looked at."""

INSIDE: Final = "inside:"
"""Starts names that hold within one home only: resources of one bundle."""


class Sight(Protocol):
    """What of the index the trees at hand hold."""

    def holds(self, file: FileId, facts: FileFacts) -> bool:
        """Whether the file is there as indexed, and says it: not where the change resolves it."""

    def home(self, path: str) -> str:
        """What groups files whose resources know each other by their keys: a bundle."""

    def service(self, path: str, stated: Stated) -> str:
        """The service of what a file states."""

    def environment(self, path: str, target: str) -> Environment | None:
        """Where what a file states is deployed, None where that is no one place. target: the one it is stated for,
        ``""`` for all."""


class Home(NamedTuple):
    """provides: names by which others find a vertex. within: the home in which its short names hold. unit: the
    directory that is deployed with it, ``""`` where it is not known."""

    provides: tuple[str, ...]
    within: str = ""
    unit: str = ""


class _User(NamedTuple):
    """One use of a name. where: the environment of the file."""

    vertex: Vertex
    stated: Stated
    use: Use
    where: Environment | None


class _File:
    """The facts of one file by the names that they use: a file may describe thousands of services."""

    __slots__ = ("entries", "uses")

    def __init__(self, facts: FileFacts) -> None:
        self.entries: dict[str, list[CatalogEntry]] = {}
        self.uses: dict[str, list[tuple[Stated, Use]]] = {}
        for entry in facts.entries:
            for name in dict.fromkeys(names_in(FileFacts((entry,)))):
                self.entries.setdefault(name, []).append(entry)
        for stated in facts.stated:
            for use in stated.uses:
                for key in keys_of(use.target):
                    self.uses.setdefault(key, []).append((stated, use))


class Estate:
    """`riskcheck.graph.model.Beyond` over an index."""

    def __init__(
        self, index: Index, sight: Sight, declared: Sequence[CatalogEntry], known: Mapping[str, Home]
    ) -> None:
        """declared: what the policy says. known: vertex id to the names that the resolved resources provide."""
        self._index = index
        self._sight = sight
        self._declared: dict[str, list[CatalogEntry]] = {}
        for entry in declared:
            self._declared.setdefault(entry.service.name, []).append(entry)
        self._homes = dict(known)
        self._known_users: dict[tuple[str, str], list[_User]] = {}
        self._files: dict[FileId, _File | None] = {}
        self._left = MOST_DEPENDANTS
        self.cut = False
        """Whether dependants were left out because there were too many."""

    def entries(self, names: Iterable[str]) -> list[CatalogEntry]:
        """What catalogs say of the services called `names`, by any of their names."""
        found: dict[CatalogEntry, None] = {}
        for name in names:
            for _, file in self._naming(describes(name)):
                found.update(dict.fromkeys(file.entries.get(describes(name), ())))
        return list(found)

    def dependants(self, vertex: Vertex) -> Part:
        """The edges by which others need `vertex`."""
        if self._left <= 0:
            self.cut = True
            return Part()
        is_service = vertex.id == service_id(vertex.service)
        part = self._of_service(vertex.service) if is_service else self._of_resource(vertex)
        self._left -= len(part.edges)
        return part

    def users(self, name: str) -> list[tuple[Vertex, Edge]]:
        """What uses `name` in files that the change does not resolve, each with the edge that says so."""
        return [
            (user.vertex, _edge(user, Vertex(name, "name", name, "")))
            for alike in _alike(name)
            for user in self._users(alike, "")
            # A column is found without its catalog, too: that of another catalog is another column.
            if alike == name or "#" not in name or user.use.target == alike
        ]

    def _naming(self, name: str) -> Iterable[tuple[FileId, _File]]:
        for file in self._index.naming(name):
            if file not in self._files:
                facts = self._index.facts(file)
                self._files[file] = _File(facts) if self._sight.holds(file, facts) else None
            held = self._files[file]
            if held is not None:
                yield file, held

    def _of_service(self, name: str) -> Part:
        described = self.entries([name])
        names = {name, *(alias for entry in described for alias in entry.aliases)}
        names.update(entry.service.name for entry in described)
        edges: dict[Edge, None] = {}
        for wanted in sorted(names):
            for _, file in self._naming(service_id(wanted)):
                for entry in file.entries.get(service_id(wanted), ()):
                    edges.update(dict.fromkeys(_edges(entry, names, name)))
        for entry in described:
            # The catalog knows it by another name than the files that deploy it.
            if entry.service.name != name:
                edges[deployed_as(entry, name)] = None
        others = sorted({edge.dependant.partition(":")[2] for edge in edges})
        return Part(self._services(others), (), tuple(edges))

    def _services(self, names: Sequence[str]) -> tuple[Service, ...]:
        """Services as the catalogs and the policy describe them together."""
        entries = self.entries(names)
        entries.extend(entry for name in names for entry in self._declared.get(name, ()))
        merged = merge(entries).services
        return tuple(merged.get(name, Service(name)) for name in names)

    def _of_resource(self, vertex: Vertex) -> Part:
        home = self._homes.get(vertex.id)
        if home is None:
            return Part()
        found: dict[Edge, _User] = {}
        for provided in home.provides:
            for name in _alike(provided):
                for user in self._users(name, home.within):
                    found[_edge(user, vertex)] = user
        for path in _above(home.unit):
            # What applies the unit is no service; what waits for that to be ready is.
            for applying in self._users(f"path:{path}", ""):
                for name in applying.stated.provides:
                    for user in self._users(name, ""):
                        found[_edge(user, vertex)] = user
        vertices = [user.vertex for user in found.values()]
        services = self._services(sorted({one.service for one in vertices}))
        places = [user.where for user in found.values() if user.where is not None]
        return Part(services, vertices, tuple(found), places)

    def _users(self, name: str, within: str) -> list[_User]:
        """What uses `name`. within: the home in which short names hold."""
        known = self._known_users.get((name, within))
        if known is None:
            known = self._known_users[(name, within)] = [
                _User(
                    self._vertex(file.path, stated),
                    stated,
                    use,
                    self._sight.environment(file.path, use.environment),
                )
                for file, held in self._naming(name)
                if not name.startswith(INSIDE) or self._sight.home(file.path) == within
                for stated, use in held.uses.get(name, ())
            ]
        return known

    def _vertex(self, path: str, stated: Stated) -> Vertex:
        service = self._sight.service(path, stated)
        name = resource_id(service, stated.address)
        known = self._homes.get(name) or Home((), self._sight.home(path))
        provides = tuple(dict.fromkeys((*known.provides, *stated.provides)))
        self._homes[name] = known._replace(provides=provides)
        place = Location(path, "head", stated.line, 1, stated.line, 1)
        return Vertex(name, stated.kind, label_of(stated.kind, stated.name), service, place)


def _edges(entry: CatalogEntry, names: set[str], name: str) -> Iterable[Edge]:
    """The edges by which `entry` says that something needs the service called `name`, also known as `names`."""
    for needed in entry.dependencies:
        if needed.inverse and entry.service.name in names:
            dependant = needed.target
        elif not needed.inverse and needed.target in names:
            dependant = entry.service.name
        else:
            continue
        if dependant != name:
            yield Edge(
                service_id(dependant), service_id(name), needed.coupling, needed.relation, needed.location
            )


def _edge(user: _User, vertex: Vertex) -> Edge:
    use, where = user.use, user.where
    place = user.vertex.location
    assert place is not None
    place = place._replace(line=use.line, end_line=use.line)
    return Edge(
        user.vertex.id,
        vertex.id,
        use.coupling,
        use.relation,
        place,
        frozenset([where.name]) if where is not None else None,
    )


def _above(unit: str) -> list[str]:
    """`unit` and the directories that it is in, innermost first."""
    steps = unit.split("/") if unit and unit != "." else []
    return ["/".join(steps[:number]) for number in range(len(steps), 0, -1)]


def _alike(provided: str) -> tuple[str, ...]:
    """`provided`, and what it is called where a deployment fills in the catalog."""
    if provided.startswith("uc:"):
        catalog, dot, rest = provided[3:].partition(".")
        if dot and catalog != "*":
            return (provided, f"uc:*.{rest}")
    return (provided,)
