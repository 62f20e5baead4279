"""What the bytes of files hold, found once per content: base and head, one run and the next share nearly all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.trees import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskcheck.trees import Tree

_MOST: Final = 50_000
"""Contents that are remembered."""


class ByBlob(dict[str, tuple[str, ...]]):
    """Blob id to what `find`, a pure function, finds in the bytes."""

    def __init__(self, find: Callable[[bytes], tuple[str, ...]]) -> None:
        super().__init__()
        self._find = find

    def of(self, tree: Tree, path: str, blob: str | None) -> tuple[str, ...]:
        """What the file at `path` holds; nothing where it cannot be read. blob: its id, if it has one."""
        known = self.get(blob) if blob else None
        if known is None:
            try:
                known = self._find(tree.read(path))
            except UnreadableError:
                known = ()
            if blob and len(self) < _MOST:
                self[blob] = known
        return known
