"""What projects of dbt say of each other's tables: which models need which, and what is shown to people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.platforms.dbt.places import lies_in_folder, may_belong, project_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.dependencies import Stated
    from riskcheck.documents.store import Document
    from riskcheck.platforms.base import EstateReader
    from riskcheck.trees import Tree


class Projects:
    """`riskcheck.platforms.base.EstateReader` of them. It imports what reads them when some file is read."""

    def takes(self, tree: Tree, path: str) -> bool:
        return may_belong(path) and lies_in_folder(path) and project_of(tree, path) is not None

    def worth(self, content: bytes) -> bool:
        return any(word in content for word in (b"ref(", b"source(", b"ref (", b"source (", b"sources:"))

    def stated(self, document: Document) -> Iterator[Stated]:
        from riskcheck.platforms.dbt.stated import stated

        return stated(document)

    def home(self, tree: Tree, path: str) -> str | None:
        """Models know each other by their names."""
        return None


ESTATE: Final[EstateReader] = Projects()
