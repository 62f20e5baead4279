"""The process that judges: a line of JSON in, a line of JSON out, until there is no more.

Started by `riskcheck.replaying.processes`; whatever happens to it costs the change that it is at.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from riskcheck.errors import RunError
from riskcheck.replaying.judge import Judge
from riskcheck.replaying.model import Asked, failed, written

if TYPE_CHECKING:
    from typing import BinaryIO

    from riskcheck.replaying.model import JudgedChange

MOST_MEMORY: Final = 4 * 1024 * 1024 * 1024
"""Bytes of address space of one process: ordinary changes take a twentieth."""


def main() -> None:
    """Reads how changes are judged and then the changes from standard input; answers on standard output, which
    nothing else is written to."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    _limit_memory()
    asked = sys.stdin.buffer
    with suppress(BrokenPipeError):
        _serve(asked, answers)


def _serve(stream: BinaryIO, answers: BinaryIO) -> None:
    settings = json.loads(stream.readline())
    judge = Judge(
        settings["root"], settings["branch"], settings["config"], settings["folder"], cache=settings["cache"]
    )
    gc.disable()
    while line := stream.readline():
        asked = Asked(*json.loads(line))
        judged, sound = _judged(judge, asked)
        answers.write(json.dumps({**written(judged), "ends": not sound}).encode() + b"\n")
        if not sound:
            return
        gc.collect()


def _judged(judge: Judge, asked: Asked) -> tuple[JudgedChange, bool]:
    """What is said of a change, and whether this process is fit to go on."""
    try:
        return judge.judged(asked), True
    except RunError as error:
        return failed(asked, str(error)), True
    except MemoryError:
        return failed(asked, "out of memory"), False
    except Exception as error:  # noqa: BLE001  # a defect costs one change, and is told
        return failed(asked, f"internal error at {_place(error)}: {type(error).__name__}: {error}"), False


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "?"
    return f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    with suppress(OSError, ValueError):
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        allowed = MOST_MEMORY if most == resource.RLIM_INFINITY else min(MOST_MEMORY, most)
        resource.setrlimit(resource.RLIMIT_AS, (allowed, most))
