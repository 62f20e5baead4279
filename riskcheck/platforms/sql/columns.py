"""Columns, constraints and properties as SQL writes them, in the shape of `riskcheck.tables.shape`.

https://docs.databricks.com/aws/en/sql/language-manual/sql-ref-syntax-ddl-create-table-using
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.tables.types import canonical

if TYPE_CHECKING:
    from riskcheck.nodes import Node
    from riskcheck.platforms.sql.lexing import Cursor, Token
    from riskcheck.platforms.sql.places import Places

_AFTER_TYPE: Final = frozenset(
    {
        "NOT",
        "NULL",
        "COMMENT",
        "GENERATED",
        "DEFAULT",
        "CONSTRAINT",
        "PRIMARY",
        "FOREIGN",
        "REFERENCES",
        "UNIQUE",
        "CHECK",
        "MASK",
        "FIRST",
        "AFTER",
        "USING",
        "ENABLE",
        "RELY",
        "ENFORCED",
    }
)
"""Words that end the type of a column."""

_CONSTRAINTS: Final = frozenset({"CONSTRAINT", "PRIMARY", "FOREIGN", "CHECK", "UNIQUE"})


def is_constraint(tokens: tuple[Token, ...]) -> bool:
    """Whether an item of a column list is a constraint on the table."""
    return tokens[0].upper in _CONSTRAINTS and len(tokens) > 1 and tokens[1].kind != "string"


def type_of(cursor: Cursor, places: Places) -> Node | None:
    """The type that comes next, stepped over."""
    start, begin = cursor.start, cursor.at
    depth = 0
    while not cursor.done:
        mark = cursor.mark()
        if mark in ("(", "<"):
            depth += 1
        elif mark in (")", ">"):
            depth -= 1
        elif depth == 0 and (mark or cursor.upper() in _AFTER_TYPE):
            break
        cursor.at += 1
    if cursor.at == begin:
        return None
    text = cursor.slice(start, cursor.last_end)
    return places.scalar(canonical(text), start, cursor.last_end)


def column_of(cursor: Cursor, places: Places) -> Node | None:
    """``name type [NOT NULL] [COMMENT …] [DEFAULT …] [GENERATED …] [MASK …]``; None where it is none."""
    start = cursor.start
    name = cursor.name()
    if name is None:
        return None
    cursor.takes(":")
    fields: list[tuple[str, Node | None]] = [
        ("name", places.scalar(name.text.lower(), name.start, name.end)),
        ("type", type_of(cursor, places)),
    ]
    while not cursor.done:
        fields += _option(cursor, places)
    return places.mapping(start, cursor.last_end, fields)


def _option(cursor: Cursor, places: Places) -> list[tuple[str, Node | None]]:
    start = cursor.start
    if cursor.takes("NOT", "NULL"):
        return [("nullable", places.scalar(False, start, cursor.last_end))]
    if cursor.takes("COMMENT"):
        token = cursor.next()
        return [("comment", places.scalar(token.text, token.start, token.end))] if token is not None else []
    if cursor.takes("DEFAULT"):
        return [_expression("default", cursor, places)]
    if cursor.takes("GENERATED"):
        cursor.takes("ALWAYS")
        cursor.takes("BY", "DEFAULT")
        cursor.takes("AS")
        return [_expression("generated", cursor, places)]
    if cursor.takes("MASK"):
        return [_expression("mask", cursor, places)]
    cursor.at += 1
    return []


def _expression(key: str, cursor: Cursor, places: Places) -> tuple[str, Node | None]:
    """What follows up to the next option."""
    start, begin = cursor.start, cursor.at
    while not cursor.done and (cursor.at == begin or cursor.upper() not in _AFTER_TYPE):
        if cursor.mark() == "(":
            cursor.skip_parentheses()
        else:
            cursor.at += 1
    return key, places.scalar(cursor.slice(start, cursor.last_end), start, cursor.last_end)


def constraint_of(cursor: Cursor, places: Places) -> Node | None:
    """``[CONSTRAINT name] CHECK (…)``, ``PRIMARY KEY (…)``, ``FOREIGN KEY …``, ``EXPECT (…)``."""
    start = cursor.start
    name = cursor.name() if cursor.takes("CONSTRAINT") else None
    kind = ""
    for words, told in (
        (("PRIMARY", "KEY"), "PRIMARY KEY"),
        (("FOREIGN", "KEY"), "FOREIGN KEY"),
        (("CHECK",), "CHECK"),
        (("EXPECT",), "EXPECTATION"),
        (("UNIQUE",), "UNIQUE"),
    ):
        if cursor.takes(*words):
            kind = told
            break
    if not kind:
        return None
    inner = cursor.start
    cursor.skip_parentheses()
    expression = cursor.slice(inner, cursor.last_end)
    more = _on_violation(cursor, places) if kind == "EXPECTATION" else []
    cursor.at = len(cursor.tokens)
    label = name.text.lower() if name is not None else f"{kind} {expression}".lower()
    at = (name.start, name.end) if name is not None else (start, cursor.last_end)
    return places.mapping(
        start,
        cursor.last_end,
        [
            ("name", places.scalar(label, *at)),
            ("type", places.scalar(kind, inner, cursor.last_end)),
            ("expression", places.scalar(expression, inner, cursor.last_end)),
            *more,
        ],
    )


def _on_violation(cursor: Cursor, places: Places) -> list[tuple[str, Node | None]]:
    """What becomes of rows that do not meet an expectation: they are kept and counted unless it says otherwise.

    https://docs.databricks.com/aws/en/ldp/expectations
    """
    start, does = cursor.start, "warn"
    if cursor.takes("ON", "VIOLATION"):
        does = "fail" if cursor.takes("FAIL", "UPDATE") else "drop" if cursor.takes("DROP", "ROW") else ""
    return [("on_violation", places.scalar(does, start, cursor.last_end))] if does else []


def properties_in(cursor: Cursor, places: Places, start: int) -> Node:
    """``('key' = 'value', a.b = c)``, or keys alone."""
    entries: list[tuple[str, Node]] = []
    for item in cursor.group():
        inner = cursor.inside(item)
        if item[0].kind == "string":
            inner.at = 1
            key = item[0].text
        else:
            name = inner.name()
            key = name.text if name is not None else item[0].text
        inner.takes("=")
        first, last = inner.start, item[-1].end
        if inner.done:
            value, first = "", item[0].start
        elif inner.at == len(item) - 1:
            value = item[-1].text
        else:
            value = inner.slice(first, last)
        entries.append((key, places.scalar(value, item[0].start, last)))
    unique = dict(entries)
    return places.mapping(start, cursor.last_end, unique.items())
