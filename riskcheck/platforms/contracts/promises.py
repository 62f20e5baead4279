"""Quality rules and options of fields: what both formats of data contracts have alike.

https://bitol-io.github.io/open-data-contract-standard/latest/data-quality/ ,
https://github.com/datacontract/datacontract-specification#quality-object
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.tables.checkwords import plain_text
from riskcheck.tables.quality import expectation, number_of, numbers
from riskcheck.tables.read import items_of, text_of
from riskcheck.tables.shape import placed

if TYPE_CHECKING:
    from collections.abc import Iterator

_JUST: Final = 1e-9
"""What lies between a bound that is included and one that is not."""

_AT_LEAST: Final = {
    "mustBe": 0.0,
    "mustBeGreaterThanOrEqualTo": 0.0,
    "mustBeGreaterOrEqualTo": 0.0,
    "mustBeGreaterThan": _JUST,
}
_AT_MOST: Final = {
    "mustBe": 0.0,
    "mustBeLessThanOrEqualTo": 0.0,
    "mustBeLessOrEqualTo": 0.0,
    "mustBeLessThan": -_JUST,
}
_CHECKS: Final = {
    "nullValues": "not_null",
    "nullCheck": "not_null",
    "duplicateValues": "unique",
    "duplicateCount": "unique",
    "invalidValues": "accepted_values",
    "validValues": "accepted_values",
    "rowCount": "row_count",
}
COUNTED: Final = frozenset({"not_null", "unique", "accepted_values"})
"""Checks whose measure is the number of rows that fail: there are never less than none."""

_FAILS: Final = frozenset({"error", "critical", "fail"})
_WARNS: Final = frozenset({"warning", "warn", "info"})
_BOUNDS: Final = {
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
}


def quality_of(holder: Mapping, column: Scalar | None) -> Iterator[Mapping]:
    """The rules under ``quality`` of a table or column. What only describes in words promises nothing that could be
    measured."""
    for item in items_of(holder, "quality"):
        if text_of(item, "type") != "text" and not _is_empty(item):
            yield _rule(item, column)


def _is_empty(item: Mapping) -> bool:
    return not any(item.get(key) for key in ("metric", "rule", "query", "implementation", "template", "type"))


def _rule(item: Mapping, column: Scalar | None) -> Mapping:
    metric = text_of(item, "metric") or text_of(item, "rule")
    check = _CHECKS.get(metric, metric) or text_of(item, "engine") or text_of(item, "type") or "quality"
    said = item.get("query") or item.get("implementation") or item.get("template")
    arguments = item.get("arguments")
    accepted = item.get("validValues")
    if isinstance(arguments, Mapping):
        accepted = arguments.get("validValues") or accepted
    text = plain_text(said) if said is not None else ("" if accepted is not None else plain_text(arguments))
    place = f"{column.raw.lower()}." if column is not None else ""
    name = text_of(item, "id") or text_of(item, "name") or f"{place}{check}{f' {text}' if text else ''}"
    unit = "percent" if text_of(item, "unit") in ("percent", "%") else ""
    return expectation(
        item,
        name=placed(name, item),
        check=placed(check, item),
        column=placed(column.raw.lower(), column) if column is not None else None,
        on_violation=_on_violation(item),
        expression=placed(text, item) if text else None,
        values=accepted if isinstance(accepted, Sequence) else None,
        at_least=numbers(item, _bounds(item, _AT_LEAST, 0, unit or "min_value"))
        if check not in COUNTED
        else None,
        at_most=numbers(item, _bounds(item, _AT_MOST, 1, unit or "max_value")),
    )


def _on_violation(item: Mapping) -> Scalar | None:
    """A contract says how bad it is; whether anything runs it, its reader decides."""
    node = item.get("severity")
    told = node.raw.lower() if isinstance(node, Scalar) else ""
    does = "fail" if told in _FAILS else "warn" if told in _WARNS else ""
    return placed(does, node) if does and node is not None else None


def _bounds(item: Mapping, words: dict[str, float], side: int, key: str) -> dict[str, float]:
    for word, step in words.items():
        value = number_of(item.get(word))
        if value is not None:
            return {key: value + step}
    between = item.get("mustBeBetween")
    if isinstance(between, Sequence) and len(between.items) == 2:
        value = number_of(between.items[side])
        if value is not None:
            return {key: value}
    return {}


def options_of(options: Node | None, column: Scalar) -> Iterator[Mapping]:
    """What the values of a column are held to: lengths, bounds, patterns, enumerations."""
    if not isinstance(options, Mapping):
        return
    place = column.raw.lower()
    for key, node in options.entries:
        value = number_of(node)
        if key.raw in _BOUNDS and value is not None:
            low = key.raw.startswith("min")
            yield expectation(
                node,
                name=placed(f"{place}.{key.raw}", node),
                check=placed(key.raw, node),
                column=placed(place, column),
                at_least=numbers(node, {"min_value": value}) if low else None,
                at_most=None if low else numbers(node, {"max_value": value}),
            )
        elif key.raw == "pattern" and isinstance(node, Scalar):
            yield _plain(node, f"{place}.pattern", "pattern", column, expression=node)
        elif key.raw == "enum" and isinstance(node, Sequence):
            yield _plain(node, f"{place}.accepted_values", "accepted_values", column, values=node)


def flag_of(holder: Mapping, key: str, column: Scalar, check: str) -> Iterator[Mapping]:
    """An expectation where `key` is true."""
    node = holder.get(key)
    if isinstance(node, Scalar) and node.raw.lower() == "true":
        yield _plain(node, f"{column.raw.lower()}.{check}", check, column)


def _plain(node: Node, name: str, check: str, column: Scalar, **fields: Node | None) -> Mapping:
    return expectation(
        node,
        name=placed(name, node),
        check=placed(check, node),
        column=placed(column.raw.lower(), column),
        **fields,
    )


def is_true(holder: Mapping, key: str) -> Scalar | None:
    """The scalar of `key` where it says true."""
    node = holder.get(key)
    return node if isinstance(node, Scalar) and node.raw.lower() == "true" else None
