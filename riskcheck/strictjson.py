"""JSON that every tool reads alike: no key twice in an object, no number that JSON does not have."""

from __future__ import annotations

import json


class NotJsonError(ValueError):
    """What was read is no such JSON. ``str()`` says why, for people: ``is not JSON: …``. line: 1-based."""

    def __init__(self, reason: str, line: int = 1) -> None:
        super().__init__(reason)
        self.line = line


def strict(text: str) -> object:
    """The value that `text` states. Raises `NotJsonError`."""
    try:
        value: object = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except NotJsonError:
        raise
    except ValueError as error:
        reason, line = getattr(error, "msg", str(error)), getattr(error, "lineno", 1)
        raise NotJsonError(f"is not JSON: {reason}", line) from None
    except RecursionError:
        raise NotJsonError("is nested too deeply") from None
    return value


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Tools disagree about which of two equal keys counts, so neither does."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJsonError("states a key twice in one object; which of them counts nobody could say")
    return found


def _no_constant(word: str) -> object:
    raise NotJsonError(f"holds {word}, which is no JSON")
