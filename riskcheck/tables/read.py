"""Reading the body of a table, whatever source made it. Wrong shapes read as absent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.durations import UNITS
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.records import NamedTuple
from riskcheck.tables.types import ColumnType, parse_type

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNIT_OF_WORD: Final = {
    "second": UNITS["s"],
    "minute": UNITS["m"],
    "hour": UNITS["h"],
    "day": UNITS["d"],
    "week": UNITS["w"],
}
_MOST_DIGITS: Final = 9


class ColumnView(NamedTuple):
    """One column. type: None where it is absent or cannot be taken apart. node: the column's mapping."""

    name: str
    type: ColumnType | None
    type_text: str
    nullable: bool
    node: Mapping


def columns_of(body: Mapping | None) -> dict[str, ColumnView]:
    """Lower-case name to column, in order."""
    found: dict[str, ColumnView] = {}
    for item in items_of(body, "columns"):
        name = text_of(item, "name")
        if name:
            text = text_of(item, "type")
            nullable = text_of(item, "nullable") != "false"
            found[name.lower()] = ColumnView(name, parse_type(text) if text else None, text, nullable, item)
    return found


def properties_of(body: Mapping | None) -> dict[str, Scalar]:
    """Table property to the scalar of its value."""
    properties = body.get("properties") if body is not None else None
    if not isinstance(properties, Mapping):
        return {}
    return {key.raw: node for key, node in properties.entries if isinstance(node, Scalar)}


def grants_of(body: Mapping | None) -> dict[str, tuple[str, ...]]:
    """Principal to its privileges, upper case with underscores."""
    found: dict[str, tuple[str, ...]] = {}
    for item in items_of(body, "grants"):
        principal = text_of(item, "principal")
        privileges = item.get("privileges")
        if principal and isinstance(privileges, Sequence):
            found[principal] = tuple(
                privilege_of(one.raw) for one in privileges.items if isinstance(one, Scalar) and one.raw
            )
    return found


def privilege_of(text: str) -> str:
    """``USE SCHEMA``, ``use_schema`` and ``ALL PRIVILEGES`` the way bundles write them."""
    return "_".join(text.upper().replace("_", " ").split())


def items_of(body: Mapping | None, field: str) -> Iterator[Mapping]:
    """The mappings in list `field`."""
    listed = body.get(field) if body is not None else None
    if isinstance(listed, Sequence):
        yield from (item for item in listed.items if isinstance(item, Mapping))


def first_text(body: Mapping, *fields: str) -> Scalar | None:
    """The scalar of the first of `fields` that holds text."""
    found = (body.get(field) for field in fields)
    return next((node for node in found if isinstance(node, Scalar) and node.raw), None)


def text_of(body: Node | None, field: str) -> str:
    """The text of scalar `field`, ``""`` where there is none."""
    node = body.get(field) if isinstance(body, Mapping) else None
    return node.raw if isinstance(node, Scalar) else ""


def interval_seconds(text: str) -> int | None:
    """Seconds of a calendar interval as table properties write it (``interval 30 days``, ``7 days``,
    ``INTERVAL '1' WEEK``); None where it is none, or has months, which have no length.

    https://docs.delta.io/table-properties (``CalendarInterval``)
    """
    words = text.lower().replace("'", " ").replace('"', " ").split()
    if words and words[0] == "interval":
        words = words[1:]
    if not words or len(words) % 2:
        return None
    seconds = 0
    for number, unit in zip(words[::2], words[1::2], strict=True):
        size = _UNIT_OF_WORD.get(unit.removesuffix("s"))
        if size is None or not (number.isascii() and number.isdigit()) or len(number) > _MOST_DIGITS:
            return None
        seconds += int(number) * size
    return seconds
