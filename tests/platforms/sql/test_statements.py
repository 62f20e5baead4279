"""SQL statements as what they do, each part with its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskcheck.documents.scalars import plain_value
from riskcheck.nodes import Mapping, Sequence, Value, walk
from riskcheck.platforms.sql.bodies import statements_body, table_body
from riskcheck.platforms.sql.script import Entry, Script, read_script

# fmt: off
_WORDS = [
    "CREATE", "OR", "REPLACE", "TABLE", "VIEW", "ALTER", "COLUMN", "COLUMNS", "ADD", "DROP", "SET",
    "TYPE", "NOT", "NULL", "GRANT", "ON", "TO", "FROM", "REVOKE", "a", "b", "(", ")", ",", "<", ">",
    ";", "TBLPROPERTIES", "'x'", "=", "CLUSTER", "BY", "CONSTRAINT", "CHECK", "RENAME", "VACUUM",
    "RETAIN", "3", "HOURS", "DELETE", "WHERE", "INSERT", "OVERWRITE", "USE", "CATALOG", "IDENTIFIER",
    ".", "DEFAULT", "GENERATED", "ALWAYS", "AS", "CHANGE", "UNSET", "BEGIN", "END",
]
# fmt: on


class NoFacts:
    """Stands in where nothing is known around a statement."""

    def of(self, script: Script, entry: Entry) -> Mapping | None:
        return None


def items(text: str) -> list[Value]:
    script = read_script("a.sql", "head", text)
    found = plain_value(statements_body(script, script.entries, NoFacts()), "yaml-1.2")
    assert isinstance(found, dict)
    listed = found["statements"]
    assert isinstance(listed, list)
    return listed


def only(text: str) -> dict[str, Value]:
    (found,) = items(text)
    assert isinstance(found, dict)
    return {key: value for key, value in found.items() if key != "id"}


def declared(text: str) -> Value:
    script = read_script("a.sql", "head", text)
    return plain_value(table_body(script, script.entries[-1]), "yaml-1.2")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "DROP TABLE IF EXISTS `main`.sales.`Orders 2026`;",
            {"verb": "DROP", "object": "TABLE", "name": "main.sales.orders 2026", "if_exists": True},
        ),
        (
            "drop database sales cascade",
            {"verb": "DROP", "object": "SCHEMA", "name": "sales", "cascade": True},
        ),
        ("DROP MATERIALIZED VIEW v", {"verb": "DROP", "object": "MATERIALIZED VIEW", "name": "v"}),
        ("USE main.sales; TRUNCATE TABLE t", {"verb": "TRUNCATE", "object": "TABLE", "name": "main.sales.t"}),
        ("USE CATALOG main; TRUNCATE s.t", {"verb": "TRUNCATE", "object": "TABLE", "name": "main.s.t"}),
        (
            "DELETE FROM t AS a WHERE a.b = 1",
            {"verb": "DELETE", "object": "TABLE", "name": "t", "where": True},
        ),
        ("DELETE FROM t WHERE (1 = 1)", {"verb": "DELETE", "object": "TABLE", "name": "t"}),
        (
            "INSERT OVERWRITE TABLE t PARTITION (d = '1') SELECT 1",
            {"verb": "INSERT", "object": "TABLE", "name": "t", "overwrite": True, "partition": True},
        ),
        (
            "VACUUM t LITE RETAIN 2 HOURS DRY RUN",
            {"verb": "VACUUM", "object": "TABLE", "name": "t", "retain_hours": "2", "dry_run": True},
        ),
        ("SET spark.a.b = 'x y'", {"verb": "SET", "object": "CONF", "conf": {"spark.a.b": "x y"}}),
        (
            "ALTER TABLE t SET TBLPROPERTIES ('a' = '1', b.c = true, 'd' = 2)",
            {
                "verb": "ALTER",
                "object": "TABLE",
                "name": "t",
                "properties": {"a": "1", "b.c": "true", "d": "2"},
            },
        ),
        (
            "ALTER TABLE t UNSET TBLPROPERTIES IF EXISTS ('a')",
            {"verb": "ALTER", "object": "TABLE", "name": "t", "unset": {"a": ""}},
        ),
        (
            "ALTER TABLE t ALTER COLUMN a TYPE LONG, ALTER COLUMN b.c SET NOT NULL",
            {
                "verb": "ALTER",
                "object": "TABLE",
                "name": "t",
                "actions": [
                    {"name": "change type a", "action": "CHANGE_TYPE", "column": "a", "type": "bigint"},
                    {"name": "set not null b.c", "action": "SET_NOT_NULL", "column": "b.c"},
                ],
            },
        ),
        (
            "ALTER TABLE t CHANGE COLUMN a b DECIMAL(4, 1) COMMENT 'x' AFTER c",
            {
                "verb": "ALTER",
                "object": "TABLE",
                "name": "t",
                "actions": [
                    {"name": "rename column a", "action": "RENAME_COLUMN", "column": "a", "to": "b"},
                    {"name": "change type a", "action": "CHANGE_TYPE", "column": "a", "type": "decimal(4,1)"},
                ],
            },
        ),
        (
            "REVOKE ALL PRIVILEGES ON EXTERNAL LOCATION landing FROM GROUP `the readers`",
            {
                "verb": "REVOKE",
                "object": "EXTERNAL LOCATION",
                "name": "landing",
                "grants": [{"principal": "the readers", "privileges": ["ALL_PRIVILEGES"]}],
            },
        ),
        (
            "BEGIN IF x > 1 THEN DROP VIEW v",
            {"verb": "DROP", "object": "VIEW", "name": "v"},
        ),
        ("DROP TABLE IDENTIFIER(:name)", {"verb": "DROP", "object": "TABLE", "name": ""}),
        (
            "DROP TABLE {{ env }}_main.sales.t",
            {"verb": "DROP", "object": "TABLE", "name": "{{ env }}_main.sales.t"},
        ),
    ],
)
def test_a_statement_is_read_as_what_it_does(text: str, expected: dict[str, Value]) -> None:
    assert only(text) == expected


def test_a_table_is_read_with_all_that_is_declared() -> None:
    text = """
        CREATE EXTERNAL TABLE IF NOT EXISTS Main.Sales.Orders (
          ID BIGINT NOT NULL COMMENT 'it''s the key',
          amount DEC(10, 2) DEFAULT (1 + 2),
          day DATE GENERATED ALWAYS AS (CAST(at AS DATE)),
          tags ARRAY<STRUCT<k: STRING, v: MAP<STRING, INT>>>,
          CONSTRAINT orders_pk PRIMARY KEY (id),
          CONSTRAINT positive CHECK (amount > 0)
        )
        USING DELTA
        PARTITIONED BY (day)
        LOCATION 's3://bucket/orders'
        COMMENT 'all orders'
        TBLPROPERTIES ('delta.appendOnly' = 'true')
    """
    assert declared(text) == {
        "name": "main.sales.orders",
        "type": "EXTERNAL",
        "format": "delta",
        "location": "s3://bucket/orders",
        "comment": "all orders",
        "columns": [
            {"name": "id", "type": "bigint", "nullable": False, "comment": "it''s the key"},
            {"name": "amount", "type": "decimal(10,2)", "default": "(1 + 2)"},
            {"name": "day", "type": "date", "generated": "(CAST(at AS DATE))"},
            {"name": "tags", "type": "array<struct<k: string, v: map<string, int>>>"},
        ],
        "partitioned_by": ["day"],
        "properties": {"delta.appendOnly": "true"},
        "constraints": [
            {"name": "orders_pk", "type": "PRIMARY KEY", "expression": "(id)"},
            {"name": "positive", "type": "CHECK", "expression": "(amount > 0)"},
        ],
    }


def test_a_view_is_a_table_with_a_query() -> None:
    assert declared("CREATE OR REPLACE VIEW v (a COMMENT 'x', b) AS\n  SELECT 1,\n 2") == {
        "name": "v",
        "type": "VIEW",
        "columns": [{"name": "a", "comment": "x"}, {"name": "b"}],
        "query": "SELECT 1, 2",
    }


def test_every_part_stands_where_it_is_written() -> None:
    script = read_script(
        "a.sql", "head", "-- first\nDROP TABLE a;\n\n  ALTER TABLE b\n    DROP COLUMNS (c,\n      d);\n"
    )
    body = statements_body(script, script.entries, NoFacts())
    places = {
        node.raw: (node.file_line, node.column + 1)
        for _, node in walk(body)
        if hasattr(node, "raw") and node.raw in ("a", "b", "c", "d")
    }
    assert places == {"a": (2, 12), "b": (4, 15), "c": (5, 19), "d": (6, 7)}


def test_an_inserted_statement_leaves_the_others_their_names() -> None:
    before = "GRANT SELECT ON t TO a;\nGRANT SELECT ON t TO a;\nDROP TABLE b;\n"
    old = {entry.id for entry in read_script("a.sql", "base", before).entries}
    new = {entry.id for entry in read_script("a.sql", "head", "DROP TABLE c; " + before.lower()).entries}
    assert len(old) == 3
    assert new - old == {"drop table c"}
    assert old <= new


def test_cells_comments_strings_and_routines_hold_no_statements() -> None:
    text = """-- Databricks notebook source
