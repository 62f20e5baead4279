"""What one input may take: processor time and memory."""

from __future__ import annotations

import resource
import signal
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from fuzz.model import Target

SECONDS: Final = 5.0
"""Processor time of one input. Above that it is a finding, not a slow machine: the clock is not asked."""
MEMORY: Final = 256 * 1024 * 1024
"""Bytes by which one input may raise the peak of the process."""


class TooSlow(BaseException):
    """An input took longer than it may. No handler for `Exception` must catch it."""


class TooLarge(Exception):
    """An input took more memory than it may."""


class Unsteady(Exception):
    """An input came to something else the second time."""


def checked(target: Target, data: bytes, seconds: float = SECONDS) -> None:
    """Runs `target` on `data` within the bounds; one input of four a second time, to see whether it says the same.

    Raises what the target raises, `TooSlow`, `TooLarge`, `Unsteady`.
    """
    before = _peak()
    with limited(seconds):
        outcome = target.run(data)
        if zlib.crc32(data) % 4 == 0 and target.run(data) != outcome:
            raise Unsteady(f"{target.name}: not the same twice")
    if _peak() - before > MEMORY:
        raise TooLarge(f"{target.name}: {(_peak() - before) >> 20} MiB for {len(data)} bytes")


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raises `TooSlow` where the block takes more processor time of this process than `seconds`."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooSlow(f"more than {seconds:g} s of processor time")

    previous = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, previous)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
