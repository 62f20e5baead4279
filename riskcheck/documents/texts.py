"""Scalars as text, absent and null alike: how objects are read whose fields may be left out."""

from __future__ import annotations

from typing import Final

from riskcheck.nodes import Mapping, Node, Scalar

TRUE: Final = frozenset(
    {"true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "enabled", "1"}
)

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})


def text(node: Node | None) -> str | None:
    """The text of a scalar; None where it is absent, null, a mapping or a list."""
    if not isinstance(node, Scalar):
        return None
    if node.style == "plain" and node.raw in _NULLS and node.tag is None:
        return None
    return None if node.style == "native" and node.native is None else node.raw


def text_at(node: Node | None, *path: str) -> str | None:
    """The text below mapping keys `path`, or None."""
    return text(node.at(*path)) if isinstance(node, Mapping) else None
