"""Real changes judged one after the other in one process: does it stay up, does its memory stay flat, does it say
the same again?

    python -m benchmarks.soak REPO=400 … --out FILE                      judge 400 changes of each, and print
    python -m benchmarks.soak REPO … --out FILE --again 500 --no-cache   judge 500 of those again and compare
    python -m benchmarks.soak REPO=400 … --out FILE --trace              and by which lines memory is held
    python -m benchmarks.soak --out FILE                                 only print

Changes are those of `benchmarks.replay`, of all repositories mixed. Each is a whole `riskcheck diff` with a JSON
report. FILE gets one JSON object a change, every fiftieth with what the process holds once garbage is collected.
What FILE has already is not judged again, but memory is told of one process only, the one that judged most. The
repositories are only read.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import hashlib
import io
import json
import os
import sys
import tempfile
import time
import traceback
import tracemalloc
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import linear_regression
from typing import Any, Final, NamedTuple

from benchmarks.replay import ordinary
from riskcheck.commands.running import RunRequest, perform
from riskcheck.errors import RunError
from riskcheck.sources.spec import RangeSpec

SETTLED: Final = 50
"""Changes between two looks at what is held."""
FIRST: Final = 200
"""Changes until every module is loaded and bounded caches are filled: growth is told from there on."""
SHOWN: Final = (200, 500, 1000, 1500, 2000)
CLOCK: Final = 2_000_000_000
"""When every change is judged, seconds since the epoch: it has to be told the same again."""
PAGE: Final = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096

Row = dict[str, Any]


class Change(NamedTuple):
    """A commit of a repository, compared with its first parent."""

    repo: Path
    commit: str


class Held(NamedTuple):
    """What a process holds. rss: KiB, or 0 where the system does not say; blocks: of memory that Python gave out;
    files: open descriptors; children: processes that have not been waited for."""

    rss: int
    blocks: int
    files: int
    children: int


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repos", nargs="*", metavar="REPO=COUNT")
    parser.add_argument("--out", type=Path, required=True, help="JSON lines; resumed if it exists")
    parser.add_argument(
        "--again", type=int, metavar="N", help="judge N of FILE again and compare the reports"
    )
    parser.add_argument("--no-cache", action="store_true")
    parser.add_argument("--trace", action="store_true", help="say which lines hold what grew; slower")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="write every report there")
    given = parser.parse_args()
    rows = read(given.out)
    if not given.repos:
        print(told(rows))
        return 0
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        os.environ.pop("CI", None)
        if given.again:
            repos = [one.partition("=")[0] for one in given.repos]
            return again(rows, repos, given.again, given.keep, cache=not given.no_cache)
        known = {(row["repo"], row["commit"]) for row in rows}
        asked = (one for one in mixed(given.repos) if (one.repo.name, one.commit) not in known)
        process = max((row["process"] for row in rows), default=0) + 1
        # Whole rows only: what was cut short would swallow the next one.
        given.out.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        with given.out.open("a", encoding="utf-8") as out:
            tracing = Tracing() if given.trace else None
            for row in soak(asked, given.keep, cache=not given.no_cache):
                out.write(json.dumps({"process": process, **row}) + "\n")
                out.flush()
                if tracing and row.get("number", 0) >= FIRST:
                    tracing.look()
            if tracing:
                print(tracing.told())
    rows = read(given.out)
    print(told(rows))
    return int(any(row["error"] for row in rows))


def read(path: Path) -> list[Row]:
    """The rows of a file; a last line that was cut short counts as missing."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        with contextlib.suppress(ValueError):
            rows.append(json.loads(line))
    return rows


def mixed(asked: Sequence[str]) -> list[Change]:
    """The last changes that each ``REPO=COUNT`` asks for, those of every repository spread over all of them."""
    placed = []
    for number, one in enumerate(asked):
        name, _, count = one.rpartition("=")
        repo = Path(name).resolve()
        found = [Change(repo, commit) for commit, _ in ordinary(repo, int(count))]
        placed += [((at + 0.5) / len(found), number, change) for at, change in enumerate(found)]
    return [change for _, _, change in sorted(placed)]


def soak(changes: Iterable[Change], keep: Path | None, *, cache: bool) -> Iterator[Row]:
    """Judges `changes` in this process. keep: folder for the reports."""
    for number, change in enumerate(changes, 1):
        begun = time.perf_counter()
        text, code, error = judged(change, cache=cache)
        row: Row = {
            "repo": change.repo.name,
            "commit": change.commit,
            "code": code,
            "digest": hashlib.sha256(text.encode()).hexdigest(),
            "bytes": len(text),
            "seconds": round(time.perf_counter() - begun, 3),
            "error": error,
        }
        if keep:
            (keep / f"{change.repo.name}-{change.commit}.json").write_text(text, encoding="utf-8")
        if number % SETTLED == 0:
            row["number"], row["held"] = number, held()._asdict()
        yield row


