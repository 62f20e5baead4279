"""Files written whole or not at all, whenever the process is killed: first to a draft beside the target, which is
then moved over it. A draft is locked while it is written, so that what a killed run left can be told from what
another run is writing, and taken away."""

from __future__ import annotations

import errno
import os
import re
import stat
from contextlib import suppress
from typing import Final

from riskcheck.regexes import regex

try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:  # Windows: what a killed run left stays
    _LOCKS = False
else:
    _LOCKS = True

_NO_LINKS: Final[int] = getattr(os, "O_NOFOLLOW", 0)
_AT_ONCE: Final[int] = getattr(os, "O_NONBLOCK", 0)
_LONGEST_NAME: Final = 100
_OURS: Final = regex(r"\..*\.[0-9a-f]{16}\.tmp", re.DOTALL)
_TRIES: Final = 8
_NO_HARD_LINKS: Final = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
"""What file systems without them answer."""


def write_whole(path: str, data: bytes, *, mode: int = 0o666, over: bool = True) -> None:
    """Writes `data` to the file at `path`. A link there is replaced, not followed.

    mode: permission bits, before the umask. over: whether a file that is there already is replaced. Raises
    `OSError`; then `path` is as it was, and no draft is left.
    """
    draft, file = _begun(path, mode)
    try:
        # Unbuffered, so that closing has nothing left to write, and fail at.
        with open(file, "wb", buffering=0) as stream:
            left = memoryview(data)
            while left:
                left = left[stream.write(left) :]
            if _LOCKS:
                # While the lock is held.
                _put(draft, path, over=over)
        if not _LOCKS:
            _put(draft, path, over=over)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft)
        raise


def remove_leftovers(folder: str, name: str | None = None) -> None:
    """Takes away drafts in `folder` that killed runs left: those of the file `name`, or all."""
    if not _LOCKS:
        return
    start = "." if name is None else f".{name[:_LONGEST_NAME]}."
    try:
        found = [one for one in os.listdir(folder or ".") if one.startswith(start) and _OURS.fullmatch(one)]
    except OSError:
        return
    for one in found:
        with suppress(OSError):
            _remove_unless_written(os.path.join(folder, one))


def _begun(path: str, mode: int) -> tuple[str, int]:
    """A draft for `path` that is there, locked and empty, and its descriptor."""
    folder, name = os.path.split(path)
    for _ in range(_TRIES):
        # A name that nobody can foresee, and nothing that is there already: a link could lie in wait.
        draft = os.path.join(folder, f".{name[:_LONGEST_NAME]}.{os.urandom(8).hex()}.tmp")
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINKS, mode)
        if not _LOCKS:
            return draft, file
        with suppress(OSError):  # a file system without locks: there nobody takes drafts away either
            flock(file, LOCK_EX)
        if os.fstat(file).st_nlink:
            return draft, file
        os.close(file)  # before it was locked, another run took it for left over
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)


def _put(draft: str, path: str, *, over: bool) -> None:
    if over:
        os.replace(draft, path)
        return
    try:
        os.link(draft, path, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        # The name is taken first, so that nobody else's file is replaced.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINKS))
        os.replace(draft, path)
    else:
        os.unlink(draft)


def _remove_unless_written(draft: str) -> None:
    file = os.open(draft, os.O_RDONLY | _NO_LINKS | _AT_ONCE)
    try:
        status = os.fstat(file)
        if stat.S_ISREG(status.st_mode) and status.st_uid == os.getuid():
            flock(file, LOCK_EX | LOCK_NB)
            os.unlink(draft)
    finally:
        os.close(file)
