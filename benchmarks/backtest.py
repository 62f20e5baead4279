"""What replaying landed changes of a real repository takes, per change and beside a process for each.

    python -m benchmarks.backtest REPO … --last 200 --jobs 2

CPU seconds with those of git and of the processes that judge; a tenth of the changes is also judged by `riskcheck
diff`, a process each, with a warm cache. The repositories are only read.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.processes import BARE, RISKCHECK, ROOT
from benchmarks.tables import Table, markdown
from riskcheck.recording import recorded
from riskcheck.replaying.model import Asked, ReplaySettings
from riskcheck.replaying.replay import replay
from riskcheck.replaying.selection import Wanted, selected

HEADER: Final = ("", "changes", "CPU ms each", "bare starts", "wall ms each", "`diff`, CPU ms each", "failed")
SHARE: Final = 10
"""One of so many changes is judged by a process of its own as well."""


class Cost(NamedTuple):
    """Seconds: of the processor, children included, and by the clock."""

    computed: float
    passed: float


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repos", type=Path, nargs="+", metavar="REPO")
    parser.add_argument("--last", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    os.environ.pop("CI", None)
    rows = []
    with tempfile.TemporaryDirectory(prefix="riskcheck-bench-") as room:
        os.environ["XDG_CACHE_HOME"] = room
        bare = min(_cost(lambda: subprocess.run(BARE, check=True)).computed for _ in range(15))
        rows = [_row(repo.resolve(), given.last, given.jobs, bare) for repo in given.repos]
    print(markdown(Table("backtest", "Landed changes", HEADER, tuple(rows))))


def _row(repo: Path, last: int, jobs: int, bare: float) -> tuple[str, ...]:
    asked = selected(recorded(str(repo)), Wanted(last=last), repo.name).asked()
    failed = 0

    def replayed() -> None:
        nonlocal failed
        failed = sum(one.error is not None for one in replay(asked, ReplaySettings(str(repo), jobs=jobs)))

    cost = _cost(replayed)
    some = asked[::SHARE]
    _diffs(repo, some[:1])
    alone = _cost(lambda: _diffs(repo, some))
    each = cost.computed / len(asked)
    return (
        repo.name,
        f"{len(asked):,}",
        f"{each * 1000:.0f}",
        f"{each / bare:.1f}",
        f"{cost.passed / len(asked) * 1000:.0f}",
        f"{alone.computed / len(some) * 1000:.0f}",
        str(failed),
    )


def _diffs(repo: Path, asked: Sequence[Asked]) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    for one in asked:
        command = [*RISKCHECK, "diff", f"{one.base}..{one.commit}", "--exit-zero"]
        subprocess.run(command, cwd=repo, env=environ, capture_output=True, check=True)


def _cost(work: Callable[[], object]) -> Cost:
    before, begun = _computed(), time.perf_counter()
    work()
    return Cost(_computed() - before, time.perf_counter() - begun)


def _computed() -> float:
    """Seconds of this process and of those that have ended."""
    used = [resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main()
