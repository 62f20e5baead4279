"""Filling the placeholders of a rule's message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.nodes import MaybeValue, Value, _Missing, render_path
from riskcheck.redact import redact_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskcheck.models import Change, Match

STANDARD: Final = frozenset({"before", "after", "key", "path", "resource", "environment"})
"""Placeholders that every rule of subject ``change`` has; a check may yield more."""

MOST_CHARACTERS: Final = 120
"""Length of one value in a message."""

SENTENCES: Final = frozenset(
    (
        *("reason", "what", "problem", "changes", "how", "effect", "done", "loss", "missing", "because"),
        *("names", "consumers", "differences", "others", "consequence"),
    )
)
"""Placeholders that hold what a check has to say rather than a value: cut off half way they say nothing."""

MOST_OF_SENTENCE: Final = 480
"""Length of such a one."""

MOST_OF_NAME: Final = 480
"""Length of a name of a resource, or of a path into one."""

_PLACEHOLDER: Final = r"\{([A-Za-z_][A-Za-z0-9_]*)\}"


class MessageError(Exception):
    """A message asks for a value that nobody gave."""


def placeholders(template: str) -> list[str]:
    """Names in braces, in order."""
    return re.findall(_PLACEHOLDER, template)


def render(template: str, change: Change | None, match: Match) -> str:
    """`template` with its placeholders filled. Raises `MessageError`.

    change: None for a rule about the run as a whole, which has only what its check yields.
    """
    given: Mapping[str, Value] = match.values or {}

    def fill(found: re.Match[str]) -> str:
        name = found[1]
        if name in given:
            most = MOST_OF_SENTENCE if name in SENTENCES else MOST_CHARACTERS
            return show(redact_value((name,), "", given[name]), most)
        if change is None or name not in STANDARD:
            raise MessageError(f"nothing fills the placeholder {{{name}}} of its message")
        return _standard(name, change)

    return re.sub(_PLACEHOLDER, fill, template).strip()


def _standard(name: str, change: Change) -> str:
    if name == "before":
        return show(change.before)
    if name == "after":
        return show(change.after)
    if name == "key":
        return _named(key_of(change))
    if name == "path":
        return _named(render_path(change.path))
    return _named(change.resource.address) if name == "resource" else change.environment.name


def _named(name: str) -> str:
    """`name` without its middle where it is longer than any that a system takes."""
    if len(name) <= MOST_OF_NAME:
        return name
    return f"{name[: MOST_OF_NAME // 2]}…{name[1 - MOST_OF_NAME // 2 :]}"


def key_of(change: Change) -> str:
    """The last mapping key of the change's path; ``""`` for a whole resource."""
    key = next((step for step in reversed(change.path) if not step.startswith("[")), "")
    return key.removeprefix("\\")


def show(value: MaybeValue, most: int = MOST_CHARACTERS) -> str:
    """A value as people read it, on one line and shortened to `most` characters. Absent reads ``unset``."""
    if isinstance(value, _Missing):
        return "unset"
    if isinstance(value, str):
        text = " ".join(value.split()) if value.strip() else repr(value)
    elif isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        text = str(int(value))
    else:
        import json

        text = json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
