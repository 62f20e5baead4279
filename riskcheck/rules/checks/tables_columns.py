"""Columns that go, get another name, another type or a condition, in a declaration or by ALTER TABLE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match
from riskcheck.nodes import MISSING, Mapping, Node
from riskcheck.phrases import listed
from riskcheck.rules.checks.tables_reading import (
    around,
    flag,
    is_throwaway,
    new_statements,
    raw,
    same_table,
)
from riskcheck.tables.read import columns_of, items_of, text_of
from riskcheck.tables.types import ColumnType, parse_type, type_changes, widens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Value
    from riskcheck.rules.checks.tables_reading import Around
    from riskcheck.rules.context import CheckContext

_MOST_NAMED: Final = 5
_NEVER_WIDENED_TO: Final = frozenset(
    {"tinyint", "boolean", "date", "timestamp", "float", "binary", "char", "void", "variant"}
)
"""Types that no other type is widened to in place."""


def gone(change: Change, context: CheckContext) -> Iterator[Match]:
    """A column, or a field nested in one, is dropped or renamed, or all columns are replaced.

    Values: ``subject``, ``what``, and ``restored`` for views, which hold nothing.
    """
    found = around(change, context)
    if found is None or is_throwaway(found.name, context):
        return
    told = (
        _of_action(change, context, found)
        if found.statement is not None
        else _of_table(change, context, found)
    )
    if told:
        values: dict[str, Value] = {"subject": found.subject, "what": told}
        if found.object == "VIEW":
            values["restored"] = True
        yield Match(values=values)


def _of_action(change: Change, context: CheckContext, found: Around) -> str:
    action = _mapping(change.node_after)
    what, column = text_of(action, "action"), text_of(action, "column")
    if what == "DROP_COLUMN":
        return f"column {column} is dropped"
    if what == "RENAME_COLUMN":
        return f"column {column} is renamed to {text_of(action, 'to')}"
    if what != "REPLACE_COLUMNS":
        return ""
    before = found.was("columns")
    left = sorted(before.keys() - columns_of(action).keys())
    if before:
        return f"its columns are replaced, without {listed(left, _MOST_NAMED)}" if left else ""
    return "all its columns are replaced by those listed"


def _of_table(change: Change, context: CheckContext, found: Around) -> str:
    """Of a declaration: silent where an ALTER in the same change says it, or the name moved to another column."""
    if change.kind == "removed":
        column = text_of(_mapping(change.node_before), "name")
        if not column or _is_altered(change, context, found, column):
            return ""
        twin = _renamed(change, column)
        return f"column {column} is no longer declared" + (f", {twin} is instead" if twin else "")
    if change.path[-1] != "type":
        return ""
    one, other = parse_type(raw(change.node_before)), parse_type(raw(change.node_after))
    if one is None or other is None:
        return ""
    lost = [".".join(each.path) for each in type_changes(one, other) if each.after is None]
    column = change.path[1].strip("[]")
    return f"column {column} loses the nested field {listed(lost, _MOST_NAMED)}" if lost else ""


def _renamed(change: Change, column: str) -> str:
    """The one new column of the type and place of the one that went."""
    before = columns_of(change.resource_before.body if change.resource_before else None)
    after = columns_of(change.resource_after.body if change.resource_after else None)
    fresh = [name for name in after if name not in before]
    types = (
        {after[name].type_text for name in fresh} == {before[column].type_text} if column in before else False
    )
    return fresh[0] if len(fresh) == 1 and types else ""


def _is_altered(change: Change, context: CheckContext, found: Around, column: str) -> bool:
    return any(
        same_table(text_of(one, "name"), found.name)
        and any(text_of(action, "column") == column for action in items_of(one, "actions"))
        for one in new_statements(change, context)
    )


def narrowed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A type is changed to one that does not hold every value of the old one.

    Values: ``subject``, ``column``, ``old``, ``new``.
    """
    found = around(change, context)
    if found is None or is_throwaway(found.name, context):
        return
    for column, old, new in _types(change, found):
        if not found.statement and _is_altered(change, context, found, column):
            continue
        said = _narrowing(old, new)
        if said is not None:
            path, before, after = said
            values: dict[str, Value] = {
                "subject": found.subject,
                "column": ".".join((column, *path)),
                "old": before,
                "new": after,
            }
            yield Match(values=values)


def _types(change: Change, found: Around) -> Iterator[tuple[str, str, str]]:
    """Column, old and new type; the old one is ``""`` where nothing tells it."""
    if found.statement is None:
        if change.before is not MISSING and change.after is not MISSING:
            yield change.path[1].strip("[]"), raw(change.node_before), raw(change.node_after)
        return
    action = _mapping(change.node_after)
    before = found.was("columns")
    what, column = text_of(action, "action"), text_of(action, "column")
    if what == "CHANGE_TYPE":
        yield column, before.get(column, ""), text_of(action, "type")
    elif what == "REPLACE_COLUMNS":
        for name, view in columns_of(action).items():
            if name in before:
                yield name, before[name], view.type_text


def _narrowing(old: str, new: str) -> tuple[tuple[str, ...], str, str] | None:
    """The first place at which values may not fit any more: path, old and new type. None where all of them do."""
    after = parse_type(new)
    if after is None:
        return None
    before = parse_type(old) if old else None
    if before is None:
        known = after.name in _NEVER_WIDENED_TO and not old
        return ((), "an unknown type", str(after)) if known else None
    for each in type_changes(before, after):
        if each.before is not None and each.after is not None and not _holds(each.before, each.after):
            return each.path, str(each.before), str(each.after)
    return None


def _holds(old: ColumnType, new: ColumnType) -> bool:
    return widens(old, new)


def constrained(change: Change, context: CheckContext) -> Iterator[Match]:
    """A CHECK or NOT NULL is put on a table that exists. Values: ``subject``, ``what``."""
    found = around(change, context)
    if found is None or is_throwaway(found.name, context) or found.object != "TABLE":
        return
    node = _mapping(change.node_after)
    what = ""
    if change.path[-1] == "nullable":
        if raw(change.node_after) == "false" and _column_stays(change) and context.within is None:
            what = f"column {change.path[1].strip('[]')} refuses nulls (NOT NULL)"
    elif text_of(node, "action") == "SET_NOT_NULL":
        what = f"column {text_of(node, 'column')} refuses nulls (NOT NULL)"
    elif text_of(node, "type") == "CHECK" and change.path[-2:-1] == ("constraints",):
        what = f"rows must satisfy {text_of(node, 'expression')} ({text_of(node, 'name')})"
    if what and not flag(found.statement, "temporary"):
        yield Match(values={"subject": found.subject, "what": what})


def _column_stays(change: Change) -> bool:
    """Whether the column was there before: a new one that refuses nulls concerns new rows alone."""
    before = columns_of(change.resource_before.body if change.resource_before else None)
    return change.path[1].strip("[]") in before


def _mapping(node: Node | None) -> Mapping | None:
    return node if isinstance(node, Mapping) else None
