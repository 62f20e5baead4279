"""Columns and tables that models, indexes and monitors are built on, and that a change takes away under them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Related
from riskcheck.nodes import Mapping, Node
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.databricks_values import listed
from riskcheck.rules.checks.tables_reading import Around, around, raw
from riskcheck.tables.names import column_reference, reference
from riskcheck.tables.read import columns_of, items_of, text_of
from riskcheck.tables.types import parse_type, widens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.dependencies import Dependant
    from riskcheck.rules.context import CheckContext

MOST_NAMES: Final = 4
MOST_PLACES: Final = 10

_TABULAR: Final = frozenset({"TABLE", "VIEW", "MATERIALIZED VIEW", "STREAMING TABLE"})


class Taken(NamedTuple):
    """What somebody may miss. column: ``""`` for the table itself. what: in words, ``is dropped``."""

    column: str
    what: str


def taken(change: Change, context: CheckContext) -> Iterator[Match]:
    """A column or table goes, or gets another name or type, and something in head still names it.

    Values: ``subject``, ``what``, ``reason``.
    """
    found = around(change, context)
    if found is None:
        return
    tables = change.resource.provides if found.statement is None else ()
    table = reference(found.name)
    tables = tables or ((table,) if table is not None else ())
    if not tables:
        return
    missed: dict[Dependant, None] = {}
    told = []
    for one in _taken(change, found):
        names = [column_reference(each, one.column) if one.column else each for each in tables]
        users = context.users(names, change.resource)
        if users:
            missed.update(dict.fromkeys(users))
            told.append(f"column {one.column} {one.what}" if one.column else one.what)
    if not told:
        return
    labels = [f"{one.label} ({one.relation})" for one in missed]
    yield Match(
        values={
            "subject": found.subject,
            "what": listed(told, MOST_NAMES),
            "reason": f"{listed(list(dict.fromkeys(labels)), MOST_NAMES)} still {_use(len(labels))} it",
        },
        related=tuple(Related("consumer", one.location) for one in list(missed)[:MOST_PLACES]),
    )


def _use(count: int) -> str:
    return "uses" if count == 1 else "use"


def _taken(change: Change, found: Around) -> Iterator[Taken]:
    if found.statement is None:
        yield from _of_declaration(change)
    elif len(change.path) == 2:
        if text_of(found.statement, "verb") == "DROP" and found.object in _TABULAR:
            yield Taken("", "is dropped")
        for action in items_of(found.statement, "actions"):
            yield from _of_action(action, found)
    elif change.path[2] == "actions":
        yield from _of_action(_mapping(change.node_after), found)


def _of_action(action: Mapping | None, found: Around) -> Iterator[Taken]:
    what, column = text_of(action, "action"), text_of(action, "column")
    before = found.was("columns")
    if what == "DROP_COLUMN":
        yield Taken(column, "is dropped")
    elif what == "RENAME_COLUMN":
        yield Taken(column, f"is renamed to {text_of(action, 'to')}")
    elif what == "CHANGE_TYPE":
        yield from _retyped(column, before.get(column, ""), text_of(action, "type"))
    elif what == "REPLACE_COLUMNS":
        left = columns_of(action)
        yield from (Taken(name, "is left out") for name in sorted(before) if name not in left)


def _of_declaration(change: Change) -> Iterator[Taken]:
    """Of a table that is declared: a column of it, or a table that a deployment deletes."""
    if not change.path:
        if change.kind == "removed" and change.resource.platform != "sql":
            yield Taken("", "is no longer declared")
        return
    column = change.path[1].strip("[]") if len(change.path) > 1 else ""
    if change.path[0] != "columns" or not column:
        return
    if len(change.path) == 2 and change.kind == "removed":
        yield Taken(text_of(_mapping(change.node_before), "name") or column, "is no longer declared")
    elif change.path[-1] == "type":
        yield from _retyped(column, raw(change.node_before), raw(change.node_after))


def _retyped(column: str, old: str, new: str) -> Iterator[Taken]:
    before, after = parse_type(old), parse_type(new)
    if before is not None and after is not None and before != after and not widens(before, after):
        yield Taken(column, f"goes from {before} to {after}")


def _mapping(node: Node | None) -> Mapping | None:
    return node if isinstance(node, Mapping) else None
