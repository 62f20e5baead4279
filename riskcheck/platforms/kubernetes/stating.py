"""What manifests say of other units, file by file and before anything is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.dependencies import Stated
    from riskcheck.documents.store import Document
    from riskcheck.platforms.base import EstateReader
    from riskcheck.trees import Tree

_SUFFIXES: Final = (".yaml", ".yml")
_FOREIGN: Final = ("node_modules/", "vendor/", "testdata/", ".github/")


class ManifestFiles:
    """`riskcheck.platforms.base.EstateReader` of manifests. It imports what parses them when some file is read."""

    def takes(self, tree: Tree, path: str) -> bool:
        return path.endswith(_SUFFIXES) and not path.startswith(_FOREIGN)

    def worth(self, content: bytes) -> bool:
        """Addresses of services in other namespaces, definitions of Flux, and custom resources."""
        if b".svc" in content or b"toolkit.fluxcd.io" in content:
            return True
        from riskcheck.platforms.kubernetes.instances import CUSTOM

        return CUSTOM.search(content) is not None

    def stated(self, document: Document) -> Iterator[Stated]:
        from riskcheck.platforms.kubernetes.instances import instances
        from riskcheck.platforms.kubernetes.stated import stated

        yield from instances(document)
        yield from stated(document)

    def home(self, tree: Tree, path: str) -> str | None:
        return None


ESTATE: Final[EstateReader] = ManifestFiles()
