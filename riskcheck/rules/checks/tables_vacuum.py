"""VACUUM that removes files which readers, writers or a rollback still need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match
from riskcheck.rules.checks.tables_reading import around, flag, is_throwaway, raw
from riskcheck.tables.read import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Node
    from riskcheck.rules.checks.tables_reading import Around
    from riskcheck.rules.context import CheckContext

CHECK: Final = "spark.databricks.delta.retentionDurationCheck.enabled"


def short(change: Change, context: CheckContext) -> Iterator[Match]:
    """A VACUUM retains less than the option ``least_hours``, or the check that would refuse it is switched off.

    Values: ``subject``, ``what``.
    """
    found = around(change, context)
    if found is None:
        return
    if change.path[-1:] == (CHECK,):
        if raw(change.node_after).strip().lower() == "false":
            yield _unchecked(found.subject, change.node_after)
        return
    if found.statement is None:
        return
    switched = found.statement.at("conf", CHECK)
    if switched is not None and raw(switched).strip().lower() == "false":
        yield _unchecked("the session of the script", switched)
    elif text_of(found.statement, "verb") == "VACUUM":
        yield from _vacuumed(found, context)


def _vacuumed(found: Around, context: CheckContext) -> Iterator[Match]:
    hours = _number(text_of(found.statement, "retain_hours"))
    least = context.options.get("least_hours", 168)
    if hours is None or not isinstance(least, int | float) or hours >= least:
        return
    if flag(found.statement, "dry_run") or "made_anew" in found.facts or is_throwaway(found.name, context):
        return
    what = f"is vacuumed of all that is older than {hours:g} hours, less than {least:g}"
    yield Match(values={"subject": found.subject, "what": what})


def _unchecked(subject: str, node: Node | None) -> Match:
    what = f"runs with {CHECK}=false: VACUUM removes whatever it is told to"
    return Match(values={"subject": subject, "what": what}, node=node)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
