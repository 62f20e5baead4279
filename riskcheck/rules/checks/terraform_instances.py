"""Instances of blocks with ``count`` or ``for_each``: which go, and which become others as a list shifts.

https://developer.hashicorp.com/terraform/language/meta-arguments/count
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from riskcheck.documents.scalars import plain_value
from riskcheck.models import Change, Match
from riskcheck.phrases import listed, many
from riskcheck.regexes import regex
from riskcheck.rules.checks.databricks_data import is_still_deployed
from riskcheck.rules.checks.terraform_foreseen import INSTANCES, ByPlan, by_plan, shown_name
from riskcheck.rules.checks.terraform_renames import renamed_to
from riskcheck.stores import SERVING, STORES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import Value
    from riskcheck.rules.context import CheckContext, ResourceView

_MOST_NAMED: Final = 4
_MOST_INSTANCES: Final = 500
_NUMBERED: Final = regex(r"\[(\d+)\]$")
_KEYED: Final = regex(r"\[[^][]*\]$")
_LOCAL: Final = ("null_", "random_", "time_", "local_", "terraform_", "databricks_", "template_", "tls_")
"""Beginnings of types that stand for nothing that runs, or of which other rules tell."""


_blocks: Final[WeakKeyDictionary[ResourceView, dict[tuple[str, str, str, str], list[Resource]]]] = (
    WeakKeyDictionary()
)
"""The instances of each block of a side: each of its changes asks for them."""


_told_by: Final[WeakKeyDictionary[ResourceView, dict[tuple[str, str, str, str], Change | None]]] = (
    WeakKeyDictionary()
)
"""The change by which each block is told, of each head."""


def removed(change: Change, context: CheckContext) -> Iterator[Match]:
    """Instances go while their block stays, or the instances of a list get the settings of their neighbours.

    Values: ``what``, ``shifted`` (a list moved under its indexes), ``serving``.
    """
    resource = change.resource
    kind = resource.kind
    if kind.startswith(_LOCAL) or (
        change.path and not _NUMBERED.search(resource.name) and "[" in resource.name
    ):
        return
    block = _KEYED.sub("", resource.name)
    key = (resource.unit, resource.environment.name, kind, block)
    told = _told_by.setdefault(context.head, {})
    if key in told and told[key] is not change:
        return
    old, new = (_instances(resource, block, side) for side in (context.base, context.head))
    other = bool(old and new) and not old.keys() & new.keys()
    if len(old) < 2 and len(new) < 2 and not other and by_plan(context).reason not in INSTANCES:
        return
    told[key] = _first(old, new, context)
    if told[key] is not change:
        return
    gone = [name for name in old if name not in new and _goes(old[name], context)]
    if other and any(renamed_to(old[name], context) is not None for name in gone):
        return  # that it lacks a `moved` block is told
    shifted = _shifted(old, new)
    foreseen = by_plan(context)
    if not new and foreseen.reason not in INSTANCES:
        return  # the block itself went
    if (gone and kind not in STORES) or shifted:
        what = _told(old, new, gone, shifted, foreseen)
        names = gone or [name for name, _ in shifted]
        both = {**old, **new}
        yield Match(
            values={"what": what, "shifted": bool(shifted), "serving": kind in SERVING},
            resources=tuple(both[name].address for name in names),
        )


def _instances(near: Resource, block: str, view: ResourceView) -> dict[str, Resource]:
    """The instances of a block on one side, by their names, those of a list in its order."""
    blocks = _blocks.get(view)
    if blocks is None:
        blocks = _blocks[view] = {}
        for one in view.find(platform="terraform"):
            if not one.name.endswith("[*]"):
                key = (one.unit, one.environment.name, one.kind, _KEYED.sub("", one.name))
                blocks.setdefault(key, []).append(one)
        for held in blocks.values():
            held.sort(key=lambda one: (_number(one.name), one.name))
    found = blocks.get((near.unit, near.environment.name, near.kind, block), [])
    return {one.name: one for one in found[:_MOST_INSTANCES]}


def _number(name: str) -> int:
    match = _NUMBERED.search(name)
    return int(match[1]) if match else 0


def _first(old: dict[str, Resource], new: dict[str, Resource], context: CheckContext) -> Change | None:
    """The change of a whole block by which it is told once: of an instance that goes, else of the first one."""
    for name in sorted({*old, *new}, key=lambda name: (name in new, _number(name), name)):
        changes = context.changes_of(new.get(name) or old[name])
        if changes:
            return changes[0]
    return None


def _goes(gone: Resource, context: CheckContext) -> bool:
    changes = context.changes_of(gone)
    return bool(changes) and changes[0].resource_after is None and is_still_deployed(gone, context)


def _shifted(old: dict[str, Resource], new: dict[str, Resource]) -> list[tuple[str, str]]:
    """(instance, the one whose settings it gets): a list lost or got an item before its end."""
    if any(name.endswith('"]') for name in (*old, *new)):
        return []
    before = {name: _body(one) for name, one in old.items()}
    after = {name: _body(one) for name, one in new.items()}
    by_number = {_number(name): name for name in old}
    for step in (1, -1):
        moves = [
            (name, by_number[_number(name) + step])
            for name in after
            if name in before
            and after[name] != before[name]
            and _number(name) + step in by_number
            and not any(map(_is_open, (before[name], after[name])))
        ]
        same = [(name, other) for name, other in moves if after[name] == before[other]]
        if same and len(same) == len(moves):
            return same
    return []


def _is_open(value: Value) -> bool:
    """Whether a body holds an expression that nobody evaluated: it may come to what stands on the other side."""
    return "${" in str(value)


def _body(resource: Resource) -> Value:
    return plain_value(resource.body, resource.reading)


def _told(
    old: dict[str, Resource],
    new: dict[str, Resource],
    gone: list[str],
    shifted: list[tuple[str, str]],
    foreseen: ByPlan,
) -> str:
    def names(which: list[str]) -> str:
        return listed([shown_name({**old, **new}[name]) for name in which], _MOST_NAMED)

    said = ""
    if gone:
        keyed = any(name.endswith('"]') for name in gone) or foreseen.reason == "delete_because_each_key"
        why = "the keys of for_each" if keyed else "the count"
        if new and not old.keys() & new.keys():
            why = "count and for_each"
        said = f"{names(gone)} {'is' if len(gone) == 1 else 'are'} destroyed by an edit of {why}"
        left = len(old.keys() & new.keys())
        said += f"; {many(left, 'instance')} of {len(old)} {'stays' if left == 1 else 'stay'}" if left else ""
        if new and not left:
            said += f"; {names(list(new))} {'is' if len(new) == 1 else 'are'} created instead"
    if shifted:
        first, other = shifted[0]
        moved = f"the list shifts: {names([first])} gets the settings of {names([other])}"
        more = f", and {len(shifted) - 1} more" if len(shifted) > 1 else ""
        said = f"{said}; {moved}{more}" if said else moved + more
    return said
