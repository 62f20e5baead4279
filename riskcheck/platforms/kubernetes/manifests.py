"""Files into objects, and what keeps them from being read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.platforms.kubernetes.definitions import deferred
from riskcheck.platforms.kubernetes.objects import KubeObject, objects_in
from riskcheck.platforms.problems import problem_of

if TYPE_CHECKING:
    from riskcheck.documents.store import Document, DocumentStore
    from riskcheck.models import Limitation
    from riskcheck.nodes import Node


def document_of(documents: DocumentStore, path: str) -> Document:
    """Files without a telling name are YAML here: ``Kustomization``, patches called ``x.patch``."""
    document = documents.get(path)
    return document if document.format in ("yaml", "json") else documents.get(path, "yaml")


class Manifests:
    """The objects of one tree's files, each file read once.

    other: the documents of the other side. touched: the paths whose problems matter.
    """

    def __init__(
        self, documents: DocumentStore, other: DocumentStore | None, touched: frozenset[str]
    ) -> None:
        self.documents = documents
        self._other = other
        self._touched = touched
        self._objects: dict[str, tuple[KubeObject, ...]] = {}
        self._problems: dict[str, tuple[Limitation, ...]] = {}

    def document(self, path: str) -> Document:
        return document_of(self.documents, path)

    def roots(self, path: str, limitations: dict[Limitation, None]) -> list[Node]:
        """The documents of `path` that are not empty."""
        document = self.document(path)
        self._judge(document, sound=False)
        limitations.update(dict.fromkeys(self._problems[path]))
        roots = [root for chunk in document.chunks if (root := chunk.root) is not None]
        return self._before(path) or roots if self._problems[path] else roots

    def root(self, path: str, limitations: dict[Limitation, None]) -> Node | None:
        """The first document of `path` that is not empty."""
        return next(iter(self.roots(path, limitations)), None)

    def objects(self, path: str, limitations: dict[Limitation, None]) -> tuple[KubeObject, ...]:
        """All objects of `path`, the same ones at each call."""
        known = self._objects.get(path)
        if known is None:
            document = self.document(path)
            unchanged = self._unchanged(document)
            roots: list[Node] = []
            sound = bool(document.chunks)
            for chunk in document.chunks:
                later = (
                    deferred(chunk, document.side) if unchanged is None or chunk.text in unchanged else None
                )
                root = later or chunk.root
                sound = sound and (later is not None or chunk.error is None)
                if root is not None:
                    roots.append(root)
            self._judge(document, sound)
            objects = [found for root in roots for found in objects_in(root)]
            if self._problems[path]:
                present = {(found.api_version, found.id) for found in objects}
                lost = (found for root in self._before(path) for found in objects_in(root))
                objects += (found for found in lost if (found.api_version, found.id) not in present)
            known = self._objects[path] = tuple(objects)
        limitations.update(dict.fromkeys(self._problems[path]))
        return known

    def problems(self, path: str) -> tuple[Limitation, ...]:
        """What keeps `path` from being read."""
        self._judge(self.document(path), sound=False)
        return self._problems[path]

    def _before(self, path: str) -> list[Node]:
        """What a file of the head that cannot be read held in the base: it counts as it was, not as taken away."""
        if self._other is None or self.documents.tree.side != "head":
            return []
        document = document_of(self._other, path)
        return [root for chunk in document.chunks if (root := chunk.root) is not None]

    def _unchanged(self, document: Document) -> frozenset[str] | None:
        """Texts of the documents that the other side has too; None where the change leaves the file alone.

        A document that changed is parsed at once: it may be broken.
        """
        if document.path not in self._touched:
            return None
        if self._other is None or document.unreadable is not None:
            return frozenset()
        return frozenset(chunk.text for chunk in self._other.get(document.path).chunks)

    def _judge(self, document: Document, sound: bool) -> None:
        """Notes what is wrong with a file. Nothing is said of files that the change leaves alone: they are the same
        on both sides. sound: all of it that matters has been parsed."""
        if document.path not in self._problems:
            problem = None
            if not sound and document.path in self._touched:
                problem = problem_of(document, self._other)
            self._problems[document.path] = () if problem is None else (problem,)
