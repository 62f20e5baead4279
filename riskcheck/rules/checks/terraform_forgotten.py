"""What Terraform forgets without destroying it, and what it takes over as it is.

https://developer.hashicorp.com/terraform/language/block/removed , …/language/import
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match
from riskcheck.phrases import listed, many
from riskcheck.rules.checks.terraform_foreseen import shown_address
from riskcheck.stores import SERVING, STORES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.rules.context import CheckContext, ResourceView

_FORGOTTEN: Final = "removed"
_IMPORTED: Final = "import"
_MOST_NAMED: Final = 4
_MODULE: Final = "module"


def given_away(change: Change, context: CheckContext) -> Iterator[Match]:
    """Resources leave the state, or come into it, without anything being done to them: told once a root.

    Values: ``what``, ``wholesale``, ``weighty`` (what leaves holds data or serves), ``leaves``.
    """
    block = change.resource
    if change.resource_before is not None or block.kind not in (_FORGOTTEN, _IMPORTED):
        return
    fresh = [one for one in _blocks(block, context.head) if context.base.get(*one.key) is None]
    if block.kind == _FORGOTTEN:
        fresh = [one for one in fresh if not _is_taken_over(one, context)]
    if not fresh or fresh[0].key != block.key:
        return
    most = context.options.get("wholesale", 5)
    wholesale = isinstance(most, int | float) and len(fresh) >= most
    names = listed([shown_address(one.name) for one in fresh], _MOST_NAMED)
    verb = "is" if len(fresh) == 1 else "are"
    if block.kind == _FORGOTTEN:
        what = (
            f"{names} {verb} taken out of the state and left to run: nothing manages or guards them any more"
        )
        what = what.replace(" them ", " it ") if len(fresh) == 1 else what
    elif not wholesale:
        return
    else:
        what = f"{many(len(fresh), 'resource')} {verb} imported at once: {names}"
    weighty = block.kind == _FORGOTTEN and any(_kind(one) in {*STORES, *SERVING, _MODULE} for one in fresh)
    yield Match(
        values={
            "what": what,
            "wholesale": wholesale,
            "weighty": weighty,
            "leaves": block.kind == _FORGOTTEN,
        },
        resources=tuple(f"terraform:{one.name}" for one in fresh),
    )


def _blocks(near: Resource, view: ResourceView) -> list[Resource]:
    found = view.find(platform="terraform", kind=near.kind, unit=near.unit, environment=near.environment.name)
    return sorted(found, key=lambda one: one.name)


def _is_taken_over(forgotten: Resource, context: CheckContext) -> bool:
    """Whether another root imports something of the same type in the same change: a state is split."""
    return any(
        _kind(one) == _kind(forgotten) and one.unit != forgotten.unit and context.base.get(*one.key) is None
        for one in context.head.find(platform="terraform", kind=_IMPORTED)
    )


def _kind(block: Resource) -> str:
    return block.name.partition(".")[0]
