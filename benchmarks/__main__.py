"""What riskcheck costs, as ratios of whole processes against a bare Python start in the same run.

    python -m benchmarks                          goals, peers and growth: about ten minutes
    python -m benchmarks goals                    some parts of it: goals, peers, growth
    python -m benchmarks goals --clone DIR        also on a clone of redhat-appstudio/infra-deployments
    python -m benchmarks goals --repo DIR RANGE   also on a change of any clone
    python -m benchmarks --write                  puts the tables into benchmarks/README.md

Ratios, because machines differ and share their cores; the median of alternating runs, because both drift. CPU time
(with that of git, least of all runs) moves less than the clock where other work shares the machine. Missing a goal
is told and is no failure.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks import growth, peers, targets
from benchmarks.cases import Cases
from benchmarks.tables import Table, show, write
from benchmarks.targets import Number

PARTS: Final = ("goals", "peers", "growth")
RUNS: Final = 15


def main() -> None:
    given = _given()
    parts = given.parts or PARTS
    tables: list[Table] = []
    numbers: dict[str, Number] = {}

    def tell(one: Table) -> None:
        show(one, given.markdown)
        tables.append(one)

    tell(_machine(given.runs))
    if "goals" in parts:
        tell(_runs(given, numbers))
    if "growth" in parts:
        _, slopes = growth.measure(min(given.runs, growth.RUNS), (), tell)
        numbers |= slopes
    if "peers" in parts:
        peers.measure(min(given.runs, peers.RUNS), tell, go=given.go, installing=not given.no_install)
    if "goals" in parts:
        tell(targets.table(numbers))
    if given.write:
        write(tables)


def _runs(given: argparse.Namespace, numbers: dict[str, Number]) -> Table:
    """The runs that there are goals for, with their numbers put into `numbers`."""
    with tempfile.TemporaryDirectory(prefix="riskcheck-bench-") as room:
        cases = Cases(Path(room), given.runs)
        cases.run()
        cases.clone(given.clone)
        for directory, revisions in given.repo:
            cases.change("", f"{Path(directory).name} {revisions}", Path(directory), revisions)
        numbers |= cases.numbers
        return cases.table()


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--runs", type=int, default=RUNS, help=f"of each command ({RUNS})")
    parser.add_argument("--clone", type=Path, help="of redhat-appstudio/infra-deployments")
    parser.add_argument("--repo", nargs=2, action="append", default=[], metavar=("DIR", "RANGE"))
    parser.add_argument("--go", action="store_true", help="build the peers that only Go's module proxy has")
    parser.add_argument(
        "--no-install", action="store_true", help="install no peers, measure those that are there"
    )
    parser.add_argument("--markdown", action="store_true", help="print tables as the README holds them")
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/README.md")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"no part is called {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if given.runs < 1:
        parser.error("--runs takes a number above 0")
    return given


def _machine(runs: int) -> Table:
    """What the numbers were taken on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    python = ".".join(str(part) for part in sys.version_info[:3])
    cells = (f"{platform.system()} {platform.machine()}", str(cores), python, str(runs))
    return Table("machine", "Machine", ("system", "cores", "Python", "runs"), (cells,))


if __name__ == "__main__":
    main()
