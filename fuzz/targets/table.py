"""All targets, by name."""

from __future__ import annotations

from functools import cache

from fuzz.model import Target
from fuzz.targets import changes, decided, documents, reports, repositories, rules, values


@cache
def targets() -> dict[str, Target]:
    modules = (documents, values, rules, decided, changes, reports, repositories)
    return {target.name: target for module in modules for target in module.TARGETS}


def target(name: str) -> Target:
    """The target of that name. Raises `KeyError`."""
    return targets()[name]
