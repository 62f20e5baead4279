"""Reading HCL: the parser alone, all that is made of it, and what a small change among many files reads.

    python -m benchmarks.hcl                            2,000 files made on the spot
    python -m benchmarks.hcl --files DIR …              also the .tf files below these directories
    python -m benchmarks.hcl --files DIR --with-hcl2 P  also by python-hcl2, which the Python at P has installed

CPU seconds of single processes, each the least of three, collection of cycles off as in `riskcheck` itself.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.estates.terraform import terraform_estate

LARGEST = 100 * 1024 * 1024
RUNS = 3


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", nargs="*", type=Path, default=[])
    options.add_argument("--with-hcl2", type=Path)
    options.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.measure:
        name, directory = given.measure
        gc.disable()
        print(json.dumps({**STEPS[name](Path(directory)), "peak": _peak()}))
        return
    with tempfile.TemporaryDirectory() as room:
        estate = terraform_estate(Path(room) / "estate")
        print(f"{'':<52}{'files':>7}{'KiB':>8}{'seconds':>9}{'ratio':>7}{'peak MiB':>10}")
        for directory in (estate, *given.files):
            _reading("made on the spot" if directory is estate else directory.name, directory)
        _change(estate, Path(room) / "cache")
        if given.with_hcl2:
            for directory in (estate, *given.files):
                _compared(given.with_hcl2, directory)


def _reading(name: str, directory: Path) -> None:
    alone = _measured("parser", directory)
    for step, words in (
        ("parser", "the parser alone"),
        ("nodes", "nodes of all files"),
        ("again", "nodes of all files, equal ones of a base read before"),
        ("resolve", "every root resolved"),
    ):
        found = _measured(step, directory)
        print(
            f"{name + ': ' + words:<52.52}{found['files']:>7.0f}{found['bytes'] / 1024:>8.0f}"
            f"{found['seconds']:>9.2f}{found['seconds'] / alone['seconds']:>7.2f}{found['peak']:>10.0f}"
        )


def _measured(step: str, directory: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.hcl", "--measure", step, str(directory.resolve())]
    found = [json.loads(subprocess.check_output(command, text=True)) for _ in range(RUNS)]
    best: dict[str, float] = min(found, key=lambda one: one["seconds"])
    return best


def _change(estate: Path, cache: Path) -> None:
    """Five files of 2,000, with nothing remembered and with what the run before kept."""
    environ = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    command = [sys.executable, "-m", "benchmarks.hcl", "--measure", "change", str(estate)]
    for words in ("five files changed, cold", "five files changed, warm"):
        found = json.loads(subprocess.check_output(command, text=True, env=environ))
        print(f"{words:<52}{found['parsed']:>7.0f} parsed, {found['seconds']:.2f} s, {found['peak']:.0f} MiB")


def _sources(directory: Path) -> list[tuple[str, bytes]]:
    return [
        (str(path), path.read_bytes())
        for path in sorted(directory.rglob("*.tf"))
        if ".terraform" not in path.parts and path.is_file()
    ]


def _parser(directory: Path) -> dict[str, float]:
    from riskcheck.documents.hcl import syntax_tree

    held = _sources(directory)
    syntax_tree(b"x = 1\n")
    begun = time.process_time()
    for _, data in held:
        syntax_tree(data)
    return _told(begun, held)


def _nodes(directory: Path) -> dict[str, float]:
    from riskcheck.documents.hcl import parse, syntax_tree
    from riskcheck.nodes import Source

    held = _sources(directory)
    syntax_tree(b"x = 1\n")
    begun = time.process_time()
    # All of them are kept, as in a run.
    roots = [parse(data.decode("utf-8-sig"), Source(path, "head")) for path, data in held]
    assert len(roots) == len(held)
    return _told(begun, held)


def _again(directory: Path) -> dict[str, float]:
    """The second side of a comparison: what is equal is not parsed again."""
    from riskcheck.documents.store import DocumentStore
    from riskcheck.sources.directories import DirectoryTree

    held = _sources(directory)
    first = DocumentStore(DirectoryTree(".", "base", LARGEST, root=str(directory)))
    paths = [path for path in first.tree.entries() if path.endswith(".tf")]
    for path in paths:
        assert first.get(path).error is None
    second = first.beside(DirectoryTree(".", "head", LARGEST, root=str(directory)))
    begun = time.process_time()
    for path in paths:
        assert second.get(path).error is None
    return _told(begun, held)


def _resolve(directory: Path) -> dict[str, float]:
    from riskcheck.documents.store import DocumentStore
    from riskcheck.environments import EnvironmentModel
    from riskcheck.platforms.base import Workspace
    from riskcheck.platforms.terraform import PLATFORM
    from riskcheck.sources.directories import DirectoryTree

    held = _sources(directory)
    begun = time.process_time()
    tree = DirectoryTree(".", "head", LARGEST, root=str(directory))
    model = EnvironmentModel((), paths=lambda: tree.entries())
    workspace = Workspace(tree, DocumentStore(tree), model, frozenset(tree.entries()))
    resolution = PLATFORM.resolve(workspace, PLATFORM.units(workspace, list(tree.entries())))
    return {**_told(begun, held), "resources": len(resolution.resources)}


def _changed(directory: Path) -> dict[str, float]:
    """`riskcheck diff` of the last commit, with the parser counted."""
    from riskcheck.cli import run
    from riskcheck.documents import hcl
    from riskcheck.nodes import Mapping, Source

    parsed = 0
    parse = hcl.parse

    def counted(text: str, source: Source) -> tuple[Mapping, list[tuple[int, int, str]]]:
        nonlocal parsed
        parsed += 1
        return parse(text, source)

    hcl.parse = counted
    os.chdir(directory)
    sys.argv = ["riskcheck", "diff", "HEAD~1..HEAD"]
    out = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    run()
    sys.stdout.flush()
    os.dup2(out, 1)
    return {"parsed": parsed, "seconds": time.process_time()}


STEPS: dict[str, Callable[[Path], dict[str, float]]] = {
    "parser": _parser,
    "nodes": _nodes,
    "again": _again,
    "resolve": _resolve,
    "change": _changed,
}


def _told(begun: float, held: list[tuple[str, bytes]]) -> dict[str, float]:
    seconds = time.process_time() - begun
    return {"seconds": seconds, "files": len(held), "bytes": sum(len(data) for _, data in held)}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


_HCL2 = """\
import json, sys, time
import hcl2
refused, seconds, placed, values = 0, 0.0, 0, 0
def count(node):
    global placed, values
    if isinstance(node, dict):
        placed += '__start_line__' in node
        values += sum(not key.startswith('__') for key in node)
        for child in node.values(): count(child)
    elif isinstance(node, list):
        for child in node: count(child)
