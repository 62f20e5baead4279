"""How often riskcheck speaks on ordinary changes of a real repository, and on those that were reverted.

    python -m benchmarks.evaluate REPO --last 300 --out FILE
    python -m benchmarks.evaluate REPO --last 300 --labels LABELS --out FILE --jobs 2
    python -m benchmarks.evaluate REPO --last 300 --out FILE --init     with what `riskcheck init` proposes
    python -m benchmarks.evaluate --print FILE …                        the tables of what was judged already

Ordinary changes are those of `benchmarks.replay`, without the ones that LABELS names. LABELS holds a JSON object a
line: `unit` is the landed change (a commit or a merge, compared with its first parent), `label` says how it was
reverted: A with a reason that tells of harm, B within 14 days, C within 60, P as planned (left out). `repo` limits
a line to the repository whose folder has that name.

Each change is judged by a process of its own, as CI runs it, with a cache that the run shares. FILE gets one JSON
object a change; what it has already is not judged again. The repository is only read.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks.rates import RISKY, cost, loudest, table
from benchmarks.replay import ordinary, proposed

LEVELS: Final = ("P0", "P1", "P2", "P3", "note")
PATIENCE: Final = 300
"""Seconds after which a process is ended and counted as an error."""


class Change(NamedTuple):
    """A landed change. label: ``ordinary``, or how it was reverted."""

    commit: str
    subject: str
    label: str


class Settings(NamedTuple):
    """How changes are judged. repo, cache: folders; policy: a file, or None for the repository's own."""

    repo: Path
    cache: Path
    policy: Path | None


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repo", type=Path, nargs="?")
    parser.add_argument("--last", type=int, default=300)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--out", type=Path, help="JSON lines; resumed if it exists")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--init", action="store_true", help="judge by the policy that init proposes")
    parser.add_argument("--print", type=Path, nargs="+", dest="shown", help="only print what these hold")
    given = parser.parse_args()
    if given.shown:
        tables([row for path in given.shown for row in read(path)])
        return
    if given.repo is None or given.out is None:
        parser.error("a repository and --out are needed")
    changes = chosen(given.repo, given.last, given.labels)
    with tempfile.TemporaryDirectory() as folder:
        policy = None
        if given.init:
            policy = Path(folder) / "riskcheck.yaml"
            policy.write_bytes(proposed(given.repo, "").read("riskcheck.yaml"))
        settings = Settings(given.repo.resolve(), Path(folder) / "cache", policy)
        evaluate(changes, settings, given.out, given.jobs)
    wanted = {(change.commit, change.label) for change in changes}
    tables([row for row in read(given.out) if (row["commit"], row["label"]) in wanted])


def chosen(repo: Path, last: int, labels: Path | None) -> list[Change]:
    """The reverted changes that `labels` names, and the last ordinary ones that it does not."""
    reverted = dict(labelled(repo, labels)) if labels is not None else {}
    found = [Change(unit, "", label) for unit, label in reverted.items() if label != "P"]
    usual = (one for one in ordinary(repo, last + len(reverted)) if one[0] not in reverted)
    found += [
        Change(commit, subject, "ordinary") for (commit, subject), _ in zip(usual, range(last), strict=False)
    ]
    return found


def labelled(repo: Path, labels: Path) -> Iterator[tuple[str, str]]:
    """Commit and label of each line of `labels` that is about `repo`."""
    for line in labels.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        name = str(entry.get("repo", "")).rpartition("/")[2]
        if name in ("", repo.resolve().name):
            yield entry["unit"], entry["label"]


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of a file; a last line that was cut short counts as missing."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            rows.append(json.loads(line))
        except ValueError:
            continue
    return rows


def evaluate(changes: Sequence[Change], settings: Settings, out: Path, jobs: int) -> None:
    """Judges what `out` does not have yet, `jobs` at a time."""
    rows = read(out)
    done = {row["commit"] for row in rows}
    out.write_text("".join(_line(row) for row in rows), encoding="utf-8")
    with out.open("a", encoding="utf-8") as file, ThreadPoolExecutor(jobs) as pool:
        waiting = [pool.submit(judged, one, settings) for one in changes if one.commit not in done]
        for ended in as_completed(waiting):
            file.write(_line(ended.result()))
            file.flush()


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def judged(change: Change, settings: Settings) -> dict[str, Any]:
    """What is said to one change, and what that took. error: the end of what a run that failed wrote, else None."""
    arguments = [sys.executable, "-m", "riskcheck", "diff", f"{change.commit}^1..{change.commit}"]
    arguments += ["--format", "json", "--exit-zero"]
    if settings.policy is not None:
        arguments += ["--config", str(settings.policy)]
    environ = {name: value for name, value in os.environ.items() if name != "CI"}
    environ |= {"XDG_CACHE_HOME": str(settings.cache), "PYTHONPATH": str(Path(__file__).parents[1])}
    with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as wrong:
        begun = time.perf_counter()
        process = subprocess.Popen(arguments, stdout=told, stderr=wrong, cwd=settings.repo, env=environ)
        timer = threading.Timer(PATIENCE, process.kill)
        timer.start()
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        wrong.seek(0)
        text, errors = told.read().decode(), wrong.read().decode("utf-8", "replace")
    cost = {"seconds": round(seconds, 3), "peak_mib": round(used.ru_maxrss / 1024, 1)}
    if process.returncode:
        reason = errors.strip() or f"ended with {process.returncode}"
        return {**change._asdict(), "verdict": None, "level": None, "findings": [], "error": reason, **cost}
    report = json.loads(text)
    return {
        **change._asdict(),
        "verdict": report["verdict"],
        "level": report["level"],
        "score": report["score"],
        "reasons": report["recommendation"]["reasons"],
        "findings": [_shown(one) for one in report["findings"]],
        "limitations": len(report["limitations"]),
        "read": report["summary"]["files_read"],
        "changed": report["summary"]["files_changed"],
        "error": None,
        **cost,
    }


def _shown(finding: dict[str, Any]) -> dict[str, Any]:
    place = finding["location"]
    return {
        **{name: finding[name] for name in ("rule", "code", "level", "confidence", "message", "resource")},
        "location": f"{'base:' if place['side'] == 'base' else ''}{place['path']}:{place['line']}",
        "environments": finding["environments"],
        "related": [f"{one['role']} {one['path']}:{one['line']}" for one in finding["related"]][:20],
        "cause": finding["cause"],
    }


def tables(rows: Sequence[dict[str, Any]]) -> None:
    print(table(rows))
    print("\nrules at P2 or worse, by changes")
    print(loudest(rows, RISKY))
    print("\nrules at any level, by changes")
    print(loudest(rows, LEVELS))
    print()
    print(cost(rows))


if __name__ == "__main__":
    main()
