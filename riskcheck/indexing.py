"""The index of an estate, brought up to the trees of a run: which files say something of others, and what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zlib import crc32

from riskcheck.dependencies import FileFacts
from riskcheck.documents.store import DocumentStore
from riskcheck.globs import matches_any
from riskcheck.graph.index import FileId, Index, MemoryIndex
from riskcheck.platforms import estate_readers
from riskcheck.trees import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.catalogs.formats import Promised
    from riskcheck.platforms.base import EstateReader, Memory
    from riskcheck.policy.model import Policy
    from riskcheck.trees import Comparison, Tree

MOST_READ: Final = 50_000
"""Files read in one run; the rest waits for the next, and that is said."""

BY_GLOB: Final = "+"
"""Marks the content of a catalog that only the policy names: read as one, it says something else."""

_COMMIT: Final = frozenset("0123456789abcdef")
_READ: Final = (".yaml", ".yml", ".json", ".sql", ".tf", ".tofu", ".hcl")


class Indexer:
    """index: of all trees that were seen. left_out: how many files were too many for one run."""

    def __init__(self, policy: Policy, memory: Memory | None) -> None:
        """memory: where the index is kept between runs; without one it ends with this run."""
        self._policy = policy
        self._readers = estate_readers()
        self.index = _open(memory)
        self.left_out = 0

    def update(self, comparison: Comparison) -> None:
        """Puts in what is missing of the trees of `comparison`. Where base is known, only what differs from it is
        looked at."""
        base, head, deciding = comparison.base, comparison.head, comparison.deciding
        changed = [change.path for change in comparison.changes if change.head is not None]
        if _is_commit(base) and not self._is_complete(base):
            self._read_all(base)
        if self._is_complete(base):
            self._read(head, changed)
            self._complete(head)
        elif not self._is_complete(head):
            self._read_all(head)
        if deciding is not head and not self._is_complete(deciding):
            self._read_all(deciding)

    def _key(self, tree: Tree) -> str:
        seen = repr((self._policy.catalogs, self._policy.exclude))
        return f"{tree.label} {crc32(seen.encode()):08x}"

    def _is_complete(self, tree: Tree) -> bool:
        return _is_commit(tree) and self.index.is_complete(self._key(tree))

    def _complete(self, tree: Tree) -> None:
        if _is_commit(tree) and not self.left_out:
            self.index.set_complete(self._key(tree))

    def _read_all(self, tree: Tree) -> None:
        files = self._read(tree, tree.entries())
        self.index.prune(files)
        self._complete(tree)

    def _read(self, tree: Tree, paths: Iterable[str]) -> list[FileId]:
        """Puts the facts of those of `paths` that may have any into the index."""
        how: dict[FileId, tuple[Promised | None, EstateReader | None]] = {}
        for path in paths:
            promised, reader = self._format(path), None
            if promised is None:
                if not path.endswith(_READ):
                    continue
                reader = next((one for one in self._readers if one.takes(tree, path)), None)
                if reader is None:
                    continue
            if matches_any(path, self._policy.exclude):
                continue
            blob = blob_of(tree, path)
            if blob is not None:
                mark = BY_GLOB if promised == "told by content" else ""
                how[FileId(path, blob + mark)] = (promised, reader)
        missing = self.index.missing(how)
        self.left_out += max(0, len(missing) - MOST_READ)
        del missing[MOST_READ:]
        if missing:
            tree.prefetch(file.path for file in missing)
            documents = DocumentStore(tree)
            self.index.add((file, _facts(tree, documents, file.path, *how[file])) for file in missing)
        return list(how)

    def _format(self, path: str) -> Promised | None:
        if not path.endswith((".yaml", ".yml", ".json")):
            return None
        from riskcheck.catalogs.formats import format_of

        found = format_of(path, self._policy.catalogs)
        # Owners are asked by path, not by name.
        return None if found == "codeowners" else found


def blob_of(tree: Tree, path: str) -> str | None:
    """What tells one content of a file from another: git's id, a digest where a directory has none; None where
    there is no file that can be read."""
    entry = tree.entry(path)
    if entry is None or entry.kind != "file":
        return None
    if entry.blob is not None:
        return entry.blob
    from hashlib import sha256

    try:
        return sha256(tree.read(path)).hexdigest()
    except UnreadableError:
        return None


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
