"""How the cost of a run grows: with the change, with the repository, with its services, with its history.

    python -m benchmarks.growth                     every curve
    python -m benchmarks.growth change history      some of them

CPU time (with that of git, the least of all runs), since the steps of a curve are far apart and the clock is not
needed to tell them.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from math import log2
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.estates.growing import busy_estate, change_estate, history_estate, repository_estate
from benchmarks.estates.services import service_estate
from benchmarks.processes import FAILURES, RISKCHECK, Measured, cold, warm
from benchmarks.tables import Table, show, write
from benchmarks.targets import Number

RUNS: Final = 5
CHANGES: Final = (1, 10, 100, 300, 1_000)
SIZES: Final = (100, 1_000, 10_000, 50_000)
LAST: Final = (*RISKCHECK, "diff", "HEAD~1..HEAD")
REACH: Final = (*LAST, "--format", "json")
"""Programs are told who is reached, whatever the risk."""
HEADER: Final = ("", "CPU ms", "ratio", "peak MiB", "twice as many", "µs each more", "")
BENT: Final = 1.5
"""How many times what each more costs may rise from step to step before a curve counts as bent."""
NOTICED: Final = 0.25
"""A step that adds less than this share of the cost is noise."""


class Point(NamedTuple):
    """size: how many of what the curve is about. computed: CPU seconds."""

    size: int
    computed: float


class Step(NamedTuple):
    """From one point to the next. doubling: times the CPU for twice as many. each: CPU seconds for each more."""

    doubling: float
    each: float
    bent: bool


def steps(points: Sequence[Point]) -> list[Step]:
    """The slope of each step, in the order of the points, whose sizes rise.

    A step is bent, worse than linear, where each more costs `BENT` times what it cost in any step before.
    """
    found: list[Step] = []
    dearest = None
    for low, high in pairwise(points):
        each = (high.computed - low.computed) / (high.size - low.size)
        noticed = high.computed - low.computed > NOTICED * low.computed
        bent = noticed and dearest is not None and each > BENT * dearest
        found.append(Step(_doubling(low, high), each, bent))
        if noticed:
            dearest = max(each, dearest or 0.0)
    return found


def overall(points: Sequence[Point]) -> float:
    """Times the CPU for twice as many, from the first point to the last: 1 is flat."""
    return _doubling(points[0], points[-1])


def net(points: Sequence[Point]) -> float:
    """The same for the last step without what the smallest run costs anyhow: 2 is linear."""
    least = points[0]
    low, high = (Point(one.size - least.size, one.computed - least.computed) for one in points[-2:])
    return _doubling(low, high)


def _doubling(low: Point, high: Point) -> float:
    if low.computed <= 0 or high.computed <= 0:
        return 1.0
    return float((high.computed / low.computed) ** (1 / log2(high.size / low.size)))


class Curve(NamedTuple):
    """unit: what there are more of. points: makes and measures one after another."""

    name: str
    title: str
    unit: str
    points: Callable[[Path, int], Iterator[tuple[int, Measured]]]


def _changes(room: Path, runs: int) -> Iterator[tuple[int, Measured]]:
    directory = change_estate(room / "changes", CHANGES)
    for size in CHANGES:
        command = (*RISKCHECK, "diff", f"main..change-{size}")
        yield size, warm(command, directory, runs=runs, room=room)


def _over(
    make: Callable[[Path, int], Path], measure: Callable[..., Measured], command: Sequence[str] = LAST
) -> Callable[[Path, int], Iterator[tuple[int, Measured]]]:
    """Points over `SIZES`: an estate of each, and its last commit."""

    def points(room: Path, runs: int) -> Iterator[tuple[int, Measured]]:
        for size in SIZES:
            directory = room / f"{make.__name__}-{size}"
            if not directory.exists():
                make(directory, size)
            yield size, measure(command, directory, runs=runs, room=room)

    return points


CURVES: Final = (
    Curve("change", "Files in the change, warm", "files", _changes),
    Curve(
        "repository",
        "Files in the repository, five changed, warm",
        "files",
        _over(repository_estate, warm),
    ),
    Curve(
        "repository-cold",
        "Files in the repository, five changed, cold",
        "files",
        _over(repository_estate, cold),
    ),
    Curve("services", "Services, fifty files changed, warm", "services", _over(service_estate, warm, REACH)),
    Curve(
        "services-cold", "Services, fifty files changed, cold", "services", _over(service_estate, cold, REACH)
    ),
    Curve(
        "history-cold",
        "Commits, one an hour, five files changed, cold",
        "commits",
        _over(history_estate, cold),
    ),
    Curve(
        "history", "Commits, one an hour, five files changed, warm", "commits", _over(history_estate, warm)
    ),
    Curve("busy-cold", "Commits of 25 days, five files changed, cold", "commits", _over(busy_estate, cold)),
    Curve("busy", "Commits of 25 days, five files changed, warm", "commits", _over(busy_estate, warm)),
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="CURVE", help=", ".join(curve.name for curve in CURVES))
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/README.md")
    given = parser.parse_args()
    if unknown := set(given.names) - {curve.name for curve in CURVES}:
        parser.error(f"no curve is called {', '.join(sorted(unknown))}")
    tables, _ = measure(given.runs, given.names, lambda one: show(one, given.markdown))
    if given.write:
        write(tables)


def measure(
    runs: int, names: Sequence[str], tell: Callable[[Table], None]
) -> tuple[list[Table], dict[str, Number]]:
    """A table for each curve, told as it is measured, and the numbers that there are goals for."""
    tables, numbers = [], {}
    with tempfile.TemporaryDirectory(prefix="riskcheck-bench-") as room:
        for curve in CURVES:
            if names and curve.name not in names:
                continue
            found, why = _until_failure(curve.points(Path(room), runs))
            tables.append(table(curve, found, why))
            tell(tables[-1])
            if why:
                numbers[f"{curve.name}-growth"] = Number(None, why[0])
                continue
            points = [Point(size, one.computed) for size, one in found]
            slope = net(points) if curve.name == "change" else overall(points)
            numbers[f"{curve.name}-growth"] = Number(slope)
    return tables, numbers


def _until_failure(
    points: Iterable[tuple[int, Measured]],
) -> tuple[list[tuple[int, Measured]], tuple[str, ...]]:
    """The points that could be measured, and why the one after them could not."""
    found: list[tuple[int, Measured]] = []
    try:
        found.extend(points)
    except FAILURES as error:
        return found, (f"not measured further: {error}",)
    return found, ()


def table(curve: Curve, found: Sequence[tuple[int, Measured]], notes: tuple[str, ...] = ()) -> Table:
    """A row for each point, with the slope of the step that leads to it."""
    slopes = steps([Point(size, one.computed) for size, one in found])
    rows = []
    for (size, one), step in zip(found, (None, *slopes), strict=False):
        slope = ("", "", "")
        if step is not None:
            slope = (
                f"{step.doubling:.2f}",
                f"{step.each * 1e6:.0f}",
                "worse than linear" if step.bent else "",
            )
        cells = (f"{one.computed * 1000:.0f}", f"{one.computed_ratio:.1f}", f"{one.peak:.0f}")
        rows.append((f"{size:,} {curve.unit}", *cells, *slope))
    return Table(f"growth-{curve.name}", curve.title, HEADER, tuple(rows), notes)


if __name__ == "__main__":
    main()
