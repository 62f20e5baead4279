"""What SQL files say of the workspace: which tables they make, and which they read and fill."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.platforms.sql.files import ENDING, is_sql, is_undo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.dependencies import Stated
    from riskcheck.documents.store import Document
    from riskcheck.platforms.base import EstateReader
    from riskcheck.trees import Tree

_WORDS: Final = (b"from", b"join", b"into", b"table", b"view")


class Scripts:
    """`riskcheck.platforms.base.EstateReader` of SQL files. It imports what reads them when some file is read."""

    def takes(self, tree: Tree, path: str) -> bool:
        return path.lower().endswith(ENDING) and is_sql(path) and not is_undo(path)

    def worth(self, content: bytes) -> bool:
        lower = content.lower()
        return any(word in lower for word in _WORDS)

    def stated(self, document: Document) -> Iterator[Stated]:
        from riskcheck.platforms.sql.stated import stated

        return stated(document)

    def home(self, tree: Tree, path: str) -> str | None:
        """Scripts know tables by their names, not each other."""
        return None


ESTATE: Final[EstateReader] = Scripts()