-- MAGIC %md DROP TABLE a;
/* DROP TABLE b; */ -- DROP TABLE c;
SELECT 'DROP TABLE d; ', "DROP TABLE e; ", `; DROP TABLE f`
-- COMMAND ----------
CREATE PROCEDURE p() AS BEGIN DROP TABLE g; IF x THEN DROP TABLE h; END IF; DROP TABLE i; END;
DROP TABLE j
"""
    assert [entry.full for entry in read_script("a.sql", "head", text).entries if entry.verb == "DROP"] == [
        "j"
    ]


@given(st.text(alphabet="DROPTABLEalter ();,.`'\"{}$%<>-/*:=\n01", max_size=120))
def test_any_text_is_read_without_complaint(text: str) -> None:
    script = read_script("a.sql", "head", text)
    body = statements_body(script, script.entries, NoFacts())
    listed = body.get("statements")
    assert isinstance(listed, Sequence)
    for _, node in walk(body):
        assert 0 <= node.line <= text.count("\n")
        assert node.column >= 0


@given(
    st.lists(
        st.sampled_from(_WORDS),
        max_size=30,
    )
)
def test_any_order_of_words_is_read_without_complaint(words: list[str]) -> None:
    script = read_script("a.sql", "head", " ".join(words))
    statements_body(script, script.entries, NoFacts())
    for entry in script.entries:
        if entry.verb == "CREATE" and entry.object in ("TABLE", "VIEW") and entry.statement.name is not None:
            table_body(script, entry)
