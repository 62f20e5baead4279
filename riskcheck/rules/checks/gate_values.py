"""What the checks of the merge gate have in common: what a weakening is, and reading plain values safely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from riskcheck.durations import parse_duration, parse_moment
from riskcheck.nodes import KeyPath, Value, escape_key
from riskcheck.records import NamedTuple

Plain = Mapping[str, Value]

TIERS = (None, "tier-4", "tier-3", "tier-2", "tier-1")
"""How critical a service is, from least to most."""


class Weakening(NamedTuple):
    """One way in which a guard holds less than before. path: where, in the guard's resource.

    shown: it warns and does not block: a complete waiver of the policy, the stated way for a risk that is meant; an
    entry of a baseline; a fact that people keep current; one check of CI less where others still hold.
    """

    path: KeyPath
    what: str
    shown: bool = False


def part(value: object, *keys: str) -> dict[str, Value]:
    """The mapping below `keys`; empty where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def words(value: object) -> list[str]:
    """A list of texts, or one text as a list of one; other items left out."""
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def named(value: object) -> dict[str, dict[str, Value]]:
    """A list of mappings by their ``name``."""
    found: dict[str, dict[str, Value]] = {}
    for item in value if isinstance(value, list) else []:
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            found[str(item["name"])] = item
    return found


def at(*steps: str) -> KeyPath:
    """A key path from mapping keys; steps in brackets are list items."""
    return tuple(step if step.startswith("[") else escape_key(step) for step in steps)


def added(before: object, after: object) -> list[str]:
    """Texts of list `after` that list `before` lacks."""
    known = set(words(before))
    return [word for word in words(after) if word not in known]


def removed(before: object, after: object) -> list[str]:
    return added(after, before)


def rank(order: Sequence[str | None], value: Value) -> int:
    """Place in `order`; what is not in it comes first."""
    return next((number for number, one in enumerate(order) if one == value), 0)


def seconds(node: Plain, key: str) -> int:
    """The duration under `key`, 0 where there is none that can be read."""
    return parse_duration(text(node.get(key)) or "") or 0


def moment(node: Plain, key: str, *, late: bool = False) -> int:
    """Seconds since the epoch; what cannot be read is as late as can be, or as early."""
    found = parse_moment(text(node.get(key)) or "", end=key != "from")
    return found if found is not None else (2**62 if late else 0)
