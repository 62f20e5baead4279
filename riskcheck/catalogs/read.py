"""One catalog file as entries. Nothing here raises on bad input: what cannot be read is a limitation with its
line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.catalogs.formats import CatalogFormat, Promised, told_by_content
from riskcheck.catalogs.nodes import Troubles
from riskcheck.models import Limitation
from riskcheck.nodes import Mapping, Node, Sequence
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.dependencies import CatalogEntry
    from riskcheck.documents.store import Document

    Reader = Callable[[Mapping, Troubles], Iterator[CatalogEntry]]

MOST_ENTRIES: Final = 20_000
"""Entries of one file; what comes after them is not read, and said to be."""
_TOLERANT: Final = frozenset({"score", "cortex", "openslo"})
"""Formats whose file names others use too: a document of another kind is none of ours."""


class CatalogRead(NamedTuple):
    """What one file says. limitations: what of it could not be understood."""

    entries: tuple[CatalogEntry, ...]
    limitations: tuple[Limitation, ...]


def read(document: Document, promised: Promised) -> CatalogRead:
    """All entries of one file, in its order. promised: as `riskcheck.catalogs.formats.format_of` tells.

    Code owners are read by `riskcheck.catalogs.codeowners`.
    """
    if document.unreadable is not None:
        reason = document.error.reason if document.error else document.unreadable
        return CatalogRead((), (Limitation(document.path, document.unreadable, reason, None, document.side),))
    found: list[CatalogEntry] = []
    troubles = Troubles()
    for format_, root in documents_of(document, promised, troubles):
        for entry in reader_of(format_)(root, troubles):
            if len(found) == MOST_ENTRIES:
                troubles.add(root, f"more than {MOST_ENTRIES:,} entries; the rest is not read", "too-large")
                break
            if "${{" in entry.service.name or "{{" in entry.service.name:
                troubles.add(root, "a template of a catalog entry", "unresolved-template")
            else:
                found.append(entry)
    return CatalogRead(tuple(found), (*_broken(document), *troubles.found))


def documents_of(
    document: Document, promised: Promised, troubles: Troubles
) -> Iterator[tuple[CatalogFormat, Mapping]]:
    """The documents of a file that are of a catalog, each with its format."""
    for chunk in document.chunks:
        root = chunk.root
        if root is None:
            continue
        for one in root.items if isinstance(root, Sequence) else [root]:
            format_ = _format(one, promised, troubles)
            if format_ is not None and isinstance(one, Mapping):
                yield format_, one


def _format(root: Node, promised: Promised, troubles: Troubles) -> CatalogFormat | None:
    if promised == "compose" or promised == "helm":
        return promised
    told = told_by_content(root)
    if told is None and promised not in _TOLERANT and promised != "told by content":
        troubles.add(root, f"no document of {promised}, as the file's name promises")
    return told


def reader_of(format_: CatalogFormat) -> Reader:
    """The reader of a format; imported when it is needed."""
    from importlib import import_module

    reader: Reader = import_module(f"riskcheck.catalogs.{format_}").entries
    return reader


def _broken(document: Document) -> Iterator[Limitation]:
    """What the parser rejects: a template is one, else an error with its line. Other documents of the file
    stand."""
    error = document.error
    if error is None:
        return
    template = document.template
    if template is not None:
        message = f"{template.syntax} templates are not evaluated"
        yield Limitation(document.path, "unresolved-template", message, template.line, document.side)
    else:
        yield Limitation(document.path, "parse-error", error.reason, error.line, document.side)
