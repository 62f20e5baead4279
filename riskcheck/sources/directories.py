"""Two folders compared without git."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from riskcheck.sources.disk import Disk
from riskcheck.sources.names import printable
from riskcheck.sources.spec import SourceError
from riskcheck.sources.trees import LinkedTree, Listing
from riskcheck.trees import Entry, PathChange, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.models import Side

_VERSION_CONTROL = frozenset({".git", ".hg", ".svn", ".jj"})


class DirectoryTree(LinkedTree):
    """All files below a folder. Links are entries and not followed; the stores of version control systems are
    left out. label: ``dir:`` and the folder as it was named."""

    def __init__(self, folder: str | os.PathLike[str], side: Side, largest: int, *, root: str) -> None:
        """root: what a relative `folder` counts from. Raises `SourceError` where there is no such folder."""
        named = os.fspath(folder)
        top = os.path.join(root, named)
        if not os.path.isdir(top):
            reason = "is a file, not a folder" if os.path.exists(top) else "does not exist"
            raise SourceError(f"{printable(named)} {reason}: name a folder")
        self.side = side
        self.label = "dir:" + named.replace(os.sep, "/")
        self.disk = Disk(os.path.realpath(top), largest)
        self._listing: Listing | None = None

    def entries(self) -> Listing:
        if self._listing is None:
            self._listing = Listing(dict(_walk(self.disk.top)))
        return self._listing

    def entry(self, path: str) -> Entry | None:
        return self.entries().get(path)

    def prefetch(self, paths: Iterable[str]) -> None:
        pass

    def _content(self, entry: Entry) -> bytes:
        return self.disk.read(entry.path)


def directory_changes(base: DirectoryTree, head: DirectoryTree) -> Iterator[PathChange]:
    """What differs between two folders, sorted by path. Contents are compared byte by byte; a file that moved
    is one deleted and one added."""
    before, after = base.entries(), head.entries()
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if old is None:
            yield PathChange(path, "added", path, None, new)
        elif new is None:
            yield PathChange(path, "deleted", path, old, None)
        elif old.kind != new.kind:
            yield PathChange(path, "typechanged", path, old, new)
        elif not _same(base.disk, head.disk, path):
            yield PathChange(path, "modified", path, old, new)


def _walk(top: str) -> Iterator[tuple[str, Entry]]:
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            found = list(os.scandir(f"{top}/{folder}"))
        except OSError as error:
            raise SourceError(
                f"{printable(folder or top)} cannot be listed: {error.strerror}; make it readable"
            ) from None
        for item in found:
            path = f"{folder}{item.name}"
            if item.is_dir(follow_symlinks=False):
                if item.name not in _VERSION_CONTROL:
                    waiting.append(f"{path}/")
            elif item.name not in _VERSION_CONTROL:
                yield path, Entry(path, "symlink" if item.is_symlink() else "file", None)


def _same(base: Disk, head: Disk, path: str) -> bool:
    """Whether a path has the same content on both sides, whatever its size."""
    old, new = base.stat(path), head.stat(path)
    if old is None or new is None or stat.S_IFMT(old.st_mode) != stat.S_IFMT(new.st_mode):
        return False
    if (old.st_dev, old.st_ino) == (new.st_dev, new.st_ino) and old.st_ino:
        return True
    if stat.S_ISREG(old.st_mode) and old.st_size != new.st_size:
        return False
    try:
        return base.read(path) == head.read(path)
    except UnreadableError as error:
        if error.kind != "too-large":
            return False
    digest = base.digest(path, "sha1")
    return digest is not None and digest == head.digest(path, "sha1")
