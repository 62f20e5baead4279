"""Which reader takes which statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.platforms.sql import simple
from riskcheck.platforms.sql.altering import alter
from riskcheck.platforms.sql.creating import create
from riskcheck.platforms.sql.granting import grant, revoke
from riskcheck.platforms.sql.lexing import Cursor, Piece
from riskcheck.platforms.sql.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskcheck.platforms.sql.places import Places

_READERS: Final[dict[str, Callable[[Cursor, Piece, Places], Statement]]] = {
    "ALTER": alter,
    "COPY": simple.copy,
    "CREATE": create,
    "DELETE": simple.delete,
    "DENY": revoke,
    "DROP": simple.drop,
    "GRANT": grant,
    "INSERT": simple.insert,
    "MERGE": simple.merge,
    "REVOKE": revoke,
    "SET": simple.set_conf,
    "TRUNCATE": simple.truncate,
    "USE": simple.use,
    "VACUUM": simple.vacuum,
}

QUERIES: Final = frozenset(
    {"SELECT", "WITH", "FROM", "VALUES", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "TABLE"}
)
"""Verbs that change nothing."""


def read(piece: Piece, places: Places) -> Statement:
    """What `piece` does. Never raises on bad input."""
    cursor = Cursor(piece.tokens, places.text)
    _enter(cursor)
    verb = cursor.upper()
    reader = _READERS.get(verb)
    if reader is None:
        return Statement(verb, "", None, piece, understood=verb in QUERIES or verb in _OTHERS)
    cursor.at += 1
    return reader(cursor, piece, places)


_OTHERS: Final = frozenset(
    {
        "OPTIMIZE",
        "ANALYZE",
        "REFRESH",
        "CACHE",
        "UNCACHE",
        "MSCK",
        "FSCK",
        "REORG",
        "RESTORE",
        "UNDROP",
        "COMMENT",
        "DECLARE",
        "RETURN",
        "END",
        "ELSE",
        "CALL",
        "EXECUTE",
        "COMMIT",
        "ROLLBACK",
        "ADD",
        "LIST",
        "RESET",
        "CLEAR",
        "GENERATE",
        "CONVERT",
        "SYNC",
        "OPEN",
        "CLOSE",
        "FETCH",
        "LEAVE",
        "ITERATE",
        "SIGNAL",
        "PUT",
        "GET",
        "REMOVE",
        "UPDATE",
        "APPLY",
    }
)
"""Verbs that are known and not looked into."""


def _enter(cursor: Cursor) -> None:
    """Steps over what stands around a statement: BEGIN of a block, IF … THEN, labels."""
    for _ in range(8):
        if cursor.upper() == "BEGIN" and cursor.upper(1) not in ("", "TRANSACTION", "WORK"):
            cursor.at += 2 if cursor.upper(1) == "ATOMIC" else 1
        elif cursor.upper() in ("IF", "ELSEIF", "WHILE", "ELSE", "THEN", "DO", "LOOP", "CASE", "WHEN"):
            at = cursor.at
            while not cursor.done and cursor.upper() not in ("THEN", "DO", "ELSE", "LOOP"):
                cursor.at += 1
            if cursor.done:
                cursor.at = at
                return
            cursor.at += 1
        else:
            return
