"""YAML text into positioned nodes, from the events of ruamel's C parser.

Scalars keep their source text: what ``yes`` or ``0644`` means is decided later, by who reads it
(`riskcheck.documents.scalars`). Tags are kept as text and construct nothing.

The C parser bundles libyaml 0.1.7, which rejects some valid text (``[http://x]``, surrogate
pairs). What it rejects is read again by ruamel's pure parser before it is called broken.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.documents.errors import Rejected
from riskcheck.documents.yaml_tree import MergeOrder, Parsed, build
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from riskcheck.nodes import Source

_FIRST: Final = regex(r"---(?=[ \t\r\n]|\Z)")
_SEPARATOR: Final = regex(r"\n---(?=[ \t\r\n]|\Z)")
"""Behind a line feed, which is searched for ten times quicker than the beginning of a line."""
_COMMENTS: Final = regex(r"(?:\s++|#[^\n]*+)*+")
_DIRECTIVES: Final = regex(r"(?:\s++|[#%][^\n]*+)*+")
_PURE_LIMIT: Final = 256 * 1024
"""Characters of a document that the pure parser is still asked about."""


class Slice(NamedTuple):
    """One document of a file: ``text[start:end]``, whose first line is `first_line` (1-based)."""

    start: int
    end: int
    first_line: int


def split(text: str) -> list[Slice]:
    """The documents of a file, cut at each ``---`` in column 0, which is legal inside no scalar.

    Directives before a ``---`` belong to the document it opens; comments alone before the first one are no
    document. There is always at least one slice.
    """
    if "\n---" not in text and not text.startswith("---"):
        return [Slice(0, len(text), 1)]
    starts: list[int] = []
    begin = 0
    cuts = [0] if _FIRST.match(text) else []
    cuts += [match.start() + 1 for match in _SEPARATOR.finditer(text)]
    for cut in cuts:
        start = _directives(text, begin, cut)
        if starts or _COMMENTS.fullmatch(text, 0, start) is None:
            starts.append(begin)
        begin = start
    starts.append(begin)
    slices: list[Slice] = []
    line, counted = 1, 0
    for number, start in enumerate(starts):
        line += text.count("\n", counted, start)
        counted = start
        end = starts[number + 1] if number + 1 < len(starts) else len(text)
        slices.append(Slice(start, end, line))
    return slices


def _directives(text: str, begin: int, cut: int) -> int:
    """Where the document whose ``---`` is at `cut` begins: at its directives, if it has any."""
    if text.find("%", begin, cut) < 0:
        return cut
    ended = text.rfind("\n...", begin, cut)
    if ended >= 0:
        begin = text.index("\n", ended + 1, cut) + 1
    elif begin:
        return cut
    found = _DIRECTIVES.fullmatch(text, begin, cut)
    return begin if found and re.search(r"^%", found[0], re.MULTILINE) else cut


def parse(text: str, source: Source, merge: MergeOrder = "yaml") -> Parsed:
    """The tree of one document. Raises `Rejected` where it is unsound or beyond the bounds of `errors`."""
    from riskcheck.documents import yaml_events
    from riskcheck.documents._libyaml import YAMLError

    try:
        return build(yaml_events.native(text), text, source, merge)
    except YAMLError as broken:
        problem = yaml_events.rejection(broken, text)
    if len(text) > _PURE_LIMIT or _template_at(text, problem.line):
        raise problem
    try:
        return build(yaml_events.pure(text), text, source, merge)
    except Rejected:
        raise
    except YAMLError as broken:
        further = yaml_events.rejection(broken, text)
        # Then the text is sound where the C parser stopped; in the same line its words are the clearer ones.
        raise (further if further.line > problem.line else problem) from None
    except Exception:  # noqa: BLE001  # it asserts and indexes its way through bad input
        raise problem from None


def _template_at(text: str, line: int) -> bool:
    """A line that stops the C parser at ``{{`` stops every parser, and templates are many."""
    lines = text.split("\n", line + 1)
    return line < len(lines) and ("{{" in lines[line] or "{%" in lines[line])
