"""One very large object that lists others: a rendered template of some megabytes, a few lines of which change.

Its items are told apart by their indentation, and only those are parsed whose text the other side does not have:
what is equal on both sides cannot have changed. Whoever asks about the neighbours of such an object finds those
that changed with it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from riskcheck.documents.errors import Rejected
from riskcheck.documents.yaml import parse
from riskcheck.nodes import Mapping, Sequence, Source
from riskcheck.platforms.kubernetes.manifests import LARGE
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from riskcheck.documents.store import Chunk, Document
    from riskcheck.models import Side
    from riskcheck.nodes import Node

_LIST: Final = regex(r"^(objects|items):[ \t]*\r?\n", re.MULTILINE)
_FIRST: Final = regex(r"(?:[ \t]*(?:#[^\n]*)?\n)*+( *)- ")


class _Listed(NamedTuple):
    """Where the list of a document stands in its text. key: what it is called; opening: where that begins; starts:
    of each item; end: of the last one."""

    key: str
    opening: int
    starts: list[int]
    end: int

    def items(self) -> Iterator[tuple[int, int]]:
        yield from zip(self.starts, (*self.starts[1:], self.end), strict=True)


def items_in(document: Document | None) -> frozenset[str]:
    """The texts of the items of all large documents of a file."""
    found: set[str] = set()
    for chunk in document.chunks if document is not None else ():
        listed = _listed(chunk.text) if len(chunk.text) >= LARGE else None
        if listed is not None:
            found.update(chunk.text[start:end] for start, end in listed.items())
    return frozenset(found)


def sliced(chunk: Chunk, side: Side, elsewhere: Collection[str]) -> Mapping | None:
    """The object in `chunk` with those of its items that are not `elsewhere`; None if it must be parsed whole."""
    text = chunk.text
    listed = _listed(text) if len(text) >= LARGE and elsewhere else None
    if listed is None:
        return None
    changed = [(start, end) for start, end in listed.items() if text[start:end] not in elsewhere]
    try:
        root = _rest(chunk, side, listed)
        holder = root.get(listed.key) if isinstance(root, Mapping) else None
        if not isinstance(root, Mapping) or not isinstance(holder, Sequence):
            return None
        items: list[Node] = []
        line, counted = chunk.first_line, 0
        for start, end in changed:
            line += text.count("\n", counted, start)
            counted = start
            item = parse(text[start:end], Source(chunk.path, side, line)).root
            if not isinstance(item, Sequence):
                return None
            items.extend(item.items)
    except Rejected:
        return None
    whole = holder.with_items(items)
    return root.with_entries([(key, whole if node is holder else node) for key, node in root.entries])


def _rest(chunk: Chunk, side: Side, listed: _Listed) -> Node | None:
    """The document with an empty list where its items are, everything else at its line."""
    text = chunk.text
    breaks = "\n" * text.count("\n", listed.opening, listed.end)
    rest = f"{text[: listed.opening]}{listed.key}: []{breaks}{text[listed.end :]}"
    return parse(rest, Source(chunk.path, side, chunk.first_line)).root


@lru_cache(maxsize=8)
def _listed(text: str) -> _Listed | None:
    """The first list at the top of a document that is written with a dash and a blank before each item. Remembered,
    since each side asks for the items of both."""
    opening = _LIST.search(text)
    first = _FIRST.match(text, opening.end()) if opening is not None else None
    if opening is None or first is None:
        return None
    start = first.start(1)
    ends = [_end(text, start, rf"\n{first[1]}[^\s#-]")]
    if first[1]:
        ends.append(_end(text, start, rf"\n {{0,{len(first[1]) - 1}}}[^\s#]"))
    return _Listed(opening[1], opening.start(), _starts(text, start, min(ends), f"\n{first[1]}- "), min(ends))


def _end(text: str, start: int, outside: str) -> int:
    """Where the first line begins that is no part of the list."""
    found = re.compile(outside).search(text, start)
    return found.start() + 1 if found is not None else len(text)


def _starts(text: str, start: int, end: int, dash: str) -> list[int]:
    found = [start]
    following = text.find(dash, start, end)
    while following >= 0:
        found.append(following + 1)
        following = text.find(dash, following + 1, end)
    return found