def judged(change: Change, *, cache: bool) -> tuple[str, int | None, str | None]:
    """The JSON report of one change, its exit code, and the traceback or message where it ended in an error."""
    spec = RangeSpec(root=change.repo, revision=f"{change.commit}^1..{change.commit}", clock=CLOCK)
    wrote = io.StringIO()
    try:
        with contextlib.redirect_stdout(wrote):
            code = perform(RunRequest(spec, format="json", cache=cache, quiet=True))
    except RunError as error:
        return wrote.getvalue(), 2, str(error)
    except Exception:  # noqa: BLE001 -- a crash is what is looked for; the rest is still judged
        return wrote.getvalue(), 3, traceback.format_exc()
    return wrote.getvalue(), code, None


def held() -> Held:
    """What this process holds once garbage is collected."""
    gc.collect()
    rss = files = children = 0
    process = Path("/proc/self")
    if process.is_dir():
        rss = int((process / "statm").read_text().split()[1]) * PAGE // 1024
        files = sum(1 for _ in (process / "fd").iterdir())
        children = len((process / "task" / str(os.getpid()) / "children").read_text().split())
    return Held(rss, sys.getallocatedblocks(), files, children)


def again(rows: Sequence[Row], repos: Sequence[str], count: int, keep: Path | None, *, cache: bool) -> int:
    """Judges `count` of `rows`, evenly spread, and says which of them are told otherwise. Returns how many."""
    folders = {Path(name).name: Path(name).resolve() for name in repos}
    chosen = [row for row in rows if row["repo"] in folders]
    chosen = [chosen[at * len(chosen) // count] for at in range(count)] if count < len(chosen) else chosen
    changes = (Change(folders[row["repo"]], row["commit"]) for row in chosen)
    other = 0
    for was, now in zip(chosen, soak(changes, keep, cache=cache), strict=True):
        if (was["digest"], was["code"]) != (now["digest"], now["code"]):
            other += 1
            print(f"{was['repo']} {was['commit']}: another report, exit code {was['code']} and {now['code']}")
    print(f"{len(chosen)} changes judged again: {other} told otherwise")
    return int(other > 0)


def told(rows: Sequence[Row]) -> str:
    """What happened, and what memory did, as text."""
    codes = ", ".join(f"{n} with {code}" for code, n in sorted(Counter(row["code"] for row in rows).items()))
    lines = [f"{len(rows)} changes ended: {codes}; {sum(row['seconds'] for row in rows):.0f} s"]
    lines += [f"{row['repo']} {row['commit']}: {row['error']}" for row in rows if row["error"]]
    marks = longest(rows)
    if len(marks) < 2:
        return "\n".join(lines)
    shown = [one for one in marks if one[0] in SHOWN or one == marks[-1]]
    lines += ["", "| changes | RSS MiB | blocks of Python | open files | children |", "|--:|--:|--:|--:|--:|"]
    for number, one in shown:
        lines.append(f"| {number:,} | {one.rss / 1024:.1f} | {one.blocks:,} | {one.files} | {one.children} |")
    late = [one for one in marks if one[0] >= FIRST]
    if len(late) > 1:
        numbers = [number for number, _ in late]
        rss = linear_regression(numbers, [one.rss for _, one in late]).slope
        blocks = linear_regression(numbers, [one.blocks for _, one in late]).slope
        lines += ["", f"from {FIRST} on, for each change: {rss:+.2f} KiB of RSS, {blocks:+.1f} blocks"]
    return "\n".join(lines)


def longest(rows: Sequence[Row]) -> list[tuple[int, Held]]:
    """How many changes were judged and what was held then, of the process that judged most."""
    processes: dict[int, list[tuple[int, Held]]] = {}
    for row in rows:
        if "held" in row:
            processes.setdefault(row["process"], []).append((row["number"], Held(**row["held"])))
    return max(processes.values(), key=len, default=[])


class Tracing:
    """Which lines hold what grew between the first look and the last."""

    def __init__(self) -> None:
        self._first: tracemalloc.Snapshot | None = None
        self._last: tracemalloc.Snapshot | None = None
        tracemalloc.start(12)

    def look(self) -> None:
        self._last = tracemalloc.take_snapshot()
        self._first = self._first or self._last

    def told(self) -> str:
        if self._first is None or self._last is None:
            return f"nothing to tell: fewer than {FIRST} changes"
        grown = self._last.compare_to(self._first, "traceback")
        grown = [one for one in grown if one.size_diff > 0][:12]
        return "\n".join(
            f"{one.size_diff / 1024:+.0f} KiB in {one.count_diff:+} blocks\n"
            + "\n".join(one.traceback.format(8))
            for one in grown
        )


if __name__ == "__main__":
    sys.exit(main())
