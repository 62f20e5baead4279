"""Processes that judge, each a change at a time. One that ends or takes too long costs the change it was at."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread, Timer
from typing import TYPE_CHECKING, Final

from riskcheck.replaying.model import failed, read

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from riskcheck.replaying.model import Asked, JudgedChange, ReplaySettings

NEIGHBOURS: Final = 16
"""Changes in a row that one process takes: they share most of what is read."""

_PATIENCE: Final = 0.5
"""Seconds between two looks at whether somebody ended the run, where the system does not wake who waits."""

_SECONDS_TO_START: Final = 30.0
"""A process's first change gets as much more: it loads what all of them need."""


_PROGRAM: Final = (
    "import sys; sys.path[:] = sys.argv[1:]; from riskcheck.replaying.worker import main; main()"
)
"""Modules are found where this process finds them."""


def judged_by_processes(
    asked: Sequence[Asked], settings: ReplaySettings
) -> Generator[JudgedChange, None, None]:
    """What is said of each of `asked`, as the answers come. Closing it ends the processes."""
    if not asked:
        return
    parts = _Parts(asked)
    answers: SimpleQueue[JudgedChange | None] = SimpleQueue()
    with tempfile.TemporaryDirectory(prefix="riskcheck-", ignore_cleanup_errors=True) as folder:
        jobs = max(1, min(settings.jobs, parts.count))
        slots = [_Slot(settings, os.path.join(folder, str(number))) for number in range(jobs)]
        threads = [
            Thread(target=_drive, args=(slot, parts, answers), daemon=True, name=f"replay-{number}")
            for number, slot in enumerate(slots)
        ]
        try:
            for thread in threads:
                thread.start()
            yield from _as_they_come(answers, len(threads))
        finally:
            for slot in slots:
                slot.end_for_good()
            for thread in threads:
                thread.join()


def _as_they_come(answers: SimpleQueue[JudgedChange | None], running: int) -> Iterator[JudgedChange]:
    while running:
        try:
            answer = answers.get(timeout=_PATIENCE)
        except Empty:
            continue
        if answer is None:
            running -= 1
        else:
            yield answer


def _drive(slot: _Slot, parts: _Parts, answers: SimpleQueue[JudgedChange | None]) -> None:
    """Hands changes to the process of `slot` until there are none left."""
    try:
        for part in iter(parts.take, None):
            for asked in part:
                answer = slot.ask(asked)
                if answer is None:
                    return
                answers.put(answer)
    finally:
        slot.end()
        answers.put(None)


class _Parts:
    """Changes in rows of neighbours, each taken once."""

    def __init__(self, asked: Sequence[Asked]) -> None:
        self._rows = [asked[start : start + NEIGHBOURS] for start in range(0, len(asked), NEIGHBOURS)]
        self._rows.reverse()
        self._lock = Lock()
        self.count = len(self._rows)

    def take(self) -> Sequence[Asked] | None:
        with self._lock:
            return self._rows.pop() if self._rows else None


class _Slot:
    """A place for one process after the other. folder: where each keeps what it remembers."""

    def __init__(self, settings: ReplaySettings, folder: str) -> None:
        self._settings = settings
        self._folder = folder
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._over = Event()
        self._late = False

    def ask(self, asked: Asked) -> JudgedChange | None:
        """What is said of a change; None where the run is being ended."""
        fresh = self._process is None
        process = self._process or self._start()
        if process is None:
            return None
        assert process.stdin is not None and process.stdout is not None
        self._late = False
        seconds = self._settings.seconds
        timer = Timer(seconds + _SECONDS_TO_START if fresh else seconds, self._end_late)
        timer.daemon = True
        timer.start()
        line = b""
        try:
            with suppress(OSError):
                process.stdin.write(json.dumps(asked).encode() + b"\n")
                process.stdin.flush()
                line = process.stdout.readline()
        finally:
            timer.cancel()
        if self._over.is_set():
            return None
        answer, ends = _answer(line)
        if answer is None or ends:
            code = self.end()
            answer = answer or failed(asked, self._why(code, seconds))
        return answer

    def end(self) -> int | None:
        """Ends the process. Returns its exit code, if there was one."""
        with self._lock:
            process, self._process = self._process, None
        return None if process is None else _ended(process)

    def end_for_good(self) -> None:
        """Ends the process, and starts none any more. Whoever waits for its answer is told that there is none."""
        with self._lock:
            self._over.set()
            process = self._process
        if process is not None:
            _kill(process)

    def _end_late(self) -> None:
        self._late = True
        with self._lock:
            process = self._process
        if process is not None:
            _kill(process)

    def _why(self, code: int | None, seconds: float) -> str:
        if self._late:
            return f"gave up after {seconds:g} seconds"
        if code is not None and code < 0:
            with suppress(ValueError):
                return f"the process that judged it was ended by {signal.Signals(-code).name}"
        return f"the process that judged it ended with code {code}"

    def _start(self) -> subprocess.Popen[bytes] | None:
        settings = self._settings
        os.makedirs(self._folder, mode=0o700, exist_ok=True)
        how = {
            "root": os.path.abspath(settings.root),
            "branch": settings.branch,
            "config": settings.config,
            "folder": self._folder,
            "cache": settings.cache,
        }
        with self._lock:
            if self._over.is_set():
                return None
            # -P, and no relative paths: the current folder is the one that is checked, and may hold a `json.py`. A
            # session of its own: an interrupt from the keyboard is for the process that waits for these.
            process = self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _PROGRAM, *(one for one in sys.path if os.path.isabs(one))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=None if os.environ.get("RISKCHECK_DEBUG") else subprocess.DEVNULL,
                cwd=self._folder,
                start_new_session=True,
            )
        assert process.stdin is not None
        with suppress(OSError):
            process.stdin.write(json.dumps(how).encode() + b"\n")
        return process


def _answer(line: bytes) -> tuple[JudgedChange | None, bool]:
    """What was answered, and whether the process ends by it."""
    try:
        value = json.loads(line)
    except ValueError:
        return None, True
    return read(value), value.get("ends") is True if isinstance(value, dict) else True


def _ended(process: subprocess.Popen[bytes]) -> int:
    """Closes what leads to the process, which ends by that, or is ended. Returns its exit code."""
    with suppress(OSError):
        assert process.stdin is not None
        process.stdin.close()
    try:
        code = process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        _kill(process)
        code = process.wait()
    assert process.stdout is not None
    process.stdout.close()
    return code


def _kill(process: subprocess.Popen[bytes]) -> None:
    """With the git that it asks."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
