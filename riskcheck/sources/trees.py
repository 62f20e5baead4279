"""Trees whose contents git holds: commits and the index; and the empty one.

`DirectoryTree` and `WorkTree`, which read from disk, have their own modules.
"""

from __future__ import annotations

import posixpath
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from riskcheck.sources.git import NOT_UNDERSTOOD, GitError
from riskcheck.sources.names import printable
from riskcheck.sources.objects import FOLDER, Commit, ObjectError
from riskcheck.sources.raw import kind
from riskcheck.trees import Entry, PathChange, UnreadableError

if TYPE_CHECKING:
    from riskcheck.models import Side
    from riskcheck.sources.git import Running
    from riskcheck.sources.repository import Repository

_MOST_LINKS: Final = 8
_LIST: Final = ("ls-tree", "-r", "-z", "--full-tree", "--end-of-options")


class Listing(Mapping[str, Entry]):
    """Paths and entries, where an entry is made when it is first asked for: listings are long, and mostly
    only their paths are looked at."""

    __slots__ = ("_records",)

    def __init__(self, records: dict[str, str | Entry]) -> None:
        """records: path to entry, or to ``MODE TYPE ID`` as ``git ls-tree`` prints it."""
        self._records = records

    def __getitem__(self, path: str) -> Entry:
        record = self._records[path]
        if isinstance(record, str):
            mode, _, oid = record.split(" ")
            record = self._records[path] = Entry(path, kind(mode), oid)
        return record

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def __contains__(self, path: object) -> bool:
        return path in self._records

    def patched(self, changed: Mapping[str, Entry], gone: Iterable[str]) -> Listing:
        """This listing with some entries replaced or added, and some left out."""
        records = dict(self._records)
        for path in gone:
            records.pop(path, None)
        records.update(changed)
        return Listing(records)


class LinkedTree(ABC):
    """What all trees share: reading a path follows symbolic links as long as they stay within the tree.

    A link is looked up in the tree itself and never on disk, so nothing outside can be reached.
    """

    side: Side
    label: str

    @abstractmethod
    def entries(self) -> Listing:
        """Every path of the tree. Listed once, then remembered. Raises `SourceError` where git fails."""

    @abstractmethod
    def entry(self, path: str) -> Entry | None:
        """One path, without listing the tree where that is cheaper."""

    @abstractmethod
    def prefetch(self, paths: Iterable[str]) -> None:
        """Asks for contents that will be read soon."""

    @abstractmethod
    def _content(self, entry: Entry) -> bytes:
        """Bytes of a file, or the target of a link. Raises `UnreadableError`."""

    def read(self, path: str) -> bytes:
        """Content of a file. Raises `UnreadableError`."""
        at = path
        for _ in range(_MOST_LINKS):
            entry = self.entry(at)
            if entry is None:
                raise _absent(path, at, self.label)
            if entry.kind == "submodule":
                raise UnreadableError(
                    path, "submodule", f"{printable(path)} is a submodule: its files are not read"
                )
            if entry.kind == "file":
                return self._content(entry)
            at = _target(path, at, self._content(entry))
        raise UnreadableError(path, "symlink", f"{printable(path)} is a link that leads in a circle")


class EmptyTree(LinkedTree):
    """No files: the base of the first commit."""

    def __init__(self) -> None:
        self.side: Side = "base"
        self.label = "EMPTY"

    def entries(self) -> Listing:
        return Listing({})

    def entry(self, path: str) -> Entry | None:
        return None

    def prefetch(self, paths: Iterable[str]) -> None:
        pass

    def _content(self, entry: Entry) -> bytes:
        raise _absent(entry.path, entry.path, self.label)


class _ObjectTree(LinkedTree):
    """A tree whose contents are git's objects."""

    def __init__(self, repository: Repository, label: str, side: Side) -> None:
        self.side = side
        self.label = label
        self._repository = repository
        self._listing: Listing | None = None

    @property
    def repository(self) -> Repository:
        """The one that holds it."""
        return self._repository

    def prefetch(self, paths: Iterable[str]) -> None:
        entries = filter(None, map(self.entry, paths))
        self._repository.objects.prefetch(
            entry.blob for entry in entries if entry.blob and entry.kind != "submodule"
        )

    def _content(self, entry: Entry) -> bytes:
        shown = printable(entry.path)
        if entry.blob is None:
            raise UnreadableError(entry.path, "corrupt", f"{shown} has no content that git knows")
        try:
            return self._repository.objects.blob(entry.blob)
        except ObjectError as error:
            reason = {
                "missing-blob": self._repository.why_missing,
                "too-large": f"it has {error.size:,} bytes, more than are read",
                "corrupt": "git cannot read its content: run `git fsck`",
            }[error.trouble]
            raise UnreadableError(entry.path, error.trouble, f"{shown}: {reason}") from None


