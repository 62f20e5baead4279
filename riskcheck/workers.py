"""Work on many files, shared out to copies of this process. What comes back is the same for any number of them.

Copies are forked: they need nothing imported again, and hand back nothing but results. They may not touch what this
process has open (the pipes to git, the index): give them work on what is in memory. Where the system cannot fork
safely, all is done here.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NoReturn, TypeVar

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Item = TypeVar("Item")
Result = TypeVar("Result")


_ENDING: Final = (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))


class _Copy(NamedTuple):
    """A running copy of this process. share: the numbers of its items. pipe: where its results come from."""

    process: int
    share: range
    pipe: int


def spread(work: Callable[[Item], Result], items: Sequence[Item], jobs: int) -> list[Result]:
    """`work` of each item, in their order, done by up to `jobs` processes.

    work: must come to the same wherever it runs. A share whose process fails is done here, so that whatever it
    raises is raised here.
    """
    jobs = min(jobs, len(items)) if can_fork() else 1
    shares = [range(number, len(items), jobs) for number in range(jobs)]
    copies: list[_Copy] = []
    found: dict[int, Result] = {}
    try:
        for share in shares[1:]:
            _start(work, items, share, copies)
        for number in shares[0] if shares else ():
            found[number] = work(items[number])
        for copy in copies:
            found.update(_results(copy) or ())
        # What a copy did not come to an end with, and what there was no copy for.
        found.update({number: work(item) for number, item in enumerate(items) if number not in found})
    finally:
        for copy in copies:
            _end(copy)
    return [found[number] for number in range(len(items))]


def can_fork() -> bool:
    """Not on Windows, which cannot, on macOS, whose libraries do not bear it, and beside threads."""
    if not hasattr(os, "fork") or sys.platform == "darwin":
        return False
    threading = sys.modules.get("threading")
    return threading is None or threading.active_count() == 1


def _start(work: Callable[[Item], Result], items: Sequence[Item], share: range, copies: list[_Copy]) -> None:
    """Adds a copy that does `share` to `copies`; none where the system gives no process or pipe for it."""
    parent = os.getpid()
    # A signal in between would unwind the copy as if it were the whole run, or leave it running unknown.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        with suppress(OSError):
            receiving, sending = os.pipe()
            try:
                process = os.fork()
            except OSError:
                os.close(receiving)
                process = None
            if process:
                copies.append(_Copy(process, share, receiving))
            if process != 0:
                os.close(sending)
            else:
                _work(work, items, share, sending, parent)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(
    work: Callable[[Item], Result], items: Sequence[Item], share: range, sending: int, parent: int
) -> NoReturn:
    """The copy, which leaves by `_exit` only: nothing of this process may be closed or flushed twice."""
    try:
        for ending in _ENDING:
            signal.signal(ending, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        # Looking for garbage would touch, and so copy, all that the two processes share.
        gc.disable()
        found = []
        for number in share:
            if os.getppid() != parent:
                os._exit(1)  # killed: nobody waits for what is found
            found.append(work(items[number]))
        with os.fdopen(sending, "wb") as stream:
            stream.write(pickle.dumps(found))
    except BaseException:  # noqa: BLE001  # the share is done where it is asked for
        os._exit(1)
    os._exit(0)


def _results(copy: _Copy) -> list[tuple[int, Result]] | None:
    """What a copy found, by the numbers of the items; None where it did not come to an end."""
    with os.fdopen(copy.pipe, "rb", closefd=False) as stream:
        data = stream.read()
    try:
        # Of this very program: no file, and nobody else, has a hand in it.
        results = pickle.loads(data)  # noqa: S301
    except (EOFError, pickle.UnpicklingError):
        return None
    return list(zip(copy.share, results, strict=True))


def _end(copy: _Copy) -> None:
    os.close(copy.pipe)
    with suppress(OSError):
        os.kill(copy.process, 9)
    with suppress(OSError):
        os.waitpid(copy.process, 0)
