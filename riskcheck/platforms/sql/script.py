"""One SQL file as a sequence of statements, each with the full name of what it is done to."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from riskcheck.platforms.sql.lexing import Piece, lexed
from riskcheck.platforms.sql.places import Places
from riskcheck.platforms.sql.reading import read
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Side
    from riskcheck.platforms.sql.lexing import Name
    from riskcheck.platforms.sql.statement import Statement

MOST_STATEMENTS: Final = 2_000
_LONG: Final = 60
_LEVELS: Final = {"CATALOG": 1, "SCHEMA": 2}


class Entry(NamedTuple):
    """One statement of a file. id: its natural key, the same wherever it stands. full: the name with the catalog
    and schema in use, lower case, as far as it is told; ``""`` without one. scope: that catalog and schema."""

    id: str
    full: str
    statement: Statement
    scope: tuple[str, str] = ("", "")

    @property
    def object(self) -> str:
        return self.statement.object

    @property
    def verb(self) -> str:
        return self.statement.verb


class Script(NamedTuple):
    """path, side and text make `places`. complete: False where the file has more than is read."""

    path: str
    places: Places
    entries: tuple[Entry, ...]
    control: int | None
    complete: bool

    def line(self, piece: Piece) -> int:
        return self.places.line_of(piece.start)


@lru_cache(maxsize=1024)
def read_script(path: str, side: Side, text: str) -> Script:
    """The statements of a file, those of a routine's body left out: nothing runs them here."""
    places = Places(path, side, text)
    found = lexed(text)
    entries = tuple(_entries(found.pieces[:MOST_STATEMENTS], places))
    complete = found.complete and len(found.pieces) <= MOST_STATEMENTS
    return Script(path, places, entries, found.control, complete)


def _entries(pieces: tuple[Piece, ...], places: Places) -> Iterator[Entry]:
    catalog = schema = ""
    seen: dict[str, int] = {}
    routine = compound = False
    for piece in pieces:
        words = [token.upper for token in piece.tokens[:6]]
        if routine:
            routine = (
                words[:1] != ["END"] or len(piece.tokens) > 2 or words[1:2] in (["IF"], ["WHILE"], ["LOOP"])
            )
            continue
        if words[:1] == ["CREATE"] and "PROCEDURE" in words:
            routine = any(token.upper == "BEGIN" for token in piece.tokens)
            continue
        statement = read(piece, places)
        compound = (compound or _begins_block(words)) and words[:1] != ["END"]
        if compound:
            # The parser takes no part of a block for a statement.
            statement = statement._replace(understood=True, piece=piece._replace(guarded=True))
        if statement.verb == "USE" and statement.name is not None:
            catalog, schema = _used(statement, catalog, schema)
            continue
        names = (statement.name, *statement.more)
        for name in names:
            one = statement if name is statement.name else statement._replace(name=name)
            full = under(name, statement.object, catalog, schema) if name is not None else ""
            label = _label(one, full)
            number = seen[label] = seen.get(label, 0) + 1
            yield Entry(label if number == 1 else f"{label} #{number}", full, one, (catalog, schema))


def _begins_block(words: list[str]) -> bool:
    """Whether a compound statement of SQL scripting begins: BEGIN, but not of a transaction."""
    return words[:1] == ["BEGIN"] and words[1:2] not in ([], ["TRANSACTION"], ["WORK"])


def _used(statement: Statement, catalog: str, schema: str) -> tuple[str, str]:
    assert statement.name is not None
    parts = [part.lower() for part in statement.name.parts]
    if statement.object == "CATALOG":
        return ".".join(parts), ""
    if len(parts) > 1:
        return parts[-2], parts[-1]
    return catalog, parts[0] if parts else ""


def under(name: Name, object_: str, catalog: str, schema: str) -> str:
    """``catalog.schema.name`` in lower case, as far as it is told."""
    parts = [part.lower() for part in name.parts]
    missing = _LEVELS.get(object_, 3) - len(parts)
    above = [part for part in (catalog, schema) if part]
    if missing == 2 and len(above) == 2:
        parts = [*above, *parts]
    elif missing == 2 and schema:
        parts = [schema, *parts]
    elif missing == 1 and catalog:
        parts = [catalog, *parts]
    return ".".join(parts)


def _label(statement: Statement, full: str) -> str:
    """What tells a statement from the others of its file, wherever it stands and however it is spaced."""
    verb = " ".join(filter(None, (statement.verb, statement.object))).lower()
    head = f"{verb} {full}".strip()
    if statement.verb in ("CREATE", "DROP", "TRUNCATE"):
        return head
    from hashlib import sha256

    tokens = statement.piece.tokens
    text = " ".join(token.upper.lower() or _written(token.text, token.kind) for token in tokens)
    return f"{head[:_LONG]} {sha256(text.encode('utf-8', 'replace')).hexdigest()[:8]}"


def _written(text: str, kind: str) -> str:
    return f"'{text}'" if kind == "string" else text
