"""Bundle resources that go without taking data along: what ran stops, and comes back under another id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match, Related, location_of
from riskcheck.rules.checks.databricks_values import deployer, listed, node_at, subject, text_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.rules.context import CheckContext

_STOPS: Final = {
    "apps": "its URL, service principal and permissions go with it",
    "clusters": "it is deleted for good, with its id",
    "dashboards": "its id and URL go with it",
    "database_catalogs": "its tables can no longer be queried through Unity Catalog",
    "genie_spaces": "its conversation history is lost",
    "instance_pools": "clusters that draw on it cannot start",
    "jobs": "its schedule stops, and its id and run history go with it",
    "postgres_catalogs": "its tables can no longer be queried through Unity Catalog",
    "postgres_endpoints": "nothing connects to its branch through it any more",
    "postgres_roles": "nobody logs in with it any more",
    "sql_warehouses": "queries, dashboards and alerts that run on it fail",
}
"""Types, and what is no more when one is deleted:
https://github.com/databricks/cli/blob/7bbe285213/bundle/phases/messages.go and the ``DoDelete`` of each
type in bundle/direct/dresources of that commit."""

_RECREATED: Final = frozenset({"apps", "instance_pools"})
"""Types of whose recreation no other rule tells."""

_TRIGGERS: Final = ("schedule", "trigger", "continuous")


def stateless_removed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A resource without data of its own is no longer declared in a target that still exists, or created anew.

    Values: ``subject``, ``done``, ``effect``, ``used`` (other resources still point at it).
    """
    gone = change.resource_before
    if gone is None:
        return
    if change.resource_after is not None:
        yield from _recreated(change, context)
        return
    if change.path:
        return
    from riskcheck.rules.checks.databricks_data import is_still_deployed, renamed

    if not is_still_deployed(gone, context):
        return
    if gone.section == "jobs" and context.options.get("paused_is_retired", True) is True and _is_paused(gone):
        return
    twin = renamed(gone, context)
    done = "removed, which deletes it"
    if twin is not None:
        done += f", and seems to come back as {twin.name}, which {deployer(gone)} takes for another one"
    related = () if twin is None else (Related("renamed to", location_of(twin.origin)),)
    users = _users(gone, context)
    stops = _STOPS.get(gone.section, "it is deleted")
    if users:
        stops += f"; {listed([subject(user) for user in users])} still {_point(len(users))} at it"
    yield Match(
        values={"subject": subject(gone), "done": done, "effect": stops, "used": bool(users)},
        related=(*related, *(Related("consumer", location_of(user.origin)) for user in users)),
    )


def _recreated(change: Change, context: CheckContext) -> Iterator[Match]:
    if change.resource.section not in _RECREATED:
        return
    from riskcheck.rules.checks.databricks_recreate import recreated

    match = recreated(change, context)
    if match is not None:
        told = match.values or {}
        done = f"deleted and created anew ({told.get('changes')})"
        effect = _STOPS[change.resource.section]
        yield match._replace(
            values={"subject": subject(change.resource), "done": done, "effect": effect, "used": False}
        )


def _point(count: int) -> str:
    return "points" if count == 1 else "point"


def _is_paused(job: Resource) -> bool:
    """Whether a job ran by nothing in base: all its triggers were paused. One without any is called by others."""
    stated = [name for name in _TRIGGERS if node_at(job, name) is not None]
    return bool(stated) and all(text_at(job, name, "pause_status") == "PAUSED" for name in stated)


def _users(gone: Resource, context: CheckContext) -> list[Resource]:
    """The resources of head that still name `gone`: in its own bundle by key, elsewhere by a name that it had."""
    return [
        other
        for other in context.head.find(platform=gone.platform, environment=gone.environment.name)
        if any(
            (reference.target == gone.address and other.unit == gone.unit)
            or reference.target in gone.provides
            for reference in other.references
        )
    ]
