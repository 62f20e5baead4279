"""Promises about the data of tables, of whatever source: what is checked (UCD-017), what is held to (UCD-018), and
how a run makes the table (UCD-019)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.rules.checks.tables_reading import around
from riskcheck.rules.checks.weaknesses import Weakness, matches
from riskcheck.tables.loosening import loosened as less_promised
from riskcheck.tables.quality import expectations_of
from riskcheck.tables.read import columns_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Match, Resource
    from riskcheck.rules.context import CheckContext

_HELD_BY_STORE: Final = frozenset({"sql", "terraform", "dbt"})
"""Platforms whose NOT NULL fails what writes a null; elsewhere it is a promise to readers."""


def loosened(change: Change, context: CheckContext) -> Iterator[Match]:
    """An expectation is gone or asks for less, or a column may hold nulls.

    Values: ``subject``, ``what``, ``grades``.
    """
    before, after = change.resource_before, change.resource_after
    found = around(change, context)
    if before is None or found is None:
        return
    if after is None and (any(columns_of(before.body)) or text_of(before.body, "type")):
        return
    yield from matches(change, context, lambda: _less(before, after), found.subject)


def _less(before: Resource, after: Resource | None) -> Iterator[Weakness]:
    body = after.body if after is not None else None
    for one in less_promised(before.body, body):
        yield Weakness(one.what, one.before, one.after, one.grade)
    if after is None or "declared" in (text_of(before.body, "contract"), text_of(body, "contract")):
        return
    now = columns_of(body)
    checked = {one.column for one in expectations_of(body) if one.check == "not_null" and one.enabled}
    for name, column in columns_of(before.body).items():
        view = now.get(name)
        if view is not None and view.nullable and not column.nullable and name not in checked:
            grade = "no longer fails" if after.platform in _HELD_BY_STORE else ""
            yield Weakness(f"column {name} may hold nulls", column.node.get("nullable"), view.node, grade)


def contract_ends(change: Change, context: CheckContext) -> Iterator[Match]:
    """What a table declares is held to no more. Values: ``subject``, ``what``."""
    before, after = change.resource_before, change.resource_after
    found = around(change, context)
    if before is None or after is None or found is None:
        return
    yield from matches(change, context, lambda: _ends(before, after), found.subject)


def _ends(before: Resource, after: Resource) -> Iterator[Weakness]:
    if text_of(before.body, "contract") == "enforced" and text_of(after.body, "contract") == "declared":
        now = after.body.get("contract")
        told = now if now is not None and not now.synthetic else None
        yield Weakness("nothing holds it to its contract any more", before.body.get("contract"), told)


def rebuilt(change: Change, context: CheckContext) -> Iterator[Match]:
    """A run makes the table in another way.

    Values: ``subject``, ``what``, ``grades``: ``history`` where rows are lost, ``rows`` where they are doubled.
    """
    before, after = change.resource_before, change.resource_after
    found = around(change, context)
    if before is None or after is None or found is None:
        return
    for match in matches(change, context, lambda: _builds(before.body, after.body), found.subject):
        values = dict(match.values or {})
        if not values["grades"]:
            values["restored"] = True
        yield match._replace(values=values)


def _builds(before: Mapping, after: Mapping) -> Iterator[Weakness]:
    was, now = before.get("build"), after.get("build")
    if not isinstance(was, Mapping) or not isinstance(now, Mapping):
        return
    old, new = text_of(was, "materialized"), text_of(now, "materialized")
    if old != new:
        yield from _rematerialised(old, new, was, now)
        return
    if new == "snapshot":
        yield from _keyed(was, now, "every row counts as new and its history ends")
    if new != "incremental":
        return
    yield from _refreshed(was, now)
    yield from _keyed(was, now, "rows that are loaded again are added beside the old ones")
    yield from _merged(was, now)
    yield from _schema(was, now)


def _rematerialised(old: str, new: str, was: Mapping, now: Mapping) -> Iterator[Weakness]:
    at = was.get("materialized"), now.get("materialized")
    if old == "incremental" and new in ("table", "view", "ephemeral", "materialized_view"):
        yield Weakness(
            f"it is made anew as {new} by each run: what its sources no longer hold is gone", *at, "history"
        )
    elif old == "snapshot" and new:
        yield Weakness(f"it becomes {new}: its history is kept no longer", *at, "history")
    elif new == "ephemeral" and old:
        yield Weakness("it becomes ephemeral: whoever reads the table finds it as it was last", *at)


def _refreshed(was: Mapping, now: Mapping) -> Iterator[Weakness]:
    old, new = text_of(was, "full_refresh").lower(), text_of(now, "full_refresh").lower()
    at = was.get("full_refresh"), now.get("full_refresh")
    if new == "true" and old != "true":
        yield Weakness("each run drops it and loads it anew (full_refresh)", *at, "history")
    elif old == "false" and new != "false":
        yield Weakness("a run with --full-refresh drops it now", *at)


def _keyed(was: Mapping, now: Mapping, because: str) -> Iterator[Weakness]:
    old, new = _names(was.get("unique_key")), _names(now.get("unique_key"))
    at = was.get("unique_key"), now.get("unique_key")
    if not old or old == new:
        return
    if not new:
        yield Weakness(f"it has no unique key any more: {because}", *at, "rows")
    else:
        yield Weakness(
            f"its unique key becomes {', '.join(sorted(new))}: rows loaded so far have the old one",
            *at,
            "rows",
        )


def _merged(was: Mapping, now: Mapping) -> Iterator[Weakness]:
    old, new = text_of(was, "incremental_strategy"), text_of(now, "incremental_strategy")
    at = was.get("incremental_strategy"), now.get("incremental_strategy")
    if old != new and new == "append":
        yield Weakness("it appends: rows that are loaded again are there twice", *at, "rows")
    elif old and old != new and new == "insert_overwrite":
        kept = "partitions" if now.get("partition_by") is not None else "the table"
        grade = "" if now.get("partition_by") is not None else "history"
        yield Weakness(f"it overwrites {kept} instead of {old}", *at, grade)


def _schema(was: Mapping, now: Mapping) -> Iterator[Weakness]:
    """https://docs.getdbt.com/docs/build/incremental-models : ``ignore`` unless told."""
    old, new = (text_of(one, "on_schema_change") or "ignore" for one in (was, now))
    at = was.get("on_schema_change"), now.get("on_schema_change")
    if old == new:
        return
    if old == "fail":
        yield Weakness(f"another set of columns no longer fails the run (on_schema_change: {new})", *at)
    elif new == "sync_all_columns":
        yield Weakness("columns that its query leaves out are dropped (sync_all_columns)", *at)
    elif new == "ignore":
        yield Weakness("new columns of its query are left out without a word (on_schema_change: ignore)", *at)


def _names(node: Node | None) -> frozenset[str]:
    """The columns of a key: a list, or one text of them, with parentheses or without."""
    items = node.items if isinstance(node, Sequence) else (node,)
    texts = [item.raw.lower() for item in items if isinstance(item, Scalar)]
    if len(texts) == 1 and texts[0].count("(") <= 1:
        texts = texts[0].strip("() ").split(",")
    return frozenset(" ".join(text.split()) for text in texts if text.strip())
