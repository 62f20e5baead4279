"""What keeps a document from being understood, as limitations; the same for every platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.models import Limitation

if TYPE_CHECKING:
    from riskcheck.documents.store import Document, DocumentStore


def problem_of(document: Document, other: DocumentStore | None) -> Limitation | None:
    """Why `document` cannot be read, None where it can.

    other: the documents of the other side. A file of the head that is broken and was sound in the base was broken
    by the change: that is a failure. Templates, and what was broken before, only limit.
    """
    error = document.error
    if error is None:
        return None
    path, side = document.path, document.side
    if document.unreadable is not None:
        return Limitation(path, document.unreadable, error.reason, None, side)
    template = document.template
    if template is not None:
        message = f"{template.syntax} templates are not evaluated"
        return Limitation(path, "unresolved-template", message, template.line, side)
    return Limitation(path, "parse-error", error.reason, error.line, side, _broken_here(document, other))


def _broken_here(document: Document, other: DocumentStore | None) -> bool:
    if other is None or document.side != "head":
        return False
    before = other.get(document.path, document.format)
    return before.unreadable != "absent" and before.error is None
