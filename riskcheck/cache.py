"""A private cache on disk: JSON under the user's cache folder. Whatever is wrong with it, it counts as empty.

It is never read from a place that a checked repository could have filled: CI systems like to put ``XDG_CACHE_HOME``
inside the checkout, and a pull request can commit files there.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final
from zlib import crc32

from riskcheck import __version__
from riskcheck.drafts import remove_leftovers, write_whole
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Value

MOST_BYTES: Final = 64 * 1024 * 1024
"""Entries above this are neither kept nor read."""

MOST_OF_A_FILE: Final = 256 * 1024 * 1024
"""A file that some library keeps is emptied above this."""

MOST_OF_A_FAMILY: Final = 8
"""Entries kept of one family; those that were not used for longest go."""

MOST_OF_ALL: Final = 512 * 1024 * 1024
"""Bytes of all that is kept; what was not used for longest goes."""

_left_alone = False


@contextmanager
def left_alone() -> Iterator[None]:
    """While it is entered nothing is kept and nothing known."""
    global _left_alone
    before, _left_alone = _left_alone, True
    try:
        yield
    finally:
        _left_alone = before


def cache_dir() -> str | None:
    """The folder of the cache, whether or not it exists; None where there is no safe place for one, or where it is
    to be left alone."""
    if _left_alone:
        return None
    folder = os.path.join(_user_cache(), "riskcheck")
    return folder if os.path.isabs(folder) and not _in_reach_of_a_checkout(folder) else None


def load(family: str, key: str) -> object:
    """What `store` put under `key`; None where there is nothing to be trusted."""
    folder = cache_dir()
    if folder is None:
        return None
    try:
        file = os.open(os.path.join(folder, _name(family, key)), os.O_RDONLY | _NO_LINKS)
        # From a descriptor, so that the file checked is the file read.
        with open(file, "rb") as stream:
            status = os.fstat(file)
            if not _is_private(status) or status.st_size > MOST_BYTES:
                return None
            value = unsealed(key, stream.read(MOST_BYTES + 1))
            _mark_used(file, status)
            return value
    except (OSError, ValueError, RecursionError):
        return None


def store(family: str, key: str, value: object) -> None:
    """Keeps `value`, which JSON can hold, under `key`. family: groups entries of which few are needed."""
    folder = cache_dir()
    if folder is None:
        return
    try:
        data = sealed(key, value)
        if len(data) > MOST_BYTES:
            return
        _make(folder)
        write_whole(os.path.join(folder, _name(family, key)), data, mode=0o600)
        remove_leftovers(folder)
        _drop_oldest(folder)
    except OSError:
        return


def sealed(key: str, value: object) -> bytes:
    """An entry as it is written: a line that says what it is and of which version, and the value."""
    body = json.dumps(value, separators=(",", ":")).encode()
    head = {"key": key, "version": __version__, "sum": crc32(body)}
    return json.dumps(head, separators=(",", ":")).encode() + b"\n" + body


def unsealed(key: str, data: bytes) -> object:
    """The value of an entry; None where it is another's, of another version, or was damaged. Raises `ValueError`,
    `RecursionError`."""
    head, _, body = data.partition(b"\n")
    if json.loads(head) != {"key": key, "version": __version__, "sum": crc32(body)}:
        return None
    value: object = json.loads(body)
    return value


class Memory:
    """What the platforms learnt about one repository, kept from one run to the next."""

    def __init__(self, root: str) -> None:
        self._root = root

    def recall(self, name: str) -> object:
        """What `keep` was given under `name`; None where there is nothing to be trusted."""
        return load(f"tree-{name}", self._root)

    def keep(self, name: str, value: Value) -> None:
        store(f"tree-{name}", self._root, value)

    def file(self, name: str) -> str | None:
        """Path of a private file, which exists, for what is too large to be read whole. It may hold anything: an
        earlier version wrote it, or another repository whose name falls together with this one's."""
        return private_file(f"{name}-{_digits(self._root)}")

    def has_file(self, name: str) -> bool:
        """Whether `file` was asked for before, and something was put into it."""
        folder = cache_dir()
        try:
            return (
                folder is not None
                and os.path.getsize(os.path.join(folder, f"{name}-{_digits(self._root)}")) > 0
            )
        except OSError:
            return False


