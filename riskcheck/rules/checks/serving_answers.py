"""What changes the answers of a serving endpoint though model and version stay, and endpoints that go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Related, Resource, location_of
from riskcheck.nodes import MISSING, render_path
from riskcheck.rules.checks.databricks_data import is_still_deployed, renamed
from riskcheck.rules.checks.databricks_values import deployer, listed, shown, subject, text_at
from riskcheck.rules.checks.serving_reading import (
    ENTITIES,
    Entity,
    entities,
    limit,
    release_shares,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import MaybeValue
    from riskcheck.rules.context import CheckContext

_REFERENCE: Final = "{{secrets/"
_SECRET_WORDS: Final = ("_key", "_token", "_secret", "_plaintext", "_password", "credentials")
"""Parts of the names of fields that say with what the endpoint signs in, not what it asks."""

_MOST_NAMES: Final = 3
_MOST_CHARACTERS: Final = 60


def setting_changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A served entity keeps its version and gets other settings: environment, task, address of the provider.

    Speaks once an entity. Values: ``subject``, ``reason``.
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or len(change.path) <= len(ENTITIES) + 1:
        return
    item = change.path[: len(ENTITIES) + 1]
    acting = [one for one in context.changes_of(after) if one.path[: len(item)] == item and _acts(one)]
    if not acting or acting[0].path != change.path:
        return
    pair = _pair(change, before, after, context)
    if pair is None or pair[0].release != pair[1].release:
        return
    traffic = release_shares(after)
    if traffic.get(pair[1].release, 100.0) <= limit(context, "max_first_share", 20.0):
        return
    told = [f"{_name(one)} {_how(one)}" for one in acting[:_MOST_NAMES]]
    more = [f"{len(acting) - _MOST_NAMES} more"] if len(acting) > _MOST_NAMES else []
    yield Match(values={"subject": subject(after), "reason": f"{pair[1].label}: {listed([*told, *more])}"})


def _pair(
    change: Change, before: Resource, after: Resource, context: CheckContext
) -> tuple[Entity, Entity] | None:
    item = change.path[: len(ENTITIES) + 1]
    nodes = context.node(before, item), context.node(after, item)
    old = next((one for one in entities(before) if one.node is nodes[0]), None)
    new = next((one for one in entities(after) if one.node is nodes[1]), None)
    return (old, new) if old is not None and new is not None else None


def _acts(change: Change) -> bool:
    """Whether `change` may change answers: a setting that is no secret, no credential and no size."""
    rest = change.path[len(ENTITIES) + 1 :]
    if not rest or rest[0] not in ("environment_vars", "external_model", "instance_profile_arn"):
        return False
    if rest[0] == "external_model" and rest[1:2] in (("name",), ("provider",)):
        return False
    if rest[0] == "external_model" and any(word in rest[-1] for word in _SECRET_WORDS):
        return False
    return not (_is_secret(change.before) or _is_secret(change.after))


def _is_secret(value: MaybeValue) -> bool:
    return isinstance(value, str) and value.startswith(_REFERENCE)


def _name(change: Change) -> str:
    rest = change.path[len(ENTITIES) + 1 :]
    return rest[1] if rest[0] == "environment_vars" and len(rest) > 1 else render_path(rest)


def _how(change: Change) -> str:
    if isinstance(change.before, dict | list) or isinstance(change.after, dict | list):
        return "goes" if change.after is MISSING else "comes" if change.before is MISSING else "changes"
    return f"goes from {_short(change.before)} to {_short(change.after)}"


def _short(value: MaybeValue) -> str:
    text = shown(value)
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 1].rstrip()}…"


def endpoint_removed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A serving or vector search endpoint is no longer declared in a target that still exists.

    Values: ``subject``, ``done``, ``reason``.
    """
    gone = change.resource_before
    if gone is None or change.resource_after is not None or not is_still_deployed(gone, context):
        return
    twin = renamed(gone, context)
    name = text_at(gone, "name")
    users = context.users([f"databricks:{gone.section}={name}"], gone) if name and "${" not in name else ()
    served = listed([one.label for one in entities(gone)])
    yield Match(
        values={
            "subject": subject(gone),
            "done": f"comes back as {twin.name}, which {deployer(gone)} takes for another one"
            if twin
            else "is removed",
            "reason": (f"{served} answers nobody" if served else "nothing answers at its address")
            + (f"; {listed([one.label for one in users])} still asks it" if users else ""),
        },
        related=tuple(Related("consumer", one.location) for one in users)
        + ((Related("renamed to", location_of(twin.origin)),) if twin is not None else ()),
    )
