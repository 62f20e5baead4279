"""Registered models: what makes them other ones, and which version their aliases name.

Facts: https://github.com/databricks/cli/blob/7bbe285213/bundle/direct/dresources/resources.yml (registered_models)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Location, Match, Related, location_of
from riskcheck.nodes import Mapping, Scalar, walk
from riskcheck.rules.checks.databricks_recreate import identity_at
from riskcheck.rules.checks.databricks_values import (
    dereferenced,
    guard_of,
    items,
    listed,
    shown,
    subject,
    text_at,
)
from riskcheck.rules.checks.serving_reading import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.rules.context import CheckContext, ResourceView

IDENTITY: Final = ("name", "catalog_name", "schema_name", "storage_location")

MOST_PLACES: Final = 10


def full_name(model: Resource | None, view: ResourceView) -> str:
    """``catalog.schema.model`` in lower case; ``""`` where a part is not told."""
    if model is None:
        return ""
    parts = [
        dereferenced(text_at(model, field), model, view) for field in ("catalog_name", "schema_name", "name")
    ]
    return ".".join(parts).lower() if all(parts) and not any("${" in part for part in parts) else ""


def aliases_of(model: Resource | None) -> dict[str, tuple[str, Mapping]]:
    """Alias to the version that it names, and where."""
    return {
        alias: (text(item, "version_num", model), item)
        for item in items(model, "aliases")
        if (alias := text(item, "alias_name", model))
    }


def changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A registered model is made anew, or one of its aliases names another version or goes. Speaks once for each.

    Values: ``subject``, ``reason``, ``vital``: whether production answers with what is named; ``restored``.
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None:
        return
    if change.path[0] in IDENTITY:
        yield from _recreated(change, context)
    elif change.resource.section == "registered_models":
        yield from _aliases(change, context)


def _recreated(change: Change, context: CheckContext) -> Iterator[Match]:
    before, after = change.resource_before, change.resource_after
    assert before is not None
    assert after is not None
    acting = [
        field
        for field in IDENTITY
        if identity_at(before, (field,), context.base) != identity_at(after, (field,), context.head)
    ]
    if change.path[0] != (acting[0] if acting else ""):
        return
    told = f"{change.path[0]} goes from {shown(change.before)} to {shown(change.after)}"
    yield Match(
        values={
            "subject": subject(after),
            "reason": f"it is deleted with all its versions and created empty: {told}",
            "vital": True,
            "restored": False,
        },
        related=guard_of(after),
    )


def _aliases(change: Change, context: CheckContext) -> Iterator[Match]:
    before, after = change.resource_before, change.resource_after
    assert after is not None
    first = next((one for one in context.changes_of(after) if one.path[:1] == ("aliases",)), None)
    if first is None or first.path != change.path:
        return
    old, new = aliases_of(before), aliases_of(after)
    told, places, vital = [], [], False
    node = None
    for alias, (version, item) in old.items():
        now, place = new.get(alias, ("", item))
        if version == now and alias in new:
            continue
        users = _users(after, alias, context)
        loaded = f" ({listed([label for label, _ in users])} loads it)" if users else ""
        if alias in new:
            told.append(f"{alias} goes from version {shown(version)} to {shown(now)}{loaded}")
        elif users or _is_vital(alias, context):
            told.append(f"{alias}, which named version {shown(version)}, goes{loaded}")
        else:
            continue
        places += [location for _, location in users]
        vital = vital or bool(users) or _is_vital(alias, context)
        node = node or place.get("version_num") or place
    if told:
        yield Match(
            values={"subject": subject(after), "reason": listed(told), "vital": vital, "restored": True},
            node=node,
            related=tuple(Related("consumer", one) for one in places[:MOST_PLACES]),
        )


def _is_vital(alias: str, context: CheckContext) -> bool:
    names = context.options.get("production_aliases", [])
    return isinstance(names, list) and alias.lower() in names


def _users(model: Resource, alias: str, context: CheckContext) -> list[tuple[str, Location]]:
    """(label, place) of what loads the model by the alias, in its own bundle and elsewhere."""
    name = full_name(model, context.head)
    found = {
        (one.label, one.location): None
        for one in (context.users([f"uc:{name}@{alias}"], model) if name else ())
    }
    for user, node in _inside(model, alias, context):
        found[subject(user), location_of(node)] = None
    return list(found)


def _inside(model: Resource, alias: str, context: CheckContext) -> Iterator[tuple[Resource, Scalar]]:
    """What its own bundle loads as ``models:/${resources.registered_models.<key>.full_name}@alias``."""
    start = f"models:/${{resources.{model.kind}.{model.name}."
    for user in context.head.find(unit=model.unit, environment=model.environment.name):
        if user.address == model.address or user.kind == "targets":
            continue
        for _, node in walk(user.body):
            if isinstance(node, Scalar) and start in node.raw:
                end = node.raw.partition(start)[2].partition("}")[2]
                if end == f"@{alias}" or end.startswith((f"@{alias} ", f"@{alias}/")):
                    yield user, node
