"""Whole-process cost of riskcheck as ratios against a bare Python start, measured in the same run.

    python -m benchmarks                          on estates made here
    python -m benchmarks --repo DIR RANGE …       on a change of a real clone, too

Ratios, because machines differ and share their cores; the median of alternating runs, because both drift. CPU time
(with that of git, least of all runs) moves less than the clock where other work shares the machine.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.estates import (
    bundle_estate,
    one_bundle_estate,
    overlay_estate,
    pipeline_estate,
    service_estate,
)

RUNS = 15


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repo", nargs=2, action="append", default=[], metavar=("DIR", "RANGE"))
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument(
        "--estates", action="store_true", help="large estates, too; making them takes a minute"
    )
    given = parser.parse_args()
    riskcheck = [sys.executable, "-m", "riskcheck"]
    with tempfile.TemporaryDirectory() as room:
        bundles, overlays = bundle_estate(Path(room) / "bundles"), overlay_estate(Path(room) / "overlays")
        cases: list[tuple[str, list[str], Path]] = [
            ("riskcheck --version", [*riskcheck, "--version"], bundles),
            ("no change, two revisions", [*riskcheck, "diff", "HEAD..HEAD"], bundles),
            ("no change, working tree", [*riskcheck, "diff"], bundles),
            ("five files, bundles", [*riskcheck, "diff", "HEAD~1..HEAD"], bundles),
            ("five files, overlays", [*riskcheck, "diff", "HEAD~1..HEAD"], overlays),
        ]
        if given.estates:
            cases += _large(riskcheck, Path(room))
        for directory, revisions in given.repo:
            cases.append(
                (f"{Path(directory).name} {revisions}", [*riskcheck, "diff", revisions], Path(directory))
            )
        _print(cases, given.runs)
        if given.estates:
            _print_bundles(riskcheck, Path(room), given.runs)


def _print_bundles(riskcheck: Sequence[str], room: Path, runs: int) -> None:
    """A default that a few, or all, of 500 jobs beside 120 pipelines refer to, against parsing all files once."""
    title = "500 jobs and 120 pipelines x 4 targets"
    print(f"\n{title:<44}{'parse ms':>10}{'diff ms':>10}{'ratio':>8}{'CPU ratio':>11}")
    parse = [sys.executable, "-c", _PARSING.format(root=str(Path(__file__).parent.parent))]
    for name, users in (
        ("one default that 60 jobs refer to", 60),
        ("one default that all jobs refer to", None),
    ):
        directory = one_bundle_estate(room / f"one-bundle-{users}", users=users)
        diff = [*riskcheck, "diff", "HEAD~1..HEAD"]
        measured(diff, directory)
        once, own = [], []
        for _ in range(runs):
            once.append(measured(parse, directory))
            own.append(measured(diff, directory))
        parsing, running = (statistics.median(run.seconds for run in each) for each in (once, own))
        computed = min(run.computed for run in own) / min(run.computed for run in once)
        print(
            f"{name:<44}{parsing * 1000:>10.1f}{running * 1000:>10.1f}{running / parsing:>8.2f}{computed:>11.2f}"
        )


_PARSING = "import sys; sys.path.insert(0, {root!r}); from benchmarks.parsing import main; main()"


def _large(riskcheck: Sequence[str], room: Path) -> list[tuple[str, list[str], Path]]:
    """The same change on estates of three sizes, which tells the slope; and one without what was remembered."""
    diff = [*riskcheck, "diff", "HEAD~1..HEAD", "--format", "json"]
    cases = [("fifty files, 120 pipelines x 12 cells", diff, pipeline_estate(room / "pipelines"))]
    for size in (1_000, 3_000, 10_000):
        directory = service_estate(room / f"services-{size}", size)
        cases.append((f"fifty files, {size:,} services", diff, directory))
    cases.append((f"fifty files, {size:,} services, no cache", [*diff, "--no-cache"], directory))
    return cases


def _print(cases: Sequence[tuple[str, list[str], Path]], runs: int) -> None:
    print(f"{'':<44}{'median ms':>10}{'spread':>9}{'ratio':>8}{'CPU ratio':>11}{'peak MiB':>10}")
    for name, command, directory in cases:
        measured(command, directory)  # fills the caches: of bytecode, of rules, of the tree
        bare, own = [], []
        for _ in range(runs):
            bare.append(measured([sys.executable, "-c", "pass"], directory))
            own.append(measured(command, directory))
        middle, start = (statistics.median(run.seconds for run in each) for each in (own, bare))
        spread = (max(run.seconds for run in own) - min(run.seconds for run in own)) / middle
        computed = min(run.computed for run in own) / min(run.computed for run in bare)
        peak = max(run.peak for run in own) / 1024
        print(
            f"{name:<44}{middle * 1000:>10.1f}{spread:>9.0%}{middle / start:>8.2f}{computed:>11.2f}{peak:>10.1f}"
        )


class Run(NamedTuple):
    """One process. seconds by the clock, computed: CPU seconds with those of its children, peak: resident KiB."""

    seconds: float
    computed: float
    peak: int


def measured(command: Sequence[str], directory: Path, environ: Mapping[str, str] | None = None) -> Run:
    """One process, run to its end."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=directory, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, _, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = 0
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)


if __name__ == "__main__":
    main()
