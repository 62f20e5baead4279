"""CREATE: what a table, view or other thing is declared to be.

https://docs.databricks.com/aws/en/sql/language-manual/sql-ref-syntax-ddl-create-table-using
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Sequence
from riskcheck.platforms.sql.columns import column_of, constraint_of, is_constraint, properties_in
from riskcheck.platforms.sql.statement import Statement, object_of

if TYPE_CHECKING:
    from riskcheck.nodes import Node
    from riskcheck.platforms.sql.lexing import Cursor, Piece
    from riskcheck.platforms.sql.places import Places

_BODIES: Final = frozenset({"SELECT", "WITH", "FROM", "VALUES", "TABLE"})
TABULAR: Final = frozenset({"TABLE", "VIEW", "MATERIALIZED VIEW", "STREAMING TABLE"})
"""Objects that have columns."""


def create(cursor: Cursor, piece: Piece, places: Places) -> Statement:
    """Flags: ``replace``, ``refresh``, ``temporary``, ``if_not_exists``, ``query``, ``clone``, ``like``. Values:
    the fields of a table that it states."""
    flags: set[str] = set()
    if cursor.takes("OR", "REPLACE"):
        flags.add("replace")
    if cursor.takes("OR", "REFRESH"):
        flags.add("refresh")
    cursor.takes("PRIVATE")
    cursor.takes("GLOBAL")
    if cursor.takes_any("TEMPORARY", "TEMP"):
        flags.add("temporary")
    external = cursor.upper() == "EXTERNAL"
    object_ = object_of(cursor)
    if cursor.takes("IF", "NOT", "EXISTS"):
        flags.add("if_not_exists")
    name = cursor.name()
    values: dict[str, Node] = {}
    if object_ in TABULAR:
        _clauses(cursor, piece, places, values, flags)
        if external or "location" in values:
            flags.add("external")
    understood = bool(object_) and name is not None and _is_typed(values, flags, object_)
    return Statement("CREATE", object_, name, piece, frozenset(flags), tuple(values.items()), (), understood)


def _is_typed(values: dict[str, Node], flags: set[str], object_: str) -> bool:
    """Whether every column of a table has a type, where no query gives it."""
    columns = values.get("columns")
    return (
        object_ != "TABLE"
        or "query" in flags
        or not isinstance(columns, Sequence)
        or all(isinstance(one, Mapping) and one.get("type") is not None for one in columns.items)
    )


def _clauses(cursor: Cursor, piece: Piece, places: Places, values: dict[str, Node], flags: set[str]) -> None:
    while not cursor.done:
        start = cursor.start
        if cursor.mark() == "(" and "columns" not in values and "format" not in values:
            _columns(cursor, places, values)
        elif cursor.takes("USING"):
            values["format"] = _text(cursor, places)
        elif cursor.takes("LOCATION"):
            values["location"] = _text(cursor, places, lower=False)
        elif cursor.takes("COMMENT"):
            values["comment"] = _text(cursor, places, lower=False)
        elif cursor.takes("PARTITIONED", "BY"):
            values["partitioned_by"] = _listed(cursor, places, start)
        elif cursor.takes("CLUSTER", "BY"):
            if cursor.takes_any("AUTO", "NONE"):
                values["clustered_by"] = places.sequence(
                    start, cursor.last_end, [places.scalar("auto", start, cursor.last_end)]
                )
            else:
                values["clustered_by"] = _listed(cursor, places, start)
        elif cursor.takes("TBLPROPERTIES"):
            values["properties"] = properties_in(cursor, places, start)
        elif cursor.takes("SHALLOW", "CLONE") or cursor.takes("DEEP", "CLONE") or cursor.takes("CLONE"):
            flags.add("clone")
            cursor.name()
        elif cursor.takes("LIKE"):
            flags.add("like")
            cursor.name()
        elif cursor.takes("AS") or cursor.upper() in _BODIES:
            flags.add("query")
            begin = cursor.start
            values["query"] = places.scalar(cursor.slice(begin, piece.end), begin, piece.end)
            return
        elif cursor.mark() == "(":
            cursor.skip_parentheses()
        else:
            cursor.at += 1


def _columns(cursor: Cursor, places: Places, values: dict[str, Node]) -> None:
    start = cursor.start
    columns: list[Node] = []
    constraints: list[Node] = []
    for item in cursor.group():
        inner = cursor.inside(item)
        if is_constraint(item):
            found = constraint_of(inner, places)
            if found is not None:
                constraints.append(found)
        else:
            column = column_of(inner, places)
            if column is not None:
                columns.append(column)
    if columns:
        values["columns"] = places.sequence(start, cursor.last_end, columns)
    if constraints:
        values["constraints"] = places.sequence(start, cursor.last_end, constraints)


def _listed(cursor: Cursor, places: Places, start: int) -> Node:
    items = [
        places.scalar(cursor.slice(one[0].start, one[-1].end).lower(), one[0].start, one[-1].end)
        for one in cursor.group()
    ]
    return places.sequence(start, cursor.last_end, items)


def _text(cursor: Cursor, places: Places, *, lower: bool = True) -> Node:
    start = cursor.start
    token = cursor.next()
    value = token.text if token is not None else ""
    return places.scalar(value.lower() if lower else value, start, cursor.last_end)
