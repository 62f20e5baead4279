"""VACUUM that removes files which readers, writers or a rollback still need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match
from riskcheck.rules.checks.tables_reading import around, flag, is_throwaway, raw
from riskcheck.tables.read import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.context import CheckContext

CHECK: Final = "spark.databricks.delta.retentionDurationCheck.enabled"


def short(change: Change, context: CheckContext) -> Iterator[Match]:
    """A VACUUM retains less than the option ``least_hours``, or the check that would refuse it is switched off.

    Values: ``subject``, ``what``.
    """
    if change.path[-1:] == (CHECK,):
        yield from _unchecked(change, context)
        return
    found = around(change, context)
    if found is None or found.statement is None or text_of(found.statement, "verb") != "VACUUM":
        return
    hours = _number(text_of(found.statement, "retain_hours"))
    least = context.options.get("least_hours", 168)
    if hours is None or not isinstance(least, int | float) or hours >= least:
        return
    if flag(found.statement, "dry_run") or "made_anew" in found.facts or is_throwaway(found.name, context):
        return
    what = f"is vacuumed of all that is older than {hours:g} hours, less than {least:g}"
    yield Match(values={"subject": found.subject, "what": what})


def _unchecked(change: Change, context: CheckContext) -> Iterator[Match]:
    if (
        raw(change.node_after).strip().lower() != "false"
        or raw(change.node_before).strip().lower() == "false"
    ):
        return
    found = around(change, context)
    if found is None:
        return
    subject = "the session of the script" if found.statement is not None else found.subject
    yield Match(
        values={"subject": subject, "what": f"runs with {CHECK}=false: VACUUM removes whatever it is told to"}
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
