"""Tests of dbt as expectations: what fails the run, what only warns, and from how many rows on.

https://docs.getdbt.com/reference/resource-properties/data-tests ,
https://docs.getdbt.com/reference/resource-configs/severity
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.documents.texts import text
from riskcheck.nodes import Mapping, Node, Scalar
from riskcheck.tables.checkwords import check_of
from riskcheck.tables.read import text_of
from riskcheck.tables.shape import placed

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYS: Final = ("data_tests", "tests")
_SETTINGS: Final = frozenset(
    {
        "severity",
        "where",
        "enabled",
        "error_if",
        "warn_if",
        "limit",
        "store_failures",
        "tags",
        "fail_calc",
        "meta",
    }
)
_ABOUT: Final = frozenset({"name", "test_name", "config", "arguments", "description", *_SETTINGS})
_MORE_THAN: Final = r"\s*(?P<sign>>=?|!=|<>)\s*(?P<number>\d{1,12})\s*\Z"


def tests_of(holder: Mapping, column: Scalar | None, common: dict[str, Node]) -> Iterator[Mapping]:
    """The tests of a table or column. common: settings of all tests of the project."""
    for key in KEYS:
        listed = holder.get(key)
        for item in getattr(listed, "items", ()) if listed is not None else ():
            found = _test(item, column, common)
            if found is not None:
                yield found


def _test(item: Node, column: Scalar | None, common: dict[str, Node]) -> Mapping | None:
    if isinstance(item, Scalar):
        return _made(item, item.raw, None, item, column, common) if text(item) else None
    if not isinstance(item, Mapping) or not item.entries:
        return None
    named = item.get("test_name")
    if isinstance(named, Scalar):
        return _made(item, named.raw, item, item, column, common)
    key, inner = next((pair for pair in item.entries if pair[0].raw not in _ABOUT), item.entries[0])
    return _made(item, key.raw, inner if isinstance(inner, Mapping) else None, item, column, common)


def _made(
    at: Node, test: str, inner: Mapping | None, outer: Node, column: Scalar | None, common: dict[str, Node]
) -> Mapping:
    settings = dict(common)
    for holder in (outer, inner):
        if isinstance(holder, Mapping):
            settings |= {key.raw: node for key, node in holder.entries if key.raw in _SETTINGS}
            config = holder.get("config")
            if isinstance(config, Mapping):
                settings |= {key.raw: node for key, node in config.entries}
    nested = inner.get("arguments") if inner is not None else None
    entries = [pair for pair in inner.entries if pair[0].raw not in _ABOUT] if inner is not None else []
    if isinstance(nested, Mapping):
        entries += nested.entries
    arguments = inner.with_entries(entries) if inner is not None else None
    severity, where, enabled = (settings.get(one) for one in ("severity", "where", "enabled"))
    off = isinstance(enabled, Scalar) and enabled.raw.lower() == "false"
    return check_of(
        at,
        test,
        arguments,
        column,
        name=text_of(inner, "name"),
        limits=_limits(settings),
        on_violation=_on_violation(severity, at),
        enabled=placed("false", enabled) if off and enabled is not None else None,
        where=where if isinstance(where, Scalar) else None,
    )


def _on_violation(severity: Node | None, at: Node) -> Scalar | None:
    """``error`` unless told; a template tells nothing."""
    word = severity.raw.lower() if isinstance(severity, Scalar) else "error"
    if word not in ("error", "warn"):
        return None
    return placed("fail" if word == "error" else "warn", severity if severity is not None else at)


def _limits(settings: dict[str, Node]) -> dict[str, float]:
    """Rows that may fail before a test does, and before it warns."""
    found: dict[str, float] = {}
    for key, name in (("error_if", "failures"), ("warn_if", "warned")):
        node = settings.get(key)
        told = re.match(_MORE_THAN, node.raw) if isinstance(node, Scalar) else None
        if told is not None:
            found[name] = float(told["number"]) - (1 if told["sign"] == ">=" else 0)
    return found
