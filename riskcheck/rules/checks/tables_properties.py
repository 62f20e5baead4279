"""Delta table properties: set by a declaration, by ALTER TABLE, or as defaults of the tables that a job makes.

Names and defaults: https://docs.delta.io/table-properties and
https://docs.databricks.com/aws/en/delta/table-properties
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.durations import spell
from riskcheck.models import Change, Match
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.tables_reading import Around, around, is_throwaway, raw
from riskcheck.tables.read import interval_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Value
    from riskcheck.rules.context import CheckContext

DEFAULTS: Final = "spark.databricks.delta.properties.defaults."
"""Starts the Spark settings that give new tables their properties."""

_DAY: Final = 86_400
RETENTION: Final = {"delta.deletedfileretentionduration": 7 * _DAY, "delta.logretentionduration": 30 * _DAY}
"""Property in lower case to its default in seconds."""

_TRANSACTIONS: Final = "delta.settransactionretentionduration"
_SWITCHES: Final = frozenset(
    {
        "delta.enabledeletionvectors",
        "delta.enableincommittimestamps",
        "delta.enablerowtracking",
        "delta.enabletypewidening",
    }
)
_VERSIONS: Final = frozenset({"delta.minreaderversion", "delta.minwriterversion"})
_FEATURE: Final = "delta.feature."


class Property(NamedTuple):
    """A property before and after: text in lower case, ``""`` where it is not set. name: as written."""

    name: str
    before: str
    after: str
    around: Around
    is_default: bool

    @property
    def key(self) -> str:
        return self.name.lower()

    @property
    def subject(self) -> str:
        return f"{self.around.subject}, for tables that it makes" if self.is_default else self.around.subject


def property_of(change: Change, context: CheckContext) -> Property | None:
    """The property that a change sets or unsets; None where it is none, or nothing that counts."""
    found = around(change, context)
    if found is None or is_throwaway(found.name, context) or len(change.path) < 2:
        return None
    key = change.path[-1]
    is_default = key.startswith(DEFAULTS)
    if is_default:
        key = "delta." + key.removeprefix(DEFAULTS)
    elif not key.lower().startswith("delta."):
        return None
    before, after = raw(change.node_before), raw(change.node_after)
    if found.statement is not None and not is_default:
        known = {name.lower(): value for name, value in found.was("properties").items()}
        before = known.get(key.lower(), "")
        if change.path[-2] == "unset":
            after = ""
    if is_default and found.object == "CONF":
        found = found._replace(name="", object="session")
    return Property(key, before.strip().lower(), after.strip().lower(), found, is_default)


def retention_reduced(change: Change, context: CheckContext) -> Iterator[Match]:
    """Values: ``subject``, ``property``, ``old``, ``new``, ``below_default``."""
    found = property_of(change, context)
    if found is None:
        return
    default = RETENTION.get(found.key)
    if default is None and found.key != _TRANSACTIONS:
        return
    old = interval_seconds(found.before) if found.before else default
    new = interval_seconds(found.after) if found.after else default
    if old is None or new is None or new >= old:
        return
    values: dict[str, Value] = {
        "subject": found.subject,
        "property": found.name,
        "old": spell(old) + ("" if found.before else " (the default)"),
        "new": spell(new) + ("" if found.after else " (the default)"),
        "below_default": default is not None and new < default,
    }
    yield Match(values=values)


def mapping_enabled(change: Change, context: CheckContext) -> Iterator[Match]:
    """``delta.columnMapping.mode`` from none to name or id. Values: ``subject``, ``mode``."""
    found = property_of(change, context)
    if (
        found is not None
        and found.key == "delta.columnmapping.mode"
        and found.before in ("", "none")
        and found.after in ("name", "id")
    ):
        yield Match(values={"subject": found.subject, "mode": found.after})


def protocol_raised(change: Change, context: CheckContext) -> Iterator[Match]:
    """A protocol version or table feature that older readers or writers do not have.

    Values: ``subject``, ``what``.
    """
    if "clustered_by" in change.path[-1:]:
        yield from _clustered(change, context)
        return
    found = property_of(change, context)
    if found is None or found.after == found.before or not found.after:
        return
    if found.key in _VERSIONS:
        raised = found.after.isdigit() and int(found.after[:9]) > int((found.before or "1")[:9] or 1)
        raised = raised and (not found.before or found.before.isdigit())
    elif found.key in _SWITCHES:
        raised = found.after == "true"
    elif found.key.startswith(_FEATURE):
        raised = found.after in ("supported", "enabled")
    elif found.key == "delta.checkpointpolicy":
        raised = found.after == "v2"
    else:
        raised = found.key == "delta.universalformat.enabledformats"
    if raised:
        yield Match(values={"subject": found.subject, "what": f"{found.name} becomes {found.after}"})


def _clustered(change: Change, context: CheckContext) -> Iterator[Match]:
    """Liquid clustering, put on a table that exists: ``clustering`` and what it brings are table features."""
    found = around(change, context)
    if found is None or is_throwaway(found.name, context) or found.object != "TABLE":
        return
    columns = change.after
    if change.kind != "added" or not isinstance(columns, list) or not columns:
        return
    named = ", ".join(str(column) for column in columns)
    yield Match(values={"subject": found.subject, "what": f"liquid clustering by {named} is enabled"})


def contract_changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """The change feed goes, or whether rows may be changed at all. Values: ``subject``, ``what``."""
    found = property_of(change, context)
    if found is None:
        return
    is_on, was_on = found.after == "true", found.before == "true"
    what = ""
    if found.key == "delta.enablechangedatafeed":
        # Who sets it to false has had it on, also where no file says so.
        ends = was_on or (found.around.statement is not None and found.after == "false" and not found.before)
        if ends and not is_on:
            what = "the change data feed ends: what is written from now on is in no feed"
    elif found.key == "delta.appendonly" and is_on != was_on:
        what = (
            "becomes append-only: MERGE, UPDATE and DELETE on it fail"
            if is_on
            else "is no longer append-only: rows may be changed and deleted"
        )
    if what:
        yield Match(values={"subject": found.subject, "what": what})
