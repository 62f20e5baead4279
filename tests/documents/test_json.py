from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskcheck.documents.errors import MAX_DEPTH, Rejected
from riskcheck.documents.json import parse
from riskcheck.documents.scalars import equal_values, plain_value
from riskcheck.nodes import Mapping, Scalar, Sequence, Source, Value
from tests.documents.yaml_support import places

_SOURCE = Source("a.json", "head")


def _value(text: str, comments: bool = False) -> Value:
    return plain_value(parse(text, _SOURCE, comments)[0], "yaml-1.2")


def _problem(text: str, comments: bool = False) -> tuple[int, int, str]:
    with pytest.raises(Rejected) as caught:
        parse(text, _SOURCE, comments)
    return caught.value.line, caught.value.column, caught.value.reason


_VALUES: st.SearchStrategy[Value] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(exclude_categories=["Cs"])),
    ),
    lambda inner: st.one_of(
        st.lists(inner), st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=15,
)


@given(value=_VALUES, indent=st.sampled_from([None, 0, 3, "\t"]), ascii_only=st.booleans())
@settings(max_examples=300, deadline=None)
def test_every_json_value_is_read_as_the_standard_library_reads_it(
    value: Value, indent: int | str | None, ascii_only: bool
) -> None:
    assert equal_values(_value(json.dumps(value, indent=indent, ensure_ascii=ascii_only)), value)


@given(st.text(alphabet='{}[]",:0123.e-+truefalsn \n\t\\/u*', max_size=30))
@settings(max_examples=500, deadline=None)
def test_what_the_standard_library_rejects_is_rejected(text: str) -> None:
    try:
        expected = json.loads(text)
    except (ValueError, RecursionError):
        _problem(text)
    else:
        assert equal_values(_value(text), expected)


def test_keys_and_scalars_know_their_places() -> None:
    root, _ = parse('{\n\t"a": [1, "b\\n"],\n\t"c": null\n}\n', _SOURCE)
    assert places(root) == {
        "a": (1, 1, 1, 4),
        "1": (1, 7, 1, 8),
        "b\n": (1, 10, 1, 15),
        "c": (2, 1, 2, 4),
        "null": (2, 6, 2, 10),
    }
    assert isinstance(root, Mapping)
    assert (root.line, root.column, root.end_line, root.end_column) == (0, 0, 3, 1)
    items = root.get("a")
    assert isinstance(items, Sequence)
    assert (items.column, items.end_column) == (6, 16)


def test_a_number_keeps_the_text_it_was_written_as() -> None:
    root, _ = parse("[1.50, 1E2]", _SOURCE)
    assert isinstance(root, Sequence)
    first, second = root.items
    assert isinstance(first, Scalar) and isinstance(second, Scalar)
    assert (first.raw, first.native, second.raw, second.native) == ("1.50", 1.5, "1E2", 100.0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"\\/"', "/"),
        ('"\\ud83d\\ude00"', "\U0001f600"),
        ('"\\ud83d"', "\ufffd"),
        ("1e999", "1e999"),
        ("[" + "9" * 5000 + "]", ["9" * 5000]),
        ('"2026-01-01"', "2026-01-01"),
        ('"yes"', "yes"),
    ],
)
def test_values_that_others_stumble_over(text: str, expected: Value) -> None:
    assert _value(text) == expected


def test_of_duplicate_keys_the_last_wins_and_is_reported() -> None:
    root, duplicates = parse('{"a": 1,\n "a": {"b": 2, "b": 3}}', _SOURCE)
    assert plain_value(root, "yaml-1.2") == {"a": {"b": 3}}
    assert sorted(duplicates) == [(1, 1, "a"), (1, 15, "b")]


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ('{"a": 1,\n "b" 2}', (1, 5), "':'"),
        ('{"a": 1\n "b": 2}', (1, 1), "','"),
        ("[1,]", (0, 3), "value"),
        ('{"a": 1,}', (0, 8), "key"),
        ("{a: 1}", (0, 1), "key"),
        ('["x\ny"]', (0, 1), "quote"),
        ('["\\q"]', (0, 2), "escape"),
        ('[1] "x"', (0, 4), "after the end"),
        ('{"a":', (0, 5), "ends early"),
        ("", (0, 0), "ends early"),
        ("// c\n1", (0, 0), "value"),
    ],
)
def test_broken_text_says_where_and_why(text: str, place: tuple[int, int], word: str) -> None:
    line, column, reason = _problem(text)
    assert (line, column) == place
    assert word in reason


def test_comments_and_trailing_commas_are_read_where_they_belong() -> None:
    text = '// head\n{ /* a */ "a": [1, 2,], // "b": 1\n "c": "http://x /* no */",\n}\n'
    assert _value(text, comments=True) == {"a": [1, 2], "c": "http://x /* no */"}


@pytest.mark.parametrize("text", ["[,]", "[1,,2]", "/* open", "{,}"])
def test_leniency_ends_at_what_no_reader_takes(text: str) -> None:
    _problem(text, comments=True)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000])
def test_deep_nesting_is_refused_without_overflow(text: str) -> None:
    assert "nested deeper" in _problem(text)[2]


def test_the_depth_limit_is_inclusive() -> None:
    assert _value("[" * MAX_DEPTH + "]" * MAX_DEPTH) is not None
