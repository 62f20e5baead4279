"""The engine on trees held in memory: cases of rules, and whoever has files but no repository."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Final

from riskcheck.engine import Options, analyze
from riskcheck.models import Report, Rule, Side
from riskcheck.policy.load import load_policy
from riskcheck.trees import Comparison, Entry, Landing, PathChange, PathStatus, UnreadableError

NOW: Final = 1_800_000_000
"""15 January 2027: a fixed clock, so that what is said about soak and dates does not depend on the day."""


class MemoryTree:
    """`riskcheck.trees.Tree` of files held in memory."""

    def __init__(self, files: Mapping[str, bytes], side: Side, label: str) -> None:
        self.side: Side = side
        self.label = label
        self._files = dict(files)
        self._entries = {
            path: Entry(path, "file", sha256(data).hexdigest()) for path, data in sorted(self._files.items())
        }

    def entries(self) -> Mapping[str, Entry]:
        return self._entries

    def entry(self, path: str) -> Entry | None:
        return self._entries.get(path)

    def read(self, path: str) -> bytes:
        if path not in self._files:
            raise UnreadableError(path, "absent", f"{path} does not exist")
        return self._files[path]

    def prefetch(self, paths: Iterable[str]) -> None:
        """Nothing to do: the bytes are here."""


class MemoryHistory:
    """`riskcheck.trees.History` made of states: (seconds since the epoch, all files), oldest first."""

    complete = True

    def __init__(self, states: Sequence[tuple[int, Mapping[str, bytes]]]) -> None:
        self._states = list(states)

    def landings(self, path: str, limit: int) -> Sequence[Landing]:
        found = []
        before: bytes | None = None
        for number, (time, files) in enumerate(self._states):
            now = files.get(path)
            if now != before:
                found.append(Landing(str(number), time))
            before = now
        return tuple(reversed(found))[:limit]

    def read_at(self, commit: str, path: str) -> bytes | None:
        return self._states[int(commit)][1].get(path)


def analyze_trees(
    base: Mapping[str, bytes],
    head: Mapping[str, bytes],
    rules: Sequence[Rule],
    *,
    history: Sequence[tuple[int, Mapping[str, bytes]]] = (),
    now: int = NOW,
    rules_digest: str = "sha256:" + "0" * 64,
) -> Report:
    """The report on two whole trees. The policy is `riskcheck.yaml` of `base`, as everywhere.

    history: earlier states of base, oldest first, each with its time; the last one must equal base in what it
    is asked about. Raises `PolicyError`.
    """
    trees = MemoryTree(base, "base", "dir:base"), MemoryTree(head, "head", "dir:head")
    paths = sorted({*base, *head})
    comparison = Comparison(
        base=trees[0],
        head=trees[1],
        deciding=trees[0],
        changes=tuple(
            _path_change(path, *trees) for path in paths if base.get(path) != head.get(path)
        ),
        now=now,
        history=MemoryHistory(history) if history else None,
    )
    return analyze(comparison, load_policy(trees[0], None), rules, rules_digest, Options())


def _path_change(path: str, base: MemoryTree, head: MemoryTree) -> PathChange:
    before, after = base.entry(path), head.entry(path)
    status: PathStatus = "modified" if before and after else "added" if after else "deleted"
    return PathChange(path, status, path, before, after)
