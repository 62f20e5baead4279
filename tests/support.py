"""Stand-ins shared by all tests. They hold what a test states and never touch the disk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from riskcheck.models import Side
from riskcheck.trees import Entry, UnreadableError


class MemoryTree:
    """A `riskcheck.trees.Tree` of files held in memory.

    files: path to content; text is stored as UTF-8. unreadable: path to the limitation kind that reading it
    raises, for paths that exist but cannot be read. `reads` lists the paths in the order they were read.
    """

    def __init__(
        self,
        files: Mapping[str, str | bytes],
        side: Side = "head",
        label: str = "MEMORY",
        unreadable: Mapping[str, str] | None = None,
    ) -> None:
        self.side: Side = side
        self.label = label
        self.reads: list[str] = []
        self.prefetched: list[str] = []
        self._files = {
            path: content.encode() if isinstance(content, str) else content for path, content in files.items()
        }
        self._unreadable = dict(unreadable or {})
        self._entries = {
            path: Entry(
                path, "symlink" if self._unreadable.get(path) == "symlink" else "file", _digest(content)
            )
            for path, content in self._files.items()
        }
        for path, kind in self._unreadable.items():
            self._entries.setdefault(path, Entry(path, "symlink" if kind == "symlink" else "file", None))

    def entries(self) -> Mapping[str, Entry]:
        return self._entries

    def entry(self, path: str) -> Entry | None:
        return self._entries.get(path)

    def read(self, path: str) -> bytes:
        self.reads.append(path)
        if path in self._unreadable:
            raise UnreadableError(path, self._unreadable[path], f"{path} cannot be read")
        if path not in self._files:
            raise UnreadableError(path, "absent", f"{path} does not exist")
        return self._files[path]

    def prefetch(self, paths: Iterable[str]) -> None:
        self.prefetched.extend(paths)


def _digest(content: bytes) -> str:
    """The id git gives these bytes, so that equal content has equal ids as in a real repository."""
    return hashlib.sha1(b"blob %d\x00" % len(content) + content, usedforsecurity=False).hexdigest()
