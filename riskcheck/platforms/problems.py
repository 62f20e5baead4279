"""What keeps a document from being understood, as limitations; the same for every platform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Limitation

if TYPE_CHECKING:
    from riskcheck.documents.store import Document, DocumentStore
    from riskcheck.platforms.base import Workspace


NOTHING_TO_READ: Final = frozenset({"absent", "symlink", "submodule", "not-a-file"})
"""Ways of being unreadable that hide no configuration of this repository."""


def problem_of(document: Document, other: DocumentStore | None) -> Limitation | None:
    """Why `document` cannot be read, None where it can.

    other: the documents of the other side. A file of the head that cannot be read, and could in the base or is new,
    was not analysed because of the change: that is a failure. Templates, and what was broken before, only limit.
    """
    error = document.error
    if error is None:
        return None
    path, side = document.path, document.side
    if document.unreadable is not None:
        failed = document.unreadable not in NOTHING_TO_READ and broken_by_change(document, other)
        return Limitation(path, document.unreadable, error.reason, None, side, failed)
    template = document.template
    if template is not None:
        message = f"{template.syntax} templates are not evaluated"
        return Limitation(path, "unresolved-template", message, template.line, side)
    return Limitation(path, "parse-error", error.reason, error.line, side, broken_by_change(document, other))


def readable(
    workspace: Workspace, path: str, limitations: dict[Limitation, None], format: str | None = None
) -> Document:
    """The document at `path`. One of the head that nobody can read counts as it was in the base, not as taken away;
    why it cannot be read is put into `limitations`. format: read as this, whatever the name says."""
    document = workspace.documents.get(path, format)
    problem = problem_of(document, workspace.other)
    if problem is None:
        return document
    limitations.setdefault(problem)
    if workspace.other is None or workspace.side != "head":
        return document
    return workspace.other.get(path, format)


def broken_by_change(document: Document, other: DocumentStore | None) -> bool:
    """Whether a broken `document` of the head was sound in the base, or is new."""
    if other is None or document.side != "head":
        return False
    before = other.get(document.path, document.format)
    return before.unreadable == "absent" or before.error is None
