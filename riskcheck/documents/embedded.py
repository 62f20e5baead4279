"""Documents inside a scalar: the text of an entry of a ConfigMap, each value at its own line of the outer file."""

from __future__ import annotations

from riskcheck.documents.errors import Rejected
from riskcheck.nodes import Mapping, Node, Scalar
from riskcheck.records import NamedTuple


class _Place(NamedTuple):
    """Where the text begins. line: of its first line, relative to the source; indent: of every line of it."""

    line: int
    indent: int


def properties_within(outer: Scalar) -> Mapping | None:
    """The properties that the text of `outer` states; None where it cannot be read as such.

    Text whose lines are not the lines of the file (quoted, folded) is placed at `outer` as a whole.
    """
    from riskcheck.documents.properties import parse

    try:
        inner, _ = parse(outer.raw, outer.source, trimmed=True)
    except Rejected:
        return None
    place = _placed(outer)
    entries: list[tuple[Scalar, Node]] = [
        (_moved(key, outer, place), _moved(value, outer, place))
        for key, value in inner.entries
        if isinstance(value, Scalar)
    ]
    return Mapping(entries, outer.source, outer.line, outer.column, outer.end_line, outer.end_column)


def _placed(outer: Scalar) -> _Place | None:
    lines = outer.raw.rstrip().split("\n")
    height = outer.end_line - outer.line
    if outer.style == "block" and height == len(lines):
        return _Place(outer.line + 1, max(outer.end_column - len(lines[-1]), 0))
    if outer.style == "native" and height and height == outer.raw.count("\n") - 1:
        return _Place(outer.line, 0)
    return None


def _moved(inner: Scalar, outer: Scalar, place: _Place | None) -> Scalar:
    if place is None:
        span = (outer.line, outer.column, outer.end_line, outer.end_column)
    else:
        span = (
            place.line + inner.line,
            place.indent + inner.column,
            place.line + inner.end_line,
            place.indent + inner.end_column,
        )
    return Scalar(inner.raw, outer.source, *span, inner.style, None, inner.native, outer.via)
