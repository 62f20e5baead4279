"""Edits of the sets of things that must change together which a repository brings itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.rules.checks.gate_values import Weakening, at, rank

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Value
    from riskcheck.rules.checks.gate_values import Plain

_REQUIREMENT: Final = ("lookup", "advisory", "expected", "required")
_OF_A_MEMBER: Final = ("demand", "unless", "on", "each", "lists", "managed_here")
_UNKNOWN: Final = "whether it still finds the same is not known"


def weakenings(before: Plain, after: Plain) -> Iterator[Weakening]:
    """A set that is gone, asks for less, or is set in motion by something else. A new set takes nothing away."""
    name = f"set {before.get('id')}"
    if not after:
        yield Weakening((), f"{name} is removed")
        return
    if _is_other_anchor(before.get("anchor"), after.get("anchor")):
        yield Weakening(at("anchor"), f"the anchor of {name} changes; {_UNKNOWN}")
    if _lost(before.get("breaks_when"), after.get("breaks_when")):
        yield Weakening(at("breaks_when"), f"{name} knows fewer cases in which traffic is cut at once")
    if _lost(after.get("harmless_when"), before.get("harmless_when")):
        yield Weakening(at("harmless_when"), f"{name} takes more cases for harmless")
    if before.get("moves_traffic") is True and after.get("moves_traffic") is not True:
        yield Weakening(at("moves_traffic"), f"{name} no longer asks for legacy addresses and parity")
    yield from _members(name, _by_id(before.get("members")), _by_id(after.get("members")))


def _members(name: str, before: dict[str, Plain], after: dict[str, Plain]) -> Iterator[Weakening]:
    for member, old in before.items():
        new = after.get(member)
        if new is None:
            yield Weakening(at("members"), f"member {member} of {name} is removed")
            continue
        was, becomes = (one.get("requirement") or "required" for one in (old, new))
        if rank(_REQUIREMENT, becomes) < rank(_REQUIREMENT, was):
            yield Weakening(at("members"), f"member {member} of {name} falls from {was} to {becomes}")
        if _lost(new.get("ways"), old.get("ways")):
            yield Weakening(at("members"), f"more will do for member {member} of {name}")
        if any(old.get(key) != new.get(key) for key in _OF_A_MEMBER):
            yield Weakening(at("members"), f"member {member} of {name} changes; {_UNKNOWN}")


def _is_other_anchor(before: Value, after: Value) -> bool:
    """Whether an anchor changes other than in its names of things, or by more kinds, changes and fields."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return before != after
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        grown = key in ("kinds", "changes", "fields") and old is not None and not _lost(old, new)
        if key not in ("names", "entered") and old != new and not grown:
            return True
    return False


def _lost(before: Value, after: Value) -> bool:
    """Whether a list lacks something that it had."""
    old = before if isinstance(before, list) else []
    new = after if isinstance(after, list) else []
    return any(one not in new for one in old)


def _by_id(members: Value) -> dict[str, Plain]:
    held = members if isinstance(members, list) else []
    return {str(one.get("id")): one for one in held if isinstance(one, dict)}
