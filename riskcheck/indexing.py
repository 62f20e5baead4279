"""The index of an estate, brought up to the trees of a run: which files say something of others, and what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zlib import crc32

from riskcheck.dependencies import FileFacts
from riskcheck.documents.store import DocumentStore
from riskcheck.globs import matches_any
from riskcheck.graph.index import FileId, Index, MemoryIndex
from riskcheck.platforms import estate_readers
from riskcheck.trees import MemoryTree, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import TypeAlias

    from riskcheck.catalogs.formats import Promised
    from riskcheck.platforms.base import EstateReader, Memory
    from riskcheck.policy.model import Policy
    from riskcheck.trees import Comparison, Tree

    _How: TypeAlias = tuple[Promised | None, EstateReader | None]
    """As which catalog a file is read, or else by what."""

MOST_READ: Final = 50_000
"""Files read in one run; the rest waits for the next, and that is said."""

AT_ONCE: Final = 16 * 1024 * 1024
"""Bytes of files that are gathered before they are shared out."""

PAYS: Final = 512 * 1024
"""Bytes of files from which on sharing them out may pay, where it is asked for."""

PAYS_UNASKED: Final = 4 * 1024 * 1024
"""Bytes of files from which on sharing them out does pay, be they as few as they may."""

MANY: Final = 2_000
"""Files from which on it does, be they as small as they may: a catalog takes longer than its bytes tell."""

BY_GLOB: Final = "+"
"""Marks the content of a catalog that only the policy names: read as one, it says something else."""

_COMMIT: Final = frozenset("0123456789abcdef")
_READ: Final = (".yaml", ".yml", ".json", ".sql", ".tf", ".tofu", ".hcl")


class Indexer:
    """index: of all trees that were seen. left_out: how many files were too many for one run."""

    def __init__(self, policy: Policy, memory: Memory | None, jobs: int = 1) -> None:
        """memory: where the index is kept between runs; without one it ends with this run. jobs: how many processes
        may read files, 0 for as many as pay; it changes no answer."""
        self._jobs = jobs
        self._policy = policy
        self._readers = estate_readers()
        self._comparison: Comparison | None = None
        self.index: Index = _open(memory, self._afresh)
        self.left_out = 0

    def update(self, comparison: Comparison) -> None:
        """Puts in what is missing of the trees of `comparison`. Where base is known, only what differs from it is
        looked at."""
        self._comparison = comparison
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

    def _afresh(self) -> MemoryIndex:
        """The same in memory, where what was kept turns out to be of no use."""
        index = MemoryIndex()
        if self._comparison is not None:
            again = Indexer(self._policy, None, self._jobs)
            again.index = index
            again.update(self._comparison)
            self.left_out = again.left_out
        return index

    def _key(self, tree: Tree) -> str:
        seen = repr((self._policy.catalogs, self._policy.exclude)).encode("utf-8", "surrogateescape")
        return f"{tree.label} {crc32(seen):08x}"

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
        how: dict[FileId, _How] = {}
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
            self.index.add(_facts_of_all(tree, missing, how, self._jobs))
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


def _facts_of_all(
    tree: Tree, files: Iterable[FileId], how: Mapping[FileId, _How], jobs: int
) -> Iterator[tuple[FileId, FileFacts]]:
    """What each of `files` says. As much as pays is gathered in memory first, and shared out to processes."""
    gathered: dict[FileId, bytes] = {}
    size = 0
    for file in files:
        content = _worth(tree, file.path, *how[file])
        if content is None:
            yield file, FileFacts()
            continue
        gathered[file] = content
        size += len(content)
        if size > AT_ONCE:
            yield from _shared_out(tree, gathered, how, jobs)
            gathered, size = {}, 0
    yield from _shared_out(tree, gathered, how, jobs)


def _shared_out(
    tree: Tree, gathered: Mapping[FileId, bytes], how: Mapping[FileId, _How], jobs: int
) -> Iterator[tuple[FileId, FileFacts]]:
    # A tree in memory: processes share neither the pipes to git nor an open folder.
    held = MemoryTree({file.path: content for file, content in gathered.items()}, tree.side, tree.label)
    documents = DocumentStore(held)

    def work(file: FileId) -> FileFacts:
        return _facts(documents, file.path, *how[file])

    files = list(gathered)
    size = sum(map(len, gathered.values()))
    if jobs != 1 and size >= PAYS:
        from riskcheck.workers import count, spread

        found = spread(work, files, count(jobs, pays=size >= PAYS_UNASKED or len(files) >= MANY))
        yield from zip(files, found, strict=True)
    else:
        yield from ((file, work(file)) for file in files)


def _worth(tree: Tree, path: str, promised: Promised | None, reader: EstateReader | None) -> bytes | None:
    """The content of a file that may say something. A file that cannot be read says nothing: whether that matters
    is told by who looks."""
    try:
        content = tree.read(path)
    except UnreadableError:
        return None
    return content if promised is not None or (reader is not None and reader.worth(content)) else None


def _facts(
    documents: DocumentStore, path: str, promised: Promised | None, reader: EstateReader | None
) -> FileFacts:
    """What one file says."""
    if promised is not None:
        from riskcheck.catalogs.read import read

        done = read(documents.get(path), promised)
        broken = tuple(one for one in done.limitations if one.kind == "parse-error")
        return FileFacts(done.entries, (), broken)
    assert reader is not None
    return FileFacts((), tuple(reader.stated(documents.get(path))))


def _open(memory: Memory | None, afresh: Callable[[], MemoryIndex]) -> Index:
    path = memory.file("estate.sqlite") if memory is not None else None
    if path is not None:
        from riskcheck.graph.lasting import LastingIndex
        from riskcheck.graph.stored import open_index

        stored = open_index(path)
        if stored is not None:
            return LastingIndex(stored, afresh)
    return MemoryIndex()


def _is_commit(tree: Tree) -> bool:
    return len(tree.label) >= 40 and _COMMIT.issuperset(tree.label)
