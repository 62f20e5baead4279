"""What all tests of sources need."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from riskcheck.sources import RangeSpec, SourceError, open_comparison
from riskcheck.trees import Comparison, Footprint, History, Landing
from tests.gitrepo import GitRepo

CLOCK = 1_800_000_000
"""Later than every commit of `GitRepo`."""


def compare(repo: GitRepo, revision: str | None = None, /, **options: Any) -> Comparison:
    """Opens a comparison in `repo`, in its isolated environment and at a fixed time."""
    defaults = {"root": repo.path, "environ": repo.environ, "clock": CLOCK, "revision": revision}
    return open_comparison(RangeSpec(**{**defaults, **options}))


def refusal(repo: GitRepo, revision: str | None = None, /, **options: Any) -> str:
    """The message with which a comparison is refused; it is one line."""
    try:
        compare(repo, revision, **options)
    except SourceError as error:
        assert "\n" not in str(error)
        return str(error)
    raise AssertionError("the comparison was made")


def differing(comparison: Comparison) -> list[str]:
    """Each change as ``status path``, a rename as ``renamed old -> new``."""
    return [
        f"{change.status} {change.old_path} -> {change.path}"
        if change.status == "renamed"
        else f"{change.status} {change.path}"
        for change in comparison.changes
    ]


def marker_script(folder: Path) -> tuple[Path, Path]:
    """A program that leaves a file behind when it is run: the program, and that file."""
    marker = folder / "ran"
    script = folder / "evil.sh"
    script.write_text(f'#!/bin/sh\necho "$0 $*" >> "{marker}"\nexit 1\n')
    script.chmod(0o755)
    return script, marker


def landings(history: History | None, path: str, oldest: int = 0) -> list[Landing]:
    """The commits that touched `path`, newest first. Raises `CutOffError` where history is cut off."""
    assert history is not None
    found: list[Landing] = []
    while True:
        start = found[-1].number + 1 if found else 0
        landing = history.latest(Footprint(frozenset({path})), start, oldest)
        if landing is None:
            return found
        found.append(landing)
