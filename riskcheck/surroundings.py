"""What hangs off a change beyond the units that it touches: the index of the estate, brought up to the trees at
hand.

Catalogs are read from the tree that decides, other files from head. Of a tree that was indexed before only what
differs from it is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zlib import crc32

from riskcheck.catalogs.formats import OWNERS_IN_ORDER
from riskcheck.dependencies import FileFacts
from riskcheck.documents.store import DocumentStore
from riskcheck.globs import matches_any
from riskcheck.graph.beyond import Estate, Home
from riskcheck.graph.index import BROKEN, FileId, Index, MemoryIndex, describes
from riskcheck.graph.merge import policy_entries
from riskcheck.graph.services import vertex_of
from riskcheck.models import Limitation
from riskcheck.platforms import estate_readers
from riskcheck.resolving import service_name
from riskcheck.trees import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from riskcheck.catalogs.formats import Promised
    from riskcheck.dependencies import CatalogEntry, Stated
    from riskcheck.environments import EnvironmentModel
    from riskcheck.models import Environment, Resource
    from riskcheck.platforms.base import EstateReader, Memory
    from riskcheck.policy.model import Policy
    from riskcheck.resolving import Resolved
    from riskcheck.trees import Comparison, Tree

MOST_READ: Final = 50_000
"""Files read in one run; the rest waits for the next, and that is said."""

_COMMIT: Final = frozenset("0123456789abcdef")
_YAML: Final = (".yaml", ".yml", ".json")
_BY_GLOB: Final = "+"
"""Marks the content of a catalog that only the policy names: read as one, it says something else."""


class Surroundings:
    """The estate as one run sees it."""

    def __init__(
        self, comparison: Comparison, resolved: Resolved, policy: Policy, environments: EnvironmentModel
    ) -> None:
        self._comparison = comparison
        self._resolved = resolved
        self._policy = policy
        self._environments = environments
        self._readers = {reader.name: reader for reader in estate_readers()}
        self._bundles = resolved.units.get("databricks", frozenset())
        self._index = _open(resolved.head_side.memory)
        self._left_out = 0
        self._update()

    def estate(self, resources: Iterable[Resource]) -> Estate:
        """Where the graph of `resources` goes on."""
        known: dict[str, Home] = {}
        for resource in resources:
            vertex = vertex_of(resource, service_name(resource))
            home = known.get(vertex.id, Home(()))
            provides = tuple(dict.fromkeys((*home.provides, *resource.provides)))
            known[vertex.id] = Home(provides, "", resource.unit if resource.platform == "kubernetes" else "")
        return Estate(self._index, self, tuple(policy_entries(self._policy.services)), known)

    def owners(self, resources: Iterable[Resource]) -> tuple[CatalogEntry, ...]:
        """Who owns the services of `resources`, by the code owners of their files in the deciding tree."""
        tree = self._comparison.deciding
        path = next((path for path in OWNERS_IN_ORDER if tree.entry(path) is not None), None)
        if path is None:
            return ()
        from riskcheck.catalogs.codeowners import read

        homes: dict[str, str] = {}
        for resource in resources:
            homes.setdefault(service_name(resource), resource.origin.source.path)
        owners, _ = read(DocumentStore(tree).get(path))
        return tuple(owners.entries(sorted(homes.items())))

    def limitations(self, estate: Estate) -> tuple[Limitation, ...]:
        """What keeps dependants from being known."""
        found = [
            limit
            for file in self._index.naming(BROKEN)
            for facts in [self._index.facts(file)]
            if self.holds(file, facts)
            for limit in facts.limitations
        ]
        if self._left_out:
            message = (
                f"{self._left_out} files were not searched for dependants: more than {MOST_READ:,} at once"
            )
            found.append(Limitation("", "estate-cut", message))
        if estate.cut:
            found.append(Limitation("", "estate-cut", "too many dependants: some were not followed"))
        return tuple(found)

    def notes(self, deployed: Collection[str]) -> tuple[str, ...]:
        """One line for each service that the policy names and nothing declares. deployed: services of resources."""
        return tuple(
            note
            for name, note in self._policy.undeclared
            if name not in deployed and not self._is_described(name)
        )

    def _is_described(self, name: str) -> bool:
        return any(self.holds(file, self._index.facts(file)) for file in self._index.naming(describes(name)))

    # What follows is `riskcheck.graph.beyond.Sight`.

    def holds(self, file: FileId, facts: FileFacts) -> bool:
        catalog = bool(facts.entries) or not facts.stated
        tree = self._comparison.deciding if catalog else self._comparison.head
        entry = tree.entry(file.path)
        if entry is None or entry.blob != file.blob.removesuffix(_BY_GLOB):
            return False
        if matches_any(file.path, self._policy.exclude):
            return False
        return catalog or not self._is_resolved(file.path)

    def home(self, path: str) -> str:
        for reader in self._readers.values():
            found = reader.home(self._comparison.head, path)
            if found is not None:
                return found
        return ""

    def service(self, path: str, stated: Stated) -> str:
        for service in reversed(self._policy.services):
            if service.paths and matches_any(path, service.paths):
                return service.name
        if stated.service:
            return stated.service
        home = self.home(path)
        if home:
            entry = self._comparison.head.entry(home)
            if entry is not None and entry.blob is not None:
                for one in self._index.facts(FileId(home, entry.blob)).stated:
                    if one.service:
                        return one.service
            return home.rpartition("/")[0] or "."
        from riskcheck.platforms.families import component_of

        directory = path.rpartition("/")[0]
        return component_of(directory, self._environments) or directory or "."

    def environment(self, path: str, target: str) -> Environment | None:
        if target:
            return self._environments.named(target, source=path)
        return None if self.home(path) else self._environments.of_path(path)

    # Bringing the index up to date.

    def _is_resolved(self, path: str) -> bool:
        """Whether the bundle of `path` is resolved in this run, so that nothing needs to be taken from its text."""
        home = self.home(path)
        return bool(home) and (home.rpartition("/")[0] or ".") in self._bundles

    def _update(self) -> None:
        comparison = self._comparison
        base, head, deciding = comparison.base, comparison.head, comparison.deciding
        changed = [change.path for change in comparison.changes if change.head is not None]
        if _is_commit(base) and not self._is_complete(base):
            self._read_all(base)
        if self._is_complete(base):
            self._read(head, changed)
            self._complete(head)
        elif not self._is_complete(head):
            self._read_all(head)
        if deciding is not head and not self._is_complete(deciding) and deciding.label != base.label:
            self._read_all(deciding)

    def _key(self, tree: Tree) -> str:
        seen = repr((self._policy.catalogs, self._policy.exclude))
        return f"{tree.label} {crc32(seen.encode()):08x}"

    def _is_complete(self, tree: Tree) -> bool:
        return _is_commit(tree) and self._index.is_complete(self._key(tree))

    def _complete(self, tree: Tree) -> None:
        if _is_commit(tree) and not self._left_out:
            self._index.set_complete(self._key(tree))

    def _read_all(self, tree: Tree) -> None:
        files = self._read(tree, tree.entries())
        self._index.prune(files)
        self._complete(tree)

    def _read(self, tree: Tree, paths: Iterable[str]) -> list[FileId]:
        """Puts the facts of those of `paths` that may have any into the index."""
        how: dict[FileId, tuple[Promised | None, EstateReader | None]] = {}
        for path in paths:
            promised, reader = self._format(path), None
            if promised is None:
                if not path.endswith(_YAML):
                    continue
                reader = next((one for one in self._readers.values() if one.takes(tree, path)), None)
                if reader is None:
                    continue
            if matches_any(path, self._policy.exclude):
                continue
            entry = tree.entry(path)
            if entry is not None and entry.blob is not None and entry.kind == "file":
                mark = _BY_GLOB if promised == "told by content" else ""
                how[FileId(path, entry.blob + mark)] = (promised, reader)
        missing = self._index.missing(how)
        self._left_out += max(0, len(missing) - MOST_READ)
        del missing[MOST_READ:]
        if missing:
            tree.prefetch(file.path for file in missing)
            documents = DocumentStore(tree)
            self._index.add((file, _facts(tree, documents, file.path, *how[file])) for file in missing)
        return list(how)

    def _format(self, path: str) -> Promised | None:
        if not path.endswith((".yaml", ".yml", ".json")):
            return None
        from riskcheck.catalogs.formats import format_of

        found = format_of(path, self._policy.catalogs)
        # Owners are asked by path, not by name.
        return None if found == "codeowners" else found


def _facts(
    tree: Tree, documents: DocumentStore, path: str, promised: Promised | None, reader: EstateReader | None
) -> FileFacts:
    """What one file says. A file that cannot be read says nothing: whether that matters is told by who looks."""
    if promised is not None:
        from riskcheck.catalogs.read import read

        done = read(documents.get(path), promised)
        broken = tuple(one for one in done.limitations if one.kind == "parse-error")
        return FileFacts(done.entries, (), broken)
    assert reader is not None
    try:
        if not reader.worth(tree.read(path)):
            return FileFacts()
    except UnreadableError:
        return FileFacts()
    return FileFacts((), tuple(reader.stated(documents.get(path))))


def _open(memory: Memory | None) -> Index:
    path = memory.file("estate.sqlite") if memory is not None else None
    if path is not None:
        from riskcheck.graph.stored import open_index

        stored = open_index(path)
        if stored is not None:
            return stored
    return MemoryIndex()


def _is_commit(tree: Tree) -> bool:
    return len(tree.label) >= 40 and _COMMIT.issuperset(tree.label)
