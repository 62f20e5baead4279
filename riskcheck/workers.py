"""Work on many files, shared out to copies of this process. What comes back is the same for any number of them.

Copies are forked: they need nothing imported again, see all that was read and parsed, and hand back nothing but
results. They may not touch the index that this process has open; to git they speak over pipes of their own. Where
the system cannot fork safely, all is done here.
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
    from collections.abc import Callable, Iterator, Sequence

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST_COPIES: Final = 4
"""Processes that are used where nobody says how many: measured, more hardly help and each needs its memory."""

_LIMIT: Final = "/sys/fs/cgroup/cpu.max"
"""https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files"""

_MOST_PARTS: Final = 1_000
"""Parts that are taken in turn: their numbers fit into the smallest pipe (4 KiB)."""

_NUMBER: Final = 4
"""Bytes of the number of a part. One read takes one whole, since all are written before anybody reads."""


_ENDING: Final = (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))

_copied = False


class _Copy(NamedTuple):
    """A running copy of this process. pipe: where its results come from."""

    process: int
    pipe: int


def spread(work: Callable[[Item], Result], items: Sequence[Item], jobs: int) -> list[Result]:
    """`work` of each item, in their order, done by up to `jobs` processes; whichever is free takes what is next.

    work: must come to the same wherever it runs. What a process that fails had taken is done here, so that whatever
    it raises is raised here.
    """
    jobs = min(jobs, len(items)) if can_fork() else 1
    if jobs < 2:
        return [work(item) for item in items]
    width = -(-len(items) // _MOST_PARTS)
    parts = [range(start, min(start + width, len(items))) for start in range(0, len(items), width)]
    queue = _queue(len(parts))
    copies: list[_Copy] = []
    found: dict[int, Result] = {}
    try:
        for _ in range(jobs - 1):
            _start(work, items, parts, queue, copies)
        for number in _taken(queue, parts):
            found[number] = work(items[number])
        for copy in copies:
            found.update(_results(copy))
    finally:
        os.close(queue)
        for copy in copies:
            _end(copy)
    return [found[number] if number in found else work(item) for number, item in enumerate(items)]


def count(jobs: int, *, pays: bool) -> int:
    """How many processes are used. jobs: how many are asked for, 0 for as many as pay. pays: whether more than one
    does, as far as is known."""
    if jobs:
        return jobs
    return min(_processors(), MOST_COPIES) if pays else 1


def _processors() -> int:
    """What this process may use, as far as the system says."""
    try:
        found = len(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        found = os.cpu_count() or 1
    # A container sees all processors, and may be given the time of some.
    with suppress(OSError, ValueError):
        with open(_LIMIT, encoding="ascii") as limit:  # noqa: PTH123  # pathlib is a start to import
            quota, period = limit.read().split()
        if quota != "max":
            found = min(found, max(1, int(quota) // int(period)))
    return found


def is_copy() -> bool:
    """Whether this process is a copy that does a part of the work."""
    return _copied


def _queue(count: int) -> int:
    """A pipe from which each of `count` numbers is read once, by whoever comes first."""
    reading, writing = os.pipe()
    os.write(writing, b"".join(number.to_bytes(_NUMBER, "big") for number in range(count)))
    os.close(writing)
    return reading


def _taken(queue: int, parts: Sequence[range]) -> Iterator[int]:
    """The numbers of the items that fall to this process."""
    while number := os.read(queue, _NUMBER):
        yield from parts[int.from_bytes(number, "big")]


def can_fork() -> bool:
    """Not on Windows, which cannot, on macOS, whose libraries do not bear it, and beside threads."""
    if not hasattr(os, "fork") or sys.platform == "darwin":
        return False
    threading = sys.modules.get("threading")
    return threading is None or threading.active_count() == 1


def _start(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    parts: Sequence[range],
    queue: int,
    copies: list[_Copy],
) -> None:
    """Adds a copy to `copies`; none where the system gives no process or pipe for it."""
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
                copies.append(_Copy(process, receiving))
            if process != 0:
                os.close(sending)
            else:
                _work(work, items, parts, queue, sending, parent)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    parts: Sequence[range],
    queue: int,
    sending: int,
    parent: int,
) -> NoReturn:
    """The copy, which leaves by `_exit` only: nothing of this process may be closed or flushed twice."""
    try:
        global _copied
        _copied = True
        for ending in _ENDING:
            signal.signal(ending, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        # Looking for garbage would touch, and so copy, all that the two processes share.
        gc.disable()
        found = []
        for number in _taken(queue, parts):
            if os.getppid() != parent:
                os._exit(1)  # killed: nobody waits for what is found
            found.append((number, work(items[number])))
        with os.fdopen(sending, "wb") as stream:
            stream.write(pickle.dumps(found))
    except BaseException:  # noqa: BLE001  # its share is done where it is asked for
        os._exit(1)
    os._exit(0)


def _results(copy: _Copy) -> list[tuple[int, Result]]:
    """What a copy found, by the numbers of the items; nothing where it did not come to an end."""
    with os.fdopen(copy.pipe, "rb", closefd=False) as stream:
        data = stream.read()
    try:
        # Of this very program: no file, and nobody else, has a hand in it.
        found: list[tuple[int, Result]] = pickle.loads(data)  # noqa: S301
    except (EOFError, pickle.UnpicklingError):
        return []
    return found


def _end(copy: _Copy) -> None:
    os.close(copy.pipe)
    with suppress(OSError):
        os.kill(copy.process, 9)
    with suppress(OSError):
        os.waitpid(copy.process, 0)
