"""Files on disk, read without being led astray: no link is followed, nothing but regular files is opened."""

from __future__ import annotations

import os
import stat
from typing import Final

from riskcheck.sources.names import printable
from riskcheck.trees import EntryKind, UnreadableError

_OPEN: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a named pipe would otherwise wait for a writer
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_PIECE: Final = 1 << 20


class Disk:
    """The files below one folder, by relative path with forward slashes."""

    def __init__(self, top: str, largest: int) -> None:
        """largest: bytes of the biggest file that `read` reads."""
        self.top = top
        self._largest = largest
        self._folders: dict[str, bool] = {"": True}

    def stat(self, path: str) -> os.stat_result | None:
        """What is at `path` itself, or None where nothing is. What lies behind a linked folder is not there:
        git does not see it either."""
        if not self._is_folder(path.rpartition("/")[0]):
            return None
        try:
            return os.lstat(self._absolute(path))
        except (OSError, ValueError):
            return None

    def kind(self, path: str) -> EntryKind | None:
        """Kind of `path`; None where there is neither a file nor a link. A folder is no entry."""
        found = self.stat(path)
        if found is None or stat.S_ISDIR(found.st_mode):
            return None
        return "symlink" if stat.S_ISLNK(found.st_mode) else "file"

    def read(self, path: str) -> bytes:
        """Content of a regular file, or the target of a link. Raises `UnreadableError`."""
        shown = printable(path)
        found = self.stat(path)
        if found is None:
            raise UnreadableError(path, "absent", f"{shown} is not there any more")
        try:
            if stat.S_ISLNK(found.st_mode):
                return os.fsencode(os.readlink(self._absolute(path)))
            if not stat.S_ISREG(found.st_mode):
                raise UnreadableError(path, "not-a-file", f"{shown} is not a regular file")
            if found.st_size > self._largest:
                raise UnreadableError(
                    path, "too-large", f"{shown}: it has {found.st_size:,} bytes, more than are read"
                )
            return self._bytes(path)
        except OSError as error:
            raise UnreadableError(path, "unreadable", f"{shown}: {error.strerror}") from None

    def digest(self, path: str, algorithm: str) -> str | None:
        """git's blob id of what is at `path`, of whatever size; None where it cannot be read."""
        from hashlib import new

        found = self.stat(path)
        if found is None:
            return None
        try:
            if stat.S_ISLNK(found.st_mode):
                return blob_id(os.fsencode(os.readlink(self._absolute(path))), algorithm)
            if not stat.S_ISREG(found.st_mode):
                return None
            digest = new(algorithm, b"blob %d\0" % found.st_size, usedforsecurity=False)
            with open(os.open(self._absolute(path), _OPEN), "rb") as file:
                while piece := file.read(_PIECE):
                    digest.update(piece)
        except OSError:
            return None
        return digest.hexdigest()

    def _bytes(self, path: str) -> bytes:
        # Raw calls: comparing two folders does little else, and a file object doubles the time.
        handle = os.open(self._absolute(path), _OPEN)
        try:
            opened = os.fstat(handle)
            if not stat.S_ISREG(opened.st_mode):
                raise UnreadableError(path, "not-a-file", f"{printable(path)} is not a regular file")
            pieces, left = [], self._largest + 1
            while left > 0 and (piece := os.read(handle, min(left, max(opened.st_size + 1, 4096)))):
                pieces.append(piece)
                left -= len(piece)
        finally:
            os.close(handle)
        if left <= 0:
            raise UnreadableError(
                path, "too-large", f"{printable(path)} grew over {self._largest:,} bytes while it was read"
            )
        return b"".join(pieces)

    def _is_folder(self, folder: str) -> bool:
        """Whether `folder` and all above it are folders themselves, not links to some."""
        if (known := self._folders.get(folder)) is not None:
            return known
        at = ""
        for part in folder.split("/"):
            at = f"{at}/{part}" if at else part
            known = self._folders.get(at)
            if known is None:
                try:
                    known = stat.S_ISDIR(os.lstat(self._absolute(at)).st_mode)
                except (OSError, ValueError):
                    known = False
                self._folders[at] = known
            if not known:
                self._folders[folder] = False
                return False
        return True

    def _absolute(self, path: str) -> str:
        return f"{self.top}/{path}"


def blob_id(data: bytes, algorithm: str) -> str:
    """The id that git gives a blob of this content. algorithm: ``sha1`` or ``sha256``."""
    from hashlib import new

    return new(algorithm, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
