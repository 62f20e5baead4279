"""Values inside a text: of a ConfigMap, of ``spec.source.helm.values``. Each keeps its line of the outer file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.documents.errors import Rejected
from riskcheck.documents.yaml import parse
from riskcheck.nodes import Mapping, Node, Scalar, Source

if TYPE_CHECKING:
    from riskcheck.platforms.kubernetes.helm.files import Files


def mapping_within(outer: Scalar, files: Files) -> Mapping | None:
    """The values that the text of `outer` states; None where it states none. Why it cannot be read is noted."""
    path = outer.source.path
    if files.exists(path) and files.workspace.documents.get(path).text == outer.raw:
        return files.mapping(path)
    if not outer.raw.strip():
        return None
    try:
        root, _ = parse(*_placed(outer))
    except Rejected as rejected:
        template = "{{" in outer.raw or "${" in outer.raw
        kind = "unresolved-template" if template else "parse-error"
        files.say(path, kind, f"values inside a text cannot be read: {rejected.reason}", outer)
        return None
    return root if isinstance(root, Mapping) else None


def _placed(outer: Scalar) -> tuple[str, Source]:
    """The text, with its indentation where it stands as a block, and the source that puts its lines where they are
    in the file. Of text whose lines are not those of the file (quoted, folded), the lines are near."""
    height = outer.end_line - outer.line
    lines = outer.raw.rstrip().split("\n")
    first = outer.file_line
    text = outer.raw
    if outer.style == "block" and height >= len(lines):
        first += 1
        if height == len(lines):
            indent = " " * max(outer.end_column - len(lines[-1]), 0)
            text = "\n".join(indent + line if line.strip() else line for line in lines)
    return text, Source(outer.source.path, outer.source.side, first)


def stated_in(node: Node | None, files: Files) -> Mapping | None:
    """A mapping of values, given as such or as text."""
    if isinstance(node, Mapping):
        return node
    return mapping_within(node, files) if isinstance(node, Scalar) else None