class GitTree(_ObjectTree):
    """The tree of a commit. A single path costs a look into the folders above it; the whole tree is listed by
    git when it is asked for."""

    def __init__(self, repository: Repository, commit: Commit, side: Side) -> None:
        super().__init__(repository, commit.id, side)
        self._tree = commit.tree
        self._coming: Running | None = None

    def expect_entries(self) -> None:
        """Lets git list the tree while other things are done. Costs no waiting."""
        if self._listing is None and self._coming is None:
            self._coming = self._repository.git.start(*_LIST, self._tree)

    def entries(self) -> Listing:
        if self._listing is None:
            self.expect_entries()
            assert self._coming is not None
            self._listing = _listed(self._repository, self._coming)
            self._coming = None
        return self._listing

    def entry(self, path: str) -> Entry | None:
        if self._listing is not None:
            return self._listing.get(path)
        try:
            found = self._repository.objects.find(self._tree, path)
        except ObjectError:
            # git says better than a missing folder object what is wrong with the repository.
            return self.entries().get(path)
        return Entry(path, kind(found[0]), found[1]) if found and found[0] != FOLDER else None


class ChangedTree(_ObjectTree):
    """Another tree and all that differs from it: a second commit, or the index. Costs no second listing, and
    entries that did not change are the same objects."""

    def __init__(
        self,
        repository: Repository,
        near: LinkedTree,
        changes: Collection[PathChange],
        label: str,
        side: Side,
    ) -> None:
        super().__init__(repository, label, side)
        self._near = near
        self._changes = changes
        self._changed = {change.head.path: change.head for change in changes if change.head}
        self._gone = {change.base.path for change in changes if change.base} - self._changed.keys()

    def entries(self) -> Listing:
        if self._listing is None:
            self._listing = self._near.entries().patched(self._changed, self._gone)
        return self._listing

    def entry(self, path: str) -> Entry | None:
        if path in self._gone:
            return None
        return self._changed.get(path) or self._near.entry(path)


class PatchedTree(_ObjectTree):
    """Another tree with some paths as `entries` has them: None where there is no such path."""

    def __init__(
        self, repository: Repository, near: LinkedTree, entries: Mapping[str, Entry | None], label: str
    ) -> None:
        super().__init__(repository, label, near.side)
        self._near = near
        self._entries = entries

    def entries(self) -> Listing:
        if self._listing is None:
            kept = {path: entry for path, entry in self._entries.items() if entry is not None}
            self._listing = self._near.entries().patched(kept, self._entries.keys() - kept.keys())
        return self._listing

    def entry(self, path: str) -> Entry | None:
        return self._entries[path] if path in self._entries else self._near.entry(path)


def _listed(repository: Repository, coming: Running) -> Listing:
    try:
        output = coming.output()
    except GitError as error:
        raise repository.refusal(error) from None
    records: dict[str, str | Entry] = {}
    for record in output.decode("utf-8", "surrogateescape").split("\0"):
        mode_type_id, tab, path = record.partition("\t")
        if tab:
            records[path] = mode_type_id
        elif record:
            raise repository.refusal(GitError("ls-tree", 0, NOT_UNDERSTOOD))
    return Listing(records)


def _target(path: str, link: str, content: bytes) -> str:
    """The path within the tree that the link at `link` leads to."""
    target = content.decode("utf-8", "surrogateescape")
    at = posixpath.normpath(posixpath.join(posixpath.dirname(link), target))
    if posixpath.isabs(target) or at == ".." or at.startswith("../"):
        raise UnreadableError(
            path,
            "symlink",
            f"{printable(path)} is a link out of the tree, to {printable(target)}: not followed",
        )
    return at


def _absent(path: str, at: str, label: str) -> UnreadableError:
    shown = printable(path)
    if at == path:
        return UnreadableError(path, "absent", f"{shown} does not exist in {label}")
    return UnreadableError(
        path, "symlink", f"{shown} is a link to {printable(at)}, which is not a file of the tree"
    )
