"""Signals that end the process, such that it ends as after an error: drafts of files are taken away, git and the
copies of this process that read along are ended, the line of progress is cleared."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_ENDING: Final = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
INTERRUPTED: Final = 130


class Ended(BaseException):
    """A signal asked this process to end. number: which."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class held:
    """While it is entered, signals that end the process wait: a program that is started in between is known to
    whoever ends it. They are dealt with when it is left. Not reentrant."""

    entered: ClassVar[bool] = False
    waiting: ClassVar[int | None] = None

    def __enter__(self) -> None:
        held.entered = True

    def __exit__(self, *_: object) -> None:
        held.entered = False
        number, held.waiting = held.waiting, None
        if number is not None:
            _end(number, None)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """While it is entered, SIGTERM and SIGHUP unwind the process as an interrupt does; it then ends by that
    very signal, which is what waits for it expects. What was ignored before (``nohup``) stays ignored.

    Whatever way it is left, an interrupt that comes later changes the exit code no more, and prints nothing.
    """
    for number in _ENDING:
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _end)
    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)
    sys.unraisablehook = _unraisable
    try:
        yield
    except Ended as ended:
        _end_by(ended.number)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _end_programs()


def _end(number: int, _: FrameType | None) -> None:
    if held.entered:
        held.waiting = number
        return
    raise KeyboardInterrupt if number == signal.SIGINT else Ended(number)


def _end_by(number: int) -> None:
    _end_programs()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _unraisable(raised: sys.UnraisableHookArgs) -> None:
    """Where Python lets no exception through, as in ``__del__``, a signal would be lost: there the process ends at
    once. Drafts that this leaves are taken away by the next run."""
    if isinstance(raised.exc_value, Ended):
        _end_by(raised.exc_value.number)
    elif isinstance(raised.exc_value, KeyboardInterrupt):
        _end_programs()
        os._exit(INTERRUPTED)
    else:
        sys.__unraisablehook__(raised)


def _end_programs() -> None:
    git = sys.modules.get("riskcheck.sources.git")
    if git is not None:
        git.end_all()
