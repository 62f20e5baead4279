"""Repositories of one shape and many sizes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.estates.manifests import FILES_OF_A_COMPONENT, deployment, overlays, patch
from benchmarks.estates.writing import HOUR, Estate

SEASON = 90 * 24 * HOUR
"""A first commit brings all files at once; it is older than history is asked about, as in most repositories."""


def change_estate(root: Path, sizes: Sequence[int]) -> Path:
    """As many components as the largest of `sizes`; the branch ``change-N`` edits one file in N of them."""
    with Estate(root, checkout=False, pace=SEASON) as estate:
        estate.commit("base", overlays(max(sizes)))
        for size in sizes:
            files = (patch(number, "production", 2) for number in range(size))
            estate.commit(f"{size} files", files, branch=f"change-{size}", parent="main")
    return root


def repository_estate(root: Path, files: int) -> Path:
    """About `files` files; the last commit edits five."""
    with Estate(root, checkout=False, pace=SEASON) as estate:
        estate.commit("base", overlays(max(5, files // FILES_OF_A_COMPONENT)))
        estate.commit("five files", (patch(number, "production", 2) for number in range(5)))
    return root


def history_estate(root: Path, commits: int) -> Path:
    """`commits` commits, one an hour until now; the last one takes replicas from five components in production, and
    since when a lower stage runs the same is asked of history."""
    return _history(root, commits, HOUR)


def busy_estate(root: Path, commits: int) -> Path:
    """The same with all of the commits made within the last 25 days."""
    return _history(root, commits, 25 * 24 * HOUR / commits)


def _history(root: Path, commits: int, pace: float, components: int = 40) -> Path:
    """Each commit is of one file: staging of a component, or what all of its stages share."""
    begin = int(time.time() - pace * (commits + 2))
    with Estate(root, checkout=False, begin=begin, pace=pace) as estate:
        estate.commit("base", overlays(components))
        for number in range(commits):
            estate.commit(f"commit {number}", [_edit(number, components)])
        estate.commit("five files", (patch(number, "production", 2) for number in range(5)))
    return root


def _edit(number: int, components: int) -> tuple[str, str]:
    """Staging comes to 2 replicas with the first edits and stays there."""
    turn, component = divmod(number, components)
    if turn == 0:
        return patch(component, "staging", 2)
    return deployment(component, version=number)
