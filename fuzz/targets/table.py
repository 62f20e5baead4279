"""All targets, by name."""

from __future__ import annotations

from functools import cache

from fuzz.model import Target
from fuzz.targets import changes, decided, documents, rules, values


@cache
def targets() -> dict[str, Target]:
    return {
        target.name: target
        for target in (
            *documents.TARGETS,
            *values.TARGETS,
            *rules.TARGETS,
            *decided.TARGETS,
            *changes.TARGETS,
        )
    }


def target(name: str) -> Target:
    """The target of that name. Raises `KeyError`."""
    return targets()[name]
