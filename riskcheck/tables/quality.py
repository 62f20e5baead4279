"""What is promised of the data in a table: items of ``constraints`` of type EXPECTATION, whatever source says them.

::

    - name:         amount.in_range
      type:         EXPECTATION
      check:        in_range          # what is looked at; one word for the same thing in every source, see `CHECKS`
      column:       amount            # in lower case; absent: the table as a whole
      on_violation: fail              # the run ends; drop: the row does; warn: neither. Absent: not told
      enabled:      false             # absent: it runs
      where:        text              # only these rows are looked at
      expression:   text              # what must hold, where `check` does not say all of it
      values:       [open, closed]    # all that are accepted
      at_least:     {min_value: 0}    # numbers of which a lower one asks for less; times in seconds
      at_most:      {max_value: 100}  # numbers of which a higher one asks for less

Names of numbers: ``min_value`` and ``max_value`` of a value or measure, ``mostly`` the fraction of rows that must
hold (1 unless told), ``failures`` and ``warned`` the rows that may fail before that counts (0 unless told), ``age``
and ``period`` of what is delivered and kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.records import NamedTuple
from riskcheck.tables.read import items_of, text_of
from riskcheck.tables.shape import mapping, placed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Mapping as MappingOf

EXPECTATION: Final = "EXPECTATION"

CHECKS: Final = {
    "not_null": "holds no nulls",
    "unique": "holds no duplicates",
    "accepted_values": "holds accepted values only",
    "in_range": "is in range",
    "row_count": "has the rows it should",
    "relationships": "points to rows that exist",
    "freshness": "is fresh",
}
"""Checks that several sources know, and what they assure of a column or table."""

MOST_NAME: Final = 60
"""Characters of a name that is shown."""

FIELDS: Final = (
    "name",
    "type",
    "check",
    "column",
    "on_violation",
    "enabled",
    "where",
    "expression",
    "values",
    "at_least",
    "at_most",
)


class Expectation(NamedTuple):
    """One of them, read. on_violation: ``""`` where it is not told. values: None where any will do."""

    name: str
    check: str
    column: str
    on_violation: str
    enabled: bool
    where: str
    expression: str
    values: frozenset[str] | None
    at_least: MappingOf[str, float]
    at_most: MappingOf[str, float]
    node: Mapping

    @property
    def label(self) -> str:
        """``not_null of amount``, ``positive``."""
        if self.check and self.column:
            return f"{self.check} of {self.column}"
        if self.check in CHECKS or len(self.name) > MOST_NAME:
            return self.check or f"{self.name[:MOST_NAME]}…"
        return self.name or self.check


def expectation(at: Node, **fields: Node | None) -> Mapping:
    """One item, placed at `at`. fields: as of `FIELDS`, without ``type``; raises ValueError for another."""
    unknown = fields.keys() - set(FIELDS)
    if unknown:
        raise ValueError(f"no field of an expectation: {', '.join(sorted(unknown))}")
    fields["type"] = placed(EXPECTATION, at)
    return mapping(at, ((name, fields.get(name)) for name in FIELDS))


def numbers(at: Node, values: MappingOf[str, float]) -> Mapping | None:
    """``at_least`` or ``at_most``, placed at `at`; None where there are none."""
    return (
        mapping(at, ((key, placed(f"{value:.12g}", at)) for key, value in values.items())) if values else None
    )


def named_once(items: Iterable[Mapping]) -> Iterator[Mapping]:
    """`items`, names that occur again with a number behind them: a natural key is one item's alone."""
    seen: dict[str, int] = {}
    for item in items:
        name = text_of(item, "name")
        count = seen[name] = seen.get(name, 0) + 1
        if count == 1:
            yield item
            continue
        entries = [
            (key, placed(f"{name}#{count}", node) if key.raw == "name" else node)
            for key, node in item.entries
        ]
        yield item.with_entries(entries)


def expectations_of(body: Mapping | None) -> Iterator[Expectation]:
    """All of a table, in order."""
    for item in items_of(body, "constraints"):
        if text_of(item, "type") == EXPECTATION:
            yield Expectation(
                name=text_of(item, "name"),
                check=text_of(item, "check"),
                column=text_of(item, "column"),
                on_violation=text_of(item, "on_violation"),
                enabled=text_of(item, "enabled") != "false",
                where=" ".join(text_of(item, "where").split()),
                expression=" ".join(text_of(item, "expression").split()),
                values=_values(item.get("values")),
                at_least=_numbers(item.get("at_least")),
                at_most=_numbers(item.get("at_most")),
                node=item,
            )


def number_of(node: Node | None) -> float | None:
    """A scalar as a number; None where it is none, infinite ones included."""
    text = node.raw.strip().replace("_", "") if isinstance(node, Scalar) else ""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None


def _values(node: Node | None) -> frozenset[str] | None:
    if not isinstance(node, Sequence):
        return None
    return frozenset(item.raw for item in node.items if isinstance(item, Scalar))


def _numbers(node: Node | None) -> dict[str, float]:
    if not isinstance(node, Mapping):
        return {}
    told = {key.raw: number_of(value) for key, value in node.entries}
    return {key: value for key, value in told.items() if value is not None}
