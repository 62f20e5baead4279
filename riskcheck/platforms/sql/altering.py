"""ALTER: what becomes of a table or another thing, one action after the other.

https://docs.databricks.com/aws/en/sql/language-manual/sql-ref-syntax-ddl-alter-table
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.platforms.sql.columns import column_of, constraint_of, properties_in, type_of
from riskcheck.platforms.sql.statement import Statement, object_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Node
    from riskcheck.platforms.sql.lexing import Cursor, Name, Piece, Token
    from riskcheck.platforms.sql.places import Places

_NAMED: Final = ("COLUMNS", "COLUMN")


def alter(cursor: Cursor, piece: Piece, places: Places) -> Statement:
    """Values: ``actions``, a list keyed by ``name`` of {name, action, column, to, type, nullable …}; ``properties``
    and ``unset`` of TBLPROPERTIES; ``constraints`` and ``clustered_by``, as a table has them."""
    object_ = object_of(cursor)
    flags = {"if_exists"} if cursor.takes("IF", "EXISTS") else set()
    name = cursor.name()
    cursor.skip_parentheses()
    if cursor.takes("PARTITION"):
        cursor.skip_parentheses()
    values: dict[str, Node] = {}
    actions: list[Node] = []
    understood = bool(object_) and name is not None
    while not cursor.done:
        at = cursor.at
        found = _properties(cursor, places) or _clustering(cursor, places) or _constraint(cursor, places)
        if found is not None:
            values.setdefault(*found)
        else:
            actions.extend(_Actions(cursor, places).read())
        if cursor.at == at:
            understood = False
            break
        cursor.takes(",")
    if actions:
        values["actions"] = places.sequence(piece.start, piece.end, actions)
    return Statement("ALTER", object_, name, piece, frozenset(flags), tuple(values.items()), (), understood)


def _properties(cursor: Cursor, places: Places) -> tuple[str, Node] | None:
    for words, key in ((("SET", "TBLPROPERTIES"), "properties"), (("UNSET", "TBLPROPERTIES"), "unset")):
        start = cursor.start
        if cursor.takes(*words):
            cursor.takes("IF", "EXISTS")
            return key, properties_in(cursor, places, start)
    return None


def _clustering(cursor: Cursor, places: Places) -> tuple[str, Node] | None:
    start = cursor.start
    if not cursor.takes("CLUSTER", "BY"):
        return None
    word = cursor.takes_any("NONE", "AUTO")
    if word:
        items: list[Node] = [] if word == "NONE" else [places.scalar("auto", start, cursor.last_end)]
    else:
        items = [
            places.scalar(cursor.slice(one[0].start, one[-1].end).lower(), one[0].start, one[-1].end)
            for one in cursor.group()
        ]
    return "clustered_by", places.sequence(start, cursor.last_end, items)


def _constraint(cursor: Cursor, places: Places) -> tuple[str, Node] | None:
    start = cursor.start
    if cursor.upper() != "ADD" or cursor.upper(1) not in ("CONSTRAINT", "PRIMARY", "FOREIGN", "CHECK"):
        return None
    cursor.at += 1
    rest = cursor.tokens[cursor.at :]
    node = constraint_of(cursor.inside(rest), places)
    cursor.at = len(cursor.tokens)
    return ("constraints", places.sequence(start, cursor.last_end, [node])) if node is not None else None


class _Actions:
    """Actions on columns, and the few on whole tables that matter."""

    def __init__(self, cursor: Cursor, places: Places) -> None:
        self._cursor = cursor
        self._places = places

    def read(self) -> Iterator[Node]:
        cursor = self._cursor
        start = cursor.start
        if cursor.takes("DROP"):
            yield from self._drop(start)
        elif cursor.takes("REPLACE", "COLUMNS") or cursor.takes("REPLACE", "COLUMN"):
            columns = [self._column(one) for one in cursor.group()]
            listed = self._places.sequence(
                start, cursor.last_end, [one for one in columns if one is not None]
            )
            yield self._action(start, "REPLACE_COLUMNS", "", columns=listed)
        elif cursor.takes("RENAME", "COLUMN"):
            column = cursor.name()
            cursor.takes("TO")
            to = cursor.name()
            if column is not None and to is not None:
                yield self._action(
                    start, "RENAME_COLUMN", column.text, to=self._text(to.text.lower(), to.start, to.end)
                )
        elif cursor.takes("RENAME", "TO"):
            to = cursor.name()
            if to is not None:
                yield self._action(start, "RENAME", "", to=self._name(to))
        elif cursor.takes("ADD"):
            yield from self._add(start)
        elif cursor.takes_any("ALTER", "CHANGE"):
            cursor.takes("COLUMN")
            yield from self._change(start)
        elif cursor.takes("SET") or cursor.takes("OWNER") or cursor.takes("RECOVER") or cursor.takes("AS"):
            self._rest()

    def _drop(self, start: int) -> Iterator[Node]:
        cursor = self._cursor
        if cursor.takes("FEATURE"):
            feature = cursor.name()
            self._rest()
            if feature is not None:
                yield self._action(start, "DROP_FEATURE", feature.text)
            return
        if not cursor.takes_any(*_NAMED):
            cursor.takes_any("CONSTRAINT", "PARTITION", "PRIMARY", "FOREIGN", "ROW", "DEFAULT")
            self._rest()
            return
        cursor.takes("IF", "EXISTS")
        if cursor.mark() == "(":
            names = [cursor.inside(one).name() for one in cursor.group()]
        else:
            names = [cursor.name()]
            while cursor.mark() == "," and cursor.upper(1) not in ("DROP", "ADD", "ALTER", "SET"):
                cursor.at += 1
                names.append(cursor.name())
        for name in names:
            if name is not None:
                yield self._action(name.start, "DROP_COLUMN", name.text, end=name.end)

    def _add(self, start: int) -> Iterator[Node]:
        cursor = self._cursor
        cursor.takes_any(*_NAMED)
        cursor.takes("IF", "NOT", "EXISTS")
        if cursor.mark() == "(":
            items = cursor.group()
        else:
            items = [cursor.tokens[cursor.at :]]
            cursor.at = len(cursor.tokens)
        for one in items:
            column = self._column(one)
            if column is not None:
                name = one[0].text
                yield self._action(one[0].start, "ADD_COLUMN", name, end=one[-1].end, definition=column)

    def _change(self, start: int) -> Iterator[Node]:
        cursor = self._cursor
        column = cursor.name()
        if column is None:
            return
        if cursor.takes("SET", "NOT", "NULL"):
            yield self._action(start, "SET_NOT_NULL", column.text)
        elif cursor.takes("DROP", "NOT", "NULL"):
            yield self._action(start, "DROP_NOT_NULL", column.text)
        elif cursor.takes("TYPE") or cursor.takes("SET", "DATA", "TYPE"):
            type_ = type_of(cursor, self._places)
            if type_ is not None:
                yield self._action(start, "CHANGE_TYPE", column.text, type=type_)
        elif cursor.upper() in ("SET", "DROP", "COMMENT", "FIRST", "AFTER", "SYNC", "UNSET"):
            self._rest_of_action()
        else:
            renamed = cursor.name() if _is_renamed(cursor) else None
            type_ = type_of(cursor, self._places)
            if renamed is not None and renamed.text.lower() != column.text.lower():
                yield self._action(start, "RENAME_COLUMN", column.text, to=self._name(renamed))
            if type_ is not None:
                yield self._action(start, "CHANGE_TYPE", column.text, type=type_)
            self._rest_of_action()

    def _column(self, tokens: tuple[Token, ...]) -> Node | None:
        return column_of(self._cursor.inside(tokens), self._places)

    def _action(self, start: int, action: str, column: str, end: int | None = None, **more: Node) -> Node:
        last = self._cursor.last_end if end is None else end
        label = f"{action} {column}".strip().lower().replace("_", " ")
        fields: list[tuple[str, Node | None]] = [
            ("name", self._text(label, start, last)),
            ("action", self._text(action, start, last)),
            ("column", self._text(column.lower(), start, last) if column else None),
            *more.items(),
        ]
        return self._places.mapping(start, last, fields)

    def _text(self, value: str, start: int, end: int) -> Node:
        return self._places.scalar(value, start, end)

    def _name(self, name: Name) -> Node:
        return self._text(name.text.lower(), name.start, name.end)

    def _rest(self) -> None:
        self._cursor.at = len(self._cursor.tokens)

    def _rest_of_action(self) -> None:
        """To the comma before another action on a column."""
        cursor = self._cursor
        while not cursor.done and not (
            cursor.mark() == "," and cursor.upper(1) in ("ALTER", "COLUMN", "CHANGE")
        ):
            if cursor.mark() == "(":
                cursor.skip_parentheses()
            else:
                cursor.at += 1


def _is_renamed(cursor: Cursor) -> bool:
    """Whether a new name stands before the type: ``CHANGE a b INT``, not ``CHANGE a INT COMMENT``."""
    return bool(cursor.upper(1)) and cursor.upper(1) not in (
        "COMMENT",
        "NOT",
        "FIRST",
        "AFTER",
        "COLLATE",
        "TO",
    )
