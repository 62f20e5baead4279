"""riskcheck as a process that the kernel ends when it takes more than it may.

The bounds are for slow and busy machines: what is held is that there is one, not how fast it is.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
SECONDS = 60
"""Processor time that one process may take; git counts by itself."""
WAITING = 300
"""Seconds by the clock until a process is ended that waits."""
MEBIBYTES = 1536
"""Address space of one process: what it holds, and what it has mapped."""


class Done(NamedTuple):
    """What a process came to. seconds: processor time of it and of what it started. mebibytes: the most memory
    that was resident in any of them."""

    code: int
    out: str
    err: str
    seconds: float
    mebibytes: float

    @property
    def said(self) -> str:
        return self.out + self.err


def environment_of(where: Path) -> dict[str, str]:
    """Of the machine what programs need, nothing of a CI, and a cache and a home beside the repository."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("RISKCHECK_", "CI", "GITHUB_", "GIT_"))
    }
    private = {
        "PYTHONPATH": str(ROOT),
        "XDG_CACHE_HOME": str(where.parent / "cache"),
        "HOME": str(where.parent / "home"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(where.parent),
    }
    return {**clean, **private}


def riskcheck(
    where: Path,
    *arguments: str | bytes,
    seconds: int = SECONDS,
    mebibytes: int = MEBIBYTES,
    program: tuple[str, ...] = (sys.executable, "-m", "riskcheck"),
    codes: tuple[int, ...] = (0, 1, 2),
    environ: Mapping[str, str] | None = None,
) -> Done:
    """Runs `riskcheck` in `where`. Whatever it is given, it answers: an exit code of `codes`, no traceback."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (mebibytes << 20, mebibytes << 20))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    with TemporaryFile() as out, TemporaryFile() as err:
        process = subprocess.Popen(
            [*program, *arguments],
            cwd=where,
            env={**environment_of(where), **(environ or {})},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            preexec_fn=limit,
        )
        # Not `communicate`: only this tells what the process and its own children took, and of no others.
        # A process that waits for a pipe takes no processor time.
        watch = threading.Timer(WAITING, process.kill)
        watch.start()
        try:
            _, status, used = os.wait4(process.pid, 0)
        finally:
            watch.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        for file in (out, err):
            file.seek(0)
        done = Done(
            process.returncode,
            out.read().decode("utf-8", "surrogateescape"),
            err.read().decode("utf-8", "surrogateescape"),
            used.ru_utime + used.ru_stime,
            used.ru_maxrss / 1024,
        )
    assert done.code in codes, f"exit code {done.code}: {done.err[-2000:]}"
    for sign in ("Traceback (most recent", "internal error", "MemoryError", "RecursionError"):
        assert sign not in done.said, done.said[-2000:]
    return done
