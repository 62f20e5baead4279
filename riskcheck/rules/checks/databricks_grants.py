"""What one principal may do with the resources of a bundle and another may not: what moves with an identity."""

from __future__ import annotations

import re
from collections.abc import Hashable
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple
from riskcheck.rules.checks.databricks_values import PLATFORM, TERRAFORM, entry, items, listed, subject
from riskcheck.rules.checks.securables import Securable, granted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Environment, Resource
    from riskcheck.nodes import Node
    from riskcheck.rules.context import CheckContext, ResourceView

Identity = tuple[str, str]
"""Field of ``run_as`` and the principal in it; empty texts for whoever deploys."""

IDENTITIES: Final = ("service_principal_name", "user_name", "group_name")
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
    """Something with which the old identity may do what the new one may not. node: what allows it."""

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
    return _left(view, resource.environment, was, becomes)


@lru_cache(maxsize=8)
def _left(view: ResourceView, environment: Environment, was: Identity, becomes: Identity) -> tuple[Left, ...]:
    """Asked once for all the jobs that one `run_as` reaches."""
    missing: dict[Securable, dict[str, Node]] = {}
    present: dict[Securable, set[str]] = {}
    found: list[Left] = []
    for other in view.find():
        if not _is_deployed_in(other, environment):
            continue
        for one in granted(other, view):
            if one.principal == was[1]:
                missing.setdefault(one.securable, {}).update(dict.fromkeys(one.privileges, one.node))
            elif one.principal == becomes[1] or _may_hold(one.principal):
                present.setdefault(one.securable, set()).update(one.privileges)
        if other.platform in (PLATFORM, TERRAFORM) and other.kind != "targets":
            found += _permissions(other, was, becomes)
    for securable, privileges in missing.items():
        has = present.get(securable, set())
        left = sorted(privileges.keys() - has) if _ALL not in has else []
        if left:
            found.append(Left(f"{listed(left)} on {securable}", privileges[left[0]]))
    return tuple(found)


def _is_deployed_in(resource: Resource, environment: Environment) -> bool:
    """Whether `resource` is, or may be, deployed in `environment`: of scripts and modules that is seldom told."""
    here = resource.environment
    if resource.platform == PLATFORM or here.name == environment.name:
        return here.name == environment.name
    return here.stage in ("unknown", environment.stage)


def _may_hold(principal: str) -> bool:
    """Whether `principal` may be a group that the new identity is in, which no file tells."""
    return "@" not in principal and re.fullmatch(_APPLICATION, principal, re.IGNORECASE) is None


def _permissions(resource: Resource, was: Identity, becomes: Identity) -> Iterator[Left]:
    old: tuple[str, Node] | None = None
    rank = 0
    for grant in items(resource, "permissions"):
        level = entry(grant, "level", resource)
        named = [(field, entry(grant, field, resource)) for field in IDENTITIES]
        holder = next(((field, name) for field, name in named if isinstance(name, str) and name), None)
        if not isinstance(level, str) or holder is None:
            continue
        if holder == was:
            old = (level, grant)
        elif holder == becomes or holder[0] == "group_name":
            rank = max(rank, RANKS.get(level, 0))
    if old is not None and RANKS.get(old[0], 0) > rank:
        yield Left(f"{old[0]} on {subject(resource)}", old[1])
