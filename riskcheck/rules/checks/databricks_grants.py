"""What one principal may do with the resources of a bundle and another may not: what moves with an identity."""

from __future__ import annotations

import re
from collections.abc import Hashable
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from riskcheck.nodes import Mapping, Scalar, Sequence
from riskcheck.rules.checks.databricks_values import PLATFORM, entry, items, listed, subject
from riskcheck.tables.read import privilege_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import Node
    from riskcheck.rules.context import CheckContext, ResourceView

Identity = tuple[str, str]
"""Field of ``run_as`` and the principal in it; empty texts for whoever deploys."""

_FIELDS: Final = ("service_principal_name", "user_name", "group_name")
_ALL: Final = "ALL_PRIVILEGES"
RANKS: Final = {
    level: rank
    for rank, levels in enumerate(
        (
            "CAN_VIEW CAN_READ CAN_USE CAN_ATTACH_TO CAN_VIEW_METADATA READ",
            "CAN_RUN CAN_MANAGE_RUN CAN_QUERY CAN_MONITOR CAN_RESTART CAN_EDIT WRITE",
            "CAN_MANAGE MANAGE",
            "IS_OWNER",
        ),
        start=1,
    )
    for level in levels.split()
}
"""Permission levels by what they allow: see, use or change, manage, own."""

_APPLICATION: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
"""The application id by which grants name a service principal."""


class Left(NamedTuple):
    """Something that the old identity may do and the new one may not. node: what allows it."""

    what: str
    node: Node


def left_behind(
    resource: Resource, was: Identity, becomes: Identity, context: CheckContext
) -> tuple[Left, ...]:
    """What is declared to allow `was` and not `becomes`, in the environment of `resource`, in head.

    What a group may do may count for anybody, and is not said to be missing.
    """
    if not was[1] or not becomes[1] or was[1] == becomes[1]:
        return ()
    view = context.head
    assert isinstance(view, Hashable)
    return _left(view, resource.environment.name, was, becomes)


@lru_cache(maxsize=8)
def _left(view: ResourceView, environment: str, was: Identity, becomes: Identity) -> tuple[Left, ...]:
    """Asked once for all the jobs that one `run_as` reaches. Tables and securables of other platforms state their
    grants as bundles do."""
    found: list[Left] = []
    for other in view.find(environment=environment):
        found += _grants(other, was, becomes)
        if other.platform == PLATFORM and other.kind != "targets":
            found += _permissions(other, was, becomes)
    return tuple(found)


def _grants(securable: Resource, was: Identity, becomes: Identity) -> Iterator[Left]:
    missing: dict[str, Node] = {}
    present: set[str] = set()
    for grant in items(securable, "grants"):
        principal = entry(grant, "principal", securable)
        if not isinstance(principal, str):
            continue
        privileges = set(_privileges(grant))
        if principal == was[1]:
            missing.update(dict.fromkeys(privileges, grant))
        elif principal == becomes[1] or _may_hold(principal, becomes):
            present |= privileges
    left = sorted(missing.keys() - present) if _ALL not in present else []
    if left:
        yield Left(f"{listed(left)} on {subject(securable)}", missing[left[0]])


def _privileges(grant: Mapping) -> Iterator[str]:
    named = grant.get("privileges")
    for item in named.items if isinstance(named, Sequence) else ():
        if isinstance(item, Scalar):
            yield privilege_of(item.raw)


def _may_hold(principal: str, identity: Identity) -> bool:
    """Whether `principal` may be a group that `identity` is in, which no file tells."""
    return "@" not in principal and re.fullmatch(_APPLICATION, principal, re.IGNORECASE) is None


def _permissions(resource: Resource, was: Identity, becomes: Identity) -> Iterator[Left]:
    old: tuple[str, Node] | None = None
    rank = 0
    for grant in items(resource, "permissions"):
        level = entry(grant, "level", resource)
        named = [(field, entry(grant, field, resource)) for field in _FIELDS]
        holder = next(((field, name) for field, name in named if isinstance(name, str) and name), None)
        if not isinstance(level, str) or holder is None:
            continue
        if holder == was:
            old = (level, grant)
        elif holder == becomes or holder[0] == "group_name":
            rank = max(rank, RANKS.get(level, 0))
    if old is not None and RANKS.get(old[0], 0) > rank:
        yield Left(f"{old[0]} on {subject(resource)}", old[1])
