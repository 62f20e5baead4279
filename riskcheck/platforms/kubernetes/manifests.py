"""Files into objects, and what keeps them from being read."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
        limitations.update(dict.fromkeys(self._problems_of(document)))
        return [root for chunk in document.chunks if (root := chunk.root) is not None]

    def root(self, path: str, limitations: dict[Limitation, None]) -> Node | None:
        """The first document of `path` that is not empty."""
        return next(iter(self.roots(path, limitations)), None)

    def objects(self, path: str, limitations: dict[Limitation, None]) -> tuple[KubeObject, ...]:
        """All objects of `path`, the same ones at each call."""
        known = self._objects.get(path)
        roots = self.roots(path, limitations) if known is None else []
        if known is None:
            known = self._objects[path] = tuple(found for root in roots for found in objects_in(root))
        else:
            limitations.update(dict.fromkeys(self._problems[path]))
        return known

    def problems(self, path: str) -> tuple[Limitation, ...]:
        """What keeps `path` from being read."""
        return self._problems_of(self.document(path))

    def _problems_of(self, document: Document) -> tuple[Limitation, ...]:
        known = self._problems.get(document.path)
        if known is None:
            # Nothing is said of files that the change leaves alone: they are the same on both sides.
            problem = problem_of(document, self._other) if document.path in self._touched else None
            known = self._problems[document.path] = () if problem is None else (problem,)
        return known
