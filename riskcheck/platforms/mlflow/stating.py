"""What feature specifications need, file by file and before anything is resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.platforms.mlflow.platform import FEATURE_FILES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.dependencies import Stated
    from riskcheck.documents.store import Document
    from riskcheck.platforms.base import EstateReader
    from riskcheck.trees import Tree


class FeatureSpecs:
    """`riskcheck.platforms.base.EstateReader` of them. It imports what parses them when some file is read."""

    def takes(self, tree: Tree, path: str) -> bool:
        return path.rpartition("/")[2] in FEATURE_FILES

    def worth(self, content: bytes) -> bool:
        return b"input_columns" in content and b"table_name" in content

    def stated(self, document: Document) -> Iterator[Stated]:
        from riskcheck.platforms.mlflow.stated import stated

        return stated(document)

    def home(self, tree: Tree, path: str) -> str | None:
        return None


ESTATE: Final[EstateReader] = FeatureSpecs()
