"""What it takes to know everything that a change of a real repository reaches, cold and warm.

    python -m benchmarks.reach REPO                    the graph of all, and the changes that reach most
    python -m benchmarks.reach REPO --last 5 --runs 9
    python -m benchmarks.reach --documents 5000        one file with that many documents, half of them changed

Cold: each run with an empty cache. Warm: the same again, nothing changed since. Wide changes: of the first-parent
commits that touch a `base`, `common` or `k-components` folder, those with the most files. The repository is only
read.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.estates.manifests import large_file_estate
from benchmarks.processes import RISKCHECK, Run, measured

SHARED = ("*/base/*", "*/common/*", "*/k-components/*")


class Case(NamedTuple):
    name: str
    arguments: tuple[str, ...]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repo", type=Path, nargs="?")
    parser.add_argument("--last", type=int, default=3, help="wide changes that are measured")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--documents", type=int)
    given = parser.parse_args()
    print(f"{'':<44}{'ms':>9}{'CPU ms':>9}{'ratio':>8}{'peak MiB':>10}")
    if given.repo is not None:
        cases = [Case("graph", ("graph",))]
        for commit in wide(given.repo, given.last):
            cases.append(Case(f"diff {commit}", ("diff", f"{commit}^..{commit}", "--format", "json")))
            cases.append(Case(f"graph --changed {commit}", ("graph", "--changed", f"{commit}^..{commit}")))
        for case in cases:
            measure(case, given.repo, given.runs)
    if given.documents:
        with tempfile.TemporaryDirectory() as room:
            for share in (8, 4, 2, 1):
                size = given.documents // share
                directory = large_file_estate(Path(room) / str(size), size)
                measure(
                    Case(f"{size:,} documents in one file", ("diff", "HEAD~1..HEAD")), directory, given.runs
                )


def wide(repo: Path, count: int) -> list[str]:
    """Of the last 200 first-parent commits that touch shared folders, those with the most files, by short id."""
    log = ["git", "log", "--first-parent", "-200", "--name-only", "-m", "--format=%x01%h", "--", *SHARED]
    listed = subprocess.run(log, cwd=repo, capture_output=True, text=True, check=True).stdout
    entries = [entry.split("\n") for entry in listed.split("\x01")[1:]]
    entries.sort(key=lambda lines: -sum(1 for line in lines[1:] if line))
    return [lines[0] for lines in entries[:count]]


def measure(case: Case, directory: Path, runs: int) -> None:
    """Prints the cold and the warm line of one case. Each run is beside one of a bare start."""
    with tempfile.TemporaryDirectory() as cache:
        for temper in ("cold", "warm"):
            bare, own = [], []
            for number in range(runs + 1):
                place = f"{cache}/{temper}-{number if temper == 'cold' else 'all'}"
                # The cache of bytecode is no cache of ours; the rules are in the one that is.
                environ = {**os.environ, "XDG_CACHE_HOME": place}
                environ.pop("PYTHONDONTWRITEBYTECODE", None)
                run = measured((*RISKCHECK, *case.arguments), directory, environ)
                if number:  # the first fills the cache, and that of bytecode
                    own.append(run)
                    bare.append(measured((sys.executable, "-c", "pass"), directory, environ))
            row(f"{case.name}, {temper}", own, bare)


def row(name: str, own: Sequence[Run], bare: Sequence[Run]) -> None:
    computed = min(run.computed for run in own)
    print(
        f"{name:<44}{statistics.median(run.seconds for run in own) * 1000:>9.0f}{computed * 1000:>9.0f}"
        f"{computed / min(run.computed for run in bare):>8.1f}{max(run.peak for run in own) / 1024:>10.0f}"
    )


if __name__ == "__main__":
    main()
