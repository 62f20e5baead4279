"""A tree of 4,069 files, of which most are small, as the repositories that deploy one platform are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from benchmarks.estates.large import deployed
from benchmarks.estates.manifests import FILES_OF_A_COMPONENT, overlays
from benchmarks.estates.writing import Estate

FILES = 4_069
LARGE = 100
"""Files of 62 KB, which hold most of the documents and bytes."""


def tree_estate(root: Path, files: int = FILES) -> Path:
    """`files` files of YAML, 6.6 MB: `LARGE` large ones among overlays of kustomize."""
    with Estate(root) as estate:
        estate.commit("base", islice(_files(files), files))
    return root


def _files(files: int) -> Iterator[tuple[str, str]]:
    for number in range(LARGE):
        yield f"vendored/v{number:03}/deploy.yaml", deployed("a", prefix=f"v{number}-")
    yield from overlays(files // FILES_OF_A_COMPONENT + 1)
