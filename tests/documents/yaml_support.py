"""Short ways to read one YAML text."""

from __future__ import annotations

from riskcheck.documents.errors import Rejected
from riskcheck.documents.scalars import plain_value
from riskcheck.documents.yaml import parse
from riskcheck.documents.yaml_tree import MergeOrder, Parsed
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, Source, Value

SOURCE = Source("a.yaml", "head")


def parsed(text: str, merge: MergeOrder = "yaml") -> Parsed:
    return parse(text, SOURCE, merge)


def mapping(text: str, merge: MergeOrder = "yaml") -> Mapping:
    root = parse(text, SOURCE, merge).root
    assert isinstance(root, Mapping)
    return root


def value(text: str, merge: MergeOrder = "yaml") -> Value:
    root = parse(text, SOURCE, merge).root
    assert root is not None
    return plain_value(root, "yaml-1.2")


def problem(text: str, merge: MergeOrder = "yaml") -> tuple[int, int, str]:
    """Line and column (0-based) and reason of the rejection of `text`."""
    try:
        parse(text, SOURCE, merge)
    except Rejected as rejected:
        return rejected.line, rejected.column, rejected.reason
    raise AssertionError("the text was accepted")


def places(node: Node) -> dict[str, tuple[int, int, int, int]]:
    """Raw text of every scalar to its place."""
    found: dict[str, tuple[int, int, int, int]] = {}
    if isinstance(node, Scalar):
        found[node.raw] = (node.line, node.column, node.end_line, node.end_column)
    elif isinstance(node, Mapping):
        for key, child in node.entries:
            found |= places(key) | places(child)
    elif isinstance(node, Sequence):
        for child in node.items:
            found |= places(child)
    return found
