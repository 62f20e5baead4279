"""Lakebase: instances, projects, branches and what hangs off them, deleted with their data or left with less.

Field meanings: https://github.com/databricks/cli/blob/7bbe285213/bundle/schema/jsonschema.json
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.bundles.losses import holding
from riskcheck.durations import parse_duration
from riskcheck.models import Match
from riskcheck.nodes import MISSING
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.databricks_recreate import recreated
from riskcheck.rules.checks.databricks_values import number, shown, subject, value_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import MaybeValue, Value
    from riskcheck.rules.context import CheckContext

RETENTION_DAYS: Final = 7
"""Days of history that an instance keeps which states none."""

_SYNCED: Final = frozenset({"synced_database_tables", "postgres_synced_tables"})
_SERVING: Final = frozenset({"postgres_endpoints"})


def lakebase_changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A Lakebase resource is deleted and created anew, stopped, or keeps less.

    Values: ``subject``, ``how``, ``changes``, ``weight`` (``data``,
    ``service`` or ``less``), ``restored`` (a revert has all of it back).
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or not change.path:
        return
    match = recreated(change, context)
    if match is not None:
        yield match._replace(values=_recreated(before, match))
        return
    weakening = _WEAKENINGS.get((after.kind, change.path[0])) if len(change.path) == 1 else None
    if weakening is not None and weakening.holds(change.before, change.after, after):
        yield Match(
            values={
                "subject": subject(after),
                "how": weakening.says,
                "changes": f"{change.path[0]} goes from {shown(change.before)} to {shown(change.after)}",
                "weight": weakening.weight,
                "restored": True,
            }
        )


def _recreated(before: Resource, match: Match) -> dict[str, Value]:
    told = dict(match.values or {})
    lost = holding(before) is not None and before.kind not in _SYNCED
    serves = before.kind in _SYNCED or before.kind in _SERVING
    return {
        **told,
        "how": f"is {told.get('deleted')} and created anew",
        "weight": "data" if lost else "service" if serves else "less",
        "restored": not lost,
    }


class _Weakening(NamedTuple):
    """says: what becomes of the resource. holds: whether it does, by old and new value and the resource."""

    says: str
    weight: str
    holds: Callable[[MaybeValue, MaybeValue, Resource], bool]


def _on(before: MaybeValue, after: MaybeValue, _: Resource) -> bool:
    return before is not True and after is True


def _off(before: MaybeValue, after: MaybeValue, _: Resource) -> bool:
    return before is True and after is not True


def _fewer_days(before: MaybeValue, after: MaybeValue, _: Resource) -> bool:
    return _less(_number(before, RETENTION_DAYS), _number(after, RETENTION_DAYS))


def _fewer_nodes(before: MaybeValue, after: MaybeValue, _: Resource) -> bool:
    return _less(_number(before, 1), _number(after, 1))


def _smaller(before: MaybeValue, after: MaybeValue, _: Resource) -> bool:
    """Of ``CU_4`` and ``CU_2``."""
    old, new = (str(value).removeprefix("CU_") for value in (before, after))
    return old.isdecimal() and new.isdecimal() and int(new) < int(old)


def _shorter(before: MaybeValue, after: MaybeValue, _: Resource) -> bool:
    old, new = (parse_duration(value) if isinstance(value, str) else None for value in (before, after))
    return old is not None and new is not None and new < old


def _expires(before: MaybeValue, after: MaybeValue, branch: Resource) -> bool:
    """Whether a branch gets an end that had none, or an earlier one."""
    if after is MISSING or after is None or value_at(branch, "no_expiry") is True:
        return False
    return before is MISSING or before is None or _shorter(before, after, branch)


def _number(value: MaybeValue, default: float) -> float | None:
    return default if value is MISSING or value is None else number(value)


def _less(before: float | None, after: float | None) -> bool:
    return before is not None and after is not None and after < before


_PURGED: Final = _Weakening("can no longer be restored once it is deleted", "less", _on)
_WEAKENINGS: Final = {
    ("database_instances", "stopped"): _Weakening("is stopped, and nothing connects to it", "service", _on),
    ("database_instances", "retention_window_in_days"): _Weakening(
        "can be restored to fewer days back", "service", _fewer_days
    ),
    ("database_instances", "node_count"): _Weakening("has fewer nodes to fail over to", "less", _fewer_nodes),
    ("database_instances", "enable_readable_secondaries"): _Weakening(
        "answers no reads from its secondaries", "less", _off
    ),
    ("database_instances", "capacity"): _Weakening("gets smaller", "less", _smaller),
    ("postgres_projects", "history_retention_duration"): _Weakening(
        "can be restored to fewer days back", "service", _shorter
    ),
    ("postgres_projects", "purge_on_delete"): _PURGED,
    ("postgres_branches", "purge_on_delete"): _PURGED,
    ("postgres_branches", "is_protected"): _Weakening(
        "is no longer protected from deletion", "service", _off
    ),
    ("postgres_branches", "ttl"): _Weakening("expires with its data", "service", _expires),
    ("postgres_branches", "expire_time"): _Weakening(
        "expires with its data",
        "service",
        lambda before, after, branch: before in (MISSING, None) and _expires(before, after, branch),
    ),
    ("postgres_endpoints", "disabled"): _Weakening("accepts no connections", "service", _on),
}
