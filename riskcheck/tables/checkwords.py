"""One word for the same check in every source: dbt's own tests, dbt_utils, dbt_expectations, Great Expectations.

https://docs.getdbt.com/reference/resource-properties/data-tests , https://github.com/dbt-labs/dbt-utils ,
https://github.com/metaplane/dbt-expectations , https://greatexpectations.io/expectations
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.tables.quality import expectation, number_of, numbers
from riskcheck.tables.shape import name_node, placed

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingOf

_WORDS: Final = {
    "not_null": "not_null",
    "not_null_proportion": "not_null",
    "expect_column_values_to_not_be_null": "not_null",
    "unique": "unique",
    "expect_column_values_to_be_unique": "unique",
    "accepted_values": "accepted_values",
    "expect_column_values_to_be_in_set": "accepted_values",
    "relationships": "relationships",
    "accepted_range": "in_range",
    "expect_column_values_to_be_between": "in_range",
    "expect_table_row_count_to_be_between": "row_count",
    "recency": "freshness",
}
_COLUMNS: Final = ("column", "column_name")
_VALUES: Final = ("values", "value_set")
_AT_LEAST: Final = ("min_value", "mostly", "at_least")
_AT_MOST: Final = ("max_value", "at_most")
_COMBINED: Final = ("combination_of_columns", "column_list")
_SILENT: Final = frozenset({"quote_columns", "quote_values", "quote", "name", "description", "batch_id"})
_MOST_TEXT: Final = 2_000


def check_of(
    at: Node,
    test: str,
    arguments: Mapping | None,
    column: Scalar | None = None,
    name: str = "",
    limits: MappingOf[str, float] | None = None,
    **stated: Node | None,
) -> Mapping:
    """One expectation of `riskcheck.tables.quality`, placed at `at`.

    test: as its source calls it (``dbt_utils.accepted_range``). arguments: as it is given. column: around it, where
    it stands in one. name: of its own. limits: further numbers of ``at_most``. stated: ``on_violation``,
    ``enabled`` and ``where``.
    """
    word = test.rpartition(".")[2].lower()
    check = _WORDS.get(word, word)
    column = column or next(filter(None, (_scalar(arguments, key) for key in _COLUMNS)), None)
    combined = next(filter(None, (_listed(arguments, key) for key in _COMBINED)), None)
    if combined is not None and len(combined.items) == 1 and word.startswith("unique"):
        check, column, combined = "unique", _first(combined), None
    values = next(filter(None, (_listed(arguments, key) for key in _VALUES)), None)
    rest = _rest(arguments, () if combined is not None else _COMBINED)
    place = f"{column.raw}.".lower() if column is not None else ""
    return expectation(
        at,
        name=placed(name or f"{place}{check}{f' {rest}' if rest else ''}", at),
        check=placed(check, at),
        column=name_node(column.raw, column) if column is not None else None,
        expression=placed(rest, at) if rest else None,
        values=values,
        at_least=numbers(at, _numbers(arguments, _AT_LEAST)),
        at_most=numbers(at, {**_numbers(arguments, _AT_MOST), **(limits or {})}),
        **stated,
    )


def plain_text(node: Node | None) -> str:
    """A value on one line, the same however it is laid out: ``{a: 1, b: [x, y]}``."""
    if isinstance(node, Scalar):
        return " ".join(node.raw.split())[:_MOST_TEXT]
    if isinstance(node, Sequence):
        return f"[{', '.join(plain_text(item) for item in node.items)}]"[:_MOST_TEXT]
    if isinstance(node, Mapping):
        pairs = sorted((key.raw, plain_text(value)) for key, value in node.entries)
        return f"{{{', '.join(f'{key}: {value}' for key, value in pairs)}}}"[:_MOST_TEXT]
    return ""


def _rest(arguments: Mapping | None, silent: tuple[str, ...]) -> str:
    """The arguments that no field of an expectation holds."""
    known = {*_COLUMNS, *_VALUES, *_AT_LEAST, *_AT_MOST, *_SILENT, *silent}
    found = []
    for key, node in arguments.entries if arguments is not None else ():
        is_number = key.raw not in (*_AT_LEAST, *_AT_MOST) or number_of(node) is not None
        is_list = key.raw not in _VALUES or isinstance(node, Sequence)
        if key.raw in known and is_number and is_list:
            continue
        text = plain_text(node)
        if text and text not in ("null", "~"):
            found.append((key.raw, text))
    return found[0][1] if len(found) == 1 else ", ".join(f"{key}: {value}" for key, value in sorted(found))


def _numbers(arguments: Mapping | None, keys: tuple[str, ...]) -> dict[str, float]:
    found: dict[str, float] = {}
    for key in keys:
        value = number_of(arguments.get(key)) if arguments is not None else None
        if value is not None:
            found["mostly" if key == "at_least" else key] = value
    return found


def _scalar(arguments: Mapping | None, key: str) -> Scalar | None:
    node = arguments.get(key) if arguments is not None else None
    return node if isinstance(node, Scalar) and node.raw else None


def _listed(arguments: Mapping | None, key: str) -> Sequence | None:
    node = arguments.get(key) if arguments is not None else None
    return node if isinstance(node, Sequence) else None


def _first(listed: Sequence) -> Scalar | None:
    return listed.items[0] if isinstance(listed.items[0], Scalar) else None
