from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskcheck.documents.errors import Rejected
from riskcheck.documents.properties import parse
from riskcheck.documents.scalars import plain_value
from riskcheck.nodes import Source, Value
from tests.documents.yaml_support import places

_PROPERTIES = Source("app.properties", "head")
_SPARK = Source("conf/spark-defaults.conf", "head")


def _value(text: str, source: Source = _PROPERTIES) -> Value:
    return plain_value(parse(text, source)[0], "yaml-1.1")


@pytest.mark.parametrize(
    ("line", "key", "expected"),
    [
        ("spark.executor.memory 4g", "spark.executor.memory", "4g"),
        ("a=b", "a", "b"),
        ("a : b", "a", "b"),
        ("a\t=\tb=c", "a", "b=c"),
        ("a", "a", ""),
        ("  a = b ", "a", "b "),
        ("a\\ b = c", "a b", "c"),
        ("a\\=b = c", "a=b", "c"),
        ("a = \\u00e9\\t\\q", "a", "é\tq"),
        ("a = b # not a comment", "a", "b # not a comment"),
        ('a = "quoted"', "a", '"quoted"'),
        ("a = C:\\\\x", "a", "C:\\x"),
        ("a = \\ud83d\\ude00 \\ud83d", "a", "\U0001f600 \ufffd"),
    ],
)
def test_a_line_is_a_key_and_a_value(line: str, key: str, expected: str) -> None:
    assert _value(line) == {key: expected}


def test_every_value_is_text_whatever_it_looks_like() -> None:
    assert _value("a=1\nb=true\nc=\n") == {"a": "1", "b": "true", "c": ""}


def test_comments_and_blank_lines_say_nothing() -> None:
    assert _value("# a=1\n! b=2\n\n   # c=3\nd=4\n") == {"d": "4"}


def test_lines_go_on_after_an_odd_number_of_backslashes() -> None:
    assert _value("a = x,\\\n    y,\\\r\n  z\nb = p\\\\\nc = q\n") == {"a": "x,y,z", "b": "p\\", "c": "q"}


def test_a_continued_line_may_look_like_a_comment() -> None:
    assert _value("a = x\\\n#y\n") == {"a": "x#y"}


def test_the_last_of_equal_keys_wins_and_is_reported() -> None:
    mapping, duplicates = parse("a=1\nb=2\na=3\n", _PROPERTIES)
    assert plain_value(mapping, "yaml-1.1") == {"b": "2", "a": "3"}
    assert duplicates == [(2, 0, "a")]


def test_spark_trims_values_and_java_does_not() -> None:
    assert _value("k  v  \n", _SPARK) == {"k": "v"}
    assert _value("k  v  \n") == {"k": "v  "}


def test_keys_and_values_know_their_places() -> None:
    found = places(parse("# c\n  alpha = one\nbeta two,\\\n    three\ngamma = \\\n   four\n", _PROPERTIES)[0])
    assert found["alpha"] == (1, 2, 1, 7)
    assert found["one"] == (1, 10, 1, 13)
    assert found["two,three"] == (2, 5, 3, 9)
    assert found["four"] == (5, 3, 5, 7)


def test_more_lines_than_any_file_has_are_refused() -> None:
    with pytest.raises(Rejected, match="keys and values"):
        parse("a=b\n" * 300_000, _PROPERTIES)


@given(st.text(alphabet="ab =:\\\t#!\n\r\fué", max_size=40))
@settings(max_examples=400, deadline=None)
def test_any_text_is_read_with_places_inside_it(text: str) -> None:
    lines = text.split("\n")
    mapping, _ = parse(text, _PROPERTIES)
    for key, node in mapping.entries:
        for part in (key, node):
            assert 0 <= part.line <= part.end_line < len(lines)
            assert part.column <= len(lines[part.line])
            assert part.end_column <= len(lines[part.end_line])
