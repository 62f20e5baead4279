"""Column types: parsed, written one way, compared by what they hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskcheck.tables.types import canonical, parse_type, type_changes, widens


def _widens(old: str, new: str) -> bool:
    one, other = parse_type(old), parse_type(new)
    assert one is not None
    assert other is not None
    return widens(one, other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("INTEGER", "int"),
        ("long", "bigint"),
        ("DEC(12, 2)", "decimal(12,2)"),
        ("decimal", "decimal(10,0)"),
        ("numeric(8)", "decimal(8,0)"),
        ("VarChar( 20 )", "varchar(20)"),
        ("timestampNTZ", "timestamp_ntz"),
        ("double precision", "double"),
        ("STRING COLLATE UTF8_LCASE", "string collate utf8_lcase"),
        ("interval day to second", "interval day to second"),
        (
            "STRUCT<a: INT, `b c` STRING NOT NULL COMMENT 'it''s', d ARRAY<MAP<STRING,LONG>>>",
            "struct<a: int, `b c`: string not null, d: array<map<string, bigint>>>",
        ),
        ("struct<>", "struct<>"),
        ("${var.type}", "${var.type}"),
        ("array<int", "array<int"),
        ("int int", "int int"),
    ],
)
def test_a_type_is_written_one_way(text: str, expected: str) -> None:
    assert canonical(text) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("byte", "bigint"),
        ("int", "integer"),
        ("int", "double"),
        ("int", "decimal(10,0)"),
        ("int", "decimal(12,2)"),
        ("bigint", "decimal(20,0)"),
        ("float", "double"),
        ("decimal(10,1)", "decimal(12,3)"),
        ("date", "timestamp_ntz"),
        ("varchar(10)", "varchar(20)"),
        ("varchar(10)", "string"),
        ("char(3)", "varchar(3)"),
        ("void", "string"),
        ("struct<a: int, b: string>", "struct<b: string, A: bigint>"),
        ("array<map<string, float>>", "array<map<string, double>>"),
    ],
)
def test_what_delta_widens_in_place(old: str, new: str) -> None:
    assert _widens(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("bigint", "int"),
        ("bigint", "double"),
        ("bigint", "decimal(19,0)"),
        ("int", "decimal(9,0)"),
        ("int", "decimal(11,2)"),
        ("int", "string"),
        ("double", "float"),
        ("decimal(10,1)", "decimal(11,3)"),
        ("decimal(10,2)", "decimal(12,1)"),
        ("date", "timestamp"),
        ("string", "varchar(20)"),
        ("varchar(20)", "varchar(10)"),
        ("string", "string collate utf8_lcase"),
        ("array<int>", "array<smallint>"),
        ("array<int>", "int"),
        ("struct<a: int, b: int>", "struct<a: int>"),
    ],
)
def test_what_it_does_not(old: str, new: str) -> None:
    assert not _widens(old, new)


def test_nested_differences_are_named_by_their_path() -> None:
    old = parse_type("struct<a: int, b: array<struct<c: string, gone: date>>, m: map<string, bigint>>")
    new = parse_type("struct<a: int, b: array<struct<c: int, new: date>>, m: map<string, int>>")
    assert old is not None
    assert new is not None
    found = {".".join(one.path): (str(one.before), str(one.after)) for one in type_changes(old, new)}
    assert found == {
        "b.element.c": ("string", "int"),
        "b.element.new": ("None", "date"),
        "b.element.gone": ("date", "None"),
        "m.value": ("bigint", "int"),
    }


@pytest.mark.parametrize(
    "text", ["array<" * 5_000 + "int" + ">" * 5_000, "struct<" + "a int," * 50_000, "", "<", "'", "``"]
)
def test_hostile_text_is_no_type(text: str) -> None:
    assert parse_type(text) is None


@given(st.text(alphabet="abint<>(),:` '\"0129structmapry", max_size=60))
def test_the_written_form_reads_as_itself(text: str) -> None:
    found = parse_type(text)
    if found is not None:
        assert parse_type(str(found)) == found