hcl2.loads('x = 1\\n')
read = {}
for path in json.load(sys.stdin):
    text = open(path, encoding='utf-8-sig').read()
    begun = time.process_time()
    try:
        read[path] = hcl2.loads(text)
    except Exception:
        refused += 1
    seconds += time.process_time() - begun
print(json.dumps({'seconds': seconds, 'refused': refused, 'read': read}, default=str))
"""


def _compared(python: Path, directory: Path) -> None:
    """Seconds, files refused, and literal values that both read the same."""
    from riskcheck.documents.hcl import EXPRESSION, parse
    from riskcheck.documents.scalars import scalar_value
    from riskcheck.nodes import Scalar, Source, walk

    held = _sources(directory)
    answer = subprocess.run(
        [str(python), "-c", _HCL2],
        input=json.dumps([path for path, _ in held]),
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(answer.stdout)
    alone = _measured("parser", directory)
    literals = same = 0
    for path, data in held:
        texts = set(_texts(found["read"].get(path)))
        for _, node in walk(parse(data.decode("utf-8-sig"), Source(path, "head"))[0]):
            if isinstance(node, Scalar) and node.tag != EXPRESSION and path in found["read"]:
                literals += 1
                value = scalar_value(node, "yaml-1.2")
                same += json.dumps(value) in texts or json.dumps(f'"{value}"') in texts
    print(
        f"python-hcl2, {directory.name}: {found['seconds']:.1f} s, "
        f"{found['seconds'] / alone['seconds']:.0f} times the other parser, {found['refused']} files refused, "
        f"{same:,} of {literals:,} literal values the same"
    )


def _texts(node: object) -> list[str]:
    """All values, as JSON."""
    waiting, found = [node], []
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
        else:
            found.append(json.dumps(each))
    return found


if __name__ == "__main__":
    main()
