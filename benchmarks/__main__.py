"""Whole-process cost of riskcheck as ratios against a bare Python start, measured in the same run.

    python -m benchmarks                          on estates made here
    python -m benchmarks --repo DIR RANGE …       on a change of a real clone, too

Ratios, because machines differ and share their cores; the median of alternating runs, because both drift.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.estates import bundle_estate, overlay_estate

RUNS = 15


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repo", nargs=2, action="append", default=[], metavar=("DIR", "RANGE"))
    parser.add_argument("--runs", type=int, default=RUNS)
    given = parser.parse_args()
    riskcheck = [sys.executable, "-m", "riskcheck"]
    with tempfile.TemporaryDirectory() as room:
        bundles, overlays = bundle_estate(Path(room) / "bundles"), overlay_estate(Path(room) / "overlays")
        cases: list[tuple[str, list[str], Path]] = [
            ("riskcheck --version", [*riskcheck, "--version"], bundles),
            ("no change", [*riskcheck, "diff"], bundles),
            ("five files, bundles", [*riskcheck, "diff", "HEAD~1..HEAD"], bundles),
            ("five files, overlays", [*riskcheck, "diff", "HEAD~1..HEAD"], overlays),
        ]
        for directory, revisions in given.repo:
            cases.append(
                (f"{Path(directory).name} {revisions}", [*riskcheck, "diff", revisions], Path(directory))
            )
        _print(cases, given.runs)


def _print(cases: Sequence[tuple[str, list[str], Path]], runs: int) -> None:
    print(f"{'':<44}{'median ms':>10}{'spread':>9}{'ratio':>8}{'peak MiB':>10}")
    for name, command, directory in cases:
        bare, own, peak = [], [], 0
        for _ in range(runs):
            bare.append(_run([sys.executable, "-c", "pass"], directory)[0])
            seconds, memory = _run(command, directory)
            own.append(seconds)
            peak = max(peak, memory)
        middle, start = statistics.median(own), statistics.median(bare)
        spread = (max(own) - min(own)) / middle
        print(f"{name:<44}{middle * 1000:>10.1f}{spread:>8.0%}{middle / start:>8.2f}{peak / 1024:>10.1f}")


def _run(command: Sequence[str], directory: Path) -> tuple[float, int]:
    """Seconds and peak resident KiB of one process."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = 0
    return seconds, usage.ru_maxrss


if __name__ == "__main__":
    main()
