"""Whole processes, each beside a bare Python start: what they take by the clock, of the processor, of memory."""

from __future__ import annotations

import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.estates.writing import Estate

BARE: Final = (sys.executable, "-c", "pass")
RISKCHECK: Final = (sys.executable, "-m", "riskcheck")
ROOT: Final = Path(__file__).parent.parent
FAILURES: Final = (RuntimeError, TimeoutError)
"""How a command fails to be measured."""
PATIENCE: Final = 180.0
"""Seconds after which a process is ended and counts as not measured."""


class Run(NamedTuple):
    """One process. seconds by the clock, computed: CPU seconds with those of its children, peak: resident KiB,
    status: its exit code."""

    seconds: float
    computed: float
    peak: int
    status: int


class Measured(NamedTuple):
    """Alternating runs of a command and of a bare start."""

    own: tuple[Run, ...]
    bare: tuple[Run, ...]

    @property
    def median(self) -> float:
        """Seconds by the clock."""
        return statistics.median(run.seconds for run in self.own)

    @property
    def spread(self) -> float:
        """Slowest less fastest run, as a share of the median."""
        seconds = [run.seconds for run in self.own]
        return (max(seconds) - min(seconds)) / self.median

    @property
    def ratio(self) -> float:
        """Median against that of the bare starts, by the clock."""
        return self.median / statistics.median(run.seconds for run in self.bare)

    @property
    def computed(self) -> float:
        """CPU seconds of the run that took least."""
        return min(run.computed for run in self.own)

    @property
    def computed_ratio(self) -> float:
        """Least against least: moves less than the clock where other work shares the machine."""
        return self.computed / min(run.computed for run in self.bare)

    @property
    def peak(self) -> float:
        """MiB of the run that took most."""
        return max(run.peak for run in self.own) / 1024


def measured(
    command: Sequence[str],
    directory: Path,
    environ: Mapping[str, str] | None = None,
    patience: float = PATIENCE,
) -> Run:
    """One process, run to its end. Raises `TimeoutError` after `patience` seconds."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=directory,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    end = threading.Timer(patience, os.killpg, (process.pid, signal.SIGKILL))
    end.start()
    _, waited, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    end.cancel()
    process.returncode = os.waitstatus_to_exitcode(waited)
    if process.returncode == -signal.SIGKILL and seconds >= patience:
        raise TimeoutError(f"{Path(command[0]).name} took more than {patience:.0f} s")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, process.returncode)


def alternating(
    command: Sequence[str],
    directory: Path,
    *,
    runs: int,
    environ: Mapping[str, str] | None = None,
    budget: float = 20.0,
    accepted: Sequence[int] = (0, 1),
) -> Measured:
    """`runs` of `command` between as many bare starts; fewer, but one at least, where they take more than `budget`
    seconds together.

    environ: by default `environment()`.
    Raises `RuntimeError` where the command ends in a status that is not `accepted`, `TimeoutError` as `measured`.
    """
    environ = environment() if environ is None else environ
    own: list[Run] = []
    bare: list[Run] = []
    begin = time.monotonic()
    while not own or (len(own) < runs and time.monotonic() - begin < budget):
        bare.append(measured(BARE, directory, environ))
        own.append(measured(command, directory, environ))
        if own[-1].status not in accepted:
            words = " ".join((Path(command[0]).name, *command[1:4]))
            raise RuntimeError(f"{words} … ended with {own[-1].status}")
    return Measured(tuple(own), tuple(bare))


def cold(command: Sequence[str], directory: Path, *, runs: int, room: Path, budget: float = 30.0) -> Measured:
    """As `alternating`, each run with a cache that knows nothing of the repository. Bytecode and the compiled rules
    are there: they come once with an installation."""
    parts: list[Measured] = []
    begin = time.monotonic()
    while not parts or (len(parts) < runs and time.monotonic() - begin < budget):
        with tempfile.TemporaryDirectory(dir=room) as cache:
            shutil.copytree(_installed(room), cache, dirs_exist_ok=True)
            parts.append(alternating(command, directory, runs=1, environ=environment(Path(cache))))
    return Measured(tuple(part.own[0] for part in parts), tuple(part.bare[0] for part in parts))


def _installed(room: Path) -> Path:
    """A cache as it is after a first run in another repository."""
    cache = room / "installed"
    if not cache.exists():
        with Estate(room / "elsewhere") as estate:
            estate.commit("base", [("settings.yaml", "level: info\n")])
        measured((*RISKCHECK, "diff", "HEAD..HEAD"), room / "elsewhere", environment(cache))
    return cache


def warm(command: Sequence[str], directory: Path, *, runs: int, room: Path, budget: float = 20.0) -> Measured:
    """As `alternating`, after a run that filled the cache."""
    environ = environment(room / "warm")
    measured(command, directory, environ)
    return alternating(command, directory, runs=runs, environ=environ, budget=budget)


def environment(cache: Path | None = None) -> dict[str, str]:
    """The environment of a measured process: bytecode is kept, riskcheck comes from here."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    if cache is not None:
        environ["XDG_CACHE_HOME"] = str(cache)
    return environ
