"""The three standard streams, such that nothing that is wrong with them changes what a run finds or how it exits.

* Closed ones are opened on the null device: files that are opened later would take their numbers, and what is meant
  for people would be written into these.
* A reader that goes away (``| head``) is no error: the rest goes nowhere, and the verdict and its exit code stand.
* What the encoding does not know is written as ``\\u2192``.
* Where stdout cannot be written (a full disk), the run was not made. What cannot be written to stderr is lost.
"""

from __future__ import annotations

import io
import os
import sys

# Not from `typing`, which is a bare start to import and which `--version` does without.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

STDOUT = 1


def make_ready() -> None:
    """Replaces `sys.stdout` and `sys.stderr`, and opens what is closed. Once, before anything is written."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free, which is this one
    if sys.stdin is None:
        sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False), "utf-8")
    sys.stdout = _opened(STDOUT, sys.stdout)
    sys.stderr = _opened(2, sys.stderr)


def _opened(number: int, before: io.TextIOBase | object) -> io.TextIOWrapper:
    encoding = getattr(before, "encoding", None) or "utf-8"
    raw = _Forgiving(number, "wb", closefd=False)
    # People at a terminal see lines as they come; messages are seen before whatever happens next.
    by_line = number != STDOUT or raw.isatty()
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding, "backslashreplace", line_buffering=by_line)


class _Forgiving(io.FileIO):
    """A stream whose reader may go away, or be slow without being waited for."""

    def write(self, data: ReadableBuffer, /) -> int:
        """Raises `RunError` for stdout, once; what follows goes nowhere."""
        size = memoryview(data).nbytes
        try:
            while (written := super().write(data)) is None:
                import select

                select.select([], [self], [])
        except OSError as error:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self.fileno())
            os.close(null)
            if self.fileno() != STDOUT or isinstance(error, BrokenPipeError):
                return size
            from riskcheck.errors import RunError

            raise RunError(f"cannot write to standard output: {error.strerror}") from None
        return written
