"""What people look at: experiments, dashboards and monitors of another identity, dashboards that show too much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match
from riskcheck.rules.checks.databricks_recreate import recreated
from riskcheck.rules.checks.databricks_values import subject, text_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change
    from riskcheck.rules.context import CheckContext

_HOMES: Final = "/Workspace/Users/"


def view_changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """An experiment, dashboard or monitor is deleted and created anew, or a dashboard lends its publisher's rights.

    A folder that follows from where the bundle is deployed (nobody stated it) is not looked at: that the deployment
    moved is told of the bundle.

    Values: ``subject``, ``how``, ``changes``, ``exposes`` (rights are lent), ``runs`` (an experiment goes).
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or not change.path:
        return
    if change.path == ("embed_credentials",):
        if change.after is True and change.before is not True:
            values = {
                "subject": subject(after),
                "how": "shows its data with the rights of whoever published it",
            }
            changes = "embed_credentials goes from false to true"
            yield Match(values={**values, "changes": changes, "exposes": True, "runs": False})
        return
    if change.node.synthetic or _is_personal(change):
        return
    match = recreated(change, context)
    if match is not None:
        told = dict(match.values or {})
        how = f"is {told.get('deleted')} and created anew"
        values_of = {**told, "how": how, "exposes": False, "runs": after.section == "experiments"}
        yield match._replace(values=values_of)


def _is_personal(change: Change) -> bool:
    """Whether somebody's own folder in a development target is all that changes."""
    after = change.resource_after
    return (
        change.path == ("parent_path",)
        and change.environment.stage == "dev"
        and text_at(after, "parent_path").startswith(_HOMES)
    )
