"""What the files of a bundle say of the workspace, file by file and before anything is resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.platforms.databricks.discovery import CONFIG_ENDINGS, ROOT_NAMES, below, bundles_above

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.dependencies import Stated
    from riskcheck.documents.store import Document
    from riskcheck.platforms.base import EstateReader
    from riskcheck.trees import Tree


class Bundles:
    """`riskcheck.platforms.base.EstateReader` of bundles. It imports what parses them when some file is read."""

    def __init__(self) -> None:
        self._roots: tuple[Tree | None, dict[str, str | None]] = (None, {})

    def takes(self, tree: Tree, path: str) -> bool:
        return path.endswith(CONFIG_ENDINGS) and self.home(tree, path) is not None

    def worth(self, content: bytes) -> bool:
        return b"resources" in content or b"bundle" in content or b"lookup" in content

    def stated(self, document: Document) -> Iterator[Stated]:
        from riskcheck.platforms.databricks.stated import stated

        return stated(document)

    def home(self, tree: Tree, path: str) -> str | None:
        """The root file of the innermost bundle that `path` is in."""
        if self._roots[0] is not tree:
            self._roots = (tree, {})
        known = self._roots[1]
        directory = path.rpartition("/")[0]
        if directory not in known:
            known[directory] = next(
                (
                    root
                    for above in bundles_above(path)
                    for name in ROOT_NAMES
                    if tree.entry(root := below(above, name)) is not None
                ),
                None,
            )
        return known[directory]


ESTATE: Final[EstateReader] = Bundles()
