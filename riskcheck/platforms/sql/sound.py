"""What of a SQL file could not be read, and whether the change broke it.

Statements that the readers of this package leave open are put to sqlglot, which knows the dialect as a whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Limitation
from riskcheck.platforms.sql.script import read_script

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.platforms.base import Workspace
    from riskcheck.platforms.sql.script import Entry, Script

MOST_PARSED: Final = 200
"""Statements of one file that are put to the parser."""

MOST_CHARACTERS: Final = 60_000
"""Longer statements are not."""

_NOT_ALL: Final = "more statements than are read"

_QUERIES: Final = frozenset({"SELECT", "WITH", "INSERT", "MERGE", "UPDATE", "DELETE"})
"""Statements of which only the beginning is read here."""


def problems(script: Script, workspace: Workspace) -> Iterator[Limitation]:
    """Each problem with its line. Failed where the base had the file without any."""
    before = workspace.other.get(script.path) if workspace.other is not None else None
    earlier = read_script(script.path, before.side, before.text) if before is not None else None
    known = frozenset(entry.id for entry in earlier.entries) if earlier is not None else frozenset()
    found = list(_problems(script, known))
    if not found:
        return
    sound = (
        workspace.side == "head"
        and before is not None
        and before.unreadable is None
        and earlier is not None
        and bool(earlier.entries)
        and not list(_problems(earlier, frozenset()))
    )
    for kind, message, line in found:
        failed = (sound and kind == "parse-error") or (
            message == _NOT_ALL and _read_whole(earlier, workspace)
        )
        yield Limitation(script.path, kind, message, line, workspace.side, failed)


def _read_whole(earlier: Script | None, workspace: Workspace) -> bool:
    """Whether all was read before: what the change put beyond the bound was not analysed because of it."""
    return workspace.side == "head" and (earlier is None or earlier.complete)


def _problems(script: Script, known: frozenset[str]) -> Iterator[tuple[str, str, int | None]]:
    if not script.complete:
        yield "too-large", _NOT_ALL, None
    if script.control is not None:
        line = script.places.line_of(script.control)
        yield "unresolved-template", "a template decides which statements run: all are read", line
    open_ = 0
    for entry in script.entries:
        piece = entry.statement.piece
        line = script.line(piece)
        if piece.broken is not None:
            reason, offset = piece.broken
            yield "parse-error", f"invalid SQL: {reason}", script.places.line_of(offset)
        elif entry.id not in known and not _is_whole(entry):
            text = script.places.text[piece.start : piece.end]
            open_ += 1
            if any(token.is_open and token.kind != "string" for token in piece.tokens):
                if not entry.statement.understood:
                    yield "unresolved-template", f"{_words(entry)} is made by a template", line
                continue
            if open_ > MOST_PARSED or len(text) > MOST_CHARACTERS:
                yield "too-large", f"{_words(entry)} is not put to the parser", line
                continue
            from riskcheck.platforms.sql.parser import problem_of

            told = problem_of(text)
            if told is not None:
                kind, reason, below = told
                yield kind, reason, line + below


def _is_whole(entry: Entry) -> bool:
    statement = entry.statement
    return statement.understood and (entry.verb not in _QUERIES or statement.piece.guarded)


def _words(entry: Entry) -> str:
    return " ".join(filter(None, (entry.verb[:40] or "a statement", entry.object)))
