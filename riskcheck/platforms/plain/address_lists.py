"""Allow-lists: files that by their name say who is let in or kept out, and hold addresses alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.network.allowlists import entries_of, is_address, purpose_of
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, Source, made
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from riskcheck.documents.store import Document

_MOST_LINES: Final = 100_000
_FIRST: Final = regex(r"[ \t]*+([^\s,;#]++)(?:[,;#\s].*)?")


def is_address_list(document: Document) -> bool:
    """Whether a file is one list of addresses that its name tells the purpose of."""
    if purpose_of(document.path.rpartition("/")[2].partition(".")[0]) is None:
        return False
    if document.format is None:
        return lines_of(document) is not None
    return bool(entries_of(document.root))


def lines_of(document: Document) -> Mapping | None:
    """A text with one address a line, each with a remark behind it or none, as a list under ``items``; None where
    something else is among the lines."""
    if document.unreadable is not None:
        return None
    source = Source(document.path, document.side)
    items: list[Node] = []
    for number, line in enumerate(document.text.splitlines()[:_MOST_LINES]):
        if not line.strip() or line.lstrip()[0] in "#;":
            continue
        first = _FIRST.fullmatch(line)
        if first is None or not is_address(first[1]):
            return None
        items.append(Scalar(first[1], source, number, first.start(1), number, first.end(1), "quoted"))
    if not items:
        return None
    listed = Sequence(items, source, 0, 0, 0, 0)
    mapping = Mapping([(made("items", listed), listed)], source, 0, 0, 0, 0)
    mapping.synthetic = True
    return mapping
