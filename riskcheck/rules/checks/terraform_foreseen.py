"""What a plan says of the resource of a change, and what an edit of a file makes Terraform do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple
from riskcheck.rules.checks.databricks_recreate import is_recreating

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import Value
    from riskcheck.rules.context import CheckContext

_REASONS: Final = {
    "delete_because_count_index": "its index is beyond the count",
    "delete_because_each_key": "its key is gone from for_each",
    "delete_because_no_module": "the instance of its module is gone",
    "delete_because_no_resource_config": "no block declares it",
    "delete_because_wrong_repetition": "its block has other kinds of instances now",
    "replace_because_tainted": "it is marked as tainted",
    "replace_because_triggered": "replace_triggered_by asks for it",
    "replace_by_request": "the command line asks for it",
    "replace_by_triggers": "replace_triggered_by asks for it",
}
"""Words of the plan; there may be others, of which nothing is said."""

INSTANCES: Final = frozenset(
    {
        "delete_because_count_index",
        "delete_because_each_key",
        "delete_because_no_module",
        "delete_because_wrong_repetition",
    }
)

_PLACES: Final = frozenset({"location", "region", "zone", "resource_group_name"})
"""Attributes of which clouds take other spellings for the same: ``West Europe``, ``westeurope``."""


class ByPlan(NamedTuple):
    """What a plan says; empty without one. derived: what the files alone come to."""

    action: str = ""
    derived: str = ""
    reason: str = ""
    order: str = ""
    source: str = ""
    forgotten: bool = False
    fields: tuple[str, ...] = ()
    replacing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()


def by_plan(context: CheckContext) -> ByPlan:
    """What the plan says of the resource of the change."""
    facts = context.facts
    if "derived" not in facts:
        return ByPlan()
    return ByPlan(
        action=str(facts.get("action", "")),
        derived=str(facts["derived"]),
        reason=str(facts.get("reason", "")),
        order=str(facts.get("order", "")),
        source=str(facts.get("plan", "")),
        forgotten=facts.get("forgotten") is True,
        fields=_texts(facts.get("fields")),
        replacing=_texts(facts.get("replacing")),
        unknown=_texts(facts.get("unknown")),
        sensitive=_texts(facts.get("sensitive")),
    )


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else ()


def told_why(foreseen: ByPlan) -> str:
    """Why the plan does it, for people: `` because its key is gone from for_each``."""
    reason = _REASONS.get(foreseen.reason)
    return f" because {reason}" if reason else ""


def replacing(after: Resource, foreseen: ByPlan, context: CheckContext) -> Sequence[Change]:
    """The changes of a resource for which it is destroyed and created anew; those that the plan names, or all where
    it names none and replaces it nevertheless."""
    changes = [one for one in context.changes_of(after) if one.path and one.resource_before is not None]
    told = [one for one in changes if is_recreating(one, context) and not _is_same_place(one)]
    if told or foreseen.action != "recreate":
        return told
    names = {path.partition(".")[0].partition("[")[0] for path in foreseen.replacing}
    return [one for one in changes if one.path[0] in names] or changes


def speaks(change: Change, changes: Sequence[Change]) -> bool:
    """Whether a finding about a resource hangs on `change`: on the first of `changes`."""
    return bool(changes) and changes[0] is change


def _is_same_place(change: Change) -> bool:
    before, after = change.before, change.after
    return (
        change.path[-1] in _PLACES
        and isinstance(before, str)
        and isinstance(after, str)
        and before.replace(" ", "").lower() == after.replace(" ", "").lower()
    )


def shown_name(resource: Resource) -> str:
    """``aws_db_instance.main``, with its module as Terraform writes it."""
    return _shown(resource.kind, resource.name)


def shown_address(address: str) -> str:
    """The same for ``aws_db_instance.module.net.main``; ``module.module.net`` is the call itself."""
    kind, _, name = address.partition(".")
    return name if kind == "module" else _shown(kind, name)


def _shown(kind: str, whole: str) -> str:
    module, _, name = whole.rpartition("module.")
    if not module and not whole.startswith("module."):
        return f"{kind}.{whole}"
    call, _, rest = _split(name)
    return f"{module}module.{call}.{kind}.{rest}"


def _split(name: str) -> tuple[str, str, str]:
    """The call and the resource of ``net["a.b"].web``."""
    depth = 0
    for number, character in enumerate(name):
        depth += (character == "[") - (character == "]")
        if character == "." and depth == 0:
            return name[:number], ".", name[number + 1 :]
    return name, "", ""
