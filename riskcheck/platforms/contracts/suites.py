"""Suites of Great Expectations (JSON) and checks of Soda (YAML).

https://docs.greatexpectations.io/docs/reference/api/core/ExpectationSuite_class , https://docs.soda.io/soda-cl/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.contracts.promises import COUNTED
from riskcheck.platforms.contracts.spans import span_seconds
from riskcheck.tables.checkwords import check_of, plain_text
from riskcheck.tables.quality import expectation, named_once, numbers
from riskcheck.tables.read import first_text, items_of, text_of
from riskcheck.tables.shape import name_node, placed, sequence, table

if TYPE_CHECKING:
    from collections.abc import Iterator

_SODA: Final = "checks for "
_WARNS: Final = frozenset({"warning", "info"})
_METRIC: Final = (
    r"\s*+(?P<metric>\w++(?: ++(?!between\b)\w++)*+)\s*+(?:\((?P<column>[^()]*+)\)\s*+)?"
    r"(?:(?P<sign>[<>]=?|=|!=)\s*+(?P<number>-?[\d.]++)\s*+(?P<unit>%|[a-z]++)?|(?P<between>between\b.*))?\s*+\Z"
)
_BETWEEN: Final = r"between\s+\(?(-?\d{1,15}(?:\.\d{1,15})?)%?\s+and\s+(-?\d{1,15}(?:\.\d{1,15})?)%?\)?\s*\Z"
_WHEN: Final = r"when\s++(?P<sign>[<>]=?|=|!=)\s*+(?P<number>-?[\d.]++)\s*+(?P<unit>%|[a-z]++)?\s*+\Z"
_CHECKS: Final = {
    "missing_count": "not_null",
    "missing_percent": "not_null",
    "duplicate_count": "unique",
    "duplicate_percent": "unique",
    "invalid_count": "accepted_values",
    "invalid_percent": "accepted_values",
}
_JUST: Final = 1e-9
_MOST_TEXT: Final = 500
"""Characters of a check that is taken apart."""
_OPPOSITE: Final = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "!=": "="}


def is_suite(root: Mapping) -> bool:
    """Told by its list, each item of which names an expectation and its arguments."""
    items = list(items_of(root, "expectations"))
    named = bool(text_of(root, "expectation_suite_name") or text_of(root, "name"))
    return (
        named
        and bool(items or "meta" in root.index)
        and all(isinstance(one.get("kwargs"), Mapping) and _type(one).startswith("expect_") for one in items)
        and isinstance(root.get("expectations"), Sequence)
    )


def of_suite(root: Mapping) -> Iterator[Mapping]:
    """The suite as a table of its name, which need not be that of a table."""
    name = first_text(root, "expectation_suite_name", "name")
    assert name is not None
    items = []
    for one in items_of(root, "expectations"):
        kwargs, severity = one.get("kwargs"), one.get("severity")
        told = severity.raw.lower() if isinstance(severity, Scalar) else ""
        row = kwargs.get("row_condition") if isinstance(kwargs, Mapping) else None
        arguments = kwargs if isinstance(kwargs, Mapping) else None
        if arguments is not None and row is not None:
            silent = ("row_condition", "condition_parser")
            arguments = arguments.with_entries(
                [pair for pair in arguments.entries if pair[0].raw not in silent]
            )
        items.append(
            check_of(
                one,
                _type(one),
                arguments,
                on_violation=placed("warn" if told in _WARNS else "fail", severity or one),
                where=row if isinstance(row, Scalar) else None,
            )
        )
    yield table(root, name=name_node(name.raw, name), constraints=sequence(root, named_once(items)))


def _type(item: Mapping) -> str:
    return text_of(item, "expectation_type") or text_of(item, "type")


def is_soda(root: Mapping) -> bool:
    return any(key.raw.startswith(_SODA) and isinstance(node, Sequence) for key, node in root.entries)


def of_soda(root: Mapping) -> Iterator[Mapping]:
    """Each table that has checks; of parts of it (``checks for orders [daily]``) each on its own."""
    for key, node in root.entries:
        if key.raw.startswith(_SODA) and isinstance(node, Sequence):
            checks = [found for item in node.items if (found := _soda(item)) is not None]
            name = key.raw.removeprefix(_SODA).strip()
            yield table(key, name=name_node(name, key), constraints=sequence(key, named_once(checks)))


def _soda(item: Node) -> Mapping | None:
    if isinstance(item, Scalar):
        return _check(item, item.raw, None)
    if isinstance(item, Mapping) and item.entries:
        key, settings = item.entries[0]
        return _check(key, key.raw, settings if isinstance(settings, Mapping) else None)
    return None


def _check(at: Scalar, text: str, settings: Mapping | None) -> Mapping:
    """One check. What fails and warns at the same time fails; how it warns is left aside."""
    found = re.match(_METRIC, text) if len(text) <= _MOST_TEXT else None
    if found is None:
        said = f"{text} {plain_text(settings)}".strip()
        return expectation(at, name=placed(said, at), check=placed("soda", at), expression=placed(said, at))
    metric, column = found["metric"].strip(), (found["column"] or "").strip().lower()
    least, most = _bounds(found["sign"], found["number"], found["unit"])
    between = re.match(_BETWEEN, found["between"] or "")
    if between is not None:
        least, most = {"min_value": float(between[1])}, {"max_value": float(between[2])}
    does = "fail"
    if settings is not None and found["sign"] is None and between is None:
        does, least, most = _alerts(settings)
    columns = [part.strip() for part in column.split(",")]
    check = _CHECKS.get(metric, "freshness" if metric == "freshness" else metric)
    known = {"name", "filter", "warn", "fail", "valid values", "attributes", "samples limit", "identity"}
    kept = {key.raw: plain_text(node) for key, node in settings.entries} if settings is not None else {}
    more = ", ".join(f"{key}: {value}" for key, value in sorted(kept.items()) if key not in known)
    if check in ("schema", "failed rows"):
        more = plain_text(settings)
    values, where = (
        settings.get(one) if settings is not None else None for one in ("valid values", "filter")
    )
    name = kept.get("name") or f"{column or 'table'}.{metric}{f' {more}' if more else ''}"
    return expectation(
        at,
        name=placed(name, at),
        check=placed(check, at),
        column=placed(columns[0], at) if column and len(columns) == 1 else None,
        on_violation=placed(does, at),
        where=where if isinstance(where, Scalar) else None,
        expression=placed(more or column, at) if more or len(columns) > 1 else None,
        values=values if isinstance(values, Sequence) else None,
        at_least=numbers(at, least) if check not in COUNTED else None,
        at_most=numbers(at, most),
    )


def _alerts(settings: Mapping) -> tuple[str, dict[str, float], dict[str, float]]:
    """``fail: when > 10``: what becomes of it, and the bounds that it is held to."""
    for key, does in (("fail", "fail"), ("warn", "warn")):
        found = re.match(_WHEN, text_of(settings, key))
        if found is not None:
            least, most = _bounds(_OPPOSITE.get(found["sign"]), found["number"], found["unit"])
            return does, least, most
        if key in settings.index:
            return does, {}, {}
    return "fail", {}, {}


def _bounds(
    sign: str | None, number: str | None, unit: str | None
) -> tuple[dict[str, float], dict[str, float]]:
    """What is at least and at most asked for."""
    try:
        value = float(number or "")
    except ValueError:
        return {}, {}
    name = "value" if not unit or unit == "%" else "age"
    if name == "age":
        seconds = span_seconds(f"{number}{unit}")
        if seconds is None:
            return {}, {}
        value = seconds
    low, high = ("age", "age") if name == "age" else ("min_value", "max_value")
    if sign == "=":
        return {low: value}, {high: value}
    if sign in (">", ">="):
        return {low: value + (_JUST if sign == ">" else 0)}, {}
    if sign in ("<", "<="):
        return {}, {high: value - (_JUST if sign == "<" else 0)}
    return {}, {}
