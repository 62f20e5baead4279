"""The body of a table: made by any source, read by any rule."""

from __future__ import annotations

import pytest

from riskcheck.nodes import Scalar, Source
from riskcheck.tables.names import reference
from riskcheck.tables.read import (
    columns_of,
    grants_of,
    interval_seconds,
    privilege_of,
    properties_of,
)
from riskcheck.tables.shape import column, mapping, name_node, placed, sequence, table, type_node

AT = Scalar("x", Source("ddl/orders.sql", "head"), 4, 2, 4, 8)


def test_what_is_made_reads_back() -> None:
    amount = column(
        AT, name=name_node("`Amount`", AT), type=type_node("DEC(10,2)", AT), nullable=placed(False, AT)
    )
    grant = mapping(
        AT, [("principal", placed("analysts", AT)), ("privileges", sequence(AT, [placed("use schema", AT)]))]
    )
    body = table(
        AT,
        name=name_node("Main.Sales.Orders", AT),
        columns=sequence(
            AT, [amount, column(AT, name=name_node("note", AT), type=type_node("what ever", AT))]
        ),
        properties=mapping(AT, [("delta.appendOnly", placed("true", AT))]),
        grants=sequence(AT, [grant]),
        location=None,
    )
    columns = columns_of(body)
    assert [(one.name, one.type_text, one.nullable) for one in columns.values()] == [
        ("amount", "decimal(10,2)", False),
        ("note", "what ever", True),
    ]
    assert columns["note"].type is None
    assert {key: node.raw for key, node in properties_of(body).items()} == {"delta.appendOnly": "true"}
    assert grants_of(body) == {"analysts": ("USE_SCHEMA",)}
    assert body.get("location") is None
    assert columns["amount"].node.file_line == 5


def test_an_unknown_field_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="colums"):
        table(AT, colums=None)


def test_wrong_shapes_read_as_absent() -> None:
    body = mapping(AT, [("columns", placed("all", AT)), ("properties", AT), ("grants", mapping(AT, []))])
    assert (columns_of(body), properties_of(body), grants_of(body)) == ({}, {}, {})
    assert columns_of(None) == {}


@pytest.mark.parametrize(
    ("name", "levels", "expected"),
    [
        ("Main.Sales.Orders", 3, "uc:main.sales.orders"),
        ("`sales`.`orders`", 3, "uc:*.sales.orders"),
        ("orders", 3, "uc:*.*.orders"),
        ("${catalog}.sales.orders", 3, "uc:*.sales.orders"),
        ("main.sales", 2, "uc:main.sales"),
        ("main.sales.{{ name }}", 3, None),
        ("a.b.c.d", 3, None),
        ("main..orders", 3, None),
    ],
)
def test_names_of_tables_as_references(name: str, levels: int, expected: str | None) -> None:
    assert reference(name, levels) == expected


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("interval 30 days", 30 * 86_400),
        ("7 days", 7 * 86_400),
        ("INTERVAL '1' WEEK", 7 * 86_400),
        ("interval 1 day 12 hours", 36 * 3_600),
        ("interval 2 months", None),
        ("30", None),
        ("", None),
        ("interval " + "9" * 5_000 + " days", None),
    ],
)
def test_intervals_of_properties(text: str, seconds: int | None) -> None:
    assert interval_seconds(text) == seconds


def test_privileges_have_one_spelling() -> None:
    assert privilege_of("all privileges") == privilege_of("ALL_PRIVILEGES") == "ALL_PRIVILEGES"
