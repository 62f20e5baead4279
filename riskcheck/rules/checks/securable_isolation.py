"""Who owns a Unity Catalog object, and from which workspaces it can be reached.

https://github.com/databricks/terraform-provider-databricks/blob/684f44249/docs/resources/workspace_binding.md
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Match
from riskcheck.rules.checks.databricks_data import is_still_deployed
from riskcheck.rules.checks.databricks_governed import owner_moved
from riskcheck.rules.checks.databricks_values import dereferenced, subject, text_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import MaybeValue
    from riskcheck.rules.context import CheckContext, ResourceView

BINDINGS: Final = frozenset({"databricks_workspace_binding", "databricks_catalog_workspace_binding"})

Bound = tuple[str, str, str]
"""Workspace, type of the object, name of the object."""


def owner_or_isolation(change: Change, context: CheckContext) -> Iterator[Match]:
    """An object gets another owner, is isolated or opened, or a workspace loses it.

    Values: ``subject``, ``what``.
    """
    if change.resource.kind in BINDINGS:
        yield from _binding(change, context)
    elif change.path == ("isolation_mode",):
        yield from _isolation(change)
    elif change.path == ("owner",):
        yield from owner_moved(change, context)


def _isolation(change: Change) -> Iterator[Match]:
    was, becomes = _mode(change.before), _mode(change.after)
    if change.resource_before is None or change.resource_after is None or was == becomes:
        return
    if becomes == "ISOLATED":
        what = "is isolated: every workspace that nothing binds to it loses it"
    elif was == "ISOLATED" and becomes == "OPEN":
        what = "is opened to every workspace of the metastore"
    else:
        return
    yield Match(values={"subject": subject(change.resource), "what": what})


def _mode(value: MaybeValue) -> str:
    return value.upper().removeprefix("ISOLATION_MODE_") if isinstance(value, str) else ""


def _binding(change: Change, context: CheckContext) -> Iterator[Match]:
    before, after = change.resource_before, change.resource_after
    if before is None:
        return
    was = _bound(before, context.base)
    if after is None:
        if change.path or not is_still_deployed(before, context) or _is_bound(was, before, context):
            return
    else:
        becomes = _bound(after, context.head)
        if change.path == ("binding_type",) and was == becomes:
            if change.after == "BINDING_TYPE_READ_ONLY":
                yield _match(after, was, "may only read it")
            return
        first = next((one for one in context.changes_of(after) if one.path), None)
        if was == becomes or first is not change or _is_bound(was, before, context):
            return
        if any("${" in part for part in (*was, *becomes)):
            return
    yield _match(before, was, "is cut off from it")


def _match(binding: Resource, bound: Bound, what: str) -> Match:
    workspace, kind, name = bound
    thing = f"{kind.replace('_', ' ')} {name or binding.name}"
    return Match(values={"subject": thing, "what": f"loses a binding: workspace {workspace} {what}"})


def _bound(binding: Resource, view: ResourceView) -> Bound:
    name = text_at(binding, "securable_name") or text_at(binding, "catalog_name")
    return (
        text_at(binding, "workspace_id"),
        text_at(binding, "securable_type") or "catalog",
        dereferenced(name, binding, view).lower(),
    )


def _is_bound(bound: Bound, binding: Resource, context: CheckContext) -> bool:
    """Whether head binds the same workspace to the same object by another resource."""
    others = context.head.find(
        platform=binding.platform, unit=binding.unit, environment=binding.environment.name
    )
    return any(one.kind in BINDINGS and _bound(one, context.head) == bound for one in others)
