"""The history of a repository, for tasks that are about what landed."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from riskcheck.cache import cache_dir
from riskcheck.errors import RunError

try:
    from fcntl import LOCK_EX, flock
except ImportError:  # Windows: there the store itself waits for who writes
    _LOCKS = False
else:
    _LOCKS = True

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.fleet.model import Task
    from riskcheck.history.model import History
    from riskcheck.sources.repository import Repository

CUT: Final = (
    "the history is cut off (a shallow clone): what landed before is not known; git fetch --unshallow"
)

FOLDER: Final = "fleet"
"""Of the cache: the history stores of the repositories of fleets."""

UNUSED_DAYS: Final = 60
"""After so many a store is taken away; it can be made anew."""


def needs_history(task: Task) -> None:
    """Raises `RunError` where `task` is about a folder without git."""
    if not task.revision:
        raise RunError(f"{task.path} is no git repository, and only git tells what landed")


def history_of(task: Task) -> History:
    """What landed up to the tip of `task`. The first task of a repository on a machine reads the log, the others
    wait for it and read what it has put into a store there. Raises `RunError`."""
    from riskcheck.opening import state_environ
    from riskcheck.recording import recorded

    with store_of(task.path) as file:
        return recorded(task.path, tip=task.revision, file=file, environ=state_environ(), jobs=1)


@contextmanager
def store_of(path: str, *, alone: bool = True) -> Iterator[str | None]:
    """The history store of the repository at `path`; None where there is no safe place for one. alone: entered by
    one process of this user at a time.

    Not the one of the commands, of which the cache keeps those of a few repositories, and not in the output folder:
    SQLite needs a disk of this machine.
    """
    folder = _folder()
    if folder is None:
        yield None
        return
    name = sha256(os.path.realpath(path).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    file = os.path.join(folder, f"{name}.sqlite")
    if not alone:
        yield file
        return
    _drop_unused(folder)
    with open(os.path.join(folder, f"{name}.lock"), "ab") as lock:
        flock(lock, LOCK_EX)
        yield file
        with suppress(OSError):
            os.utime(file)


def _folder() -> str | None:
    """Where the stores are; None where nothing can be kept."""
    cache = cache_dir()
    if cache is None or not _LOCKS:
        return None
    folder = os.path.join(cache, FOLDER)
    try:
        os.makedirs(os.path.dirname(cache), exist_ok=True)
        for private in (cache, folder):
            with suppress(FileExistsError):
                os.mkdir(private, 0o700)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def landed_count(task: Task) -> int:
    """How many changes landed up to the tip of `task`. Raises `RunError`."""
    from riskcheck.sources.git import GitError
    from riskcheck.sources.landed import first_parents

    repository = _repository(task.path)
    try:
        return len(first_parents(repository, task.revision))
    except GitError as error:
        raise repository.refusal(error) from None


def revision_of(path: str, revision: str) -> str:
    """The full id of the commit that `revision` names in the repository at `path`. Raises `RunError`."""
    return _repository(path).commit(revision, or_remote=True).id


def digest_of(path: str) -> str:
    """Of the content of a file. Raises `RunError`."""
    try:
        with open(path, "rb") as file:
            return sha256(file.read()).hexdigest()
    except OSError as error:
        raise RunError(f"{path}: {error.strerror or 'cannot be read'}") from None


def _repository(path: str) -> Repository:
    from riskcheck.opening import state_environ
    from riskcheck.sources.repository import located

    return located(path, state_environ())


def _drop_unused(folder: str) -> None:
    """Takes away what was not used for `UNUSED_DAYS`."""
    oldest = time.time() - UNUSED_DAYS * 24 * 3600
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                if entry.name.endswith((".sqlite", ".rows")) and entry.stat().st_mtime < oldest:
                    os.unlink(entry.path)
