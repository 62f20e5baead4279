"""What wide changes of large estates take: who is reached, and one large bundle.

python -m benchmarks.large              making the estates takes a minute
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.cases import HEADER, row
from benchmarks.estates.bundles import one_bundle_estate, pipeline_estate
from benchmarks.estates.services import service_estate
from benchmarks.processes import RISKCHECK, alternating, warm
from benchmarks.tables import Table, show, write

DIFF: Final = (*RISKCHECK, "diff", "HEAD~1..HEAD")
REACH: Final = (*DIFF, "--format", "json")
PARSING: Final = (sys.executable, "-m", "benchmarks.reading")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/README.md")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="riskcheck-bench-") as room:
        tables = [reached(Path(room), given.runs), one_bundle(Path(room), given.runs)]
    for one in tables:
        show(one, given.markdown)
    if given.write:
        write(tables)


def reached(room: Path, runs: int) -> Table:
    """The same change on estates of several sizes; and one without what was remembered."""
    rows = []
    pipelines = pipeline_estate(room / "pipelines")
    rows.append(
        row("120 pipelines in 3 workspaces and 4 regions", warm(REACH, pipelines, runs=runs, room=room))
    )
    for size in (1_000, 3_000, 10_000):
        directory = service_estate(room / f"services-{size}", size)
        rows.append(row(f"{size:,} services", warm(REACH, directory, runs=runs, room=room)))
    forgetful = alternating((*REACH, "--no-cache"), directory, runs=runs)
    rows.append(row(f"{size:,} services, no cache", forgetful))
    return Table("reached", "Who is reached", HEADER, tuple(rows))


def one_bundle(room: Path, runs: int) -> Table:
    """A default that a few, or all, of 500 jobs beside 120 pipelines refer to, beside parsing all files once."""
    rows = []
    for words, users in (("60 jobs refer to it", 60), ("all 500 jobs refer to it", None)):
        directory = one_bundle_estate(room / f"one-bundle-{users}", users=users)
        rows.append(row(f"{words}: parsing all", alternating(PARSING, directory, runs=runs)))
        rows.append(row(words, warm(DIFF, directory, runs=runs, room=room)))
    return Table("one-bundle", "One large bundle", HEADER, tuple(rows))


if __name__ == "__main__":
    main()
