"""Protection against deletion, backups and retention that a change of Terraform takes away or shortens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from riskcheck.models import Change, Match
from riskcheck.replacing import fields_of
from riskcheck.rules.checks.databricks_data import is_still_deployed
from riskcheck.rules.checks.terraform_protections import GUARDS, UNKNOWN, Protection, protections_of
from riskcheck.rules.checks.terraform_reading import Stated, speaks_for_path, stated
from riskcheck.rules.checks.terraform_renames import renamed_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.rules.context import CheckContext

_Lost: TypeAlias = Literal["off", "shorter"]
_MORE: Final = "more"
_ENDLESS: Final = "more0"


def lowered(change: Change, context: CheckContext) -> Iterator[Match]:
    """An attribute no longer protects as it did, or a resource that is a protection goes.

    Values: ``subject``, ``how``, ``shortened`` (a window is shorter, yet there is one), ``logs``.
    """
    before, after = change.resource_before, change.resource_after
    if before is None:
        return
    if after is None:
        yield from _guard_gone(before, context)
        return
    if before.address != after.address or not change.path:
        return
    steps = fields_of(change.path)
    for protection in protections_of(_type(after)):
        if protection.path[: len(steps)] != steps:
            continue
        old, new = (stated(one.body, protection.path) for one in (before, after))
        lost = _lost(protection, old, new)
        if lost is not None and speaks_for_path(change, protection.path, context):
            name = ".".join(protection.path).removeprefix("resource_attributes.")
            yield Match(
                values={
                    "subject": f"{after.kind} {after.name}",
                    "how": f"{name} goes from {_said(old)} to {_said(new)}",
                    "shortened": lost == "shorter",
                    "logs": protection.of_logs,
                },
                node=new.node or old.node,
            )


def _type(resource: Resource) -> str:
    return f"provider.{resource.name.partition('.')[0]}" if resource.kind == "provider" else resource.kind


def _guard_gone(gone: Resource, context: CheckContext) -> Iterator[Match]:
    what = GUARDS.get(gone.kind)
    if what is None or not is_still_deployed(gone, context) or renamed_to(gone, context) is not None:
        return
    unit, environment = gone.unit, gone.environment.name
    if any(context.head.get(unit, one.target, environment) is None for one in gone.references):
        return
    yield Match(
        values={
            "subject": f"{gone.kind} {gone.name}",
            "how": f"is removed, and with it {what}",
            "shortened": False,
            "logs": False,
        }
    )


def _lost(protection: Protection, old: Stated, new: Stated) -> _Lost | None:
    """How much less it protects; None where it does as before or that is not known."""
    if not old.known or not new.known:
        return None
    before, after = (_filled(one.text, protection) for one in (old, new))
    if before is None or (after is None and protection.safe.startswith(_MORE)):
        return None
    if protection.safe.startswith(_MORE):
        return _shorter(before, after, endless=protection.safe == _ENDLESS)
    if after is None and not _is_certain(protection):
        return None
    return "off" if _protects(protection.safe, before) and not _protects(protection.safe, after) else None


def _is_certain(protection: Protection) -> bool:
    """Whether leaving an attribute out is known to be less than its safe value: of ``versioning`` and the like,
    which have no default, it is not."""
    return protection.default != UNKNOWN


def _filled(text: str, protection: Protection) -> str | None:
    return text or (None if protection.default == UNKNOWN else protection.default)


def _protects(safe: str, value: str | None) -> bool:
    if value is None:
        return False
    return value.lower() != safe[1:].lower() if safe.startswith("!") else value.lower() == safe.lower()


def _shorter(before: str, after: str | None, *, endless: bool) -> _Lost | None:
    try:
        old, new = float(before), float(after or "")
    except ValueError:
        return None
    if endless:
        old, new = old or float("inf"), new or float("inf")
    if not new < old:
        return None
    return "off" if new == 0 else "shorter"


def _said(value: Stated) -> str:
    return value.text or "its default"
