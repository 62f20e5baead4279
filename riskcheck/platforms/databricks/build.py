"""Small constructors of nodes: the resolver's vocabulary. Nothing here changes a node that exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.documents.scalars import scalar_value
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, arrived, made

if TYPE_CHECKING:
    from collections.abc import Iterable

Entry = tuple[Scalar, Node]


def entry(key: str, value: Node, near: Node | None = None) -> Entry:
    """An entry whose key no file states, placed at `near` or at its value."""
    return made(key, near if near is not None else value), value


def mapping(entries: Iterable[Entry], near: Node, via: tuple[Node, ...] = ()) -> Mapping:
    """A mapping that no file states, placed at `near`."""
    new = Mapping(
        list(entries), near.source, near.line, near.column, near.end_line, near.end_column, None, via
    )
    new.synthetic = True
    return new


def sequence(items: Iterable[Node], near: Node) -> Sequence:
    """A list that no file states, placed at `near`."""
    new = Sequence(list(items), near.source, near.line, near.column, near.end_line, near.end_column)
    new.synthetic = True
    return new


def through(node: Node, *via: Node) -> Node:
    """`node` as it arrives through `via` (outermost first): same value, same place."""
    return arrived(node, (*via, *node.via))


def stated(value: str | int | float | bool | None, near: Node, *via: Node) -> Scalar:
    """A value that `near` states in other words: an interpolated text, a quoted number. No default."""
    scalar = made(value, near, via)
    scalar.synthetic = False
    return scalar


def put(target: Mapping, key: str, value: Node, near: Node | None = None) -> Mapping:
    """`target` with `key` set to `value`; the key keeps its place where it had one."""
    if target.get(key) is None:
        return target.with_entries([*target.entries, entry(key, value, near)])
    return target.with_entries([(name, value if name.raw == key else node) for name, node in target.entries])


def without(target: Mapping, *keys: str) -> Mapping:
    """`target` without `keys`; itself where it has none of them."""
    if not any(key in target.index for key in keys):
        return target
    return target.with_entries([(name, node) for name, node in target.entries if name.raw not in keys])


_NULL_WORDS = frozenset(("", "~", "null", "Null", "NULL"))


def is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.raw in _NULL_WORDS and scalar_value(node, "databricks") is None


def text_of(node: Node | None) -> str:
    """The text of a scalar; empty for null, for nothing and for what is no scalar."""
    if not isinstance(node, Scalar):
        return ""
    return "" if is_null(node) else node.raw


def truth(node: Node | None) -> bool | None:
    """A yes/no field as the loader reads it; None where it is absent or something else.

    https://github.com/databricks/cli/blob/7bbe285213/libs/dyn/convert/normalize.go (normalizeBool)
    """
    if not isinstance(node, Scalar):
        return None
    value = scalar_value(node, "databricks")
    return value if isinstance(value, bool) else _WORDS.get(value) if isinstance(value, str) else None


_WORDS: dict[str, bool] = {
    **dict.fromkeys(("true", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("false", "n", "N", "no", "No", "NO", "off", "Off", "OFF"), False),
}
