"""``python -m fuzz``: every target in turn, within a time; what was found is written to ``build/fuzz/found``."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from fuzz.bounds import checked
from fuzz.targets.table import targets

FOLDER: Final = Path("build/fuzz")
_LEAST: Final = 8
"""Seconds of one target under atheris: it takes three to prepare one."""
_SPARE: Final = 60
"""Seconds that a process of atheris has to end in, beyond its own."""


def main(arguments: list[str]) -> int:
    """0 where nothing was found, 1 where something was, 2 where the arguments are wrong."""
    asked = _parser().parse_args(arguments)
    if asked.list:
        for target in targets().values():
            print(f"{target.name:18} {target.about}")
        return 0
    unknown = sorted({*asked.target} - targets().keys())
    if unknown:
        print(f"fuzz: no target {', '.join(unknown)}; see --list", file=sys.stderr)
        return 2
    for path in (asked.replay, asked.shrink):
        if path is not None:
            return _again(path, shrink=path is asked.shrink)
    if asked.guided:
        from fuzz.guided import run

        run(asked.guided, asked.seconds, asked.seed, FOLDER)
        return 0
    with tempfile.TemporaryDirectory() as home:
        # Nothing that riskcheck keeps between runs is touched.
        os.environ |= {"HOME": home, "XDG_CACHE_HOME": home}
        return _fuzz(asked.target or [*targets()], asked.seconds, asked.seed, asked.engine)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=90, help="for all targets together (default: 90)")
    parser.add_argument("--target", action="append", default=[], help="only this one; may be repeated")
    parser.add_argument("--engine", choices=("both", "atheris", "hypothesis"), default="both")
    parser.add_argument("--seed", type=int, help="the same seed, the same inputs (default: the time)")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="run one input again: FOLDER/TARGET/FILE")
    parser.add_argument("--shrink", type=Path, metavar="FILE", help="make such an input shorter, in place")
    parser.add_argument("--list", action="store_true", help="list the targets")
    parser.add_argument("--guided", help=argparse.SUPPRESS)
    parser.set_defaults(seed=int(time.time()) % 1_000_000)
    return parser


def _fuzz(names: list[str], seconds: int, seed: int, engine: str) -> int:
    before = _found()
    print(f"fuzz: {len(names)} targets, {seconds} s, seed {seed}")
    if engine != "hypothesis" and find_spec("atheris") is None:
        print("fuzz: atheris is not installed here (it has no wheel for every platform): Hypothesis only")
        engine = "hypothesis"
    until = time.monotonic() + seconds
    runs: dict[str, int] = {}
    guided: dict[str, int] = {}
    if engine != "atheris":
        share = seconds / 2 if engine == "both" else seconds
        _shuffled(names, share, seed, runs)
    if engine != "hypothesis":
        _guided(names, until, seed, guided)
    print("   inputs   guided")
    for name in names:
        print(f"{runs.get(name, 0):9,}{guided.get(name, 0):9,} {name}")
    new = sorted(_found() - before)
    print(
        f"fuzz: {sum(runs.values()) + sum(guided.values()):,} inputs, {len(new)} new finding(s)"
        + (":" if new else "")
    )
    for path in new:
        print(f"  {path}\n    {_last_line(path)}")
    if new:
        print("Again: python -m fuzz --replay FILE. As a test: move FILE to tests/fuzz/found/TARGET/.")
    return 1 if new else 0


def _shuffled(names: list[str], seconds: float, seed: int, runs: dict[str, int]) -> None:
    from fuzz.shuffled import run

    for number, name in enumerate(names):
        runs[name] = run(targets()[name], seconds / len(names), seed + number * 1_000, FOLDER, _say)


def _guided(names: list[str], until: float, seed: int, runs: dict[str, int]) -> None:
    """As many targets as there is time for, each time from another one on."""
    first = seed % len(names)
    for name in names[first:] + names[:first]:
        left = until - time.monotonic()
        if left < _LEAST / 2:
            return
        given = max(_LEAST, int(left / len(names)))
        command = [
            sys.executable,
            "-m",
            "fuzz",
            "--guided",
            name,
            "--seconds",
            str(given),
            "--seed",
            str(seed),
        ]
        counted = FOLDER / "runs" / f"{name}.json"
        counted.unlink(missing_ok=True)
        try:
            ended = subprocess.run(command, capture_output=True, timeout=given + _SPARE, check=False)
        except subprocess.TimeoutExpired:
            _say(f"{name}: atheris did not end in time")
            continue
        if ended.returncode != 0:
            _say(
                f"{name}: atheris ended with {ended.returncode}:\n{ended.stderr.decode(errors='replace')[-2_000:]}"
            )
        if counted.exists():
            runs[name] = int(json.loads(counted.read_text("utf-8"))["runs"])


def _again(path: Path, *, shrink: bool) -> int:
    name = path.resolve().parent.name
    if name not in targets() or not path.is_file():
        print(
            f"fuzz: {path} must be a file in a folder that is called like its target; see --list",
            file=sys.stderr,
        )
        return 2
    if shrink:
        from fuzz.shrinking import shrink_file

        print(shrink_file(targets()[name], path).decode("utf-8", "backslashreplace"))
        return 0
    checked(targets()[name], path.read_bytes())
    print(f"fuzz: {path} breaks nothing in {name}")
    return 0


def _found() -> set[Path]:
    return {path for path in (FOLDER / "found").glob("*/*") if path.suffix != ".txt"} | {
        path for path in FOLDER.glob("*") if path.name.startswith(("crash-", "timeout-", "oom-"))
    }


def _last_line(path: Path) -> str:
    told = path.with_name(f"{path.name}.txt")
    return told.read_text("utf-8").strip().splitlines()[-1][:200] if told.exists() else "the process ended"


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
