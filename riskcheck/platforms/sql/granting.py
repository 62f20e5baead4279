"""GRANT and REVOKE: who may do what with which securable.

https://docs.databricks.com/aws/en/sql/language-manual/security-grant
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.platforms.sql.lexing import Cursor, Name, Piece, Token, split_at_commas
from riskcheck.platforms.sql.statement import Statement, object_of
from riskcheck.tables.read import privilege_of

if TYPE_CHECKING:
    from riskcheck.nodes import Node
    from riskcheck.platforms.sql.places import Places


def grant(cursor: Cursor, piece: Piece, places: Places) -> Statement:
    """``GRANT privileges ON securable TO principal``. Values: ``grants``, one principal with its privileges."""
    return _read("GRANT", "TO", cursor, piece, places)


def revoke(cursor: Cursor, piece: Piece, places: Places) -> Statement:
    """``REVOKE privileges ON securable FROM principal``, and DENY of the legacy metastore."""
    word = "TO" if piece.tokens and piece.tokens[0].upper == "DENY" else "FROM"
    return _read("REVOKE", word, cursor, piece, places)


def _read(verb: str, word: str, cursor: Cursor, piece: Piece, places: Places) -> Statement:
    begin = cursor.at
    while not cursor.done and cursor.upper() not in ("ON", word):
        cursor.at += 1
    privileges = list(split_at_commas(cursor.tokens[begin : cursor.at]))
    object_, name = "", None
    if cursor.takes("ON"):
        object_ = object_of(cursor)
        name = cursor.name() if cursor.upper() != word else None
        if name is not None and not object_:
            object_ = "METASTORE" if name.text.upper() == "METASTORE" else "TABLE"
    while not cursor.done and not cursor.takes(word):
        cursor.at += 1
    principal = cursor.next()
    if principal is None or not privileges:
        return Statement(verb, object_, name, piece, understood=False)
    if principal.upper in ("GROUP", "USER", "ROLE", "RECIPIENT", "SHARE") and not cursor.done:
        principal = cursor.next() or principal
    node = _node(principal, privileges, places, cursor)
    grants = places.sequence(piece.start, piece.end, [node])
    return Statement(verb, object_, _told(name), piece, values=(("grants", grants),))


def _told(name: Name | None) -> Name | None:
    return None if name is not None and name.text.upper() == "METASTORE" else name


def _node(principal: Token, privileges: list[tuple[Token, ...]], places: Places, cursor: Cursor) -> Node:
    listed = [
        places.scalar(privilege_of(cursor.slice(one[0].start, one[-1].end)), one[0].start, one[-1].end)
        for one in privileges
    ]
    first, last = privileges[0][0].start, privileges[-1][-1].end
    return places.mapping(
        first,
        principal.end,
        [
            ("principal", places.scalar(principal.text, principal.start, principal.end)),
            ("privileges", places.sequence(first, last, listed)),
        ],
    )
