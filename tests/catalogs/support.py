"""Catalog files as documents."""

from __future__ import annotations

from riskcheck.catalogs.formats import format_of
from riskcheck.catalogs.read import CatalogRead, read
from riskcheck.documents.store import Document, DocumentStore
from riskcheck.trees import MemoryTree


def document(path: str, text: str | bytes) -> Document:
    data = text.encode() if isinstance(text, str) else text
    return DocumentStore(MemoryTree({path: data}, "head", "test")).get(path)


def catalog(path: str, text: str | bytes, globs: tuple[str, ...] = ()) -> CatalogRead:
    promised = format_of(path, globs)
    assert promised is not None
    return read(document(path, text), promised)


def told(found: CatalogRead) -> list[str]:
    """Limitations as ``kind line: message``."""
    return [f"{one.kind} {one.line}: {one.message}" for one in found.limitations]


def needs(found: CatalogRead, name: str) -> list[str]:
    """What a service needs, as ``target coupling relation line``; ``<`` where the other needs it."""
    return [
        f"{'<' if one.inverse else ''}{one.target} {one.coupling} {one.relation} {one.location.line}"
        for entry in found.entries
        if entry.service.name == name
        for one in entry.dependencies
    ]
