"""Requests, limits and quotas: how much less a container or a namespace may use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match
from riskcheck.nodes import escape_key
from riskcheck.quantities import quantity_nanos
from riskcheck.rules.checks.kubernetes_objects import mapping_at, starts_with, text, text_at
from riskcheck.rules.checks.kubernetes_pods import (
    container_name,
    container_path,
    is_partial,
    vertical_autoscaler_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Node, Value
    from riskcheck.rules.context import CheckContext

_CEILINGS: Final = frozenset({"max", "default", "defaultRequest", "maxLimitRequestRatio"})
"""Parts of a LimitRange whose lowering takes something away; a lower `min` gives."""


def resources_cut(change: Change, context: CheckContext) -> Iterator[Match]:
    """A lower request, limit or quota.

    Values: said (text), percent (how much is taken away), memory_limit (bool), over (bool: the workloads of the
    namespace fitted into the quota and ask for more than it allows now).
    """
    if change.resource.kind == "ResourceQuota":
        yield from _new_quota(change, context)
    if len(change.path) < 2 or change.resource_before is None or change.resource_after is None:
        return
    sides = (change.resource_before, change.resource_after)
    section, name = change.path[-2], change.path[-1].removeprefix("\\")
    where = container_path(change.path)
    if where is None:
        old, new = (text(context.node(one, change.path)) for one in sides)
        what = _quota_text(change, context, section, name)
        if section in ("requests", "limits"):
            what = f"the {name} {section[:-1]} of each pod"
    else:
        before, after = (context.node(one, where) for one in sides)
        whole = not any(is_partial(one) for one in sides)
        old, new = (_in_force(one, section, name, whole) for one in (before, after))
        what = f"the {name} {section[:-1]} of container {container_name(after, where)}"
        if vertical_autoscaler_of(change.resource_after, context.head) is not None:
            return
    percent = percent_cut(old, new)
    if what is None or percent is None or percent < _least(context.options.get("least_percent")):
        return
    yield Match(
        values={
            "said": f"{what} goes from {old} to {new}, {percent} % less",
            "percent": percent,
            "memory_limit": where is not None and (section, name) == ("limits", "memory"),
            "over": where is None and _no_longer_fits(change, context, old, new),
        }
    )


def _new_quota(change: Change, context: CheckContext) -> Iterator[Match]:
    """A quota, or one more resource of it, under what ran in the namespace before and goes on running."""
    quota = change.resource_after
    hard = mapping_at(quota.body, "spec", "hard") if quota is not None else None
    if quota is None or hard is None or change.kind != "added":
        return
    from riskcheck.rules.checks.namespace_demand import demand

    for key, node in hard.entries:
        if not starts_with(("spec", "hard", escape_key(key.raw)), change.path):
            continue
        most = quantity_nanos(text(node) or "")
        asked = [demand(quota, key.raw, view) for view in (context.base, context.head)]
        if most is not None and all(one is not None and one > most for one in asked):
            said = f"the namespace gets a quota of {text(node)} for {key.raw}, and its workloads ask for more"
            yield Match(values={"said": said, "percent": 0, "memory_limit": False, "over": True}, node=node)


def _no_longer_fits(change: Change, context: CheckContext, old: str | None, new: str | None) -> bool:
    if change.resource.kind != "ResourceQuota" or old is None or new is None:
        return False
    from riskcheck.rules.checks.namespace_demand import demand

    most, least = quantity_nanos(old), quantity_nanos(new)
    asked = demand(change.resource, change.path[-1].removeprefix("\\"), context.head)
    return asked is not None and most is not None and least is not None and least < asked <= most


def _least(option: Value) -> float:
    return float(option) if isinstance(option, int | float) else 0.0


def _in_force(container: Node | None, section: str, name: str, whole: bool) -> str | None:
    """A request that is not stated is that of the limit, and nothing where there is none either; a limit that
    is not stated is no limit. Of an object that is known in part, only what is stated counts.

    https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#requests-and-limits
    """
    if container is None:
        return None
    stated = text_at(container, "resources", section, name)
    if stated is not None or section != "requests" or not whole:
        return stated
    return text_at(container, "resources", "limits", name) or "0"


def percent_cut(before: str | None, after: str | None) -> int | None:
    """How much of `before` is taken away, in whole percent, at least 1; None where nothing is."""
    old = quantity_nanos(before) if before is not None else None
    new = quantity_nanos(after) if after is not None else None
    if old is None or new is None or new >= old or old <= 0:
        return None
    return max(1, (200 * (old - new) + old) // (2 * old))


def _quota_text(change: Change, context: CheckContext, section: str, name: str) -> str | None:
    if change.resource.kind == "ResourceQuota":
        return f"the quota of the namespace for {name}"
    if change.resource.kind == "LimitRange" and section in _CEILINGS:
        of = text_at(context.node(change.resource, change.path[:-2]), "type") or "object"
        return f"the {section} {name} of every {of} of the namespace"
    return None
