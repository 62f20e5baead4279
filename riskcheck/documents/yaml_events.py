"""Where YAML parser events come from, and what their errors say.

Both parsers give the same event classes. Their marks count a lone carriage return, U+0085, U+2028 and U+2029 as
line breaks, as YAML 1.1 does; git and editors do not, so such marks are counted again.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from riskcheck.documents.errors import MAX_NODES, Rejected
from riskcheck.documents.surrogates import paired

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def native(text: str) -> Callable[[], Any]:
    """Events of the C parser, one a call, then None."""
    from riskcheck.documents._libyaml import CParser

    return _checked(_within(CParser(text).get_event, text), text)


def pure(text: str) -> Callable[[], Any]:
    """Events of ruamel's parser in Python: YAML 1.2, 30 times slower."""
    from ruamel.yaml import YAML

    events = YAML(typ="safe", pure=True).parse(text)

    def following() -> Any:
        event: Any = next(events, None)
        if getattr(event, "value", None):
            event.value = paired(event.value)
        return event

    return _checked(following, text)


def rejection(broken: Any, text: str) -> Rejected:
    """What the C parser said, placed."""
    reason = getattr(broken, "problem", None) or getattr(broken, "reason", None) or "not YAML"
    mark = getattr(broken, "problem_mark", None) or getattr(broken, "context_mark", None)
    if mark is not None:
        context = getattr(broken, "context", None)
        if _has_odd_breaks(text):
            mark = _Recount(text)(mark)
        last = text.count("\n")
        # The C parser counts a line more where the text ends in the middle of one.
        line, column = (
            (mark.line, mark.column) if mark.line <= last else (last, len(text) - text.rfind("\n") - 1)
        )
        return Rejected(line, column, f"{reason} ({context})" if context else str(reason))
    before = text.encode()[: getattr(broken, "position", None) or 0].decode(errors="ignore")
    return Rejected(before.count("\n"), len(before) - before.rfind("\n") - 1, str(reason))


def _within(next_event: Callable[[], Any], text: str) -> Callable[[], Any]:
    """The events of `text`, none of which ends below its last line: where a key without a value (``? a``) ends a
    text that has no last line break, the C parser counts a line more."""
    if text.endswith("\n") or "?" not in text[text.rfind("\n") + 1 :]:
        return next_event
    last = text.count("\n")
    end = _Mark(last, len(text) - text.rfind("\n") - 1, len(text))

    def following() -> Any:
        event = next_event()
        if event is not None and event.end_mark.line > last:
            event.end_mark = end
            if event.start_mark.line > last:
                event.start_mark = end
        return event

    return following


def _checked(next_event: Callable[[], Any], text: str) -> Callable[[], Any]:
    if _has_odd_breaks(text):
        next_event = _recounted(next_event, text)
    # Shorter text cannot hold as many nodes.
    return _counted(next_event) if len(text) > MAX_NODES else next_event


def _has_odd_breaks(text: str) -> bool:
    """Line breaks to YAML 1.1 that are none to git and to editors."""
    if "\r" in text and text.count("\r") != text.count("\r\n"):
        return True
    return not text.isascii() and ("\x85" in text or "\u2028" in text or "\u2029" in text)


def _counted(next_event: Callable[[], Any]) -> Callable[[], Any]:
    """Refuses to go on beyond `MAX_NODES`; shorter text cannot hold as many."""
    left = iter(range(MAX_NODES))

    def following() -> Any:
        event = next_event()
        if event is not None and next(left, None) is None:
            mark = event.start_mark
            raise Rejected(mark.line, mark.column, f"more than {MAX_NODES:,} keys and values in one document")
        return event

    return following


class _Mark:
    __slots__ = ("column", "index", "line")

    def __init__(self, line: int, column: int, index: int) -> None:
        self.line = line
        self.column = column
        self.index = index


class _Recount:
    """Marks with lines as git and editors count them."""

    def __init__(self, text: str) -> None:
        self._breaks = [match.start() for match in re.finditer("\n", text)]

    def __call__(self, mark: Any) -> _Mark:
        line = bisect_left(self._breaks, mark.index)
        return _Mark(line, mark.index - (self._breaks[line - 1] + 1 if line else 0), mark.index)


def _recounted(next_event: Callable[[], Any], text: str) -> Callable[[], Any]:
    recount = _Recount(text)

    def following() -> Any:
        event = next_event()
        if event is not None:
            event.start_mark = recount(event.start_mark)
            event.end_mark = recount(event.end_mark)
        return event

    return following
