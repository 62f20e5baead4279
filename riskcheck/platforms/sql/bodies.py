"""Statements and tables as the nodes that rules look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.tables.shape import TABLE_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.nodes import Mapping, Node
    from riskcheck.platforms.sql.facts import Known
    from riskcheck.platforms.sql.script import Entry, Script

JUDGED: Final = frozenset(
    {"ALTER", "CREATE", "DELETE", "DROP", "GRANT", "INSERT", "REVOKE", "SET", "TRUNCATE", "VACUUM"}
)
"""Verbs whose statements are kept: the others read, or add and merge rows."""

_OF_STATEMENTS: Final = frozenset(
    {"actions", "clustered_by", "conf", "constraints", "grants", "properties", "retain_hours", "unset"}
)
_TYPES: Final = {
    "TABLE": "MANAGED",
    "VIEW": "VIEW",
    "MATERIALIZED VIEW": "MATERIALIZED_VIEW",
    "STREAMING TABLE": "STREAMING_TABLE",
}


def statements_body(script: Script, entries: Iterable[Entry], facts: Known) -> Mapping:
    """``{statements: [{id, verb, object, name, <flag>: true …, <values>, facts: {…}}]}``.

    Values: ``actions``, ``properties``, ``unset``, ``constraints``, ``clustered_by``, ``grants``, ``conf``,
    ``retain_hours``. Facts: see `riskcheck.platforms.sql.facts`.
    """
    items = [_statement(script, entry, facts) for entry in entries if _is_judged(entry)]
    places = script.places
    whole = places.sequence(0, 0, items)
    return places.mapping(0, 0, [("statements", whole)])


def _is_judged(entry: Entry) -> bool:
    return entry.verb in JUDGED and (entry.verb != "INSERT" or "overwrite" in entry.statement.flags)


def _statement(script: Script, entry: Entry, facts: Known) -> Mapping:
    places, statement = script.places, entry.statement
    start, end = statement.piece.start, statement.piece.end
    verb_end = statement.piece.tokens[0].end
    fields: list[tuple[str, Node | None]] = [
        ("id", places.scalar(entry.id, start, verb_end)),
        ("verb", places.scalar(entry.verb, start, verb_end)),
    ]
    if entry.object:
        fields.append(("object", places.scalar(entry.object, start, verb_end)))
    if statement.name is not None:
        fields.append(("name", places.scalar(entry.full, statement.name.start, statement.name.end)))
    fields += [(flag, places.scalar(True, start, verb_end)) for flag in sorted(statement.flags)]
    if entry.verb != "CREATE":
        fields += [pair for pair in statement.values if pair[0] in _OF_STATEMENTS]
    fields.append(("facts", facts.of(script, entry)))
    return places.mapping(start, end, fields)


def table_body(script: Script, entry: Entry) -> Mapping:
    """The table that a CREATE declares, in the shape of `riskcheck.tables.shape`."""
    places, statement = script.places, entry.statement
    assert statement.name is not None
    known = dict(statement.values)
    type_ = _TYPES[entry.object]
    if type_ == "MANAGED" and "external" in statement.flags:
        type_ = "EXTERNAL"
    at = statement.name
    known["name"] = places.scalar(entry.full, at.start, at.end)
    known["type"] = places.scalar(type_, statement.piece.start, at.end)
    fields = [(field, known.get(field)) for field in TABLE_FIELDS]
    return places.mapping(statement.piece.start, statement.piece.end, fields)
