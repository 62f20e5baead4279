"""The nodes of a text that was parsed before, as those of another place: half of the documents of a repository that
keeps a copy per environment are the same as some other, and copying takes a third of parsing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.nodes import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from riskcheck.nodes import Node, Source


def copied(node: Node, source: Source) -> Node:
    """`node`, just parsed from text without anchors, as it stands in `source`."""
    place = (source, node.line, node.column, node.end_line, node.end_column)
    if isinstance(node, Scalar):
        return Scalar(node.raw, *place, node.style, node.tag, node.native)
    if isinstance(node, Mapping):
        entries = []
        for key, child in node.entries:
            name = Scalar(
                key.raw,
                source,
                key.line,
                key.column,
                key.end_line,
                key.end_column,
                key.style,
                key.tag,
                key.native,
            )
            entries.append((name, copied(child, source)))
        return Mapping(entries, *place, node.tag)
    assert isinstance(node, Sequence)
    return Sequence([copied(item, source) for item in node.items], *place, node.tag)
