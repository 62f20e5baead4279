"""What a SQL statement that a lossy rule hit leaves behind: the thing it is about, and the kind of its loss."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from riskcheck import nodes
from riskcheck.documents.texts import text_at
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from riskcheck.models import Resource
    from riskcheck.nodes import Node
    from riskcheck.rollout.losses import Loss

PLATFORM = "sql"
ROWS = "ROWS"
"""The kind of a loss that an earlier version of the table still has."""


class Done(NamedTuple):
    """kind: ``TABLE``, ``SCHEMA`` … of what was dropped, `ROWS` of what was changed in place, ``""`` where no
    version helps. thing: ``table main.sales.orders``. name: in lower case, as far as it is told."""

    kind: str
    thing: str
    name: str


def done(loss: Loss) -> Done | None:
    """What the statement at the place of `loss` did; None where it is no statement."""
    change = loss.change
    resource = change.resource_after
    if resource is None or resource.platform != PLATFORM or resource.kind != "statements":
        return None
    label = change.path[1][1:-1] if len(change.path) > 1 else ""
    listed = resource.body.get("statements")
    found = _by_id(listed).get(label) if isinstance(listed, nodes.Sequence) else None
    if not isinstance(found, nodes.Mapping):
        return None
    name, object_ = text_at(found, "name") or "", text_at(found, "object") or ""
    verb = text_at(found, "verb")
    kind = object_ if verb == "DROP" else ROWS if _changes_rows(verb, change.path) else ""
    return Done(kind, f"{object_.lower()} {name}".strip(), name)


def _changes_rows(verb: str | None, path: tuple[str, ...]) -> bool:
    return verb in ("TRUNCATE", "DELETE", "CREATE", "INSERT") or (verb == "ALTER" and "actions" in path)


def parent_goes(one: Done, script: Resource | None) -> bool:
    """Whether the same script drops the schema or catalog that holds it."""
    listed = script.body.get("statements") if script is not None else None
    parents = _dropped_parents(listed) if isinstance(listed, nodes.Sequence) else ()
    return any(one.name.startswith(f"{parent}.") for parent in parents)


@lru_cache(maxsize=16)
def _by_id(listed: nodes.Sequence) -> dict[str, Node]:
    """Remembered: a script may drop thousands of tables, each of them a finding."""
    return {text_at(one, "id") or "": one for one in reversed(listed.items)}


@lru_cache(maxsize=16)
def _dropped_parents(listed: nodes.Sequence) -> frozenset[str | None]:
    return frozenset(
        text_at(each, "name")
        for each in listed.items
        if text_at(each, "verb") == "DROP" and text_at(each, "object") in ("SCHEMA", "CATALOG")
    )
