"""Files into objects, and what keeps them from being read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Limitation, location_of
from riskcheck.platforms.kubernetes.definitions import deferred
from riskcheck.platforms.kubernetes.edit import text
from riskcheck.platforms.kubernetes.objects import (
    KubeObject,
    claimed_in,
    has_broken_metadata,
    name_of,
    objects_in,
)
from riskcheck.platforms.problems import problem_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.documents.store import Chunk, Document, DocumentStore
    from riskcheck.nodes import Mapping, Node
    from riskcheck.platforms.kubernetes.kustomize.twins import Twins


LARGE: Final = 256 * 1024
"""Characters of a document from which on only that part of it is parsed that the change alters."""


def document_of(documents: DocumentStore, path: str) -> Document:
    """Files without a telling name are YAML here: ``Kustomization``, patches called ``x.patch``."""
    document = documents.get(path)
    return document if document.format in ("yaml", "json") else documents.get(path, "yaml")


class Manifests:
    """The objects of one tree's files, each file read once.

    other: the documents of the other side. touched: the paths whose problems matter. twins: what the other side
    made of the documents that both share.
    """

    def __init__(
        self,
        documents: DocumentStore,
        other: DocumentStore | None,
        touched: frozenset[str],
        twins: Twins | None = None,
    ) -> None:
        self._twins = twins
        self.documents = documents
        self._other = other
        self._touched = touched
        self._objects: dict[str, tuple[KubeObject, ...]] = {}
        self._problems: dict[str, tuple[Limitation, ...]] = {}
        self._nameless: dict[str, tuple[Limitation, ...]] = {}

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
            elsewhere = self._items_elsewhere(document)
            roots: list[Node] = []
            sound = bool(document.chunks)
            for chunk in document.chunks:
                later = self._deferred(chunk) if unchanged is None or chunk.text in unchanged else None
                if later is None and elsewhere:
                    from riskcheck.platforms.kubernetes.sliced import sliced

                    later = sliced(chunk, document.side, elsewhere)
                root = later or chunk.root
                sound = sound and (later is not None or chunk.error is None)
                if root is not None:
                    roots.append(root)
            self._judge(document, sound)
            objects = [found for root in roots for found in self._objects_in(root)]
            nameless: list[Mapping] = []
            if unchanged is not None:
                nameless = [node for root in roots for node in claimed_in(root) if not name_of(node)[0]]
            if self._problems[path] or nameless:
                present = {(found.api_version, found.id) for found in objects}
                before = [found for root in self._before(path) for found in objects_in(root)]
                lost = [found for found in before if (found.api_version, found.id) not in present]
                broken = _broken(nameless, lost)
                self._nameless[path] = tuple(self._says(node, unchanged or frozenset()) for node in broken)
                kinds = {_kind(node) for node in broken}
                objects += (found for found in lost if self._problems[path] or _kind(found.body) in kinds)
            known = self._objects[path] = tuple(objects)
        limitations.update(dict.fromkeys(self.problems(path)))
        return known

    def _deferred(self, chunk: Chunk) -> Mapping | None:
        side = self.documents.tree.side
        if self._twins is None:
            return deferred(chunk, side)
        key = (deferred, chunk.path, chunk.first_line, chunk.text)
        root = self.documents.shared(key, lambda: deferred(chunk, side))
        if root is not None and side == "head":
            # As with documents that both sides share: they can still be edited there.
            root.source.side = side
        return root

    def _objects_in(self, root: Node) -> Iterable[KubeObject]:
        if self._twins is None:
            return objects_in(root)
        return self._twins.made(lambda: tuple(objects_in(root)), root, "objects")

    def problems(self, path: str) -> tuple[Limitation, ...]:
        """What keeps `path` from being read."""
        self._judge(self.document(path), sound=False)
        return (*self._problems[path], *self._nameless.get(path, ()))

    def _says(self, node: Mapping, unchanged: frozenset[str]) -> Limitation:
        """An object that nothing can be said about. One that was the same before only limits."""
        place = location_of(node.get("metadata") or node)
        chunks = self.document(place.path).chunks
        own = max((one for one in chunks if one.first_line <= place.line), key=lambda one: one.first_line)
        message = f"{text(node.get('kind'))} without a usable metadata.name"
        failed = place.side == "head" and own.text not in unchanged
        return Limitation(place.path, "invalid", message, place.line, place.side, failed)

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
        return frozenset(chunk.text for chunk in document_of(self._other, document.path).chunks)

    def _items_elsewhere(self, document: Document) -> frozenset[str]:
        """Texts of what the other side lists in a very large document; empty for all other files."""
        if self._other is None or len(document.text) < LARGE or document.path.endswith(".json"):
            return frozenset()
        from riskcheck.platforms.kubernetes.sliced import items_in

        return items_in(document_of(self._other, document.path))

    def _judge(self, document: Document, sound: bool) -> None:
        """Notes what is wrong with a file. Nothing is said of files that the change leaves alone: they are the same
        on both sides. sound: all of it that matters has been parsed."""
        if document.path not in self._problems:
            problem = None
            if not sound and document.path in self._touched:
                problem = problem_of(document, self._other)
            self._problems[document.path] = () if problem is None else (problem,)


def _broken(nameless: Iterable[Mapping], lost: Iterable[KubeObject]) -> list[Mapping]:
    """Those of the objects without a name that are no file of some tool: what should name them is there, or one of
    their kind is missing."""
    kinds = {_kind(found.body) for found in lost}
    return [node for node in nameless if has_broken_metadata(node) or _kind(node) in kinds]


def _kind(body: Mapping) -> tuple[str, str]:
    return text(body.get("apiVersion")), text(body.get("kind"))
