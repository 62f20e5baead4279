"""What Unity Catalog objects of a bundle are governed by: locations, owners, how long dropped tables are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match
from riskcheck.nodes import MISSING
from riskcheck.rules.checks.databricks_data import is_still_deployed
from riskcheck.rules.checks.databricks_recreate import recreated, recreating
from riskcheck.rules.checks.databricks_values import (
    TERRAFORM,
    listed,
    neighbours,
    number,
    shown,
    subject,
    target_of,
    value_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import MaybeValue
    from riskcheck.rules.context import CheckContext

RECOVERY_HOURS: Final = 168
"""https://docs.databricks.com/aws/en/sql/language-manual/sql-ref-syntax-ddl-undrop-table"""

_CREDENTIALS: Final = "storage_credentials"
_IDENTITIES: Final = frozenset(
    {"role_arn", "access_connector_id", "managed_identity_id", "directory_id", "application_id"}
)
"""Fields of a storage credential that say as whom it signs in."""

_HOLDERS: Final = ("catalogs", "schemas", "volumes", "pipelines")


def recovery_shortened(change: Change, context: CheckContext) -> Iterator[Match]:
    """Dropped tables of a catalog or schema can be undropped for a shorter time.

    Values: ``subject``, ``hours`` (in words, with what the same change deletes), ``deletes`` (whether it does).
    """
    after = change.resource_after
    if change.resource_before is None or after is None:
        return
    was, becomes = (_hours(value) for value in (change.before, change.after))
    if was is None or becomes is None or becomes >= was:
        return
    deleted = [subject(gone) for gone in _deleted(after, context)]
    hours = f"{shown(becomes)} hours instead of {shown(was)}"
    if deleted:
        hours += f", while {listed(deleted)} {'is' if len(deleted) == 1 else 'are'} deleted"
    yield Match(values={"subject": subject(after), "hours": hours, "deletes": bool(deleted)})


def _hours(value: MaybeValue) -> float | None:
    return RECOVERY_HOURS if value is MISSING or value is None else number(value)


def _deleted(resource: Resource, context: CheckContext) -> Iterator[Resource]:
    """What holds tables and is deleted, or deleted and created anew, in the same deployment."""
    for kind in _HOLDERS:
        for old in neighbours(resource, kind, context.base):
            new = context.head.get(old.unit, old.address, old.environment.name)
            if recreating(new, context) if new is not None else is_still_deployed(old, context):
                yield old


def location_rebound(change: Change, context: CheckContext) -> Iterator[Match]:
    """An external location goes, is deleted and created anew, points elsewhere, or is guarded less.

    Values: ``subject``, ``how``, ``changes``, ``breaks`` (what lies below it cannot be reached or written).
    """
    before, after = change.resource_before, change.resource_after
    if before is None:
        return
    if after is None:
        if is_still_deployed(before, context):
            how = f"is deleted{_by_force(before)}: {_below(before)} are cut off"
            changes = f"url was {shown(value_at(before, 'url'))}"
            if before.section == _CREDENTIALS:
                changes = "what uses it has no way in any more"
            yield Match(values={"subject": subject(before), "how": how, "changes": changes, "breaks": True})
        return
    if not change.path:
        return
    match = recreated(change, context)
    if match is not None:
        told = dict(match.values or {})
        how = f"is deleted{_by_force(before)} and created anew: {_below(before)} are cut off in between"
        yield match._replace(values={**told, "how": how, "breaks": True})
        return
    how, breaks = _in_place(change)
    if change.path[-1] in _IDENTITIES and after.section == _CREDENTIALS and _is_told(change):
        what = change.path[-1]
        how, breaks = f"signs in as another identity: {_below(after)} are reached with its rights", True
        changes = f"{what} goes from {shown(change.before)} to {shown(change.after)}"
        yield Match(values={"subject": subject(after), "how": how, "changes": changes, "breaks": breaks})
    elif how:
        changes = f"{change.path[0]} goes from {shown(change.before)} to {shown(change.after)}"
        yield Match(values={"subject": subject(after), "how": how, "changes": changes, "breaks": breaks})


def _by_force(resource: Resource) -> str:
    """Terraform does not delete what something depends on unless told to; a deployment of a bundle does."""
    if resource.platform == TERRAFORM and value_at(resource, "force_destroy") is not True:
        return ", unless something depends on it and the apply fails half way"
    return " by force"


def _below(resource: Resource) -> str:
    if resource.section == _CREDENTIALS:
        return "the external locations that use it"
    return "tables and volumes below it"


def _in_place(change: Change) -> tuple[str, bool]:
    """What an update in place means, and whether it breaks readers or writers; ``""`` where it is harmless."""
    if change.path == ("url",):
        same = str(change.before).rstrip("/") == str(change.after).rstrip("/") or not _is_told(change)
        return (
            ("", False)
            if same
            else ("points elsewhere: tables and volumes below the old URL are cut off", True)
        )
    if change.path == ("credential_name",) and _is_told(change):
        return "gets another credential: what that may not reach is cut off", True
    if len(change.path) != 1 or change.before is True or change.after is not True:
        return "", False
    return {
        "read_only": ("takes no writes any more", True),
        "fallback": ("lets clusters in with their own credentials, past Unity Catalog", True),
        "skip_validation": ("is no longer checked when its credential changes", False),
    }.get(change.path[0], ("", False))


def _is_told(change: Change) -> bool:
    """Whether both values are known to differ: an expression may come to what stood there before."""
    both = f"{change.before}{change.after}"
    return change.kind == "modified" and change.before != change.after and "${" not in both


def owner_moved(change: Change, context: CheckContext) -> Iterator[Match]:
    """An object gets another owner. From a person to a group or service principal is what is recommended.

    Values: ``subject``, ``what``.
    """
    after = change.resource_after
    if change.resource_before is None or after is None or not _is_deployed(after, context):
        return
    was, becomes = change.before, change.after
    if not isinstance(was, str) or not was or was == becomes or (_is_person(was) and not _is_person(becomes)):
        return
    what = "is owned by whoever deploys it" if not isinstance(becomes, str) else "gets another owner"
    if _is_person(becomes) and not _is_person(was):
        what = "is owned by one person instead of a group or service principal"
    yield Match(values={"subject": subject(after), "what": what})


def _is_deployed(resource: Resource, context: CheckContext) -> bool:
    return resource.platform == TERRAFORM or target_of(resource, context.head) is not None


def _is_person(owner: MaybeValue) -> bool:
    return isinstance(owner, str) and "@" in owner
