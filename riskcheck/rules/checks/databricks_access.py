"""As whom bundle resources run, and who may do what with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck import phrases
from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.rules.checks.databricks_data import is_still_deployed
from riskcheck.rules.checks.databricks_grants import IDENTITIES, RANKS, left_behind
from riskcheck.rules.checks.databricks_values import (
    entry,
    items,
    listed,
    mapping_along,
    node_at,
    subject,
    text_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Mapping, Value
    from riskcheck.rules.checks.databricks_grants import Left
    from riskcheck.rules.context import CheckContext

_PERMISSIONS: Final = "databricks_permissions"

_NAMED: Final = 4
"""Grants that did not move with an identity, as many as are named."""

_DEPLOYER: Final = frozenset({"", "${workspace.current_user.userName}"})
"""Spellings of the identity that deploys, which is what work runs as unless told otherwise."""


def runs_as_changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """Work runs as somebody else. Values: ``subject``, ``reason``: both identities, and what the old one may do and
    the new one may not.
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None:
        return
    was, becomes = _runs_as(before), _runs_as(after)
    if was == becomes:
        return
    said = becomes if node_at(after, "run_as", becomes[0]) is not None else was
    if change.path[-1] != said[0]:
        return
    left = left_behind(after, was, becomes, context)
    yield Match(
        values={
            "subject": subject(after),
            "reason": f"{_named(becomes)} instead of {_named(was)}"
            + (f"; not changed: {_most(left)}" if left else ""),
        },
        related=tuple(Related("not changed", location_of(one.node)) for one in left),
    )


def _runs_as(resource: Resource) -> tuple[str, str]:
    """Field of ``run_as`` and the principal in it; empty where the deploying identity runs it."""
    for field in IDENTITIES:
        name = text_at(resource, "run_as", field)
        if name not in _DEPLOYER:
            return field, name
    return "", ""


def _most(left: tuple[Left, ...]) -> str:
    return phrases.listed((one.what for one in left), _NAMED)


def _named(identity: tuple[str, str]) -> str:
    field, name = identity
    if not field:
        return "whoever deploys"
    return f"{field.removesuffix('_name').replace('_', ' ')} {name}"


PRINCIPALS: Final = ("group_name", "user_name", "service_principal_name")


_SEES: Final = 1
"""Rank of the levels that neither use nor change anything."""


def permissions_of(resource: Resource) -> dict[tuple[str, str], str]:
    """(kind of principal, name) to its level on the resource, those of bundle and target included."""
    return {
        (field, name): text
        for grant in items(resource, "permissions")
        if (text := _scalar(grant, "level", resource))
        for field in PRINCIPALS
        if (name := _scalar(grant, field, resource))
    }


def permissions_changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A principal lost its access or may only look, everybody got more, or the ownership moved.

    Judged on each resource, where the permissions of bundle and target arrive; what they hold for is no resource.
    Values: ``subject``, ``what``.
    """
    before, after = change.resource_before, change.resource_after
    if before is not None and after is None and before.kind == _PERMISSIONS:
        yield from _all_removed(before, context)
    if before is None or after is None or after.kind == "targets" or not change.path:
        return
    principal = _principal_of(change, context)
    if principal is None:
        return
    was, becomes = permissions_of(before), permissions_of(after)
    old, new = was.get(principal, ""), becomes.get(principal, "")
    broad = context.options.get("broad_principals", [])
    name = _named(principal)
    everybody = isinstance(broad, list) and principal[1] in broad
    if everybody:
        name += " (everybody)"
    if old and not new:
        if not everybody and _rank(old) <= _everybody_may(becomes, broad):
            return
        what = f"{name} loses {old}"
    elif new == "IS_OWNER" != old:
        what = f"{name} becomes the owner"
    elif everybody:
        if _rank(new) <= _rank(old):
            return
        what = f"{name} gets {new}" + (f" instead of {old}" if old else "")
    elif old != "IS_OWNER" and _rank(old) > _SEES == _rank(new):
        what = f"{name} may only look: {new} instead of {old}"
    else:
        return
    yield Match(values={"subject": subject(after), "what": what})


def _all_removed(gone: Resource, context: CheckContext) -> Iterator[Match]:
    """The permissions of an object that stays are no longer declared, which takes all of them away."""
    names = [f"{name} loses {level}" for (_, name), level in permissions_of(gone).items()]
    objects = [reference.target for reference in gone.references]
    unit, environment = gone.unit, gone.environment.name
    others = (one for one in context.head.find(unit=unit, environment=environment) if one.kind == gone.kind)
    if (
        not names
        or not is_still_deployed(gone, context)
        or any(context.head.get(unit, target, environment) is None for target in objects)
        or any(objects and [one.target for one in other.references] == objects for other in others)
    ):
        return
    yield Match(values={"subject": subject(gone), "what": f"{listed(names)}: nothing declares them any more"})


def _everybody_may(levels: dict[tuple[str, str], str], broad: Value) -> int:
    """Rank of the strongest level that a group of everybody has."""
    names = broad if isinstance(broad, list) else []
    return max((_rank(level) for (_, name), level in levels.items() if name in names), default=-1)


def _principal_of(change: Change, context: CheckContext) -> tuple[str, str] | None:
    for resource in (change.resource_after, change.resource_before):
        grant = mapping_along(context, resource, change.path[:-1])
        for field in PRINCIPALS:
            name = _scalar(grant, field, resource)
            if name:
                return field, name
    return None


def _scalar(grant: Mapping | None, field: str, holder: Resource | None) -> str:
    value = entry(grant, field, holder)
    return value if isinstance(value, str) else ""


def _rank(level: str) -> int:
    """A level that is not known lies between none and the least."""
    return RANKS.get(level, 0) if level else -1
