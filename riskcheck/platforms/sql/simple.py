"""Statements of a few words: DROP, TRUNCATE, DELETE, INSERT, VACUUM, USE, SET.

The grammar is that of https://docs.databricks.com/aws/en/sql/language-manual/ ; what is not read is stepped over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.platforms.sql.lexing import Cursor, Name, Piece
from riskcheck.platforms.sql.statement import Statement, object_of

if TYPE_CHECKING:
    from riskcheck.nodes import Node
    from riskcheck.platforms.sql.places import Places


def drop(cursor: Cursor, piece: Piece, places: Places) -> Statement:
    flags = set()
    if cursor.takes_any("TEMPORARY", "TEMP"):
        flags.add("temporary")
    object_ = object_of(cursor)
    if cursor.takes("IF", "EXISTS"):
        flags.add("if_exists")
    names = []
    while (name := cursor.name()) is not None:
        names.append(name)
        if not cursor.takes(","):
            break
    if cursor.takes("CASCADE"):
        flags.add("cascade")
    cursor.takes_any("RESTRICT", "FORCE", "PURGE")
    first = names[0] if names else None
    done = cursor.done and bool(object_) and first is not None
    return Statement("DROP", object_, first, piece, frozenset(flags), (), tuple(names[1:]), done)


def truncate(cursor: Cursor, piece: Piece, places: Places) -> Statement:
    cursor.takes("TABLE")
    name = cursor.name()
    flags = {"partition"} if cursor.takes("PARTITION") else set()
    cursor.skip_parentheses()
    return Statement("TRUNCATE", "TABLE", name, piece, frozenset(flags), understood=name is not None)


def delete(cursor: Cursor, piece: Piece, places: Places) -> Statement:
    cursor.takes("FROM")
    name = cursor.name()
    flags = set()
    while not cursor.done and not cursor.takes("WHERE"):
        cursor.at += 1
    rest = cursor.slice(cursor.start, piece.end).lower().replace(" ", "").strip("()")
    if not cursor.done and rest not in ("true", "1=1", "1"):
        flags.add("where")
    return Statement("DELETE", "TABLE", name, piece, frozenset(flags), understood=name is not None)


def insert(cursor: Cursor, piece: Piece, places: Places) -> Statement:
    flags = {"overwrite"} if cursor.takes("OVERWRITE") else set()
    cursor.takes("INTO")
    if cursor.upper() in ("DIRECTORY", "LOCAL"):
        return Statement("INSERT", "DIRECTORY", None, piece)
    cursor.takes("TABLE")
    name = cursor.name()
    if cursor.upper() == "PARTITION":
        flags.add("partition")
    return Statement("INSERT", "TABLE", name, piece, frozenset(flags), understood=name is not None)


def copy(cursor: Cursor, piece: Piece, places: Places) -> Statement:
    cursor.takes("INTO")
    return Statement("COPY", "TABLE", cursor.name(), piece)


def merge(cursor: Cursor, piece: Piece, places: Places) -> Statement:
    cursor.takes("INTO")
    return Statement("MERGE", "TABLE", cursor.name(), piece)


def vacuum(cursor: Cursor, piece: Piece, places: Places) -> Statement:
    token = cursor.tokens[cursor.at] if not cursor.done else None
    if token is not None and token.kind == "string":
        cursor.at += 1
        name: Name | None = Name((token.text,), token.start, token.end)
    else:
        name = cursor.name()
    cursor.takes_any("FULL", "LITE")
    values: list[tuple[str, Node]] = []
    if cursor.takes("RETAIN"):
        start = cursor.start
        amount = cursor.next()
        unit = cursor.takes_any("HOURS", "HOUR", "DAYS", "DAY")
        if amount is not None and amount.kind == "number":
            hours = float(amount.text) * (24 if unit.startswith("DAY") else 1)
            values.append(("retain_hours", places.scalar(f"{hours:g}", start, cursor.last_end)))
    flags = {"dry_run"} if cursor.takes("DRY", "RUN") else set()
    return Statement("VACUUM", "TABLE", name, piece, frozenset(flags), tuple(values), (), cursor.done)


def use(cursor: Cursor, piece: Piece, places: Places) -> Statement:
    object_ = object_of(cursor) or "SCHEMA"
    return Statement("USE", object_, cursor.name(), piece)


def set_conf(cursor: Cursor, piece: Piece, places: Places) -> Statement:
    """``SET key = value`` of Spark; SET CATALOG is a USE."""
    if cursor.upper() == "CATALOG" and cursor.mark(1) != "=":
        cursor.at += 1
        return Statement("USE", "CATALOG", cursor.name(), piece)
    start = cursor.start
    key = cursor.name()
    if key is None or not cursor.takes("="):
        return Statement("SET", "", None, piece)
    value_start = cursor.start
    value = cursor.slice(value_start, piece.end).strip("'\"")
    node = places.mapping(start, piece.end, [(key.text, places.scalar(value, value_start, piece.end))])
    return Statement("SET", "CONF", None, piece, values=(("conf", node),))
