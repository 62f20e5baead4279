"""What was learnt about a tree, to be kept between runs: who may read what, and which files speak of deployments.

All of it is a function of blob ids, and none of it is believed blindly: readers are verified before they count.
Whoever runs the stages may `restore` what an earlier run's `snapshot` held; without it, everything is read again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.platforms.kubernetes.gitops import files
from riskcheck.platforms.kubernetes.kustomize import index

if TYPE_CHECKING:
    from riskcheck.nodes import Value


def snapshot() -> Value:
    """What this process knows, as JSON can hold it; None where that is nothing."""
    latest = index.latest()
    if latest is None and not files.remembered:
        return None
    blobs, candidates = latest or ({}, {})
    return {
        "blobs": {directory: blob for directory, blob in blobs.items() if blob is not None},
        "candidates": {target: list(readers) for target, readers in candidates.items()},
        "marks": {blob: list(marks) for blob, marks in files.remembered.items()},
    }


def restore(known: object) -> None:
    """Takes over what `snapshot` gave. Anything else is left alone."""
    if not isinstance(known, dict):
        return
    blobs, candidates, marks = (known.get(part) for part in ("blobs", "candidates", "marks"))
    if isinstance(blobs, dict) and all(isinstance(blob, str) for blob in blobs.values()):
        index.keep(dict(blobs), _lists(candidates))
    files.remembered.update((blob, tuple(found)) for blob, found in _lists(marks).items())


def goes_beyond(known: object) -> bool:
    """Whether a twentieth or more of what this process knows is not in `known`, which it may have restored."""
    latest = index.latest()
    blobs = latest[0] if latest is not None else {}
    before, marks = (known.get("blobs"), known.get("marks")) if isinstance(known, dict) else (None, None)
    stale = len(blobs.items() - before.items()) if isinstance(before, dict) else len(blobs)
    stale += len(files.remembered.keys() - (marks if isinstance(marks, dict) else {}))
    return stale * 20 > len(blobs) + len(files.remembered)


def _lists(value: object) -> dict[str, list[str]]:
    if not isinstance(value, dict):
        return {}
    return {
        str(key): texts
        for key, texts in value.items()
        if isinstance(texts, list) and {str}.issuperset(map(type, texts))
    }
