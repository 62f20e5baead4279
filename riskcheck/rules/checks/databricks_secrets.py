"""Secret scopes and Unity Catalog secrets: deleted with what they hold, or written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.bundles.losses import holding
from riskcheck.models import Match, Related, location_of
from riskcheck.nodes import Node, Scalar, walk
from riskcheck.rules.checks.databricks_recreate import recreated
from riskcheck.rules.checks.databricks_values import node_at, subject, text_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.rules.context import CheckContext

_MOST_PLACES: Final = 5


def secrets_changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """A scope or secret is deleted and created anew, or the value of a secret is written in the configuration.

    Values: ``subject``, ``how``, ``changes``, ``restored`` (a revert has all of it back).
    """
    after = change.resource_after
    if after is None:
        return
    if change.resource_before is not None:
        yield from _recreated(change, change.resource_before, context)
    value = node_at(after, "value") if after.kind == "secrets" else None
    if change.path in ((), ("value",)) and value is not None and _is_written_down(value):
        values = {
            "subject": subject(after),
            "how": "is written in plain text",
            "changes": "value is no variable",
        }
        yield Match(values={**values, "restored": True}, node=value)


def _recreated(change: Change, before: Resource, context: CheckContext) -> Iterator[Match]:
    match = recreated(change, context)
    if match is None:
        return
    users = list(_users(before, context))
    if (
        before.section == "secret_scopes"
        and not users
        and context.options.get("unreferenced_scopes", True) is False
    ):
        return
    told = dict(match.values or {})
    how = f"is {told.get('deleted')} and created empty"
    if users:
        how += "; what refers to it fails until it is filled again"
    yield Match(
        values={**told, "how": how, "restored": holding(before) is None},
        related=(
            *match.related,
            *(Related("consumer", location_of(node)) for node in users[:_MOST_PLACES]),
        ),
    )


def _is_written_down(value: Node) -> bool:
    """Whether the text stands where the field is, and not in a variable, which a deployment may be given."""
    if not isinstance(value, Scalar) or not value.raw or "${" in value.raw:
        return False
    return not any(isinstance(one, Scalar) and "${" in one.raw for one in value.via)


def _users(scope: Resource, context: CheckContext) -> Iterator[Node]:
    """Where resources of base refer to a secret of `scope`: ``{{secrets/<scope>/<key>}}``."""
    name = text_at(scope, "name") if scope.section == "secret_scopes" else ""
    if not name:
        return
    reference = f"{{{{secrets/{name}/"
    for other in context.base.find(platform=scope.platform, environment=scope.environment.name):
        for _, node in walk(other.body):
            if isinstance(node, Scalar) and reference in node.raw:
                yield node