def private_file(name: str) -> str | None:
    """Path of a file of the cache, made empty where there is none. None where nobody vouches that only we write
    it, or the files that a library puts beside it."""
    folder = cache_dir()
    if folder is None:
        return None
    path = os.path.join(folder, name)
    try:
        _make(folder)
        above = os.lstat(folder)
        if not stat.S_ISDIR(above.st_mode) or (
            hasattr(os, "getuid") and (above.st_uid != os.getuid() or above.st_mode & 0o022)
        ):
            return None
        file = os.open(path, os.O_RDWR | os.O_CREAT | _NO_LINKS, 0o600)
        try:
            status = os.fstat(file)
            if not _is_private(status):
                return None
            if status.st_size > MOST_OF_A_FILE:
                os.truncate(file, 0)
            _mark_used(file, status)
            if not status.st_size:
                _drop_oldest(folder)
            return path
        finally:
            os.close(file)
    except OSError:
        return None


_BESIDE: Final = ("-journal", "-wal", "-shm")
"""What SQLite puts beside a file, under its name: https://www.sqlite.org/tempfiles.html"""

_NO_LINKS: Final[int] = getattr(os, "O_NOFOLLOW", 0)


def _name(family: str, key: str) -> str:
    """A short name; two keys that share it take turns, since the entry itself says which it is of."""
    return f"{family}-{_digits(key)}.json"


def _digits(text: str) -> str:
    """Of a text that may be the path of a folder, whose name is any bytes."""
    return f"{crc32(text.encode('utf-8', 'surrogateescape')):08x}"


def _user_cache() -> str:
    chosen = os.environ.get("XDG_CACHE_HOME")
    if chosen:
        return chosen
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        return os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Caches")
    return os.path.join(home, ".cache")


def _in_reach_of_a_checkout(folder: str) -> bool:
    """Whether `folder` lies below the current directory or inside any work tree."""
    try:
        here = os.getcwd()
    except OSError:  # it was removed
        return True
    below = ""
    while folder != below:
        if folder == here or os.path.exists(os.path.join(folder, ".git")):
            return True
        folder, below = os.path.dirname(folder), folder
    return False


def _is_private(status: os.stat_result) -> bool:
    """Ours alone to write. Where the system has no such modes, the user's own folder is taken at its word."""
    if not stat.S_ISREG(status.st_mode):
        return False
    if not hasattr(os, "getuid"):
        return True
    return status.st_uid == os.getuid() and not status.st_mode & 0o077


def _make(folder: str) -> None:
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with suppress(FileExistsError):
        os.mkdir(folder, 0o700)


def _mark_used(file: int, status: os.stat_result) -> None:
    """Notes the time of use beside that of writing: many systems leave the former alone."""
    if os.utime in os.supports_fd:
        with suppress(OSError):
            os.utime(file, ns=(time.time_ns(), status.st_mtime_ns))


class _Kept(NamedTuple):
    """A file of the cache. used: when it was written or used last, in seconds since the epoch."""

    path: str
    family: str
    size: int
    used: float


def _drop_oldest(folder: str) -> None:
    """Holds the cache to its bounds. Files beside those of a library (``…-journal``) stay with them."""
    found: list[_Kept] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                status = entry.stat(follow_symlinks=False)
                used = max(status.st_mtime, status.st_atime)
                if not entry.name.startswith(".") and not entry.name.endswith(_BESIDE):
                    found.append(_Kept(entry.path, entry.name.rpartition("-")[0], status.st_size, used))
    found.sort(key=lambda one: one.used, reverse=True)
    count: dict[str, int] = {}
    size = 0
    for one in found:
        count[one.family] = count.get(one.family, 0) + 1
        size += one.size
        if count[one.family] > MOST_OF_A_FAMILY or size > MOST_OF_ALL:
            for path in (one.path, *(one.path + end for end in _BESIDE)):
                with suppress(OSError):  # in use, where that keeps it
                    os.unlink(path)
