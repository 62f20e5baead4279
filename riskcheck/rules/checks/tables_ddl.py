"""Statements that take data or names away: DROP, TRUNCATE, DELETE of everything, replacing what holds data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match
from riskcheck.nodes import Mapping
from riskcheck.rules.checks.tables_reading import (
    Around,
    around,
    flag,
    is_throwaway,
    new_statements,
    same_table,
)
from riskcheck.tables.read import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Value
    from riskcheck.rules.context import CheckContext

HOLDERS: Final = {
    "CATALOG": "every schema, table and volume in it",
    "SCHEMA": "every table, view and volume in it",
    "TABLE": "its rows and its history",
    "STREAMING TABLE": "its rows and what it has read so far",
    "VOLUME": "its files",
    "MODEL": "its versions",
}
"""Objects that hold data, and what goes with them."""

_NAMES: Final = {
    "VIEW": "whoever reads it fails",
    "MATERIALIZED VIEW": "whoever reads it fails until it is made and filled again",
    "FUNCTION": "whoever calls it fails",
}
"""Objects that hold none, and what their absence does."""


def destructive(change: Change, context: CheckContext) -> Iterator[Match]:
    """A statement is added that deletes what it is about, or everything in it.

    Values: ``subject``, ``what``, ``loses_data``, and ``restored`` where a revert has all of it back.
    """
    found = around(change, context)
    if found is None or found.statement is None or is_throwaway(found.name, context):
        return
    told = _told(found, change, context)
    if told is None:
        return
    what, loses = told
    values: dict[str, Value] = {"subject": found.subject, "what": what, "loses_data": loses}
    if not loses:
        values["restored"] = True
    yield Match(values=values)


def _told(found: Around, change: Change, context: CheckContext) -> tuple[str, bool] | None:
    """What the statement does, and whether data goes; None where it is daily work."""
    statement = found.statement
    if statement is None or statement.get("name") is None:
        return None
    verb = text_of(statement, "verb")
    if verb == "DROP":
        return _dropped(found, change, context)
    if change.path[2:] not in ((), ("replace",)) or "made_again" in found.facts:
        return None
    if verb == "TRUNCATE" and not flag(statement, "partition"):
        return "is emptied (TRUNCATE)", True
    if verb == "DELETE" and not flag(statement, "where"):
        return "is emptied (DELETE without a condition)", True
    if verb == "CREATE" and flag(statement, "replace") and found.object in ("TABLE", "STREAMING TABLE"):
        return _replaced(found)
    overwrites = verb == "INSERT" and flag(statement, "overwrite") and not flag(statement, "partition")
    if overwrites and {"migration", "holds"} <= found.facts:
        return "is overwritten as a whole (INSERT OVERWRITE)", True
    return None


def _dropped(found: Around, change: Change, context: CheckContext) -> tuple[str, bool] | None:
    statement = found.statement
    if change.path[2:] or flag(statement, "temporary"):
        return None
    if flag(statement, "if_exists") and "known" not in found.facts:
        return None
    if "made_again" in found.facts or (
        "made_anew" in found.facts and _is_created_again(found, change, context)
    ):
        return None
    if found.object in _NAMES:
        if _is_created_again(found, change, context):
            return None
        return f"is dropped: {_NAMES[found.object]}", False
    if found.object == "TABLE" and "external" in found.facts:
        return "is dropped: whoever reads it fails, though its files stay", False
    loss = HOLDERS.get(found.object)
    if loss is None:
        return None
    cascade = " with CASCADE" if flag(statement, "cascade") else ""
    return f"is dropped{cascade}, with {loss}", True


def _is_created_again(found: Around, change: Change, context: CheckContext) -> bool:
    return any(
        text_of(one, "verb") == "CREATE" and same_table(text_of(one, "name"), found.name)
        for one in new_statements(change, context)
    ) or _is_declared(found, change, context)


def _is_declared(found: Around, change: Change, context: CheckContext) -> bool:
    """Whether the same script creates it, in a statement that was there before."""
    resource = change.resource_after
    statements = resource.body.get("statements") if resource is not None else None
    return any(
        text_of(one, "verb") == "CREATE" and same_table(text_of(one, "name"), found.name)
        for one in getattr(statements, "items", ())
        if isinstance(one, Mapping)
    )


def _replaced(found: Around) -> tuple[str, bool] | None:
    """CREATE OR REPLACE with a query is how jobs rebuild a table; in a migration it replaces what had grown."""
    has_query = flag(found.statement, "query") or flag(found.statement, "clone")
    if "holds" not in found.facts or (has_query and "migration" not in found.facts):
        return None
    rest = "by what its query yields" if has_query else "by an empty one"
    return f"is replaced {rest} (CREATE OR REPLACE): its rows are only left in its history", True
